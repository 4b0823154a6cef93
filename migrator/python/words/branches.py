"""Which code a start doesn't come to, where it is known how tests of its transport's word end.

`holds` says it of each test: a comparison, or a `case`. What nothing is known of is taken to run.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping

from migrator.python.flow.value import Expr
from migrator.python.flow.values import Values
from migrator.python.module import Module
from migrator.python.words.guards import leaves

Holds = Mapping[ast.AST, bool]


def passed_by(values: Values, modules: Iterable[Module], holds: Holds) -> set[ast.AST]:
    """The statements, cases and expressions that are not come to; inner ones of these may be missing."""
    out: set[ast.AST] = set()
    for module in modules:

        def ends(node: ast.expr, module: Module = module) -> bool | None:
            return _ends(values, module, node, holds)

        for node in module.nodes:
            if isinstance(node, ast.IfExp) and (known := ends(node.test)) is not None:
                out.add(node.orelse if known else node.body)
            elif isinstance(node, ast.BoolOp):
                out.update(_shut_off(node, ends))
            for name in ("body", "orelse", "finalbody"):
                block = getattr(node, name, None)
                if isinstance(block, list):
                    _follow(block, holds, ends, out)
    return out


def _follow(block: list[ast.stmt], holds: Holds, ends: Callable[[ast.expr], bool | None], out: set[ast.AST]) -> None:
    """Add what is passed by in one list of statements."""
    for i, statement in enumerate(block):
        left = False
        if isinstance(statement, ast.If) and (known := ends(statement.test)) is not None:
            runs, other = (statement.body, statement.orelse) if known else (statement.orelse, statement.body)
            out.update(other)
            left = bool(runs) and leaves(runs[-1])
        elif isinstance(statement, ast.Match):
            taken = next((c for c in statement.cases if holds.get(c) is True and c.guard is None), None)
            rest = statement.cases[statement.cases.index(taken) + 1 :] if taken is not None else []
            for case in statement.cases:
                if holds.get(case) is False or case in rest:
                    out.update(case.body)
            left = taken is not None and leaves(taken.body[-1])
        if left:
            out.update(block[i + 1 :])
            return


def _shut_off(node: ast.BoolOp, ends: Callable[[ast.expr], bool | None]) -> Iterator[ast.expr]:
    """The operands behind one that decides already."""
    for i, operand in enumerate(node.values):
        if ends(operand) is isinstance(node.op, ast.Or):
            yield from node.values[i + 1 :]
            return


def _ends(values: Values, module: Module, node: ast.expr, holds: Holds) -> bool | None:
    """How a condition ends; None where that depends on something else."""
    if node in holds:
        return holds[node]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _ends(values, module, node.operand, holds)
        return None if inner is None else not inner
    if isinstance(node, ast.BoolOp):
        strong = isinstance(node.op, ast.Or)  # an operand that ends so decides
        each = [_ends(values, module, v, holds) for v in node.values]
        return strong if strong in each else None if None in each else not strong
    if isinstance(node, ast.Name | ast.Attribute | ast.Call):
        return _named(values, module, node, holds)
    return None


def _named(values: Values, module: Module, node: ast.expr, holds: Holds) -> bool | None:
    """The same for a condition that has a name: `remote = kind == "sse"`."""
    found = values.of(module, node)
    inner = {holds.get(v.node) for v in found if isinstance(v, Expr)}
    return inner.pop() if len(inner) == len(found) == 1 else None
