"""What becomes of one requirement: left, raised, capped, or impossible. Decides; places and edits nothing."""

from __future__ import annotations

from dataclasses import field, replace
from typing import TYPE_CHECKING

from migrator.model import Severity
from migrator.records import record
from migrator.versions.facts import Floors, Line
from migrator.versions.ranges import Range, parse, version
from migrator.versions.requirement import SOURCED, Requirement
from migrator.versions.resolved import Installed
from migrator.versions.stale import made_from
from migrator.versions.styles import capped, raised

if TYPE_CHECKING:
    from packaging.version import Version

    from migrator.rulebook import Rulebook


@record(frozen=True)
class Wish:
    """What the code that is moved needs of a package."""

    package: str
    major: int | None = None  # the major version that the imports show; None when they show none
    needs: str = ""  # the lowest version that something in the code needs
    recommended: bool = False  # --floor recommended
    any_major: bool = False  # works with every major version from `needs` on: none is kept out
    client: bool = False  # nothing of it serves: what old releases do wrong as servers does not matter


@record(frozen=True)
class Reason:
    """Why a requirement is not as it should be."""

    rule: str
    severity: Severity
    text: str


@record
class Verdict:
    """What becomes of one requirement."""

    requirement: Requirement
    spec: str  # the new versions; equal to the requirement's own when nothing changes
    reasons: list[Reason] = field(default_factory=list)
    before: str = ""  # the version that is installed as it is
    after: str = ""  # the lowest version that is installed then, "" when it isn't raised
    too_old: bool = False  # what is installed can't speak Streamable HTTP
    elsewhere: str = ""  # the requirement and the code name different major versions: how

    @property
    def changed(self) -> bool:
        return self.spec != self.requirement.spec


def governed(installed: Installed, requirement: Requirement) -> str:
    """The version that the locks made from the requirement's file hold, of several the lowest; "" without one."""
    locks = [lock for lock in installed.locks if made_from(lock, requirement)]
    held = [v for lock in locks if (v := lock.version(requirement.name, installed.member))]
    return min(held, key=lambda v: (version(v) is None, version(v) or v), default="")


def judge(requirement: Requirement, installed: Installed, wish: Wish, floors: Floors) -> Verdict:
    """The verdict on a requirement for `wish.package`."""
    found = _range(requirement, installed)
    return _Judge(Verdict(requirement, requirement.spec), found, installed, wish, floors).verdict()


def serving(generation: str, installed: Installed, floors: Floors) -> str:
    """The package that serves a generation, as the project names it; "" for a generation of no package."""
    names = [n for n in sorted(floors.names) if generation in floors.generations(n)]
    asked = [n for n in names if installed.of(n)]
    return (asked or [n for n in names if n in installed.locked] or names or [""])[0]


def lowest_after(
    installed: Installed, generation: str, rules: Rulebook, recommended: bool, needs: str
) -> Version | None:
    """The lowest version that serves a generation once the requirements have become what they must."""
    floors = Floors(rules)
    name = serving(generation, installed, floors)
    asked = installed.of(name)
    if not name or not asked:
        return installed.version(name) if name else None
    wish = Wish(name, floors.generations(name).get(generation), needs, recommended)
    verdicts = [judge(r, installed, wish, floors) for r in asked]
    found = [parse(v.spec, v.requirement.language).lowest for v in verdicts if not v.elsewhere or v.changed]
    return min((v for v in found if v is not None), default=version(governed(installed, asked[0])))


def can_be_raised(installed: Installed, wish: Wish, rules: Rulebook) -> bool:
    """True when the deciding requirement of the project gets, in this run, a version that meets `wish.needs`."""
    floors = Floors(rules)
    asked = installed.of(wish.package)
    if floors.package(wish.package) is None or not asked or asked[0].fixed:
        return False
    verdict = judge(asked[0], installed, wish, floors)
    lowest = parse(verdict.spec, asked[0].language).lowest
    return verdict.changed and lowest is not None and not _below(str(lowest), wish.needs)


