"""Code that goes away whole: what would be changed in it is not, and what only it used goes, too."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.python.module import Module
from migrator.python.rewrite.edits import Helper, Operation, RemoveArm, RemoveCase


def removed_spans(removed: Sequence[tuple[Module, ast.AST]]) -> list[tuple[str, tuple[int, int], tuple[int, int]]]:
    """(path, where it begins, where it ends) of code that goes away whole."""
    spans = []
    for module, arm in removed:
        if isinstance(arm, ast.If):
            spans.append((module.path, (arm.lineno, 0), (arm.body[-1].end_lineno or 0, 10**6)))
        elif isinstance(arm, ast.match_case):
            spans.append((module.path, (arm.pattern.lineno, 0), (arm.body[-1].end_lineno or 0, 10**6)))
    return spans


def outside_removed(operations: list[Operation], removed: Sequence[tuple[Module, ast.AST]]) -> list[Operation]:
    """Without the operations on code that goes away whole."""
    spans = removed_spans(removed)
    out = []
    for operation in operations:
        at = getattr(operation, "at", None)
        if at is not None and not isinstance(operation, RemoveArm | RemoveCase):
            place = (at.line, at.column)
            if any(path == at.path and start <= place <= end for path, start, end in spans):
                continue
        out.append(operation)
    return drop_idle_helpers(out)


def drop_idle_helpers(operations: list[Operation]) -> list[Operation]:
    """Without helpers that nothing calls any more. One that another calls stands in front of it."""
    texts: dict[str, list[str]] = {}
    for o in operations:
        at = getattr(o, "at", None)
        if at is not None:
            texts.setdefault(at.path, []).append(repr(o))
    kept: list[Operation] = []
    for o in reversed(operations):
        if isinstance(o, Helper):
            if not any(o.name in text for text in texts.get(o.path, [])):
                continue
            texts[o.path].append(o.code)
        kept.append(o)
    return kept[::-1]
