"""Calls of what a table holds: `RUNNERS = {"sse": run_sse}` and `RUNNERS[kind](server)`, `for cls in SERVERS: cls(host)`."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set
from typing import TYPE_CHECKING

from migrator.python.flow.value import Value
from migrator.python.functions import last_name
from migrator.python.module import Module

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

HELD = (r"WORD\s*[,\])}]",)  # where a name may stand in a display
DISPLAYS = ast.Dict | ast.List | ast.Tuple | ast.Set


def through_tables(
    values: Values, names: Iterable[str], wanted: Set[Value], near: Set[str] | None, tests: bool
) -> Iterator[tuple[Module, ast.Call]]:
    """Calls that reach one of `wanted`, which `names` call, through a dict or a list that holds it.

    near: the only files that can name it, None for any.
    """
    code = values.code
    for home, table in dict.fromkeys(t for name in names for t in _tables(values, name, wanted, near, tests)):
        for module in code.mentioning(table, tests=tests, within=code.importers([home]) | {home}):
            for call in module.calls:
                if is_looked_up(module, call.func) and wanted & values.of(module, call.func):
                    yield module, call


def _tables(
    values: Values, name: str, wanted: Set[Value], near: Set[str] | None, tests: bool
) -> Iterator[tuple[str, str]]:
    """The files and the names of the tables that hold what a name stands for."""
    for module in values.code.mentioning(name, tests=tests, within=near, in_form=HELD):
        for alias in {name} | module.aliases.get(name, set()):
            for node in module.loads.get(alias, ()):
                outer = module.parents[node]
                if not isinstance(outer, DISPLAYS) or not wanted & values.of(module, node):
                    continue
                while isinstance(outer, DISPLAYS):
                    outer = module.parents[outer]
                targets = outer.targets if isinstance(outer, ast.Assign) else [getattr(outer, "target", None)]
                yield from ((module.path, last_name(t)) for t in targets if t is not None and last_name(t))


def is_looked_up(module: Module, called: ast.expr) -> bool:
    """True for `TABLE[kind]`, `TABLE.get(kind)`, and a variable that may hold one of them."""
    if isinstance(called, ast.Name):
        scopes = [module.scopes[o] for o in module.ancestors(called) if o in module.scopes]
        bindings = next((s.bindings[called.id] for s in scopes if called.id in s.bindings), [])
        return any(b.kind not in ("def", "class", "import", "param") for b in bindings)
    return isinstance(called, ast.Subscript | ast.Call)
