"""What the user's tests do with the tables and lists of words that a moved server's own code holds.

`monkeypatch.setitem(RUNNERS, "sse", fake)` with a word that RUNNERS no longer knows puts the fake where nobody looks:
the test would start the server itself. A word that the code says anew is said anew here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.context import Context
from migrator.model import Endpoint
from migrator.python.flow.value import Const, Display
from migrator.python.functions import last_name
from migrator.python.module import Module, dotted
from migrator.python.words.optioncalls import elements

OLD = "sse"
_COPIES = {"set", "frozenset", "list", "tuple", "sorted", "keys"}  # what leaves the words as they are


class Tables:
    """Reads one test file, for the servers that it knows."""

    def __init__(self, context: Context, module: Module, endpoints: tuple[Endpoint, ...]) -> None:
        self.context = context
        self.values = context.code.values
        self.module = module
        self.endpoints = endpoints

    def words(self, new_of: dict[str, str]) -> Iterator[tuple[ast.Constant, Endpoint]]:
        """Every place that names the old word of a table that has the new one now. `new_of`: the word, by server."""
        for node in self.module.parents:
            table: ast.expr | None = None
            named: list[ast.expr] = []
            if isinstance(node, ast.Call) and len(node.args) > 1:
                table, second = node.args[:2]
                if last_name(node.func) in ("setitem", "delitem"):
                    named = [second]
                elif dotted(node.func).endswith("patch.dict") and isinstance(second, ast.Dict):
                    named = [k for k in second.keys if k is not None]
            elif isinstance(node, ast.Subscript):
                table, named = node.value, [node.slice]
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.In):
                table, named = node.comparators[0], [node.left]
            elif isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq):
                sides = (node.left, node.comparators[0])
                display = next((s for s in sides if isinstance(s, ast.List | ast.Tuple | ast.Set)), None)
                if display is not None:
                    table = _copied(sides[0] if display is sides[1] else sides[1])
                    named = display.elts
            old = [n for n in named if isinstance(n, ast.Constant) and n.value == OLD]
            e = self.holder(table) if table is not None and old else None
            new = new_of.get(e.name, "") if e is not None else ""
            if e is None or not new or any(isinstance(n, ast.Constant) and n.value == new for n in named):
                continue
            if isinstance(node, ast.Compare) and len(named) > 1 and not _in_order(node, named, new):
                continue
            yield from ((word, e) for word in old)

    def holder(self, table: ast.expr) -> Endpoint | None:
        """The server whose code holds the table, where one of its words changes."""
        for where, node in self.displays(table):
            keys = node.keys if isinstance(node, ast.Dict) else elements(node)  # type: ignore[arg-type]
            for key in keys:
                for value in self.values.of(where, key) if key is not None else ():
                    place = value.module.place(value.node) if isinstance(value, Const) else None
                    if place is not None and (place.path, place.line, place.column) in self.context.reworded:
                        return next((e for e in self.endpoints if where.path in e.files), None)
        return None

    def displays(self, table: ast.expr) -> Iterator[tuple[Module, ast.AST]]:
        """The dicts and lists that an expression is, or that a text names: `patch.dict("shop.server.RUNNERS", ...)`."""
        if not isinstance(table, ast.Constant):
            for value in self.values.of(self.module, table):
                if isinstance(value, Display):
                    yield value.module, value.node
            return
        home, _, name = str(table.value).rpartition(".")
        module = self.context.code.find(home, self.module) if home else None
        if module is None:
            return
        for statement in module.tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value is not None:
                targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
                if any(isinstance(t, ast.Name) and t.id == name for t in targets):
                    yield module, statement.value


def _copied(node: ast.expr) -> ast.expr:
    """What is copied: RUNNERS in `set(RUNNERS)`, `sorted(RUNNERS.keys())`."""
    while isinstance(node, ast.Call) and last_name(node.func) in _COPIES:
        if node.args:
            node = node.args[0]
        elif isinstance(node.func, ast.Attribute):
            node = node.func.value
        else:
            break
    return node


def _in_order(compare: ast.Compare, named: list[ast.expr], new: str) -> bool:
    """False where the words are compared in the order of the alphabet, and the new one has another place in it."""
    if not any(isinstance(n, ast.Call) and last_name(n.func) == "sorted" for n in ast.walk(compare)):
        return True
    words = [str(getattr(n, "value", "")).replace(OLD, new) for n in named]
    return words == sorted(words)
