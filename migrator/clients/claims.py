"""What the user's tests claim of a client that moves: the address, or the word, that its code says.

    assert settings.WIKI_URL == "https://mcp.deepwiki.com/sse"

The text changes with the literal that it is compared with. What may be compared with one is told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.context import Context
from migrator.model import Finding, Outcome, Part, Severity
from migrator.python.code import is_test
from migrator.python.flow.value import Const
from migrator.python.module import Module
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.records import record


@record(frozen=True)
class Changed:
    """A literal of a client's that changes. part: the number of the Part that changes it."""

    old: str
    new: str
    part: int


class Claims:
    """Reads the tests that import what changes. parts: what the clients add to the plan."""

    def __init__(self, context: Context, parts: Sequence[Part]) -> None:
        self.context = context
        self.clients = parts
        self.changed: dict[tuple[str, int, int], Changed] = {}  # by the literal's place
        for number, part in enumerate(parts):
            for edit in part.edits:
                if isinstance(edit, ReplaceExpr) and not is_test(edit.at.path):
                    old, new = _text(edit.at.source), _text(edit.code)
                    if old and new:
                        self.changed[(edit.at.path, edit.at.line, edit.at.column)] = Changed(old, new, number)

    def with_tests(self) -> Iterator[Part]:
        """What the clients add, and with it what the tests say of them; then the lines that are told."""
        paths = {path for path, _, _ in self.changed}
        users = self.context.code.importers(paths) - paths if paths and self.context.settings.tests else set()
        sure: dict[int, list[tuple[Finding, ReplaceExpr]]] = {}
        told: list[Part] = []
        for module in self.context.code.loaded(sorted(p for p in users if is_test(p))):
            if paths.isdisjoint(self.context.code.imported(module)):
                continue
            found: dict[ast.expr, Changed] = {}
            for compare in module.compares:
                left, right = compare.left, compare.comparators[0]
                found |= self._compared(module, left, right) | self._compared(module, right, left)
            for text, literal in found.items():
                message = f"the test's {literal.old} is what a client's code says, which changes"
                unit, code = self.clients[literal.part].unit, module.source(text).replace(literal.old, literal.new)
                finding = Finding("MCP506", Severity.WARNING, Outcome.FIX, module.place(text), message, "", unit)
                sure.setdefault(literal.part, []).append((finding, ReplaceExpr(module.at(text), code)))
            told += self._perhaps(module, set(found))
        for number, part in enumerate(self.clients):
            more = sure.get(number, [])
            findings, edits = (*part.findings, *(f for f, _ in more)), (*part.edits, *(e for _, e in more))
            yield replace(part, findings=findings, edits=edits) if more else part
        yield from told

    def _compared(self, module: Module, side: ast.expr, other: ast.expr) -> dict[ast.expr, Changed]:
        """The text that stands against a literal which changes, and what it becomes."""
        if not isinstance(side, ast.Constant) or isinstance(other, ast.Constant):
            return {}
        for value in self.context.code.values.of(module, other):
            place = value.module.place(value.node) if isinstance(value, Const) else None
            found = self.changed.get((place.path, place.line, place.column)) if place is not None else None
            if found is not None and found.old == side.value and module.source(side).count(found.old) == 1:
                return {side: found}
        return {}

    def _perhaps(self, module: Module, sure: set[ast.expr]) -> Iterator[Part]:
        """Assertions that name such a text: of addresses, and of words where the test knows no server that moves."""
        known = set(self.context.code.imported(module))
        served = any(not known.isdisjoint(e.files) for e in self.context.servers if e.moved)
        olds: dict[str, dict[str, None]] = {}
        for (path, _, _), literal in self.changed.items():
            if path in known and ("/" in literal.old or not served):
                olds.setdefault(literal.old, {})[literal.new] = None
        asserts = (n.test for n in module.nodes if isinstance(n, ast.Assert))
        texts = [n for a in asserts for n in ast.walk(a) if isinstance(n, ast.Constant) and n not in sure]
        own = {e.old_path for e in self.context.servers if e.moved}  # of these others tell
        for text in {str(n.value) for n in texts if str(n.value).startswith("/")} - own:
            for old in [o for o in olds if o.endswith(text)]:  # assert URL.endswith("/v1/sse")
                olds.setdefault(text, {}).update(olds[old])
        named = [n for n in texts if isinstance(n.value, str) and n.value in olds]
        if not named:
            return
        lines = list(dict.fromkeys(str(n.lineno) for n in named))
        many = f"lines {', '.join(lines)} go" if len(lines) > 1 else "this line goes"
        message = f"{many} on naming what a client's code said: a test may expect another now"
        said = (f"{old} is {' or '.join(new)}" for old, new in olds.items() if any(n.value == old for n in named))
        todo = f"where it is the client's: {', '.join(said)} from now on"
        yield Part((Finding("MCP506", Severity.NOTE, Outcome.BY_HAND, module.place(named[0]), message, todo),))


def _text(code: str) -> str:
    """The text of a string literal; "" for anything else."""
    try:
        value = ast.literal_eval(code)
    except (ValueError, SyntaxError):
        return ""
    return value if isinstance(value, str) else ""
