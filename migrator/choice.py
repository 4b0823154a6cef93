"""Which part of a project one run changes: some endpoints, what belongs to none of them, or everything."""

from __future__ import annotations

from collections.abc import Iterable

from migrator.model import Part, Plan
from migrator.records import record
from migrator.settings import Settings

REST = "rest"  # the name, beside those of endpoints, of all that belongs to none of them
NOT_CHOSEN = "not chosen with --endpoint"


@record(frozen=True)
class Choice:
    """endpoints: their names, None for all. alone: where what belongs to no endpoint may change; None for everywhere.

    Endpoints that move together are chosen by the name of any of them. why: what is said about the others.
    """

    endpoints: frozenset[str] | None = None
    alone: frozenset[str] | None = None  # paths of files
    why: str = NOT_CHOSEN

    @classmethod
    def of(cls, settings: Settings) -> Choice:
        """What `--endpoint` chooses."""
        if not settings.endpoint:
            return cls()
        names = frozenset(settings.endpoint)
        return cls(names - {REST}, None if REST in names else frozenset())

    def has(self, names: Iterable[str]) -> bool:
        """True when the unit of the endpoints `names` is chosen."""
        return self.endpoints is None or not self.endpoints.isdisjoint(names)

    def refused(self, parts: Iterable[tuple[Part, frozenset[str]]]) -> list[bool]:
        """For each part and the files that it edits: True when it belongs to no endpoint and is not chosen.

        Requirements go with whatever else changes: the new transport needs them.
        """
        listed = list(parts)
        if self.alone is None:
            return [False] * len(listed)
        away = [not part.unit and self.alone.isdisjoint(paths) for part, paths in listed]
        versions = [bool(part.findings) and all(f.rule.startswith("MCP4") for f in part.findings) for part, _ in listed]
        changes = (
            not part.unit and not out and not version
            for (part, _), out, version in zip(listed, away, versions, strict=True)
        )
        needed = self.endpoints is None or bool(self.endpoints) or any(changes)
        return [out and not (version and needed) for out, version in zip(away, versions, strict=True)]


def units_with(plan: Plan, files: Iterable[str]) -> set[str]:
    """The ids of the move units that one of `files` (relative to the plan's root) belongs to."""
    only = set(files)
    units = {unit for change in plan.changes if change.path in only for unit in (*change.units, *change.follows)}
    units |= {f.unit for f in plan.findings if f.place.path in only and f.unit}
    return units | {e.unit for e in plan.endpoints if {e.place.path, *e.files} & only}


def for_files(plan: Plan, files: Iterable[str], chosen: Choice) -> Choice | None:
    """What a run that was given `files` changes: the whole units that they belong to, and what else lies in them.

    chosen: what the run changes without them; nothing is added to it. None where the plan changes nothing but the files.
    """
    only = frozenset(files)
    if all(change.path in only for change in plan.changes):
        return None
    with_them = units_with(plan, only)
    units = [unit for unit in plan.units if unit.id in with_them and chosen.has(unit.endpoints)]
    names = frozenset(name for unit in units for name in unit.endpoints)
    alone = only if chosen.alone is None else only & chosen.alone
    return Choice(names, alone, "no file of it was named")
