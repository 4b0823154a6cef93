"""What in a server's code only works while a session lives (rules/sdks/sessions.toml)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.model import Place
from migrator.python.flow.value import Cls, Const, Entered, Ext, Field, Func, Obj, Param, Value
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.sdk import Sdks
from migrator.records import record

DEPTH = 6  # expressions and functions that a value is followed through


@record(frozen=True)
class Need:
    """One line that needs a session."""

    place: Place
    text: str  # "ctx.elicit"
    why: str
    kind: str  # "session" | "progress" | "state"


class Sessions:
    """Answers for the modules of one server."""

    def __init__(self, sdks: Sdks, table: dict[str, Any]) -> None:
        self.sdks = sdks
        self.values = sdks.values
        self.table = table
        self.contexts = frozenset(table["contexts"]["classes"])
        self.context_functions = frozenset(table["contexts"]["functions"])
        self.context_methods = frozenset(table["contexts"]["methods"])
        self.session_classes = frozenset(table["contexts"]["sessions"])
        self.kept: dict[str, Any] = table["kept"]
        self.hooks: dict[str, Any] = table["hooks"]
        self.calls: dict[str, list[dict[str, Any]]] = {}
        for row in [*table["call"], *table["progress"]]:
            for name in row["names"]:
                self.calls.setdefault(name, []).append(row)

    def needs(self, modules: Iterable[Module], generation: str) -> Iterator[Need]:
        """Every line of the modules that needs a session in this SDK generation."""
        for module in modules:
            words = (
                *self.calls,
                *self.kept["names"],
                *self.kept["headers"],
                *self.hooks["names"],
                self.hooks["given"],
                "event_store",
            )
            if not any(word in module.text for word in words):
                continue
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and node.attr in self.calls:
                    yield from self._attribute(module, node, generation)
                elif isinstance(node, FunctionNode) and node.name in self.hooks["names"]:
                    if self._is_in(module, node, self.hooks["bases"]) and any(map(self._tells_apart, ast.walk(node))):
                        yield Need(module.place(node), node.name, self.hooks["why"], "session")
                elif isinstance(node, ast.Compare) and self._asks_for_begin(module, node):
                    yield Need(module.place(node), module.source(node), self.hooks["why"], "session")
                elif self._stands_for_it(module, node) and self._is_kept(module, node):
                    yield Need(module.place(node), module.source(node), self.kept["why"], "session")
                elif isinstance(node, ast.keyword) and node.arg == "event_store":
                    if self._is_given(module, node.value):
                        call = module.parents[node]
                        if isinstance(call, ast.Call) and self._is_sdk(module, call.func):
                            yield Need(
                                module.place(node.value), "event_store=", self.table["argument"][0]["why"], "session"
                            )

    def _asks_for_begin(self, module: Module, node: ast.Compare) -> bool:
        """True for `context.method == "initialize"` in a middleware that tells sessions apart."""
        function, sides = module.function_of(node), (node.left, *node.comparators)
        if not isinstance(function, FunctionNode) or all(a.arg != self.hooks["given"] for a in function.args.args):
            return False
        if not any(isinstance(s, ast.Attribute) and s.attr == "method" for s in sides):
            return False
        said = {v.value for s in sides for v in self.values.of(module, s) if isinstance(v, Const)}
        return bool(said & set(self.hooks["methods"])) and any(map(self._tells_apart, ast.walk(function)))

    def _is_given(self, module: Module, node: ast.expr) -> bool:
        """False for None, and for a parameter that nothing in the project gives anything else."""
        found = self.values.of(module, node)
        nothing = [v for v in found if isinstance(v, Param) or (isinstance(v, Const) and v.value is None)]
        return not found or len(nothing) < len(found)

    def _stands_for_it(self, module: Module, node: ast.AST) -> bool:
        """True for `ctx.session`, `ctx.session_id`, and the session's header where it is asked for."""
        if isinstance(node, ast.Attribute) and node.attr in self.kept["names"]:
            direct = isinstance(node.value, ast.Attribute) and node.value.attr == "request_context"
            kinds = {self.kind(value) for value in self.values.of(module, node.value)}
            return direct or bool(kinds & set(self.kept["receiver"]))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get":
            asked, of = next(iter(node.args), None), node.func.value
        elif isinstance(node, ast.Subscript):
            asked, of = node.slice, node.value
        else:
            return False
        if not isinstance(asked, ast.Constant) or str(asked.value).lower() not in self.kept["headers"]:
            return False
        return any(word in module.source(of) for word in self.kept["asked"])  # a client asks the response

    def _is_kept(self, module: Module, node: ast.AST, depth: int = 0) -> bool:
        """True when a value is handed on, stored, or looked up; not when it is only told or called on."""
        parent = module.parents[node]
        if depth > DEPTH:
            return False
        if isinstance(parent, ast.Call) and node is not parent.func:
            name = dotted(parent.func).rpartition(".")[2]
            if name not in self.kept["same"]:
                return name not in self.kept["told"]
        elif isinstance(parent, ast.Subscript):
            return node is parent.slice
        elif isinstance(parent, ast.Compare):
            return node is parent.left and isinstance(parent.ops[0], ast.In | ast.NotIn)
        elif isinstance(parent, ast.Assign | ast.AnnAssign | ast.NamedExpr):
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            names = {t.id for t in targets if isinstance(t, ast.Name)}
            function = module.function_of(parent)
            uses = [u for n in names for u in module.loads.get(n, ()) if module.function_of(u) is function]
            return len(names) < len(targets) or any(self._is_kept(module, u, depth + 1) for u in uses)
        elif isinstance(parent, ast.Return):
            function = module.function_of(parent)
            calls = self.values.callers.of(Func(module, function)) if function is not None else []
            return any(self._is_kept(m, c, depth + 1) for m, c in calls)
        elif not isinstance(parent, ast.expr | ast.keyword):
            return False
        return self._is_kept(module, parent, depth + 1)

    def _is_sdk(self, module: Module, node: ast.expr) -> bool:
        for value in self.values.of(module, node):
            if isinstance(value, Ext) and value.name.partition(".")[0] in ("mcp", "fastmcp"):
                return True
            if isinstance(value, Field) and self.sdks.server(value.of) is not None:
                return True
        return False

    def _attribute(self, module: Module, node: ast.Attribute, generation: str) -> Iterator[Need]:
        rows = [r for r in self.calls[node.attr] if generation in r.get("generations", [generation])]
        if not rows:
            return
        kinds = {kind for value in self.values.of(module, node.value) if (kind := self.kind(value))}
        for row in rows:
            if kinds & set(row["receiver"]) and not self._excepted(module, node, row):
                kind = "progress" if "first" in row else "session"
                yield Need(module.place(node), module.source(node), row["why"], kind)
                return

    def _excepted(self, module: Module, node: ast.AST, row: dict[str, Any]) -> bool:
        return self._is_in(module, node, row.get("except_in", ()))

    def _is_in(self, module: Module, node: ast.AST, bases: Iterable[str]) -> bool:
        """True in a class that derives from one of these of a library."""
        for outer in module.ancestors(node):
            if isinstance(outer, ast.ClassDef):
                found = {b.name.rpartition(".")[2] for b in self.values.classes.external_bases(Cls(module, outer))}
                return bool(found & set(bases))
        return False

    @staticmethod
    def _tells_apart(node: ast.AST) -> bool:
        """True for a refusal, and for something that the session keeps."""
        return isinstance(node, ast.Raise) or (isinstance(node, ast.Attribute) and node.attr == "set_state")

    def kind(self, value: Value) -> str:
        """ "context", "session" or ""."""
        if isinstance(value, Param):
            return self._annotated(value)
        if isinstance(value, Obj):
            if isinstance(value.of, Ext):
                if value.of.name in self.context_functions or value.of.name in self.contexts:
                    return "context"
                if value.of.name in self.session_classes:
                    return "session"
            if isinstance(value.of, Field) and value.of.name in self.context_methods:
                base = value.of.of
                if self.sdks.server(base) is not None or isinstance(base, Obj | Param):
                    return "context" if self.sdks.server(base) is not None else ""
        if isinstance(value, Field):
            if value.name == "session" and self.kind(value.of):
                return "session"
            if value.name == "request_context" and (self.kind(value.of) or self._is_server(value.of)):
                return "context"
        if isinstance(value, Entered):
            return self.kind(value.of)
        return ""

    def _is_server(self, value: Value) -> bool:
        return self.sdks.server(value) is not None or self.sdks.is_lowlevel(value)

    def _annotated(self, value: Param) -> str:
        annotation = value.node.annotation  # type: ignore[attr-defined]
        if annotation is None:
            return ""
        if isinstance(annotation, ast.Constant) and isinstance(annotation.value, str):
            name = annotation.value.partition("[")[0].strip()
            found: Iterable[Value] = self.values.member(value.module, name) if name.isidentifier() else []
        else:
            found = [
                v
                for n in ast.walk(annotation)
                if isinstance(n, ast.Name | ast.Attribute)
                for v in self.values.of(value.module, n)
            ]
        for v in found:
            if isinstance(v, Ext) and v.name in self.contexts:
                return "context"
            if isinstance(v, Ext) and v.name in self.session_classes:
                return "session"
        return ""
