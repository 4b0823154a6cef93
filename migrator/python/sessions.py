"""What in a server's code only works while a session lives (rules/sdks/sessions.toml)."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from migrator.model import Place
from migrator.python.module import Module
from migrator.python.sdk import Sdks
from migrator.python.value import Cls, Entered, Ext, Field, Obj, Param, Value


@dataclass(frozen=True)
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
        self.calls: dict[str, list[dict[str, Any]]] = {}
        for row in [*table["call"], *table["progress"]]:
            for name in row["names"]:
                self.calls.setdefault(name, []).append(row)

    def needs(self, modules: Iterable[Module], generation: str) -> Iterator[Need]:
        """Every line of the modules that needs a session in this SDK generation."""
        for module in modules:
            if not any(name in module.text for name in self.calls) and "event_store" not in module.text:
                continue
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Attribute) and node.attr in self.calls:
                    yield from self._attribute(module, node, generation)
                elif isinstance(node, ast.keyword) and node.arg == "event_store":
                    if not (isinstance(node.value, ast.Constant) and node.value.value is None):
                        call = module.parents[node]
                        if isinstance(call, ast.Call) and self._is_sdk(module, call.func):
                            yield Need(
                                module.place(node.value), "event_store=", self.table["argument"][0]["why"], "session"
                            )

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
        for outer in module.ancestors(node):
            if isinstance(outer, ast.ClassDef):
                bases = {b.name.rpartition(".")[2] for b in self.values.classes.external_bases(Cls(module, outer))}
                return bool(bases & set(row.get("except_in", ())))
        return False

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
