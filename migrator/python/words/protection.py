"""What a start asks of requests when it is told the old word, it must ask when it is told the new one.

if kind == "sse":
    app.add_middleware(Auth)      # who said "sse" was asked for a credential
elif kind == "http":
    ...                           # and would not be here
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.python.flow.value import Cls, Display, Func, Lambda, Obj, Value
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module

DEPTH = 3  # functions and values in functions that a branch names
TRANSPORT = re.compile(r"sse|streamable|https?|mcp|[_\W]", re.I)  # what names of the same thing differ in


class Protection:
    """Answers for one selector. before, after: what a start that says the old word doesn't come to, without and with
    the move. table: `auth` of sdks/http.toml."""

    def __init__(self, values: Values, table: dict[str, Any], before: set[ast.AST], after: set[ast.AST]) -> None:
        self.values, self.table = values, table
        self.before, self.after = before, after

    @staticmethod
    def reading(values: Values, table: dict[str, Any]) -> Reading:
        """Of code that is come to in any case."""
        return Reading(values, table, set())

    def lost(self, modules: Iterable[Module]) -> dict[str, tuple[Module, ast.AST]]:
        """Names of what only code says about credentials that is not come to any more, and where that begins."""
        found: dict[str, tuple[Module, ast.AST]] = {}
        kept: set[str] = set()
        was, will_be = Reading(self.values, self.table, self.before), Reading(self.values, self.table, self.after)
        for module in modules:
            for root in [n for n in module.parents if n in self.after and n not in self.before]:
                for name in was.names(module, root):
                    found.setdefault(name, (module, root))
            for root in [n for n in module.parents if n in self.before and n not in self.after]:
                kept.update(_plain(name) for name in will_be.names(module, root))
        lost = [name for name in found if _plain(name) not in kept]
        return {
            name: found[name]
            for name in sorted(lost, key=lambda name: (not name.isidentifier(), not name[0].isupper()))
        }


class Reading:
    """What code says about credentials, and what it names of the project's. without: code that is not come to."""

    def __init__(self, values: Values, table: dict[str, Any], without: set[ast.AST]) -> None:
        self.values, self.table, self.without = values, table, without
        self._read: dict[tuple[ast.AST, int], list[str]] = {}  # with how deep it was asked: what is cut off differs

    def names(self, module: Module, root: ast.AST, depth: int = 0) -> Iterator[str]:
        """Names, and single words in quotes, that are about credentials."""
        for node in _walk(root, self.without, self.table["lets-through"]):
            used: Iterable[Value] = ()
            if isinstance(node, ast.keyword) and node.arg is not None:
                name = node.arg
            elif isinstance(node, ast.Name | ast.Attribute):
                name = node.id if isinstance(node, ast.Name) else node.attr
                used = () if _unknown(module, node) else self.values.of(module, node)
            elif isinstance(node, ast.Constant) and len(str(node.value).split()) == 1:
                name = str(node.value)
            else:
                continue
            within = [n for v in used if depth < DEPTH for n in self._inside(v, depth + 1)]
            if within:  # what a function does says more than what it is called
                yield from within
            elif any(word in name.lower() for word in self.table["sets-up"]) or any(map(self._refuses, used)):
                yield name

    def _inside(self, value: Value, depth: int) -> list[str]:
        """The same for what a function does, and what a value is made of."""
        node = value.node if isinstance(value, Func | Lambda | Display | Obj) else None
        if node is None or (isinstance(value, Func) and not isinstance(node, FunctionNode)):
            return []
        asked = (node, depth)
        if asked not in self._read:
            self._read[asked] = []  # what is asked for again on the way says nothing new
            module: Module = value.module  # type: ignore[union-attr]
            if not self.without.intersection((node, *module.ancestors(node))):
                self._read[asked] = list(self.names(module, node, depth))
        return self._read[asked]

    def _refuses(self, value: Value) -> bool:
        """True for a class that turns requests away, and what is made of one."""
        of = value.of if isinstance(value, Obj) else value
        if not isinstance(of, Cls):
            return False
        text = of.module.source(of.node).lower()
        return any(word in text for word in self.table["refuses"])


def _walk(root: ast.AST, without: set[ast.AST], lets_through: list[str]) -> Iterator[ast.AST]:
    """The nodes of a piece of code, some parts left out, and arguments that let pass: `allow_credentials=True`."""
    named = isinstance(root, ast.keyword) and (root.arg or "").startswith(tuple(lets_through))
    if root not in without and not named:
        yield root
        for part in ast.iter_child_nodes(root):
            yield from _walk(part, without, lets_through)


def _unknown(module: Module, node: ast.expr) -> bool:
    """True for a parameter, which others than this branch fill, and for `config` in `config.port`."""
    if isinstance(module.parents.get(node), ast.Attribute):
        return True
    return isinstance(node, ast.Name) and any(b.kind == "param" for b in module.owner(node).bindings.get(node.id, ()))


def _plain(name: str) -> str:
    return TRANSPORT.sub("", name).lower()
