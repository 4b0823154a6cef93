"""Requirements that can't be installed together with one that was raised."""

from __future__ import annotations

from migrator.records import record
from migrator.versions.facts import Floors
from migrator.versions.ranges import Range, parse, version
from migrator.versions.requirement import Requirement
from migrator.versions.resolved import Installed
from migrator.versions.styles import raised


@record(frozen=True)
class Clash:
    """A requirement that does not fit; `spec` is the one that would, "" when it is not ours to choose."""

    requirement: Requirement
    why: str
    asks: str
    spec: str


@record(frozen=True)
class Carrier:
    """A requirement that brings another package along, and what a fresh installation takes of both."""

    requirement: Requirement
    release: str
    version: str


def brings(installed: Installed, name: str, floors: Floors) -> list[Carrier]:
    """The requirements that bring `name` when nothing is locked."""
    facts = floors.package(name)
    found: list[Carrier] = []
    for requirement in installed.requirements:
        other = floors.package(requirement.name)
        if facts is None or other is None or requirement.limits or requirement.name in installed.locked:
            continue
        release = parse(requirement.spec, requirement.language).newest(other.releases)
        asks = floors.asks(requirement.name, release).get(name) if release else None
        brought = parse(asks).newest(facts.releases) if asks else ""
        if brought:
            found.append(Carrier(requirement, release, brought))
    return found


def conflicts(installed: Installed, specs: dict[Requirement, str], name: str, floors: Floors) -> list[Clash]:
    """The clashes of what `name` was raised to with the other requirements of the same files.

    specs: the new versions of the requirements that this run changes.
    """
    found: list[Clash] = []
    for mine, spec in specs.items():
        if mine.name != name or mine.limits:
            continue
        release = _release(name, parse(spec, mine.language), floors)
        for other in installed.requirements:
            if other.name == name or other in specs or other.limits or other.path != mine.path:
                continue
            asks = floors.asks(name, release).get(other.name)
            if asks and not _meets(other, parse(other.spec, other.language), asks, floors):
                why = f"{name} {release}, which asks for {other.name}{asks}"
                found.append(Clash(other, why, asks, _least(other, asks, floors)))
                continue
            clash = holds(other, name, parse(spec, mine.language), floors)
            if clash:
                found.append(clash)
    return found


def _least(other: Requirement, asks: str, floors: Floors) -> str:
    """An exact pin raised to what is asked for, within its major version; "" where that can't be done."""
    pinned, wanted = parse(other.spec, other.language).exact, parse(asks)
    if pinned is None or wanted.lowest is None:
        return ""
    facts = floors.package(other.name)
    line = facts.line(pinned.major) if facts else None
    new = line.pin if line else str(wanted.lowest)
    found = version(new)
    if found is None or found < pinned or found.major != pinned.major or not wanted.admits(new):
        return ""
    return raised(other, new, new, "")


def holds(other: Requirement, name: str, wanted: Range, floors: Floors) -> Clash | None:
    """The clash when every release that `other` admits keeps `name` out of what is wanted."""
    facts = floors.package(other.name)
    accepted = parse(other.spec, other.language)
    names = floors.package(name)
    if facts is None or names is None or not facts.releases or not accepted.known:
        return None
    releases = [r for r in facts.releases if accepted.admits(r)]
    asks = {r: floors.asks(other.name, r).get(name) for r in releases}
    if not releases or any(a is None for a in asks.values()):
        return None
    if any(wanted.admits(v) and parse(a).admits(v) for a in asks.values() if a for v in names.releases):
        return None
    lower = accepted.lowest
    line = facts.line(lower.major if lower else None)
    spec = raised(other, line.recommended, line.pin, line.next) if line else ""
    held = asks[releases[-1]]
    return Clash(
        other, f"{name}{_text(wanted)}: it asks for {name}{held}", f">={line.recommended}" if line else "", spec
    )


def _text(wanted: Range) -> str:
    return "".join(str(s) for s in wanted.alternatives[:1])


def _release(name: str, wanted: Range, floors: Floors) -> str:
    """The oldest release that the new requirement admits: what it asks for is the least that must be met."""
    facts = floors.package(name)
    admitted = [r for r in facts.releases if wanted.admits(r)] if facts else []
    return admitted[0] if admitted else str(wanted.lowest or "")


def _meets(other: Requirement, accepted: Range, asks: str, floors: Floors) -> bool:
    """False when what a requirement admits and what is asked of it have surely nothing in common."""
    if not accepted.known:
        return True
    if accepted.exact is not None:
        return parse(asks).admits(str(accepted.exact))
    facts = floors.package(other.name)
    if facts is not None and facts.releases:
        return any(accepted.admits(r) and parse(asks).admits(r) for r in facts.releases)
    return True
