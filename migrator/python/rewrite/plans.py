"""Operations grouped by place: equal ones once, several at one place combined or refused."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from migrator.python.rewrite.edits import (
    At,
    EditCall,
    EditDecorator,
    EditElements,
    Insert,
    Operation,
    RemoveArm,
    RemoveCase,
    RemoveStmt,
    ReplaceExpr,
    ReplaceStmt,
    UnrollIf,
    WrapExpr,
)
from migrator.records import record

Key = tuple[str, int, int, int, int]  # kind, line, column, end line, end column


class Unmatched(ValueError):
    """An operation doesn't fit the file. The message says which line and what was expected there."""


@record(frozen=True)
class EditImport:
    """Names to drop from (by index) and to add to an import statement; made by imports.py only."""

    at: At
    drop: tuple[int, ...] = ()
    add: tuple[str, ...] = ()


Local = Operation | EditImport  # an operation that is tied to a place


@record
class Plan:
    """All that happens at one place."""

    at: At
    replace: str | None = None  # expressions, statements, decorators: the new code
    wrap: tuple[str, str] | None = None
    call: EditCall | None = None
    elements: EditElements | None = None
    remove: bool = False  # statement, arm, case or decorator
    whole: bool = False  # RemoveStmt: an `if` goes with its elif and else
    keep: str = ""  # UnrollIf
    names: EditImport | None = None
    before: list[Insert] = field(default_factory=list)
    after: list[Insert] = field(default_factory=list)
    top: list[Insert] = field(default_factory=list)
    matched: bool = False


def grouped(operations: Iterable[Local], above: int = 0) -> dict[Key, Plan]:
    """One plan for each place; keys count lines behind the `above` first ones.

    Raises Unmatched when two operations at one place can't both be done.
    """
    plans: dict[Key, Plan] = {}
    for operation in dict.fromkeys(operations):
        at: At = operation.at  # type: ignore[union-attr]
        kind = "decorator" if isinstance(operation, EditDecorator) else at.kind
        key = (kind, at.line - above, at.column, at.end_line - above, at.end_column)
        _add(plans.setdefault(key, Plan(at)), operation)
    for plan in plans.values():
        for inserts in (plan.before, plan.after, plan.top):
            inserts.sort(key=lambda insert: insert.order)
    return plans


def _conflict(at: At) -> Unmatched:
    return Unmatched(f"line {at.line}: conflict: two changes of the same place exclude each other")


def _add(plan: Plan, operation: Local) -> None:
    at = plan.at
    taken = plan.replace is not None or plan.remove or bool(plan.keep)
    match operation:
        case Insert(where="before" | "after" | "top"):
            {"before": plan.before, "after": plan.after, "top": plan.top}[operation.where].append(operation)
        case ReplaceExpr() | ReplaceStmt() | EditDecorator(code=str()):
            if taken or plan.call or plan.elements or plan.names:
                raise _conflict(at)
            plan.replace = operation.code
        case RemoveStmt() | RemoveArm() | RemoveCase() | EditDecorator():
            if taken or plan.names:
                raise _conflict(at)
            plan.remove = True
            plan.whole = isinstance(operation, RemoveStmt)
        case UnrollIf():
            if taken:
                raise _conflict(at)
            plan.keep = operation.keep
        case WrapExpr():
            if plan.wrap is not None:
                raise _conflict(at)
            plan.wrap = (operation.before, operation.after)
        case EditCall():
            if plan.replace is not None:
                raise _conflict(at)
            plan.call = operation if plan.call is None else _merged_calls(plan.call, operation)
        case EditElements():
            if plan.replace is not None:
                raise _conflict(at)
            plan.elements = operation if plan.elements is None else _merged_elements(plan.elements, operation)
        case EditImport():
            if taken or plan.names:
                raise _conflict(at)
            plan.names = operation
        case _:
            raise Unmatched(f"line {at.line}: can't carry out {operation!r}")


def _one(at: At, first: str | None, second: str | None) -> str | None:
    if first is not None and second is not None and first != second:
        raise _conflict(at)
    return second if first is None else first


def _merged_pairs(at: At, first: tuple, second: tuple) -> tuple:
    """Both sets of (key, value), in order. The same key must have the same value."""
    merged = dict(first)
    for name, value in second:
        if name in merged and merged[name] != value:
            raise _conflict(at)
        merged[name] = value
    return tuple(merged.items())


def _merged_calls(first: EditCall, second: EditCall) -> EditCall:
    at = first.at
    return EditCall(
        at,
        _one(at, first.function, second.function),
        _one(at, first.method, second.method),
        _merged_pairs(at, first.keywords, second.keywords),
        _merged_pairs(at, first.positional, second.positional),
        _one(at, first.splat, second.splat),
        tuple(dict.fromkeys((*first.put, *second.put))),
        _merged_pairs(at, first.renamed, second.renamed),
    )


def _merged_elements(first: EditElements, second: EditElements) -> EditElements:
    at = first.at
    append = (*first.append, *(code for code in second.append if code not in first.append))
    put = tuple(dict.fromkeys((*first.put, *second.put)))
    return EditElements(at, _merged_pairs(at, first.replace, second.replace), append, put)
