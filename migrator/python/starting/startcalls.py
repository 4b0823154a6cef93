"""What becomes of the call that starts a server, for the tests that expect it of a mock."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.context import StartCall
from migrator.python.rewrite.edits import EditCall, ReplaceExpr
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft


def start_call(draft: Draft, start: Start) -> StartCall:
    """The call as it is, and what the draft's edits make of it."""
    module, call = start.module, start.call
    keywords: dict[str, str | None] = {}
    renamed, word = "", ""
    words = {c.module.at(c.node) for _, _, trace in start.words for c in trace.consts}
    for operation in draft.operations:
        if isinstance(operation, EditCall) and call is not None and operation.at == module.at(call):
            keywords.update(operation.keywords)
            if operation.splat is not None and "stateless_http" in operation.splat:  # of any start but one over stdio
                keywords["stateless_http"] = "True"
            renamed = operation.method or renamed
        elif isinstance(operation, ReplaceExpr) and operation.at == module.at(start.node):
            renamed = operation.code.rpartition(".")[2]
        elif isinstance(operation, ReplaceExpr) and operation.at in words:
            word = operation.code.strip("\"'")
    given = call.keywords if call is not None else []
    splat = call is None or any(k.arg is None for k in given) or any(isinstance(a, ast.Starred) for a in call.args)
    return StartCall(
        endpoint=draft.name,
        method=start.method,
        positional=len(call.args) if call is not None else 0,
        names=None if splat else frozenset(k.arg for k in given if k.arg),
        keywords=tuple(keywords.items()),
        word=word or next((s.new_word for s in draft.ordered_selectors() if s.old_word == "sse"), ""),
        renamed=renamed,
    )


def reworded(drafts: Iterable[Draft]) -> Iterator[tuple[str, int, int]]:
    """Where the drafts put another word in the place of the old one, or another address."""
    for draft in drafts:
        for operation in draft.operations:
            if not isinstance(operation, ReplaceExpr):
                continue
            old = operation.at.source
            if old.strip("\"'").lower() == "sse" or "/sse" in old:
                yield operation.at.path, operation.at.line, operation.at.column
