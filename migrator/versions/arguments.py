"""`uv run --with mcp==1.6.0 server.py`: versions that a command gives to one of the project's own files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from migrator.sieve import LIMIT, kind_of
from migrator.text import Undecodable
from migrator.tree import Unreadable
from migrator.versions.manifests.commands import with_arguments
from migrator.versions.names import folder, join
from migrator.versions.requirement import Requirement

if TYPE_CHECKING:
    from migrator.context import Context

STARTING = ("dockerfile", "shell", "json", "yaml", "toml")
KINDS = (*STARTING, "other", "markdown")
_WORD = re.compile(r"[^\s\"'`,\[\]()=]+\.py\b")


def own_commands(context: Context, names: set[str], files: set[str]) -> Iterator[Requirement]:
    """The `--with` requirements for `names` in commands that start one of `files`.

    Beside another program such a version is usually meant: those are left alone.
    """
    everywhere = not all("mcp" in name for name in names)
    for path in _candidates(context, None if everywhere else context.tree.about_mcp):
        try:
            if b"--with" not in context.tree.read(path):
                continue
            text = context.tree.text(path).text
        except (Unreadable, Undecodable):
            continue
        for requirement in with_arguments(text, path):
            if requirement.name in names and _starts(text, requirement, files):
                yield requirement


def _candidates(context: Context, among: Set[str] | None) -> Iterator[str]:
    """Files that start things. One that never says SSE may pin the version of a server that moves, too.

    among: the only files that are of interest.
    """
    tree = context.tree
    kinds = [kind for kind in KINDS if kind != "markdown" or context.settings.docs]
    hits = [path for kind in kinds for path in tree.hits.get(kind, ()) if among is None or path in among]
    yield from hits
    known = set(hits)
    for path in (*tree.files, *sorted(tree.local)) if among is None else sorted(among):
        if path not in known and kind_of(path) in STARTING and not _long(f"{tree.root}/{path}"):
            yield path


def _long(path: str) -> bool:
    try:
        return os.path.getsize(path) > LIMIT
    except OSError:
        return True


def _starts(text: str, requirement: Requirement, files: set[str]) -> bool:
    """True when the command around a requirement names one of `files`."""
    start, end = _command(text, requirement.start)
    words = {word.replace("\\", "/") for word in _WORD.findall(text, start, end)}
    here = folder(requirement.path)
    return any(
        word == file or join(here, word) == file or file.endswith("/" + word) or word.endswith("/" + file)
        for word in words
        for file in files
    )


def _command(text: str, at: int) -> tuple[int, int]:
    """The command line, or the list of arguments, that holds the character `at`."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    end = len(text) if end < 0 else end
    opened, closed = text.rfind("[", 0, at), text.find("]", at)
    if (
        opened >= 0
        and closed >= 0
        and "--with" in text[opened:at]
        and text.count("]", opened, at) == text.count("[", opened + 1, at)
    ):
        return min(start, opened), max(end, closed)
    while start and re.match(r"[ \t]*-[ \t]", text[start:end]):  # a YAML list: one argument a line
        before = text.rfind("\n", 0, start - 1) + 1
        if not re.match(r"[ \t]*-[ \t]", text[before:start]):
            break
        start = before
    while re.match(r"\n[ \t]*-[ \t]", text[end:]) or text[:end].endswith("\\"):
        following = text.find("\n", end + 1)
        if following < 0:
            return start, len(text)
        end = following
    return start, end
