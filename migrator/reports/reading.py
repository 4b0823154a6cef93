"""What there is to say about a plan, sorted as people want it. Text, Markdown and HTML are drawn from this."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.choice import units_with
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Severity
from migrator.records import record
from migrator.reports import ReportOptions
from migrator.reports.hunks import counts, lines

if TYPE_CHECKING:
    from migrator.apply import Refusal

_WEIGHT = {Severity.ERROR: 0, Severity.WARNING: 1, Severity.NOTE: 2}


@record(frozen=True)
class Group:
    """What changes together. `changes` has each file once, `elsewhere` names those shown with an earlier group."""

    title: str
    changes: tuple[FileChange, ...]
    elsewhere: tuple[str, ...] = ()


@record(frozen=True)
class Task:
    """The same thing to do or to know, in one or more places."""

    finding: Finding  # the first of them
    places: tuple[Place, ...]


@record(frozen=True)
class Reading:
    """A plan, read for the files that the user asked about."""

    plan: Plan
    moves: tuple[Endpoint, ...]
    stays: tuple[Endpoint, ...]
    groups: tuple[Group, ...]
    fixed: tuple[Finding, ...]  # what this run changes
    by_hand: tuple[Task, ...]  # without the locks
    locks: tuple[Task, ...]  # by hand too: one of the plan's `regenerate` commands does it
    hazards: tuple[Task, ...]  # what behaves differently after the move
    assumed: tuple[Task, ...]  # rests on an assumption
    notes: tuple[Task, ...]
    accepted: tuple[Finding, ...]  # ignored, or in the baseline
    left: tuple[Finding, ...]  # what makes check fail and only the user can change
    found: tuple[Finding, ...]  # what makes check fail on the tree as it is
    refused: tuple[Refusal, ...]  # what could not be written

    @property
    def changes(self) -> tuple[FileChange, ...]:
        return tuple(change for group in self.groups for change in group.changes)

    @property
    def clean(self) -> bool:
        """True when there is nothing to change and nothing left to do."""
        return not (self.found or self.by_hand or self.locks or self.changes or self.refused)


def asked(plan: Plan, options: ReportOptions) -> Plan:
    """The part of the plan that the user asked about, with the blocks of its units among the findings.

    File names choose what a check reports. What would be written, or was, is told for the whole of each unit
    that one of the files belongs to, with what goes with them: such a plan changes nothing else (choice.for_files).
    """
    blocks = (f for unit in plan.units for f in unit.blocks if not any(_says(other, f) for other in plan.findings))
    findings = (*plan.findings, *dict.fromkeys(blocks))
    if not options.only:
        return replace(plan, findings=findings)
    only = set(options.only)
    units = units_with(plan, only)
    return replace(
        plan,
        endpoints=tuple(e for e in plan.endpoints if e.unit in units),
        units=tuple(u for u in plan.units if u.id in units),
        changes=tuple(
            c
            for c in plan.changes
            if c.path in only or units & {*c.units, *c.follows} or not (options.check or c.units or c.follows)
        ),
        findings=tuple(f for f in findings if f.place.path in only or (f.unit in units and not options.check)),
    )


def _says(one: Finding, other: Finding) -> bool:
    """True when `one` says at the same place what `other` says there: a server's own finding gives the reason, too."""
    same = (one.place.path, one.place.line, one.rule) == (other.place.path, other.place.line, other.rule)
    return same and other.message in one.message


def read(plan: Plan, options: ReportOptions) -> Reading:
    """The plan sorted for a report."""
    plan = asked(plan, options)
    open_ = [f for f in plan.findings if not f.accepted]
    hazards = [f for f in open_ if f.rule.startswith("MCP6")]
    rest = [f for f in open_ if not f.rule.startswith("MCP6")]
    refused = options.applied.refused if options.applied else ()
    said = [f"{refusal.path} {refusal.reason}" for refusal in refused]  # once for all the findings that it keeps open
    by_hand = tasks(
        f for f in rest if f.outcome is Outcome.BY_HAND and not any(s in f.message + f.instruction for s in said)
    )
    locks = tuple(t for t in by_hand if any(command in t.finding.instruction for command in plan.regenerate))
    counted = sorted((f for f in open_ if f.counts), key=lambda f: (f.place, f.rule))
    return Reading(
        plan=plan,
        moves=tuple(e for e in plan.endpoints if e.moved),
        stays=tuple(e for e in plan.endpoints if not e.moved),
        groups=tuple(_groups(plan)),
        fixed=tuple(f for f in rest if f.outcome is Outcome.FIX),
        by_hand=tuple(t for t in by_hand if t not in locks),
        locks=locks,
        hazards=tasks(hazards),
        assumed=tasks(f for f in rest if f.assumed and f.outcome is not Outcome.BY_HAND),
        notes=tasks(f for f in rest if f.outcome is Outcome.INFO),
        accepted=tuple(f for f in plan.findings if f.accepted),
        left=tuple(f for f in counted if f.outcome is Outcome.BY_HAND),
        found=tuple(f for f in counted if f.outcome is not Outcome.INFO),
        refused=refused,
    )


def annotated(plan: Plan, options: ReportOptions) -> list[Finding]:
    """The findings to mark in the files themselves, as they are now: neither accepted ones nor those just fixed."""
    written = not (options.dry_run or options.check)
    return [f for f in asked(plan, options).findings if not f.accepted and not (written and f.outcome is Outcome.FIX)]


def tasks(findings: Iterable[Finding]) -> tuple[Task, ...]:
    """Findings as tasks, the heaviest first; those that say the same become one."""
    same: dict[tuple[object, ...], list[Finding]] = {}
    for f in sorted(findings, key=lambda f: (_WEIGHT[f.severity], f.place, f.rule)):
        same.setdefault((f.severity, f.rule, f.message, f.instruction, f.check), []).append(f)
    return tuple(Task(group[0], tuple(dict.fromkeys(f.place for f in group))) for group in same.values())


def of_unit(plan: Plan, unit: str) -> Plan:
    """The part of the plan that is one move unit: for looking at endpoints one at a time."""
    return replace(
        plan,
        endpoints=tuple(e for e in plan.endpoints if e.unit == unit),
        units=tuple(u for u in plan.units if u.id == unit),
        changes=tuple(c for c in plan.changes if unit in (*c.units, *c.follows)),
        findings=tuple(plan.of_unit(unit)),
        regenerate=(),
    )


def line_counts(change: FileChange) -> tuple[int, int]:
    """Lines added and lines removed."""
    old, new = (lines(data.decode("utf-8", "surrogateescape")) for data in (change.before, change.after))
    return counts(old, new)


def plural(number: int, word: str, many: str = "") -> str:
    """ "1 file", "2 files"; `many` for words that don't just take an s."""
    return f"{number:,} {word if number == 1 else many or word + 's'}"


def unit_title(unit: MoveUnit) -> str:
    """A unit by the names of its endpoints."""
    return ", ".join(unit.endpoints) or unit.id


def _groups(plan: Plan) -> Iterable[Group]:
    shown: set[str] = set()
    for unit in plan.units:
        changes = [c for c in plan.changes if unit.id in (*c.units, *c.follows)]
        if changes:
            first = tuple(c for c in changes if c.path not in shown)
            yield Group(unit_title(unit), first, tuple(c.path for c in changes if c.path in shown))
            shown |= {c.path for c in changes}
    alone = tuple(c for c in plan.changes if c.path not in shown)
    if alone:
        yield Group("the project as a whole", alone)
