"""Finds the plan of a LibCST node: by kind and span, the way `ast` gives them.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange

from migrator.python.rewrite.edits import At
from migrator.python.rewrite.plans import Key, Plan, Unmatched

Positions = Mapping[cst.CSTNode, CodeRange]


class Places:
    """The plans by place. `touched` collects the (first, last) lines that may change."""

    def __init__(self, positions: Positions, plans: dict[Key, Plan]) -> None:
        self.positions = positions
        self.plans = plans
        self.starts = sorted({key[1] for key in plans})
        self.touched: list[tuple[int, int]] = []

    def key(self, kind: str, node: Any) -> Key:
        """Kind and span of a node, as `ast` has them."""
        place = self.positions[node]
        start, end = place.start, place.end
        if isinstance(node, cst.Tuple | cst.GeneratorExp) and node.lpar:
            start, end = self.positions[node.lpar[-1]].start, self.positions[node.rpar[0]].end
        return (kind, start.line, start.column, end.line, end.column)

    def take(self, kind: str, node: Any) -> Plan | None:
        """The node's plan. Raises Unmatched when two nodes want the same one."""
        plan = self.plans.get(self.key(kind, node))
        if plan is not None:
            if plan.matched:
                raise Unmatched(f"line {plan.at.line}: the change fits two places")
            plan.matched = True
        return plan

    def span(self, node: Any) -> tuple[int, int]:
        """First and last line, decorators included."""
        place = self.positions[node]
        first = place.start.line
        if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
            first = self.positions[node.decorators[0]].start.line
        return first, place.end.line

    def concerned(self, node: Any) -> bool:
        """True when an edit lies within the lines of a node."""
        first, last = self.span(node)
        i = bisect.bisect_left(self.starts, first)
        return i < len(self.starts) and self.starts[i] <= last

    def case_plan(self, pattern: Any) -> Plan | None:
        """The plan for a `case`, found by any of the places that its pattern can be named by; None for none."""
        place = self.positions[pattern]
        spans = [(place.start, place.end)]
        lpar, rpar = getattr(pattern, "lpar", ()), getattr(pattern, "rpar", ())
        if isinstance(pattern, cst.MatchValue):
            inner = self.positions[pattern.value]
            spans.append((inner.start, inner.end))
        for i, left in enumerate(lpar):
            spans.append((self.positions[left].start, self.positions[rpar[-1 - i]].end))
        for start, end in spans:
            plan = self.plans.get(("case", start.line, start.column, end.line, end.column))
            if plan is not None:
                return plan
        return None


def unmatched_text(at: At) -> str:
    """What the place was expected to hold."""
    what = {"expr": "expression", "stmt": "statement", "case": "case"}.get(at.kind, at.kind)
    source = f" {at.source!r}" if at.source else ""
    return f"line {at.line}, column {at.column + 1}: expected the {what}{source}, the file differs"
