"""What the rooms for runs, apps and low-level servers share about one project."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property

from migrator.context import Context
from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.applications.asgi import Asgi
from migrator.python.code import Code
from migrator.python.flow.value import Const, Obj, constant
from migrator.python.flow.values import Values
from migrator.python.module import Module, dotted
from migrator.python.paths import moved_path
from migrator.python.sdk import Sdks, Server
from migrator.python.sessions import Sessions
from migrator.python.starting.starts import Starts
from migrator.python.statelessness import Statelessness
from migrator.python.words.evidence import Evidence
from migrator.python.words.guards import Guards
from migrator.python.words.selector import Words
from migrator.records import record

IMPORTS_MCP = re.compile(rb"^\s*(?:from|import)\s+(?:fast)?mcp\b", re.M)
MEND = "Mend the file, run mcp-migrate with the Python that it is written for, or exclude it in the settings; then run this again."
NUMBERS = ("builtins.int", "builtins.str")  # what turns a text into a number, and back


@record(eq=False)
class Project:
    """Tools and answers that several rooms need."""

    context: Context
    code: Code
    values: Values
    sdks: Sdks
    modules: list[Module]
    words: Words
    starts: Starts
    guards: Guards
    sessions: Sessions
    asgi: Asgi

    @cached_property
    def evidence(self) -> Evidence:
        """What the project's files say that a transport from outside is."""
        return Evidence(self.code)

    @cached_property
    def stateless(self) -> Statelessness:
        """Who keeps sessions, and how the others say that they don't."""
        return Statelessness(self)

    @property
    def new_path(self) -> str:
        return self.context.settings.path

    def moved(self, old: str) -> str:
        """Where a path moves: "/mcp/sse" to "/mcp" instead of "/mcp/mcp", unless code tells "/mcp/" from it."""
        moved, new = moved_path(old, self.new_path), self.new_path
        return new if moved == new + new and self._bare(new) else moved

    def _bare(self, path: str) -> bool:
        """False where code names the path with a slash behind it: a check of that prefix would not see it without."""
        spellings = (f'"{path}/"', f"'{path}/'")
        return not any(spelling in m.text for m in self.modules for spelling in spellings)

    def folder(self, path: str) -> str:
        """The folder of the project that a file belongs to: of its nearest manifest, else its own."""
        manifest = self.context.versions.of(path).manifest
        return manifest.rpartition("/")[0] if manifest and manifest != path else path.rpartition("/")[0]

    def unparsed(self) -> Iterator[Finding]:
        """Of the files that were asked for and can't be parsed, those that import MCP."""
        for path, error in self.code.broken.items():
            if not path.endswith((".py", ".pyw")):
                continue  # server.py.j2 is Python once it is written out: see generated.py
            if self.context.tree.exists(path) and IMPORTS_MCP.search(self.context.tree.read(path)):
                message = f"this file imports MCP and can't be parsed: {error}"
                yield Finding("MCP108", Severity.WARNING, Outcome.BY_HAND, Place(path, error.line), message, MEND)

    def text(self, module: Module, node: ast.expr | None) -> str | None:
        """The string or number that an expression always is."""
        return None if node is None else constant(self.values.of(module, node))

    def usual(self, module: Module, node: ast.expr | None) -> str:
        """The number that an expression is where nothing outside says another, "" when it can't be told."""
        found = self._usual(module, node, 0)
        return found.pop() if len(found) == 1 else ""

    def _usual(self, module: Module, node: ast.expr | None, depth: int) -> set[str]:
        """Every number that it can be then; "" for one that can't be told."""
        found: set[str] = set()
        for value in self.values.of(module, node) if node is not None and depth < 5 else ():
            if isinstance(value, Const):
                found.add(str(value.value))
            elif (
                isinstance(value, Obj)
                and value.node is not None
                and value.node.args
                and getattr(value.of, "name", "") in NUMBERS
            ):
                made = value.node.args[0]  # of what nobody knows: `int(address.split(":")[1])`
                known = any(s.kind != "opaque" for s in self.words.trace(value.module, made).sources)
                found |= self._usual(value.module, made, depth + 1) or (set() if known else {""})
            elif source := self.words.source(value, module):
                for where, default in self.words.defaults(source):
                    found |= self._usual(where, default, depth + 1)
        return {f for f in found if f.isdigit() or not f}

    def home(self, node: ast.AST, likely: Module) -> Module:
        """The module that a node stands in."""
        return likely if node in likely.parents else next((m for m in self.modules if node in m.parents), likely)

    def ctor_argument(self, server: Server, name: str) -> ast.expr | None:
        """The keyword argument `name` of the server's constructor, None when there is none."""
        if server.ctor is None:
            return None
        return next((k.value for k in server.ctor.keywords if k.arg == name), None)

    def settings_of(self, server: Server) -> Iterator[tuple[Module, ast.Assign, ast.Attribute]]:
        """Assignments `server.settings.NAME = value`."""
        for module, assign, target, holder in self._settings_assigned:
            if server in self.sdks.servers(module, holder):
                yield module, assign, target

    @cached_property
    def _settings_assigned(self) -> list[tuple[Module, ast.Assign, ast.Attribute, ast.expr]]:
        """Assignments `x.settings.NAME = value` of all modules, with the x."""
        return [
            (module, assign, target, target.value.value)
            for module in self.modules
            if ".settings." in module.text
            for node in module.nodes
            if isinstance(node, ast.Assign)
            for assign in _parts(node)
            for target in assign.targets[:1]
            if isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Attribute)
            and target.value.attr == "settings"
        ]

    def global_settings(self, module: Module) -> dict[str, tuple[Module, ast.expr]]:
        """Assignments `fastmcp.settings.NAME = value` in a module and in what it imports."""
        reach = self.code.reachable(module)
        return {name: (each, value) for each, name, value in self._global_settings if each.path in reach}

    @cached_property
    def _global_settings(self) -> list[tuple[Module, str, ast.expr]]:
        """Those of all modules."""
        return [
            (each, target.attr, node.value)
            for each in self.modules
            if "settings" in each.text
            for node in each.nodes
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Attribute) and "fastmcp.settings" in self.values.names(each, target.value)
        ]

    def generation(self, server: Server, module: Module) -> str:
        """See sdk.Sdks.generation."""
        return self.sdks.generation(server, module.path)

    def name_of(self, module: Module, node: ast.AST) -> str:
        """What an endpoint made by `node` is called: `server.py:mcp`."""
        text = dotted(node) or "server"
        return f"{module.path}:{text}"


def _parts(node: ast.Assign) -> Iterator[ast.Assign]:
    """An assignment for each target: `a, b = x, y` as two, with a second target that says that they are one statement."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for part, value in zip(target.elts, node.value.elts, strict=False):
                yield ast.Assign(targets=[part, target], value=value)
        else:
            yield node if len(node.targets) == 1 else ast.Assign(targets=[target, *node.targets], value=node.value)
