"""One project's requirements and locks: verdicts made into findings, edits and commands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field, replace
from typing import TYPE_CHECKING

from migrator.becomes import becomes
from migrator.model import Finding, Outcome, Part, Place, Replacement, Severity
from migrator.records import record
from migrator.text import Undecodable
from migrator.tree import LOCAL, Unreadable
from migrator.versions.arguments import own_commands
from migrator.versions.commands import regenerate
from migrator.versions.conflicts import brings, conflicts, holds
from migrator.versions.locks.lock import Lock
from migrator.versions.names import base
from migrator.versions.places import span
from migrator.versions.policy import Verdict, Wish, judge
from migrator.versions.ranges import parse, version
from migrator.versions.requirement import NPM, POETRY, SOURCED, Requirement
from migrator.versions.resolved import Installed
from migrator.versions.stale import made_from, mismatch

if TYPE_CHECKING:
    from migrator.context import Context
    from migrator.versions.facts import Floors, Package


@record
class Subject:
    """One project (a manifest's folder, or a script with a header of its own) and what its code needs.

    units: the move units in it, and whether each moves. alone: something in it moves without a unit (a client).
    files: the Python files that a command of this project may name.
    """

    installed: Installed
    path: str  # a file of it, for places where there is no manifest
    wishes: dict[str, Wish] = field(default_factory=dict)
    units: dict[str, bool] = field(default_factory=dict)
    alone: bool = False
    files: set[str] = field(default_factory=set)

    @property
    def moves(self) -> bool:
        """True when this run changes its code."""
        return self.alone or any(self.units.values())

    @property
    def ours(self) -> bool:
        """False where the code is of another language: nothing is edited there."""
        return self.alone or bool(self.units)


class Room:
    """One project's verdicts, edits and findings."""

    def __init__(self, context: Context, floors: Floors, subject: Subject) -> None:
        self.context, self.floors, self.subject = context, floors, subject
        self.installed = subject.installed
        self.fixed: list[Finding] = []  # go with the edits
        self.findings: list[Finding] = []
        self.edits: list[Replacement] = []
        self.specs: dict[Requirement, str] = {}  # what requirements become
        self.blocks: list[Finding] = []
        self.regenerate: list[str] = []
        self.needed = False  # without the edits what moves could not speak Streamable HTTP

    def parts(self) -> Iterator[Part]:
        """The project's share of the plan."""
        for wish in self.subject.wishes.values():
            self._package(wish)
        for name in self.subject.wishes:
            self._conflicts(name)
        self._commands()
        self._locks()
        units = [u for u, moves in self.subject.units.items() if moves] or list(self.subject.units)
        for unit in units if self.blocks else ():
            yield Part(_of(unit, self.blocks), unit=unit, needed=True)
        # several servers that share a requirement each bring its edits: it is raised as soon as one of them moves
        homes = units if units and not self.subject.alone else [""]
        for number, unit in enumerate(homes):
            if self.edits:
                findings = () if number else _of(unit, self.fixed)
                yield Part(findings, tuple(self.edits), unit, bool(unit) and self.needed)
        if self.findings or self.regenerate:
            yield Part(_of(homes[0], self.findings), (), homes[0], regenerate=tuple(self.regenerate))

    # -- requirements

    def _package(self, wish: Wish) -> None:
        asked = [r for r in self.installed.requirements if r.name == wish.package]
        if not any(not r.limits for r in asked):
            self._unasked(wish)
        for requirement in asked:
            if (
                requirement.limits
                and requirement.fixed
                and judge(requirement, self.installed, wish, self.floors).changed
            ):
                self._fixed_limit(requirement, wish)
                continue
            verdict = judge(requirement, self.installed, wish, self.floors)
            if verdict.elsewhere:
                self._disagreement(verdict, wish)
            if verdict.changed:
                self._change(verdict)
            elif verdict.reasons:
                self._say(verdict, Outcome.BY_HAND, self._instead(verdict))
            if not verdict.changed and verdict.before:
                self._advisories(wish.package, verdict.before, requirement)

    def _change(self, verdict: Verdict) -> None:
        requirement = verdict.requirement
        place = self._span(requirement)
        if requirement.fixed or place is None or not self.subject.ours:
            why = f" (it has {requirement.fixed})" if requirement.fixed else ""
            self._say(
                verdict, Outcome.BY_HAND, f"Write {_shown(requirement, verdict.spec)} in {requirement.path}{why}."
            )
            return
        text = verdict.spec
        start, end = place
        if requirement.word and re.search(r"[<>!*~^ ]", text):  # a word of a shell command needs quotes for these
            if requirement.path.endswith((".json", ".jsonc", ".toml")):
                self._say(verdict, Outcome.BY_HAND, f"Write {_shown(requirement, verdict.spec)} in its own quotes.")
                return
            start, end = requirement.word
            text = f'"{_shown(requirement, verdict.spec)}"'
        self.edits.append(Replacement(requirement.path, start, end, text))
        self.specs[requirement] = verdict.spec
        self.needed = self.needed or verdict.too_old
        self._say(verdict, Outcome.FIX, self._instead(verdict))
        if verdict.after and not self.context.settings.allowed_hosts and self._host_checked():
            for change in self.floors.changes(requirement.name, verdict.before or "0", verdict.after):
                self._note(change.get("rule", "MCP603"), requirement, str(change["what"]))

    def _host_checked(self) -> bool:
        """False where no server of the project was built for localhost, and where it was told at the server."""
        units = self.context.host_checked
        return units is None or bool(units & set(self.subject.units))

    def _commands(self) -> None:
        """Commands that bring a version along for one of the project's own files."""
        for requirement in own_commands(self.context, set(self.subject.wishes), self.subject.files):
            verdict = judge(requirement, Installed(), self.subject.wishes[requirement.name], self.floors)
            if verdict.changed and requirement.path in self.context.tree.local - self._asked_for:
                shown = _shown(requirement, requirement.spec)
                text = f"{shown}: {verdict.reasons[0].text}; not changed: {LOCAL}"
                how = f"Write {_shown(requirement, verdict.spec)}."
                place = self._place(requirement)
                self.findings.append(Finding("MCP401", Severity.NOTE, Outcome.BY_HAND, place, text, how))
            elif verdict.changed:
                self._change(verdict)

    @property
    def _asked_for(self) -> frozenset[str]:
        """The files that git ignores and that may be changed all the same."""
        return self.context.tree.local if self.context.settings.local_files else frozenset()

    def _say(self, verdict: Verdict, outcome: Outcome, instruction: str) -> None:
        """The findings of a verdict, one for each reason."""
        for reason in verdict.reasons:
            into = self.fixed if outcome is Outcome.FIX else self.findings
            if outcome is Outcome.BY_HAND and verdict.too_old and reason.rule == "MCP401" and self.subject.units:
                into = self.blocks
            message = f"{_shown(verdict.requirement, verdict.requirement.spec)}: {reason.text}"
            place = self._place(verdict.requirement)
            into.append(Finding(reason.rule, reason.severity, outcome, place, message, instruction))

    def _instead(self, verdict: Verdict) -> str:
        if verdict.changed:
            return becomes(_shown(verdict.requirement, verdict.spec))
        command = self._command_for({verdict.requirement.name})
        facts = self.floors.package(verdict.requirement.name)
        if verdict.requirement.fixed == SOURCED and facts is not None:
            return f"See that its source gives {facts.first} or newer" + (f", then run {command}." if command else ".")
        return f"Make the lock again: {command}" if command else ""

    def _fixed_limit(self, requirement: Requirement, wish: Wish) -> None:
        verdict = judge(requirement, self.installed, wish, self.floors)
        shown = _shown(requirement, requirement.spec)
        text = f"{shown} is {requirement.fixed} that keeps {wish.package} at a version that won't do"
        instruction = f"Remove it, or write {_shown(requirement, verdict.spec)}."
        finding = Finding("MCP401", Severity.ERROR, Outcome.BY_HAND, self._place(requirement), text, instruction)
        (self.blocks if verdict.too_old else self.findings).append(finding)

    def _unasked(self, wish: Wish) -> None:
        """No manifest names the package: it comes through another one, or is installed by hand. Never blocks."""
        facts = self.floors.package(wish.package)
        found = self.installed.version(wish.package)
        if facts is not None and found is None:
            self._carried(wish, facts)
        if facts is None or found is None:
            return
        line = facts.line(wish.major if wish.major is not None else found.major)
        place = Place(self.installed.lock or self.installed.manifest or self.subject.path)
        ask = f"{wish.package}>={line.recommended},<{line.next}" if line else f"{wish.package}>={facts.first}"
        if line is not None and found.major != line.major:
            text = f"the code is written for {wish.package} {line.major}, and the lock holds {found}"
            self.findings.append(
                Finding("MCP405", Severity.WARNING, Outcome.BY_HAND, place, text, f"Require {ask}, or move the code.")
            )
        elif facts.first and _below(str(found), facts.first):
            text = f"{wish.package} {found} is locked, and {facts.first} is the first version that can speak Streamable HTTP"
            command = self._command_for({wish.package})
            how = f"No manifest names it: require {ask}" + (f", then run {command}" if command else "")
            self.findings.append(Finding("MCP401", Severity.ERROR, Outcome.BY_HAND, place, text, how + "."))
        else:
            self._advisories(wish.package, str(found), None)

    def _carried(self, wish: Wish, facts: Package) -> None:
        """The package comes through another one that the project asks for: what would that bring?"""
        line = facts.line(wish.major)
        if line is None:
            return
        ask = f"{wish.package}>={line.recommended},<{line.next}"
        for carrier in brings(self.installed, wish.package, self.floors):
            text = f"{carrier.requirement.name} {carrier.release} brings {wish.package} {carrier.version}"
            found, how = version(carrier.version), f"Require {ask} beside it."
            if found is not None and found.major != line.major:
                rule, severity = "MCP402", Severity.WARNING
                written = f"the code is written for {wish.package} {line.major}"
                if holds(carrier.requirement, wish.package, parse(ask.removeprefix(wish.package)), self.floors):
                    text += f", and no release of it that is asked for goes with another: {written}"
                    how = f"Install that code apart, with {ask}, or move it to {wish.package} {found.major}."
                else:
                    text += f", and nothing keeps it out: {written}"
            elif _below(carrier.version, facts.first):
                rule, severity = "MCP401", Severity.ERROR
                text += f", and {facts.first} is the first version that can speak Streamable HTTP"
            elif bad := self.floors.bad(wish.package, carrier.version, self.installed):
                rule, severity = "MCP403", Severity.ERROR
                text += f", and {bad}"
            else:
                continue
            place = self._place(carrier.requirement)
            self.findings.append(Finding(rule, severity, Outcome.BY_HAND, place, text, how))

    def _disagreement(self, verdict: Verdict, wish: Wish) -> None:
        requirement = verdict.requirement
        text = f"the code is written for {wish.package} {wish.major}, but {verdict.elsewhere}"
        if verdict.changed:
            self.findings.append(Finding("MCP405", Severity.WARNING, Outcome.INFO, self._place(requirement), text))
        else:
            how = f"Require {wish.package} {wish.major}, or move the code to the version that is required."
            self.findings.append(
                Finding("MCP405", Severity.WARNING, Outcome.BY_HAND, self._place(requirement), text, how)
            )

    def _advisories(self, name: str, release: str, requirement: Requirement | None) -> None:
        rows = self.floors.advisories(name, release)
        if rows:
            place = self._place(requirement) if requirement else Place(self.installed.lock or self.subject.path)
            listed = "; ".join(f"{r['id']} ({r['what']}, fixed in {r['fixed']})" for r in rows)
            text = f"{name} {release} has published advisories about HTTP: {listed}"
            facts, found = self.floors.package(name), version(release)
            line = facts.line(found.major) if facts and found else None
            fixed = line is not None and not any(_below(line.recommended, r["fixed"]) for r in rows)
            how = "--floor recommended raises it to a release without them." if fixed else ""
            self.findings.append(Finding("MCP403", Severity.NOTE, Outcome.INFO, place, text, how))

    def _conflicts(self, name: str) -> None:
        """Raised requirements must still be solvable together with the others of the same file."""
        for clash in conflicts(self.installed, self.specs, name, self.floors):
            other = clash.requirement
            span = self._span(other) if clash.spec and not other.fixed and not other.word else None
            what = f"{_shown(other, other.spec)} can't be installed with {clash.why}"
            if span is not None:
                self.edits.append(Replacement(other.path, *span, clash.spec))
                self.specs[other] = clash.spec
                outcome, into, how = Outcome.FIX, self.fixed, becomes(_shown(other, clash.spec))
            else:
                outcome, into, how = Outcome.BY_HAND, self.findings, f"Write {other.name}{clash.asks}."
            into.append(Finding("MCP403", Severity.ERROR, outcome, self._place(other), what, how))

    # -- locks

    def _locks(self) -> None:
        for lock in self.installed.locks:
            asked = [r for r in self.installed.requirements if r.name in self._names()]
            name, before = mismatch(lock, self.installed.member, asked, {})
            planned = self.specs if self.subject.moves else {}
            later, after = mismatch(lock, self.installed.member, asked, planned)
            if not (before or after):
                continue
            changed = {r.name for r in planned if made_from(lock, r)} | {name or later}
            command = self._command(lock, changed)
            self.findings.append(stale(lock.path, before or after, command, planned=not before))
            self.regenerate += [command] if command else []

    def _names(self) -> set[str]:
        return {r.name for r in self.specs} | set(self.subject.wishes)

    def _command(self, lock: Lock, names: set[str]) -> str:
        sources = [r.path for r in self.installed.requirements if made_from(lock, r)]
        return regenerate(lock, names, self.floors, sources[0] if sources else "")

    def _command_for(self, names: set[str]) -> str:
        for lock in self.installed.locks:
            command = self._command(lock, names)
            if command:
                return command
        return ""

    # -- small things

    def _note(self, rule: str, requirement: Requirement, text: str) -> None:
        self.findings.append(Finding(rule, Severity.NOTE, Outcome.INFO, self._place(requirement), text))

    def _span(self, requirement: Requirement) -> tuple[int, int] | None:
        try:
            return span(requirement, self.context.tree.text(requirement.path))
        except (Unreadable, Undecodable):
            return None

    def _place(self, requirement: Requirement) -> Place:
        found = self._span(requirement)
        if found is None:
            return Place(requirement.path)
        return self.context.tree.text(requirement.path).place(*found)


def _of(unit: str, findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(replace(f, unit=unit) for f in findings)


def stale(path: str, why: str, command: str, planned: bool = False) -> Finding:
    """The finding on a lock that does not match its manifest (`planned`: when this run has changed that)."""
    how = f"Run: {command}" if command else "Make it again with the tool that wrote it."
    verb = "must be made again" if planned else "is stale"
    return Finding("MCP404", Severity.WARNING, Outcome.BY_HAND, Place(path), f"{base(path)} {verb}: {why}", how)


def _shown(requirement: Requirement, spec: str) -> str:
    if requirement.language in (NPM, POETRY):
        return f'{requirement.name}{requirement.extras} "{spec or "*"}"'
    return f"{requirement.name}{requirement.extras}{spec}"


def _below(text: str, other: str) -> bool:
    a, b = version(text), version(other)
    return a is not None and b is not None and a < b
