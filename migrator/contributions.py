"""What the other rooms add to the servers' plan: parts that go with a move unit, or stand alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import import_module

from migrator import progress
from migrator.becomes import unwritten
from migrator.choice import Choice
from migrator.chosen import selected
from migrator.context import Context
from migrator.model import Endpoint, FileChange, Finding, Outcome, Part, Replacement, Severity
from migrator.python.code import is_test
from migrator.render import Bundle, edit_path
from migrator.startedhere import started_here
from migrator.units import Unit


class Contribution:
    """A part, the unit that it goes with, and the bundle that its edits are written in unless the unit's takes them.

    name: of the bundle. units: all there are, by id.
    """

    def __init__(self, part: Part, name: str, units: Mapping[str, Unit]) -> None:
        self.part, unit = part, units.get(part.unit)
        self.named = {u: u for u in (part.unit, *part.also) if u}  # its units, as people know them
        self.known = frozenset(units)
        # units may fail later yet: by what another part needs, or as they are rendered
        follows = tuple(units[u].bundle for u in self.named if u in units)
        self.bundle = Bundle(name, list(part.edits), follows=follows)
        if unit is not None and part.needed:
            unit.bundle.edits += self.bundle.edits
            self.bundle.edits = []
            unit.hold([f for f in part.findings if f.outcome is Outcome.BY_HAND])

    def follow(self, starts: Mapping[str, Sequence[Contribution]]) -> None:
        """Tie it to what starts its server, where that is no code: `starts` by the unit that they are."""
        for unit in self.named:
            if not starts.get(unit, [self]):
                self.bundle.failure = "what starts its server is left out by --select or --ignore"
            for start in starts.get(unit, ()):
                self.bundle.follows += (start.bundle,)
                self.named[unit] = start.part.serves.name if start.part.serves is not None else unit

    def findings(self) -> list[Finding]:
        """What it says, turned by hand where its edits are not written. Known when all is rendered."""
        said = [self._left(f) for f in self.part.findings] if self.bundle.failure else self.part.findings
        return [f if f.unit in self.known or not f.unit else replace(f, unit="") for f in said]

    def _left(self, f: Finding) -> Finding:
        fix = f.outcome is Outcome.FIX
        units = " and ".join(self.named.values())
        together = f"It changes together with {units}." if units and fix else ""
        return Finding(
            f.rule,
            f.severity,
            Outcome.BY_HAND if fix else f.outcome,
            f.place,
            f"{f.message} (left: {self.bundle.failure})" if fix else f.message,
            unwritten(f.instruction) or together,
            f.unit,
            f.assumed,
            f.check,
        )


def contributions(context: Context, units: Mapping[str, Unit], choice: Choice) -> list[Contribution]:
    """Everything that the rooms add and the user wants to hear of; a unit that needs what can't change stays."""
    alone = (_tests_alone(context, part) for part in asked(context))
    parts = _without_overlaps(selected(alone, context.settings))
    refused = choice.refused((p, frozenset(edit_path(e) for e in p.edits)) for p in parts)
    out = [Contribution(part, f"part-{index}", units) for index, part in enumerate(parts)]
    starts: dict[str, list[Contribution]] = {e.unit: [] for e in context.by_runners if e.moved}
    for contribution in out:
        serves = contribution.part.serves
        if serves is not None and contribution.part.edits:
            starts.setdefault(serves.unit, []).append(contribution)
    for contribution in out:
        contribution.follow(starts)
    for contribution, no in zip(out, refused, strict=True):
        if no:
            contribution.bundle.failure = choice.why
    return out


def asked(context: Context) -> Iterable[Part]:
    """What the other rooms add, in the order in which they depend on each other."""
    deploy = import_module("migrator.deploy").started(context)  # clients follow what it starts
    for name in ("clients", "configs", "deploy", "versions"):
        progress.at(name)
        yield from deploy() if name == "deploy" else import_module(f"migrator.{name}").contribute(context)


def owned(change: FileChange, parts: Mapping[str, Part]) -> FileChange:
    """The change with the units it is part of, and those that it only follows (`parts`: by their bundles)."""
    mine = [parts[u] for u in change.units if u in parts]
    units = [u for u in change.units if u not in parts]
    units += [p.serves.unit for p in mine if p.serves is not None and p.serves.unit]
    follows = dict.fromkeys(p.unit for p in mine if p.unit and p.unit not in units)
    return replace(change, units=tuple(dict.fromkeys(units)), follows=tuple(follows))


def started(added: Iterable[Contribution]) -> Iterable[Endpoint]:
    """What only runners and variables start: each server once, as moved when one of the places that start it moves."""
    found: dict[tuple[str, str], Endpoint] = {}
    for contribution in added:
        serves = contribution.part.serves
        if serves is not None:
            e = replace(serves, unit="", moved=serves.moved and not contribution.bundle.failure)
            known = found.setdefault((e.name, e.old_url), e)
            if e.moved and not known.moved:
                found[e.name, e.old_url] = e
    names: dict[str, int] = {}
    for e in found.values():
        count = names[e.name] = names.get(e.name, 0) + 1
        yield replace(e, name=f"{e.name}#{count}") if count > 1 else e


def without_guesses(findings: Iterable[Finding], added: Iterable[Contribution]) -> list[Finding]:
    """The findings but for guesses (MCP102) about a line that a runner or a variable is known to start a server with."""
    known = {(f.place.path, f.place.line) for a in added if a.part.serves for f in a.part.findings}
    return [f for f in findings if f.rule != "MCP102" or (f.place.path, f.place.line) not in known]


def _tests_alone(context: Context, part: Part) -> Part:
    """A test that reaches no server of this run tests the old transport itself, or a stand-in: it is only told of."""
    paths = {edit_path(e) for e in part.edits}
    if part.unit or part.also or not paths or not all(is_test(p) for p in paths):
        return part
    units = {u for p in paths for u in started_here(context, p, part)}
    if units:
        return replace(part, also=tuple(sorted(units)))
    findings = tuple(
        replace(
            f,
            severity=Severity.NOTE,
            outcome=Outcome.INFO,
            message=f"{f.message}; in a test, so it is left alone",
            instruction="",
            assumed=False,  # nothing is: there is nothing to check
            check="",
        )
        for f in part.findings
    )
    return replace(part, findings=findings, edits=())


def _without_overlaps(parts: Iterable[Part]) -> list[Part]:
    """Each place is changed by the first room that does it; what a later room would do there is done already."""
    taken: dict[str, list[Replacement]] = {}
    out = []
    for part in parts:
        mine = [e for e in part.edits if isinstance(e, Replacement)]
        free = [e for e in mine if not any(_overlap(e, t) for t in taken.get(e.path, ()))]
        if mine and not free and len(mine) == len(part.edits):
            continue
        for edit in free:
            taken.setdefault(edit.path, []).append(edit)
        edits = tuple(e for e in part.edits if e in free or not isinstance(e, Replacement))
        out.append(replace(part, edits=edits) if len(free) < len(mine) else part)
    return out


def _overlap(one: Replacement, other: Replacement) -> bool:
    return one != other and one.start < max(other.end, other.start + 1) and other.start < max(one.end, one.start + 1)
