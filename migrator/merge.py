"""Plans of several projects as one, so that every report of one run is one document."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace

from migrator.apply import Applied, Refusal
from migrator.model import Endpoint, Finding, MoveUnit, Place, Plan


def merged(plans: Sequence[Plan]) -> Plan:
    """One plan for all of `plans`, below the folder that holds them all. Names and units become paths from there."""
    if len(plans) == 1:
        return plans[0]
    try:
        root = os.path.commonpath([plan.root for plan in plans])
    except ValueError:  # several drives
        root = ""
    moved = [
        _moved(plan, os.path.relpath(plan.root, root).replace(os.sep, "/") if root else plan.root) for plan in plans
    ]
    return Plan(
        root or plans[0].root,
        tuple(e for p in moved for e in p.endpoints),
        tuple(u for p in moved for u in p.units),
        tuple(c for p in moved for c in p.changes),
        tuple(f for p in moved for f in p.findings),
        tuple(dict.fromkeys(c for p in moved for c in p.regenerate)),
        sum(p.files_scanned for p in moved),
        {key: value for p in moved for key, value in p.settings.items()},
    )


def prefix_of(root: os.PathLike[str], roots: Sequence[os.PathLike[str]]) -> str:
    """What a merged plan puts before the names of the project at `root`, one of `roots`."""
    try:
        common = os.path.commonpath(roots)
    except ValueError:  # several drives
        return os.fspath(root)
    return os.path.relpath(root, common).replace(os.sep, "/")


def joined_paths(root: str, chosen: Iterable[tuple[str, tuple[str, ...]]]) -> tuple[str, ...]:
    """The files asked about, from the merged plan's root; empty when one of the projects was asked about as a whole."""
    found: list[str] = []
    for below, paths in chosen:
        if not paths:
            return ()
        prefix = os.path.relpath(below, root).replace(os.sep, "/")
        found += paths if prefix == "." else [f"{prefix}/{path}" for path in paths]
    return tuple(found)


def applied(plan: Plan, parts: Sequence[Applied]) -> Applied:
    """What was written for all projects, with paths from the merged plan's root."""
    written: list[str] = []
    refused: list[Refusal] = []
    for part in parts:
        prefix = os.path.relpath(part.plan.root, plan.root).replace(os.sep, "/")
        written += [_below(prefix, path) for path in part.written]
        refused += [
            replace(
                r,
                path=_below(prefix, r.path),
                paths=tuple(_below(prefix, path) for path in r.paths),
                units=tuple(_below(prefix, unit) for unit in r.units),
            )
            for r in part.refused
        ]
    return Applied(tuple(written), tuple(refused), plan)


def _moved(plan: Plan, prefix: str) -> Plan:
    """The plan with every path and name from one folder further up."""
    if prefix == ".":
        return plan
    changes = (
        replace(
            c,
            path=_below(prefix, c.path),
            units=tuple(_below(prefix, unit) for unit in c.units),
            follows=tuple(_below(prefix, unit) for unit in c.follows),
        )
        for c in plan.changes
    )
    return replace(
        plan,
        endpoints=tuple(_endpoint(e, prefix) for e in plan.endpoints),
        units=tuple(_unit(u, prefix) for u in plan.units),
        changes=tuple(changes),
        findings=tuple(_finding(f, prefix) for f in plan.findings),
        regenerate=tuple(f"cd {shlex.quote(prefix)} && {command}" for command in plan.regenerate),
    )


def _below(prefix: str, path: str) -> str:
    return f"{prefix}/{path}" if path and prefix != "." else path


def _place(place: Place, prefix: str) -> Place:
    return replace(place, path=_below(prefix, place.path))


def _finding(finding: Finding, prefix: str) -> Finding:
    return replace(finding, place=_place(finding.place, prefix), unit=_below(prefix, finding.unit))


def _unit(unit: MoveUnit, prefix: str) -> MoveUnit:
    return replace(
        unit,
        id=_below(prefix, unit.id),
        endpoints=tuple(_below(prefix, name) for name in unit.endpoints),
        blocks=tuple(_finding(f, prefix) for f in unit.blocks),
    )


def _endpoint(endpoint: Endpoint, prefix: str) -> Endpoint:
    return replace(
        endpoint,
        name=_below(prefix, endpoint.name),
        unit=_below(prefix, endpoint.unit),
        place=_place(endpoint.place, prefix),
        selectors=tuple(replace(s, place=_place(s.place, prefix)) for s in endpoint.selectors),
        session_reasons=tuple(_below(prefix, reason) for reason in endpoint.session_reasons),
        files=tuple(_below(prefix, path) for path in endpoint.files),
        published=tuple(replace(p, place=_place(p.place, prefix)) for p in endpoint.published),
    )
