"""Move units while a plan is made: what each would write, and what keeps it from moving."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.choice import Choice
from migrator.chosen import chosen
from migrator.model import Endpoint, Finding, MoveUnit, Outcome, Severity
from migrator.python.rewrite.removed import outside_removed, removed_spans
from migrator.python.snippets import instruction, with_sessions
from migrator.python.unit import Draft
from migrator.render import Bundle
from migrator.settings import Settings
from migrator.suppress import Ignores


class Unit:
    """One of them. group: the drafts of its servers, at least one.

    blocks: why it stays. step: which step stopped it, "" for none. Its bundle's failure says whether it moves.
    """

    def __init__(self, group: list[Draft]) -> None:
        self.id = group[0].name
        self.group = group
        self.removed = [r for d in group for r in d.removed]
        operations = outside_removed([o for d in group for o in d.operations], self.removed)
        self.bundle = Bundle(self.id, list(dict.fromkeys(operations)))
        self.blocks = [b if d.stateless else _with_sessions(b) for d in group for b in d.blocks]
        self.step = next((d.step for d in group if d.step), "")

    def decide(self, ignores: Ignores, settings: Settings, choice: Choice) -> None:
        """What is known before anything is rendered: comments and settings that leave it alone, and its blocks."""
        kept = [why for d in self.group if (why := ignores.reason(self._finding(d)))]
        if kept or not any(chosen(self._finding(d), settings) for d in self.group):
            self.bundle.failure = f"ignored: {kept[0]}" if kept else "its rule is not selected"
            self.blocks, self.step = [], "ignored"
        elif not choice.has(d.name for d in self.group):
            self.bundle.failure, self.step = choice.why, "choose"
        elif self.blocks:
            self.bundle.failure = self.blocks[0].message

    def hold(self, blocking: list[Finding]) -> None:
        """Something that must change together with it can't: it stays."""
        if blocking and not self.bundle.failure:
            self.bundle.failure = blocking[0].message
            self.blocks += blocking
            self.step = self.step or "needed"

    def settle(self) -> None:
        """What failed while it was rendered is why it stays."""
        if not self.bundle.failure or self.blocks or self.step in ("choose", "ignored"):
            return
        self.step = self.step or "rewrite"
        first = self.group[0]
        message = f"the edits of this server don't fit together in {self.bundle.place}: {self.bundle.failure}"
        self.blocks.append(
            Finding(first.rule, Severity.WARNING, Outcome.BY_HAND, first.place, message, self._by_hand())
        )

    @property
    def host_checked(self) -> bool:
        """True where the SDK's Host check concerns one of its servers, and nothing says so yet."""
        told = any(f.rule == "MCP603" for d in self.group for f in d.findings)
        return any(d.host_check for d in self.group) and not told

    @property
    def path_reads(self) -> list[ast.expr]:
        """The code that reads the path of one of its servers back: an address in it moves with the unit."""
        return [read for d in self.group for read in d.path_reads]

    def endpoints(self) -> list[Endpoint]:
        """Its servers, as they move or stay."""
        return [d.endpoint(self.id, not self.bundle.failure) for d in self.group]

    def outcome(self) -> MoveUnit:
        """What became of it."""
        names = tuple(d.name for d in self.group)
        return MoveUnit(self.id, names, not self.bundle.failure, tuple(self.blocks), self.step)

    def findings(self) -> list[Finding]:
        """What there is to say of its servers: fixed, or by hand with the reason."""
        if self.bundle.failure:
            return [self._stays(d) for d in self.group]
        gone = removed_spans(self.removed)
        out: list[Finding] = []
        for draft in self.group:
            out.append(self._finding(draft))
            out += [
                Finding(f.rule, f.severity, f.outcome, f.place, f.message, f.instruction, self.id)
                for f in draft.findings
                if not any(p == f.place.path and start[0] <= f.place.line <= end[0] for p, start, end in gone)
            ]
        return out

    def _finding(self, draft: Draft) -> Finding:
        return Finding(draft.rule, Severity.WARNING, Outcome.FIX, draft.place, draft.message, unit=self.id)

    def _stays(self, draft: Draft) -> Finding:
        reason = self.blocks[0] if self.blocks else None
        where = f" ({reason.place})" if reason else ""
        message = f"{draft.message}; it stays as it is: {self.bundle.failure}{where}"
        todo = reason.instruction if reason else self._by_hand()
        return Finding(draft.rule, Severity.WARNING, Outcome.BY_HAND, draft.place, message, todo, self.id)

    def _by_hand(self) -> str:
        """What to write, where nothing more exact is known."""
        first = self.group[0]
        text = instruction(first.generation, first.rule)
        return text if first.stateless else with_sessions(text)


def _with_sessions(finding: Finding) -> Finding:
    return replace(finding, instruction=with_sessions(finding.instruction))
