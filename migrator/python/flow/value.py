"""What an expression can be: the kinds of values that `values.Values` answers with."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from dataclasses import field
from typing import TypeGuard

from migrator.python.module import Module
from migrator.records import record


@record(frozen=True, eq=False)
class _Located:
    module: Module
    node: ast.AST

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.node is other.node

    def __hash__(self) -> int:
        return hash((type(self), id(self.node)))


@record(frozen=True)
class Ext:
    """Something outside the project, by its dotted name: a module, class or function."""

    name: str


@record(frozen=True)
class Mod:
    """A module of the project."""

    module: Module


class Func(_Located):
    """A function of the project (node: FunctionDef)."""


class Cls(_Located):
    """A class of the project (node: ClassDef)."""


class Const(_Located):
    """A string or other constant (node: Constant)."""

    @property
    def value(self) -> object:
        return self.node.value  # type: ignore[attr-defined]


class Display(_Located):
    """A dict, list, tuple, set or comprehension (node)."""


class Opaque(_Located):
    """An expression that can't be followed (node)."""


class Param(_Located):
    """A parameter that something outside the project (or unseen) may fill (node: ast.arg)."""


class Lambda(_Located):
    """node: ast.Lambda"""


class Expr(_Located):
    """A computed value (comparison, arithmetic, f-string): known to be built here (node)."""


@record(frozen=True)
class Obj:
    """What a call gives: an instance of a class, or the result of an outside function."""

    of: Ext | Cls | Field
    module: Module
    node: ast.Call | None  # None: the instance that `self` stands for

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Obj) and self.of == other.of and self.node is other.node

    def __hash__(self) -> int:
        return hash((self.of, id(self.node)))


@record(frozen=True)
class Field:
    """An attribute of a value that the project does not define: `args.transport`, `mcp.settings`.

    spot: for an enum's member, where the code names it.
    """

    of: Value
    name: str
    at: int = 0  # tells two spots apart
    spot: tuple[Module, ast.expr] | None = field(default=None, compare=False)


@record(frozen=True)
class Slot:
    """A class attribute that is filled from outside the code (a settings class): `cls.name`."""

    of: Cls
    name: str


@record(frozen=True)
class Entered:
    """What `with X as y` gives y."""

    of: Value


Value = Ext | Mod | Func | Cls | Const | Display | Opaque | Param | Lambda | Expr | Obj | Field | Slot | Entered


def is_dict(value: Value) -> bool:
    """True for a dict that is written down: a display, or `dict(name=...)`."""
    if isinstance(value, Obj):
        return value.of == Ext("builtins.dict") and value.node is not None
    return isinstance(value, Display) and isinstance(value.node, ast.Dict)


def pairs(value: Display | Obj) -> Iterator[tuple[ast.expr | str | None, ast.expr]]:
    """Keys and values of such a dict; a key is an expression, or the name of a keyword; None before a splat."""
    node = value.node
    if isinstance(node, ast.Dict):
        yield from zip(node.keys, node.values, strict=True)
    elif isinstance(node, ast.Call):
        yield from ((k.arg, k.value) for k in node.keywords)
        yield from ((None, a) for a in node.args)


def is_text(value: Value) -> bool:
    """True for what an environment function gives: text has no `value`, so it went into an enum first."""
    return (
        isinstance(value, Obj) and isinstance(value.of, Ext) and value.of.name.rpartition(".")[2] in ("getenv", "get")
    )


def depth(value: Value) -> int:
    """How many attributes of attributes a value is."""
    count = 0
    while isinstance(value, Field):
        value, count = value.of, count + 1
    return count


def is_made_by(value: Value, names: Collection[str]) -> TypeGuard[Obj]:
    """True for an instance of one of these outside classes."""
    return isinstance(value, Obj) and isinstance(value.of, Ext) and value.of.name in names


def constant(values: set[object] | frozenset[object]) -> str | None:
    """The text of the only constant among values."""
    texts = {str(v.value) for v in values if isinstance(v, Const)}
    others = [v for v in values if not isinstance(v, Const)]
    return texts.pop() if len(texts) == 1 and not others else None