class _Judge:
    """The steps of one verdict, over what they have in common."""

    def __init__(self, verdict: Verdict, found: Range, installed: Installed, wish: Wish, floors: Floors) -> None:
        facts = floors.package(wish.package)
        assert facts is not None
        self.given, self.found, self.facts = verdict, found, facts
        self.wish, self.floors, self.installed = wish, floors, installed
        self.requirement = verdict.requirement
        self.locked = governed(installed, verdict.requirement)
        major = wish.major if wish.major is not None else _major(found, self.locked)
        self.line = None if wish.any_major else facts.line(major)
        self.pinned = str(found.exact) if found.exact is not None else ""

    def verdict(self) -> Verdict:
        out, line, name = self.given, self.line, self.facts.name
        sourced = self.requirement.fixed == SOURCED
        if sourced or not self.found.known:  # a repository, a tag, a variable: only the lock can tell
            out.before = self.locked
            if sourced and not self.locked:
                text = "it has a source of its own, so which version is installed can't be told"
                out.reasons.append(Reason("MCP401", Severity.NOTE, text))
            if self.locked and self.facts.first and _below(self.locked, self.facts.first):
                out.too_old = True
                out.reasons.append(self._cannot(f"the lock holds {self.locked}"))
            return out
        if line is not None and not self._in_line(line):
            out.before = self.locked or self.pinned
            if self.found.exact is not None and self.found.exact.major == line.major:
                return out  # a prerelease of that major version: what it lacks is not known
            out.elsewhere = f"it asks for {name}{self.requirement.spec}"
            return out
        if self.locked and line is not None and not _of_line(self.locked, line):
            out.elsewhere = f"the lock holds {name} {self.locked}"
            self.locked = ""  # whatever the lock is made again from, it will be of this line
        # without a cap, the newest of all is what a fresh installation takes
        reach = line if self.facts.why_cap else None
        out.before = self.locked or self.pinned or self.found.newest(self._releases(reach))
        self._too_low()
        if self.wish.recommended and not out.reasons and line is not None and self._lower_below(line.recommended):
            out.reasons.append(Reason("MCP401", Severity.WARNING, f"--floor recommended asks for {line.recommended}"))
        if out.reasons:
            self._raise()
        elif line is not None and self._open_ended():
            out.spec = capped(self.requirement, line.next)
        if line is not None and self._open_ended():
            text = f"nothing keeps {name} {line.next} out: {self.facts.why_cap}"
            out.reasons.append(Reason("MCP402", Severity.WARNING, text))
        return out

    def _too_low(self) -> None:
        """Collects what is wrong with the version that is installed, and with the lower bound."""
        out, first, name = self.given, self.facts.first, self.facts.name
        what = f"the lock holds {self.locked}" if self.locked else f"{self.given.before} is what it installs"
        what = f"it pins {self.pinned}" if self.pinned and not self.locked else what
        bad = self.floors.bad(name, self.given.before, self.installed) if self.given.before else ""
        if self.given.before and first and _below(self.given.before, first):
            out.too_old = True
            out.reasons.append(self._cannot(what))
        elif bad:
            out.reasons.append(Reason("MCP403", Severity.ERROR, f"{what}, and {bad}"))
        elif self.given.before and self.line and not self.wish.client and _below(self.given.before, self.line.keep):
            text = f"{what}, and releases before {self.line.keep} {self.line.why_keep}"
            out.reasons.append(Reason("MCP401", Severity.WARNING, text))
        elif self.wish.needs and self.given.before and _below(self.given.before, self.wish.needs):
            text = f"{what}, and the moved code needs {self.wish.needs}"
            out.reasons.append(Reason("MCP401", Severity.ERROR, text))
        elif first and not self.facts.javascript and self._lower_below(first) and not self.requirement.limits:
            text = f"it admits versions below {first}, the first that can speak Streamable HTTP"
            out.reasons.append(Reason("MCP401", Severity.WARNING, text))
        elif self.wish.needs and self._lower_below(self.wish.needs) and not self.requirement.limits:
            text = f"it admits versions below {self.wish.needs}, which the moved code needs"
            out.reasons.append(Reason("MCP401", Severity.WARNING, text))

    def _lower_below(self, text: str) -> bool:
        """True when the requirement admits versions below `text`.

        One without a lower bound installs the newest: it counts only where it must be touched for its cap anyway.
        """
        lower = self.found.lowest
        return self._open_ended() if lower is None else lower < _version(text)

    def _raise(self) -> None:
        line, facts, needs = self.line, self.facts, self.wish.needs
        floor = line.recommended if line else facts.first
        pin = line.pin if line else facts.first
        if line and self.locked and not _below(self.locked, line.keep) and _below(self.locked, floor):
            # the lock holds a version that will do: no more than that is asked for
            healthy = not self.floors.bad(facts.name, self.locked, self.installed)
            floor = line.keep if healthy and not self.wish.recommended else floor
        if needs and _below(floor, needs):
            floor = needs
        pin = floor if _below(pin, floor) else pin
        # a bound is added where the next major would come in, or where a lock shows that it had been kept out
        bounded = line is not None and not self.found.reaches(_version(line.next).major)
        below = line.next if line and (bounded or self.facts.why_cap or self.locked) else ""
        self.given.spec = raised(self.requirement, floor, pin, below)
        if line and self._open_ended() and parse(self.given.spec, self.requirement.language).admits(line.next):
            self.given.spec = capped(replace(self.requirement, spec=self.given.spec), line.next)
        new = parse(self.given.spec, self.requirement.language)
        if new.lowest is not None and (not self.given.before or _below(self.given.before, str(new.lowest))):
            self.given.after = str(new.lowest)

    def _open_ended(self) -> bool:
        """True when the next major version exists and nothing keeps it out."""
        line = self.line
        if line is None or self.pinned or self.requirement.limits or not self.facts.why_cap:
            return False
        exists = any(not _below(r, line.next) for r in self.facts.releases)
        return exists and self.found.reaches(_version(line.next).major)

    def _in_line(self, line: Line) -> bool:
        """True when some version of the line is admitted."""
        return self.found.reaches(line.major) or any(self.found.admits(r) for r in self._releases(line))

    def _releases(self, line: Line | None) -> list[str]:
        return [r for r in self.facts.releases if line is None or _of_line(r, line)]

    def _cannot(self, what: str) -> Reason:
        text = f"{what}, and {self.facts.first} is the first version that can speak Streamable HTTP"
        return Reason("MCP401", Severity.ERROR, text)


def _range(requirement: Requirement, installed: Installed) -> Range:
    """What a requirement and the limits beside it admit."""
    found = parse(requirement.spec, requirement.language)
    if requirement.limits:
        return found
    limits = [r for r in installed.requirements if r.limits and r.name == requirement.name]
    return found.within(*(parse(r.spec, r.language) for r in limits))


def _major(found: Range, locked: str) -> int | None:
    """The major version that a project is in by its versions alone."""
    known = version(locked) if locked else found.lowest
    return known.major if known is not None else None


def _of_line(text: str, line: Line) -> bool:
    found = version(text)
    return found is not None and found.major == line.major


def _below(text: str, other: str) -> bool:
    found = version(text)
    return found is not None and found < _version(other)


def _version(text: str) -> Version:
    found = version(text)
    if found is None:
        raise ValueError(f"not a version: {text!r}")
    return found
