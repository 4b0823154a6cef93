"""The last step: write a plan's changes, each file atomically, each move unit whole or not at all.

    refusals(plan, root, settings)   what would not be written, and why; writes nothing
    apply(plan, root, settings)      write the rest

Units that share a file are written together: the file's new bytes hold the edits of both.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from migrator import git, outputs
from migrator.files import CannotWrite, Staged, check, stage
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Severity
from migrator.records import record
from migrator.settings import Settings

STEP = "apply"  # MoveUnit.step of a unit that could not be written
CHANGED = "differs from what git has staged: commit or `git add` it first, or use --allow-dirty"
UNTRACKED = "is not known to git, so nothing could bring it back: `git add` it first, or use --allow-dirty"


@record(frozen=True)
class Refusal:
    """Why a file is not written, and what stays with it: `paths` are all files of its group, `units` their units."""

    path: str
    reason: str
    paths: tuple[str, ...]
    units: tuple[str, ...] = ()


@record(frozen=True)
class Applied:
    """What was written, what was not, and the plan as it turned out.

    In `plan`, the findings of what was refused are by hand, its units and endpoints are not moved, and `changes`
    are those on disk.
    """

    written: tuple[str, ...]
    refused: tuple[Refusal, ...]
    plan: Plan


def refusals(plan: Plan, root: Path, settings: Settings) -> tuple[Refusal, ...]:
    """What `apply` would not write now. Writes nothing, raises nothing."""
    found: list[Refusal] = []
    unsaved = _unsaved(plan, root, settings)
    for group in groups(plan.changes):
        refusal = _forsaken(group, found) or _guarded(group, unsaved)
        if refusal is None:
            try:
                for change in group:
                    check(root, change)
            except CannotWrite as error:
                refusal = _refusal(group, error.path, error.reason)
        if refusal:
            found.append(refusal)
    return tuple(found)


def apply(plan: Plan, root: Path, settings: Settings) -> Applied:
    """Write the plan's changes below `root`. Raises nothing: what can't be written is in `Applied.refused`."""
    unsaved = _unsaved(plan, root, settings)
    written: list[FileChange] = []
    refused: list[Refusal] = []
    for group in groups(plan.changes):
        refusal = _forsaken(group, refused) or _guarded(group, unsaved) or _write(group, root)
        if refusal:
            refused.append(refusal)
        else:
            written += group
    outputs.remember(root, {change.path: change.after for change in written})
    return Applied(tuple(sorted(c.path for c in written)), tuple(refused), outcome(plan, refused))


def groups(changes: Iterable[FileChange]) -> list[list[FileChange]]:
    """The changes that are written together: those of units that share a file; others one by one.

    What follows a unit comes after it.
    """
    found: list[tuple[set[str], list[FileChange]]] = []
    for change in changes:
        units, members = set(change.units), [change]
        apart = []
        for group in found:
            if group[0] & units:
                units |= group[0]
                members = group[1] + members
            else:
                apart.append(group)
        found = [*apart, (units, members)]
    ordered = sorted(found, key=lambda group: any(change.follows for change in group[1]))
    return [sorted(members, key=lambda c: c.path) for _, members in ordered]


def outcome(plan: Plan, refused: Iterable[Refusal]) -> Plan:
    """The plan as it is when `refused` was not written."""
    refused = tuple(refused)
    if not refused:
        return plan
    by_unit = {unit: refusal for refusal in refused for unit in refusal.units}
    by_path = {path: refusal for refusal in refused for path in refusal.paths}
    changes = tuple(c for c in plan.changes if c.path not in by_path)
    return replace(
        plan,
        changes=changes,
        findings=tuple(_after(f, by_unit, by_path) for f in plan.findings),
        endpoints=tuple(replace(e, moved=False) if _stays(e, by_unit, by_path) else e for e in plan.endpoints),
        units=tuple(_blocked(u, by_unit[u.id]) if u.id in by_unit else u for u in plan.units),
        regenerate=plan.regenerate if changes else (),
    )


def _stays(endpoint: Endpoint, by_unit: dict[str, Refusal], by_path: dict[str, Refusal]) -> bool:
    return endpoint.unit in by_unit if endpoint.unit else not by_path.keys().isdisjoint(endpoint.files)


def _after(finding: Finding, by_unit: dict[str, Refusal], by_path: dict[str, Refusal]) -> Finding:
    refusal = by_unit.get(finding.unit) or by_path.get(finding.place.path)
    if refusal is None or finding.outcome is not Outcome.FIX:
        return finding
    return replace(finding, outcome=Outcome.BY_HAND, instruction=f"{refusal.path} {refusal.reason}. Then run again.")


def _blocked(unit: MoveUnit, refusal: Refusal) -> MoveUnit:
    block = Finding(
        "MCP108",
        Severity.WARNING,
        Outcome.BY_HAND,
        Place(refusal.path),
        f"not written, and with it nothing of its unit: {refusal.path} {refusal.reason}",
        unit=unit.id,
    )
    return replace(unit, moved=False, blocks=(*unit.blocks, block), step=STEP)


def _write(group: list[FileChange], root: Path) -> Refusal | None:
    """Everything is on disk and checked before the first file is replaced; a failure puts back what was replaced."""
    staged: list[Staged] = []
    done: list[Staged] = []
    try:
        for change in group:
            staged.append(stage(root, change))
        for file in staged:
            file.check_unchanged()
        for file in staged:
            file.commit()
            done.append(file)
    except CannotWrite as error:
        lost = [file.change.path for file in reversed(done) if not file.restore()]
        reason = error.reason + (f"; could not be put back as they were: {', '.join(lost)}" if lost else "")
        return _refusal(group, error.path, reason)
    except BaseException:
        for file in reversed(done):
            file.restore()
        raise
    finally:
        for file in staged:
            file.discard()
    return None


def _unsaved(plan: Plan, root: Path, settings: Settings) -> dict[str, str]:
    """Files to change whose working copy git could not bring back, without those that are our own last output."""
    if settings.allow_dirty:
        return {}
    found = git.unsaved(os.fspath(root), [change.path for change in plan.changes])
    if not found:
        return {}
    ours = outputs.Ours(root)
    return {path: state for path, state in found.items() if not ours.wrote(path)}


def _guarded(group: list[FileChange], unsaved: dict[str, str]) -> Refusal | None:
    for change in group:
        state = "" if change.created else unsaved.get(change.path, "")
        if state:
            return _refusal(group, change.path, UNTRACKED if state == "untracked" else CHANGED)
    return None


def _forsaken(group: list[FileChange], refused: list[Refusal]) -> Refusal | None:
    """What follows a unit that was not written isn't either: a start command with the new word, say."""
    units = {unit: refusal for refusal in refused for unit in refusal.units}
    for change in group:
        for unit in change.follows:
            if unit in units:
                because = f"changes together with {units[unit].path}, which {units[unit].reason}"
                return _refusal(group, change.path, because)
    return None


def _refusal(group: list[FileChange], path: str, reason: str) -> Refusal:
    units = sorted({unit for change in group for unit in change.units})
    return Refusal(path, reason, tuple(change.path for change in group), tuple(units))
