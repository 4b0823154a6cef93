"""One requirement as a manifest states it: which package, which versions, where in the file."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from migrator.records import record
from migrator.versions.names import normalise

PEP440, POETRY, NPM, CONDA = "pep440", "poetry", "npm", "conda"
SOURCED = "a source of its own"  # a repository, an archive, a folder: its versions are not those of an index


@record(frozen=True)
class Requirement:
    """A package that a manifest asks for.

    start, end: where `spec` stands in the file's text; -1 when only `keys` say where (TOML and JSON:
        `spec` is then characters inner of the string at `keys`).
    """

    name: str  # normalised
    spec: str  # the versions as written: ">=1.2,<2", "^1.6", "" for any
    path: str
    language: str = PEP440
    start: int = -1
    end: int = -1
    keys: tuple[str | int, ...] = ()
    value: str = ""  # the whole string at `keys`
    inner: tuple[int, int] = (0, 0)
    extras: str = ""  # "[cli]"
    marker: str = ""
    group: str = ""  # "" what the project runs with, else "dev", an extra ...
    fixed: str = ""  # why the versions are not ours to change: "a source of its own" ...
    word: tuple[int, int] | None = None  # of a shell command's argument without quotes: where the whole word stands
    limits: bool = False  # a constraint or an override: says which versions, asks for nothing


class Split(NamedTuple):
    """A PEP 508 string in its parts; offsets are into that string."""

    name: str
    extras: str
    spec: str
    start: int
    end: int
    marker: str
    url: str

    def requirement(self, path: str, **others: Any) -> Requirement:
        """What the file `path` asks for by the text that was split; `others` are further fields of a Requirement."""
        return Requirement(
            self.name,
            self.spec,
            path,
            start=self.start,
            end=self.end,
            extras=self.extras,
            marker=self.marker,
            fixed=SOURCED if self.url else "",
            **others,
        )


_GAP = r"(?:[ \t]|\\\r?\n)*"  # a requirements file may go on in the next line
_HEAD = re.compile(rf"\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*(\[[^\]\n]*\])?{_GAP}")
_CLAUSE = rf"(?:===|==|~=|!=|<=|>=|<|>){_GAP}[A-Za-z0-9.*+!_-]+"
_SPEC = re.compile(rf"\(?{_GAP}({_CLAUSE}(?:{_GAP},{_GAP}{_CLAUSE})*)?{_GAP},?{_GAP}\)?")


def split(text: str, offset: int = 0) -> Split | None:
    """The parts of the PEP 508 requirement that begins at `offset`; None when it isn't one.

    What follows the versions (a marker, a comment, pip's options) may be anything.
    """
    head = _HEAD.match(text, offset)
    if head is None:
        return None
    name, extras, at = head[1], head[2] or "", head.end()
    if text[at : at + 1] == "@":
        url = text[at + 1 :].split(";", maxsplit=1)[0].strip()
        return Split(normalise(name), extras, "", at, at, "", url)
    body = _SPEC.match(text, at)
    assert body is not None  # every part of the pattern is optional
    rest = text[body.end() :].lstrip(" \t")
    if rest and rest[0] not in ";#\\\r\n" and not rest.startswith("--"):
        return None
    if body[1] is None:
        start = end = head.end(2) if head[2] else head.end(1)
        spec = ""
    else:
        start, end = body.span(1)
        spec = body[1]
    marker = rest[1:].split("#")[0].strip() if rest.startswith(";") else ""
    return Split(normalise(name), extras, spec, start, end, marker, "")
