"""Which values are MCP servers, by the tables in rules/sdks/."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from migrator.python.flow.value import Cls, Ext, Field, Func, Obj, Param, Value
from migrator.python.flow.values import Values
from migrator.python.module import Module
from migrator.records import record

if TYPE_CHECKING:
    from migrator.rulebook import Rulebook
    from migrator.versions.resolved import Versions


@record(frozen=True)
class Server:
    """A server object that the code makes, or is handed.

    family: "official-1", "official-2" or "fastmcp".
    ctor: the call that makes it and its module; None when it is made outside the project.
    """

    family: str
    ctor: ast.Call | None
    module: Module
    origin: Value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Server) and self.origin == other.origin

    def __hash__(self) -> int:
        return hash(self.origin)


class Sdks:
    """The SDK tables, as questions about values."""

    def __init__(self, official: dict[str, Any], fastmcp: dict[str, Any], values: Values, versions: Versions) -> None:
        self.official = official
        self.fastmcp = fastmcp
        self.values = values
        self.versions = versions
        self.classes: dict[str, str] = {**official["servers"], **fastmcp["servers"]}
        self.factories: dict[str, str] = {**official["factories"], **fastmcp["factories"]}
        low = official["lowlevel"]
        self.low_classes = frozenset(low["servers"])
        self.sse_transports = frozenset(low["sse_transports"])
        self.inner = frozenset(low["inner"])
        self.sse_app_functions = frozenset(fastmcp["functions"]["sse_app"])
        self.live_app_functions = frozenset(fastmcp["functions"]["live_app"])
        self.run_methods = frozenset([*official["methods"]["run"], *fastmcp["methods"]["run"]])
        self.run_sse_methods = frozenset([*official["methods"]["run_sse"], *fastmcp["methods"]["run_sse"]])
        self.run_http_methods = frozenset([*official["methods"]["run_http"], *fastmcp["methods"]["run_http"]])
        self.app_methods = frozenset([*official["methods"]["app"], *fastmcp["methods"]["app"]])
        self.every_app_method = self.app_methods | {official["methods"]["within"]["sse_app"]}  # whatever its transport

    @classmethod
    def read(cls, rules: Rulebook, values: Values, versions: Versions) -> Sdks:
        """By the rulebook's tables. Raises rulebook.RulebookError for one that can't be read."""
        return cls(rules.toml("sdks/official.toml"), rules.toml("sdks/fastmcp.toml"), values, versions)

    def instead(self, method: str, family: str) -> str:
        """What takes the place of a method that speaks SSE alone, "" for any other."""
        table = self.fastmcp["methods"]["instead"] if family == "fastmcp" else self.official["methods"]["within"]
        return str(table.get(method, ""))

    def family_of_class(self, value: Value) -> str:
        """The family of a server class, or of the project's subclass of one; "" for anything else."""
        if isinstance(value, Ext):
            return self.classes.get(value.name, "")
        if isinstance(value, Cls):
            for base in self.values.classes.external_bases(value):
                if base.name in self.classes:
                    return self.classes[base.name]
        return ""

    def server(self, value: Value) -> Server | None:
        """The server that a value is, proven by imports and flow."""
        if isinstance(value, Obj):
            if isinstance(value.of, Ext):
                family = self.classes.get(value.of.name) or self.factories.get(value.of.name, "")
                if family:
                    made = value.node if value.of.name in self.classes else None
                    return Server(family, made, value.module, value)
                return None
            family = self.family_of_class(value.of)
            if family:
                return Server(family, value.node, value.module, value)
            return None
        if isinstance(value, Param):
            family = self.annotated(value.module, value.node.annotation)  # type: ignore[attr-defined]
            if family:
                return Server(family, None, value.module, value)
        return None

    def annotated(self, module: Module, annotation: ast.expr | None) -> str:
        """The server family that an annotation names (also inside Optional, quotes and unions)."""
        if annotation is None:
            return ""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            try:
                parsed = ast.parse(annotation.value, mode="eval").body
            except SyntaxError:
                return ""
            for node in ast.walk(parsed):
                if isinstance(node, ast.Name) and node.id in module.scope.bindings:
                    for v in self.values.member(module, node.id):
                        if self.family_of_class(v):
                            return self.family_of_class(v)
            return ""
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name | ast.Attribute):
                for value in self.values.of(module, node):
                    family = self.family_of_class(value)
                    if family:
                        return family
        return ""

    def servers(self, module: Module, node: ast.expr) -> list[Server]:
        """Every server that an expression can be. Several only when the code chooses among them."""
        found: dict[Server, None] = {}
        for value in self.values.of(module, node):
            server = self.server(value)
            if server is None:
                continue
            found[server] = None
        ordered = sorted(found, key=_where)  # values come in no order
        return [s for s in ordered if s.ctor is not None] or ordered

    def is_lowlevel(self, value: Value) -> bool:
        """True for the SDK's low-level server, or the one inside a FastMCP."""
        if isinstance(value, Obj):
            if isinstance(value.of, Ext):
                return value.of.name in self.low_classes
            if isinstance(value.of, Cls):
                return any(b.name in self.low_classes for b in self.values.classes.external_bases(value.of))
        if isinstance(value, Ext):  # an attribute that a project's subclass inherits: self._mcp_server
            return value.name.rpartition(".")[2] in self.inner
        if isinstance(value, Field):
            return value.name in self.inner and (self.server(value.of) is not None or isinstance(value.of, Obj | Param))
        return False

    def generation(self, server: Server, path: str) -> str:
        """ "official-1", "official-2", "fastmcp-2", "fastmcp-3" or "fastmcp-4": imports decide, versions refine."""
        if server.family != "fastmcp":
            return server.family
        return f"fastmcp-{self.fastmcp_major(path)}"

    def fastmcp_major(self, path: str) -> int:
        """The fastmcp line the file runs with: 2, 3 or 4 (3 when nothing tells; the spelling is the same)."""
        installed = self.versions.of(path)
        version = installed.version("fastmcp") or installed.version("fastmcp-slim")
        if version is None:
            version = installed.lowest("fastmcp")
        major = version.major if version is not None else 3
        return min(max(major, 2), 4)


def _imported(server: Server) -> int:
    """The line that imports its class where it is made: of two SDKs that are tried in turn the first comes first."""
    of = server.origin.of if isinstance(server.origin, Obj) else None
    if isinstance(of, Ext):
        for binding in server.module.scope.bindings.get(of.name.rpartition(".")[2], ()):
            if binding.kind == "import" and f"{binding.module}.{binding.name}" == of.name:
                return int(getattr(binding.node, "lineno", 0))
    return 0


def _where(server: Server) -> tuple[str, int, int, int]:
    node = server.ctor or getattr(server.origin, "node", None)
    return server.module.path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0), _imported(server)


def functions(values: Iterable[Value]) -> list[Func]:
    """Those of the values that are functions of the project."""
    return [v for v in values if isinstance(v, Func)]
