"""Words of lists from which something that isn't seen picks one: they stay, and a start gives the old one its new meaning.

    for kind in ("stdio", "sse"):
        commands.add_parser(kind).set_defaults(run=lambda kind=kind: mcp.run(kind))

    mcp.run(KINDS[KINDS.index(sys.argv[1])])

Who says "sse" there looks for it in the list: another word in its place, and nothing would be found any more.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Set

from migrator.python.flow.value import Const
from migrator.python.functions import LOGGING, last_name
from migrator.python.module import Module
from migrator.python.words.optioncalls import elements
from migrator.python.words.selector import Words

LOOPS = (ast.For, ast.AsyncFor, ast.comprehension)
SHOWN = {*LOGGING, "echo", "secho"}  # what only shows it to somebody


def picked(words: Words, consts: Iterable[Const], sinks: Set[ast.expr]) -> set[Const]:
    """The old words among `consts` that stay where they stand. sinks: the expressions that starts are given."""
    return {c for c in consts if str(c.value).lower() in words.old and _is_picked(words, c, sinks)}


def _is_picked(words: Words, const: Const, sinks: Set[ast.expr]) -> bool:
    """True for one of several words in a list whose elements, or the list itself, are used for more than starts."""
    module = const.module
    display = module.parents.get(const.node)
    if not isinstance(display, ast.List | ast.Tuple | ast.Set):
        return False
    if len({w for e in elements(display) if (w := words.word(module, e))}) < 2:
        return False
    uses = list(_uses(words, module, display))
    return any(use is None or not _starts(module, use, sinks) for use in uses)


def _uses(words: Words, module: Module, display: ast.expr) -> Iterator[ast.expr | None]:
    """Where the variable of a loop over the list is read; None for another use of the list."""
    outer = module.parents.get(display)
    if isinstance(outer, LOOPS) and outer.iter is display:
        yield from _variables(module, outer)
        return
    names = {t.id for t in _targets(outer) if isinstance(t, ast.Name)}
    elsewhere = any(m.loads.get(n) for m in words.modules if m is not module for n in names)
    if not names or elsewhere:
        yield None
    for load in (load for name in names for load in module.loads.get(name, ())):
        holder = module.parents.get(load)
        if isinstance(holder, LOOPS) and holder.iter is load:
            yield from _variables(module, holder)
        else:
            yield None


def _targets(node: ast.AST | None) -> list[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _variables(module: Module, loop: ast.AST) -> Iterator[ast.expr | None]:
    target = loop.target  # type: ignore[attr-defined]
    if not isinstance(target, ast.Name):
        yield None
        return
    around = module.parents.get(loop) if isinstance(loop, ast.comprehension) else loop
    within = set(ast.walk(around)) if around is not None else set()
    yield from (load for load in module.loads.get(target.id, ()) if load in within)


def _starts(module: Module, use: ast.expr, sinks: Set[ast.expr]) -> bool:
    """True for a use that only hands the word to a start, or shows it."""
    if use in sinks:
        return True
    calls = (outer for outer in module.ancestors(use) if isinstance(outer, ast.Call))
    return any(last_name(call.func) in SHOWN for call in calls)
