"""Looks at the projects that a command line asks about. A clean run passes through here: no heavy import.

for surveyed in survey(target): surveyed.looked, surveyed.only
"""

from __future__ import annotations

import os

from migrator import scan
from migrator.roots import Target

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from migrator.sieve import Needles

CLEAN = "Clean: no deprecated MCP transport in {}."


class Surveyed:
    """One project and what was asked about in it: `only` is empty, or holds paths of files relative to the root."""

    __slots__ = ("looked", "only")

    def __init__(self, looked: scan.Looked, only: tuple[str, ...]) -> None:
        self.looked, self.only = looked, only

    @property
    def count(self) -> int:
        """How many files were asked about."""
        return len(self.only) or len(self.looked.files)


def survey(
    target: Target,
    exclude: tuple[str, ...] = (),
    needles: Needles | None = None,
    given: dict[str, bytes] | None = None,
) -> list[Surveyed]:
    """Look at the target's project. A chosen folder that git ignores is a project of its own.

    given: what chosen files hold, in place of what is on disk.
    Raises OSError, ValueError (a bad pattern in `exclude`).
    """
    chosen_files = tuple(p for p in target.chosen if not os.path.isdir(os.path.join(target.root, p)))
    looked = scan.look(target.root, exclude, chosen_files, needles, given)
    if not target.chosen:
        return [Surveyed(looked, ())]
    known = [*looked.files, *sorted(looked.local)]
    only = set(chosen_files)
    apart = []
    for folder in target.chosen:
        if folder in only:
            continue
        inside = [path for path in known if path.startswith(f"{folder}/")]
        only.update(inside)
        if not inside:
            apart.append(scan.look(os.path.join(target.root, folder), exclude, (), needles))
    surveyed = [Surveyed(looked, tuple(sorted(only)))] if only else []
    return surveyed + [Surveyed(other, ()) for other in apart]


def clean_sentence(files: int) -> str:
    """What a run says that found nothing; the text report says the same."""
    return CLEAN.format(f"{files} file{'' if files == 1 else 's'}")
