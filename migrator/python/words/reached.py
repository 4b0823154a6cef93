"""Under which condition a start is come to, where no option, variable or test of a word selects it."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.python.code import is_test
from migrator.python.flow.tabled import is_looked_up
from migrator.python.flow.value import Func
from migrator.python.module import FunctionNode, Module
from migrator.python.unit import READABLE
from migrator.python.words.guards import DEPTH, Guards, leaving

ASIDE = ("__name__", "TYPE_CHECKING")  # tests that select nothing


class Reached:
    """Looks outward from a start, through callers too."""

    def __init__(self, guards: Guards, starts: Iterable[ast.AST]) -> None:
        self.guards = guards
        self.starts = frozenset(starts)  # of any server, whatever they speak

    def condition(self, module: Module, node: ast.AST, depth: int = 0) -> str:
        """ "if X", "unless X", "case X", "except X" or "a table", the nearest; "" for what is always come to."""
        child = node
        for outer in module.ancestors(node):
            for earlier in leaving(outer, child):
                if any(inner in self.starts for inner in ast.walk(earlier)):
                    return f"unless {_shown(module, earlier.test)}"
            if isinstance(outer, ast.If | ast.IfExp) and child is not outer.test:
                if not any(word in module.source(outer.test) for word in ASIDE):
                    holds = child is outer.body if isinstance(outer, ast.IfExp) else child in outer.body
                    return f"{'if' if holds else 'unless'} {_shown(module, outer.test)}"
            elif isinstance(outer, ast.match_case):
                return f"case {_shown(module, outer.pattern)}"
            elif isinstance(outer, ast.ExceptHandler):
                return f"except {_shown(module, outer.type)}" if outer.type is not None else "except"
            elif isinstance(outer, ast.Dict) and isinstance(child, ast.Lambda | ast.Name | ast.Attribute):
                return f"the table in {module.path}:{outer.lineno}"
            elif isinstance(outer, FunctionNode):
                return self._called(module, outer, depth)
            child = outer
        return ""

    def _called(self, module: Module, function: FunctionNode, depth: int) -> str:
        """The same for the calls of a function; "" when it is called on its own somewhere, or from outside."""
        if depth >= DEPTH or function.decorator_list:
            return ""
        called = self.guards.values.callers.of(Func(module, function))
        # what a table holds is come to where the table says
        uses: list[tuple[Module, ast.AST]] = [(m, c) for m, c in called if not is_looked_up(m, c.func)]
        uses += self.guards.references(module, function)
        found = [self.condition(m, n, depth + 1) for m, n in uses if not is_test(m.path)]
        return found[0] if found and all(found) else ""


def _shown(module: Module, node: ast.AST) -> str:
    """The code of a condition where a line has room for it, else its place."""
    source = " ".join(module.source(node).split())
    return source if len(source) <= READABLE else f"the condition in {module.path}:{node.lineno}"  # type: ignore[attr-defined]


__all__ = ["Reached"]
