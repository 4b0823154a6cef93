"""pip's requirements and constraints files, and the locks that share their format."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from migrator.versions.locks.lock import Lock
from migrator.versions.names import base
from migrator.versions.ranges import parse
from migrator.versions.requirement import Requirement, split

_OPTION = re.compile(r"-(?:-requirement|-constraint|[rc])[ =]*(?P<file>[^\s#]+)")
_COMPILED = re.compile(r"(?m)^#.*\b(pip-compile|uv pip compile|uv export|poetry export|pdm export|pip-sync)\b(.*)$")


@dataclass
class RequirementsFile:
    """What one requirements file says.

    compiled: the command in its header when a tool wrote it, "hashes" for a file with hashes and no header:
        such a file is a lock.
    """

    requirements: list[Requirement] = field(default_factory=list)
    includes: list[tuple[str, bool]] = field(default_factory=list)  # file, and whether it is a constraint
    compiled: str = ""


def read(text: str, path: str, limits: bool = False) -> RequirementsFile:
    """The requirements, includes and origin of a requirements file; `limits` when it is a constraints file."""
    out = RequirementsFile()
    group = _group(path)
    header = _COMPILED.search(text[:2000])
    if header:
        out.compiled = (header[1] + header[2]).strip()
    for start, line in _logical(text):
        stripped = line.lstrip()
        if not stripped or stripped[0] == "#":
            continue
        if stripped[0] == "-":
            option = _OPTION.match(stripped)
            if option:
                out.includes.append((option["file"], "c" in option[0].split(option["file"])[0]))
            continue
        if "--hash" in line and not out.compiled:
            out.compiled = "hashes"
        parts = split(text[: start + len(line)], start)
        if parts is None:
            continue
        out.requirements.append(
            Requirement(
                parts.name,
                parts.spec,
                path,
                start=parts.start,
                end=parts.end,
                extras=parts.extras,
                marker=parts.marker,
                group=group,
                fixed="a source of its own" if parts.url else "",
                limits=limits,
            )
        )
    return out


def as_lock(read: RequirementsFile, path: str) -> Lock:
    """A compiled requirements file as the lock that it is."""
    lock = Lock(path, "requirements", "hashes" if read.compiled == "hashes" else "", command=read.compiled)
    for requirement in read.requirements:
        exact = parse(requirement.spec).exact
        if exact is not None:
            lock.add(requirement.name, str(exact))
    return lock


def _group(path: str) -> str:
    """The group that a file's name says it is for: "" for requirements.txt and base.txt."""
    words = set(re.split(r"[^a-z]+", base(path).lower()))
    return next((w for w in ("dev", "test", "tests", "docs", "lint", "ci") if w in words), "")


def _logical(text: str) -> Iterator[tuple[int, str]]:
    """Lines with their offsets; a line that ends with a backslash goes on."""
    at = 0
    for match in re.finditer(r"(?:[^\r\n\\]|\\(?!\r?\n|\Z)|\\\r?\n|\\\Z)*(?:\r\n|\n|\r|\Z)", text):
        if match.start() < at or not match[0]:
            continue
        at = match.end()
        yield match.start(), match[0].rstrip("\r\n")
