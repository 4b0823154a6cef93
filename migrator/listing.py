"""Which files a project has: git's answer in a work tree, a walk that prunes before it descends elsewhere.

Imports only os and re: a clean run passes through here.
"""

from __future__ import annotations

import fnmatch
import os

from migrator import _prefilter, git, sieve
from migrator.roots import is_text

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from typing import Any

REPOSITORY = "a git repository of its own: run mcp-migrate inside it"
NO_TEXT = "its name is not text in UTF-8: rename it to have it looked into"


class Listing:
    """files: paths relative to the root, "/" between parts. skipped: (path, why) for people.

    ignored: outside a work tree, files of a kind we read that a .gitignore names. Not `files`, but not nothing either: an unpacked
        archive holds tracked files that its .gitignore would name.
    """

    __slots__ = ("files", "ignored", "skipped")

    def __init__(self) -> None:
        self.files: list[str] = []
        self.ignored: list[str] = []
        self.skipped: list[tuple[str, str]] = []


def of(root: str, exclude: tuple[str, ...] = ()) -> Listing:
    """The files below `root` (absolute), without ignored and pruned ones and without `exclude` (gitignore patterns).

    Raises OSError when the root itself can't be listed.
    """
    listing = Listing()
    names = git.files(root)
    if names is None:
        _walk(root, listing)
        listing.files.sort()
        listing.ignored.sort()
    else:
        _from_git(root, names, listing)
    listing.files = _named_in_text(listing.files, listing)
    listing.ignored = _named_in_text(listing.ignored, listing)
    if exclude:
        drop = patterns(exclude)
        listing.files = [path for path in listing.files if not drop.match_file(path)]
        listing.ignored = [path for path in listing.ignored if not drop.match_file(path)]
    return listing


def _named_in_text(files: list[str], listing: Listing) -> list[str]:
    """`files` without those whose name no report could print and no import could say."""
    odd = [path for path in files if not path.isascii() and not is_text(path)]
    if not odd:
        return files
    kinds = [path for path in odd if sieve.kind_of(path)]
    listing.skipped += [(path.encode("utf-8", "surrogateescape").decode("utf-8", "replace"), NO_TEXT) for path in kinds]
    apart = set(odd)
    return [path for path in files if path not in apart]


def patterns(lines: tuple[str, ...] | list[str]) -> Any:
    """Gitignore patterns, compiled: an object with `match_file(path) -> bool`. Raises ValueError for a bad pattern."""
    import re

    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines(lines)
    except re.error as error:
        raise ValueError(f"{error.pattern!r}: {error}") from None


def _from_git(root: str, names: list[str], listing: Listing) -> None:
    pruned = _prefilter.PRUNED
    environments = tuple(
        name.removesuffix(_prefilter.ENVIRONMENT_FILE)
        for name in names
        if name.endswith("/" + _prefilter.ENVIRONMENT_FILE)
    )
    for name in names:
        if name.endswith("/"):
            listing.skipped.append((name, REPOSITORY))
        elif pruned.isdisjoint(name.split("/")) and not (environments and name.startswith(environments)):
            listing.files.append(name)


def _walk(root: str, listing: Listing) -> None:
    """Folders that are symbolic links are not entered: what they show inside the tree is found where it lies."""
    never = _prefilter.PRUNED | _prefilter.PRUNED_WALK
    stack: list[tuple[str, list[tuple[str, Any]]]] = [("", [])]
    while stack:
        below, ignoring = stack.pop()
        try:
            with os.scandir(os.path.join(root, below)) as found:
                entries = list(found)
        except OSError as error:
            if not below:
                raise
            listing.skipped.append((below, f"can't be listed: {error.strerror or error}"))
            continue
        names = {entry.name for entry in entries}
        if _prefilter.ENVIRONMENT_FILE in names and below:
            continue
        if ".gitignore" in names:
            ignoring = [*ignoring, *_ignore_file(root, below)]
        for entry in entries:
            path = below + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name in never or _is_output(entry, names) or _ignored(path + "/", ignoring):
                    continue
                stack.append((path + "/", ignoring))
            elif ignoring and sieve.kind_of(path) and _ignored(path, ignoring):
                listing.ignored.append(path)
            else:
                listing.files.append(path)


def _ignore_file(root: str, below: str) -> list[tuple[str, Any]]:
    try:
        with open(os.path.join(root, below, ".gitignore"), encoding="utf-8", errors="surrogateescape") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    return [(below, patterns([line for line in lines if _is_pattern(line)]))]


def _is_pattern(line: str) -> bool:
    """git passes over a line that it can't read, and so do we."""
    try:
        patterns([line])
    except ValueError:
        return False
    return True


def _ignored(path: str, ignoring: list[tuple[str, Any]]) -> bool:
    """The last file that says anything about a path decides, as git has it."""
    for below, spec in reversed(ignoring):
        verdict = spec.check_file(path[len(below) :]).include
        if verdict is not None:
            return bool(verdict)
    return False


def _is_output(entry: os.DirEntry[str], siblings: set[str]) -> bool:
    """True for a folder that a build made: its name is a usual one and a sign of it is there."""
    for name, signs in _prefilter.OUTPUT.items():
        if not (entry.name == name or ("*" in name and fnmatch.fnmatchcase(entry.name, name))):
            continue
        if any(sign.startswith("../") and sign[3:] in siblings for sign in signs):
            return True
        try:
            inside = os.listdir(entry.path)
        except OSError:
            return False
        return any(fnmatch.fnmatchcase(child, sign) for sign in signs for child in inside)
    return False
