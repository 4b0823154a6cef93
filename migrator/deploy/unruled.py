"""Lines of a proxy's configuration that name an old path in a form that no rule of the rulebook has.

They are told of, never changed. Where the file refuses anybody, the server stays: that line may be who is refused.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from migrator.deploy.fronts import spelled
from migrator.model import Endpoint
from migrator.text import TextFile

DATA = (".yaml", ".yml", ".json", ".tf", ".hcl")  # where addresses are read by themselves
_ADDRESS = re.compile(r"://[^\s\"',]*$")
_COMMENT = re.compile(r"^\s*(?:#|//|;)|\s#")


def is_whole(path: str, row: Mapping[str, Any]) -> bool:
    """True for a file that holds nothing but rules of the row's program."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(f"/{path}" if "/" in p else name, p) for p in row.get("whole", ()))


def refuses(text: str, pattern: str) -> bool:
    """True when something in the text, comments aside, asks who asks or turns somebody away."""
    return any(re.search(pattern, line) for line in text.splitlines() if not re.match(r"\s*#", line))


def unruled(
    file: TextFile, e: Endpoint, paths: Iterable[str], known: Sequence[tuple[int, int]], taken: set[tuple[str, int]]
) -> Iterator[re.Match[str]]:
    """Where the file names one of the paths and no rule is known, the first of each line.

    known: the spans of rules. taken: (path, offset) of what something else tells of.
    """
    told: set[int] = set()
    pattern = "|".join(spelled(p) for p in paths)
    for match in re.finditer(pattern, file.text) if pattern else ():
        begin = file.text.rfind("\n", 0, match.start()) + 1
        end = file.text.find("\n", match.end())
        line, before = file.text[begin : end if end >= 0 else None], file.text[begin : match.start()]
        if begin in told or _COMMENT.search(before) or (file.path.endswith(DATA) and _ADDRESS.search(before)):
            continue
        inside = any(a <= match.start() < b for a, b in known)
        decided = any(path == file.path and begin <= at <= match.start() for path, at in taken)
        if not (inside or decided or re.search(spelled(e.new_path), line)):
            told.add(begin)
            yield match


def by_its_tail(e: Endpoint) -> Endpoint:
    """A server below a prefix that nobody here knows, as the ends of its paths show it in a rule: /ai/sse is one of /sse."""
    if e.old_path or not e.new_path.startswith("{prefix}"):
        return e
    return replace(e, old_path="/sse", new_path=e.new_path.removeprefix("{prefix}"))
