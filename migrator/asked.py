"""What a run was asked about, beside paths: files changed since a revision, and a file that comes on standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING

from migrator import git
from migrator.survey import Surveyed

if TYPE_CHECKING:
    from migrator.model import Plan


class CannotTell(ValueError):
    """What was asked about can't be told; the message is for people."""


def changed_since(revision: str, surveyed: Surveyed) -> Surveyed | None:
    """The project with only the files asked about that changed since `revision`. None when there is none.

    Raises CannotTell outside a git work tree, and for a revision that isn't there.
    """
    root = surveyed.looked.root
    if git.toplevel(root) is None:
        raise CannotTell(f"--since {revision}: {root} is not in a git work tree")
    commit = git.commit_of(root, revision)
    changed = git.changed_since(root, commit) if commit else None
    if changed is None:
        raise CannotTell(
            f"--since {revision}: git knows no such revision here; in CI, fetch it first"
            " (actions/checkout needs fetch-depth: 0)"
        )
    there = set(surveyed.only or (*surveyed.looked.files, *surveyed.looked.local))
    only = tuple(sorted(there.intersection(changed)))
    return Surveyed(surveyed.looked, only) if only else None


def rewritten(plan: Plan, path: str, before: bytes) -> tuple[bytes, str]:
    """What the file `path`, which came on standard input, becomes; or as it was, and why it can't be given alone."""
    others = [change.path for change in plan.changes if change.path != path]
    after = next((change.after for change in plan.changes if change.path == path), None)
    if after is None:
        return before, ""
    if others:
        shown = ", ".join(others[:3]) + (", ..." if len(others) > 3 else "")
        return before, (
            f"{path} changes together with {shown}: save it and run mcp-migrate on it, to write all of them or none"
        )
    return after, ""
