"""Transport words, and what in the code stands for one: constants, enum members, annotations."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from typing import Any

from migrator.python.flow.value import Cls, Const, Display, Expr, Field, Opaque, Value, is_made_by
from migrator.python.flow.values import Values
from migrator.python.functions import decorator_name, last_name
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.optioncalls import elements

COLLECTIONS = {f"builtins.{name}" for name in ("frozenset", "set", "tuple", "list", "sorted")}
PART = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")  # of a name: HTTP, Stream, kind


def parts(name: str) -> set[str]:
    """The words that a name is made of, in lower case: {"streamable", "http"} of streamable_http and StreamableHTTP."""
    return {part.lower() for part in PART.findall(name)}


class Vocabulary:
    """Transport words in one project."""

    def __init__(
        self,
        values: Values,
        modules: Iterable[Module],
        table: dict[str, Any],
        folder: Callable[[str], str] = lambda path: "",
    ) -> None:
        self.values = values
        self.folder = folder  # of the project that a file belongs to: packages of one tree are told apart
        self.modules = list(modules)
        self.old = frozenset(table["old"])
        self.new = tuple(table["new"])
        self.all = self.old | set(self.new) | set(table["other"])
        self._pieces = frozenset(piece for word in self.all for piece in re.split("[-_]", word))
        self.commands: dict[str, list[str]] = table["commands"]

    def word(self, module: Module, node: ast.expr) -> str:
        """The transport word that a constant or an enum member stands for, in lower case; "" for none."""
        if isinstance(node, ast.Constant):
            return node.value.lower() if isinstance(node.value, str) and node.value.lower() in self.all else ""
        if isinstance(node, ast.Attribute | ast.Name):
            if isinstance(node, ast.Attribute) and node.attr == "value":
                node = node.value
                if not isinstance(node, ast.Attribute | ast.Name):
                    return ""
            if isinstance(node, ast.Name) and not node.id[:1].isupper():
                return ""  # a variable
            name = last_name(node)
            if not (name.isupper() or self._pieces & parts(name) or name.lower() in self.member_names):
                return ""  # looking up every name that something is compared with would take long
            found = self.values.of(module, node)
            for value in found:
                if isinstance(value, Const) and len(found) > 1:
                    return ""  # a variable
                word = self.member_word(value) if not isinstance(value, Const) else str(value.value).lower()
                if word in self.all and (isinstance(node, ast.Attribute) or self._is_constant(module, node)):
                    return word
        return ""

    @cached_property
    def member_names(self) -> set[str]:
        """Names, in lower case, that stand for a transport's word in a class body: `REMOTE = "sse"`."""
        return {
            target.id.lower()
            for module in self.modules
            for scope in module.scopes.values()
            if isinstance(scope.node, ast.ClassDef)
            for statement in scope.node.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            if isinstance(statement.value.value, str) and statement.value.value.lower() in self.all
            for target in statement.targets
            if isinstance(target, ast.Name)
        }

    def _is_constant(self, module: Module, node: ast.Name) -> bool:
        values = self.values.of(module, node)
        return len(values) == 1 and all(isinstance(v, Const) for v in values) and node.id[:1].isupper()

    def member_word(self, value: Value) -> str:
        """The word of an enum member."""
        if isinstance(value, Field) and isinstance(value.of, Cls):
            for b in self.values.classes.scope_of(value.of).bindings.get(value.name, []):
                if isinstance(b.value, ast.Constant) and isinstance(b.value.value, str):
                    return b.value.value.lower()
                if isinstance(b.value, ast.Call):  # enum.auto()
                    return value.name.lower() if self.values.classes.counts_in_words(value.of) else ""
                module = value.of.module  # SSE = SSE_WORD, or SSE = SSE, which is the module's
                own = isinstance(b.value, ast.Name) and b.value.id == value.name
                named = self.values.member(module, value.name) if own else self.values.of(module, b.value)
                texts = {str(v.value).lower() for v in named if isinstance(v, Const) and isinstance(v.value, str)}
                return texts.pop() if len(texts) == 1 else ""
        return ""

    def said_by(self, value: Value) -> str:
        """The word that a member hands to a start: its own, or its name where it is a number (`kind.name.lower()`)."""
        name = value.name.lower() if isinstance(value, Field) else ""
        return self.member_word(value) or (name if name in self.all else "")

    def enum_members(self, enum: Cls) -> dict[str, str]:
        """word -> member name."""
        out = {}
        for name in self.values.classes.scope_of(enum).bindings:
            word = self.member_word(Field(enum, name))
            if word:
                out[word] = name
        return out

    def lookups(self, enum: Cls) -> Iterator[tuple[Module, ast.Subscript]]:
        """Where a member is looked up by a name that isn't written there: `Kind[name]`."""
        for module in self.modules:
            for use in module.loads.get(enum.node.name, ()):  # type: ignore[attr-defined]
                look = module.parents.get(use)
                if isinstance(look, ast.Subscript) and look.value is use and not isinstance(look.slice, ast.Constant):
                    if enum in self.values.of(module, use):
                        yield module, look

    def annotated(self, module: Module, annotation: ast.expr, depth: int = 0) -> set[str] | None:
        """The words that an annotation admits (a Literal, an enum, a name for one); None when it names neither."""
        words: set[str] = set()
        declared = False
        for node in ast.walk(annotation):
            if isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] == "Literal":
                declared = True
                words |= {str(e.value).lower() for e in elements(node.slice) if isinstance(e, ast.Constant)}
            elif isinstance(node, ast.Name | ast.Attribute):
                for value in self.values.of(module, node):
                    if isinstance(value, Cls) and self.values.classes.is_enum(value):
                        declared = True
                        words |= set(self.enum_members(value))
                    elif isinstance(value, Opaque) and isinstance(value.node, ast.Subscript) and depth < 3:
                        inner = self.annotated(value.module, value.node, depth + 1)
                        declared = declared or inner is not None
                        words |= inner or set()
        return words if declared else None

    def displays(self, module: Module, node: ast.expr, depth: int = 0) -> Iterator[tuple[Module, ast.expr]]:
        """The displays that a list of words is made of, those put together with `*` and `+` too."""
        if depth > 5:
            return
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.BitOr):
            yield from self.displays(module, node.left, depth + 1)
            yield from self.displays(module, node.right, depth + 1)
        for value in self.values.of(module, node):
            if isinstance(value, Display) and isinstance(value.node, ast.List | ast.Tuple | ast.Set):
                yield value.module, value.node
                for element in value.node.elts:
                    if isinstance(element, ast.Starred):
                        yield from self.displays(value.module, element.value, depth + 1)
            elif isinstance(value, Expr) and value.node is not node and isinstance(value.node, ast.BinOp):
                yield from self.displays(value.module, value.node, depth + 1)
            elif is_made_by(value, COLLECTIONS):
                if value.node is not None and value.node.args:
                    yield from self.displays(value.module, value.node.args[0], depth + 1)

    def is_command(self, module: Module, function: FunctionNode) -> bool:
        """True for a function that a library calls with words from the command line: click, typer, cyclopts, fire, tyro."""
        for decorator in function.decorator_list:
            if decorator_name(decorator).rpartition(".")[2] in self.commands["decorators"]:
                return True
        for runner in self.commands["runners"]:  # typer.run(main)
            for call in module.calls_by_name.get(runner.rpartition(".")[2], ()):
                if (
                    call.args
                    and dotted(call.args[0]) == function.name
                    and runner in self.values.names(module, call.func)
                ):
                    return True
        return False


__all__ = ["Vocabulary"]
