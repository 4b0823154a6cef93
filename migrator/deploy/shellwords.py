"""The words of shell text: quotes peeled off, substitutions and places to fill in kept whole."""

from __future__ import annotations

import re
from dataclasses import field

from migrator.deploy.strands import Strand, joined
from migrator.deploy.words import Sheet
from migrator.records import record

_HOLES = re.compile(r"\$?\{\{.*?\}\}|\$\{[^{}]*\}|\$\((?:[^()]|\([^()]*\))*\)|<%.*?%>")


@record
class Reader:
    """Where a reader of shell text stands, and the words of the command that it is in."""

    source: Strand
    sheet: Sheet = field(default_factory=Sheet)
    folders: tuple[str, ...] = ()
    at: int = 0
    words: list[Strand] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    comments: list[Strand] = field(default_factory=list)
    inner: list[Strand] = field(default_factory=list)  # the texts of command substitutions
    heredocs: list[str] = field(default_factory=list)
    held: dict[str, list[Strand]] = field(default_factory=dict)  # the words of arrays, and of texts that hold options
    inside: str = ""  # the function that is being defined
    depth: int = 0  # how many braces are open in it


def read_word(r: Reader, operators: bool = True) -> None:
    """Read one word at r.at, quotes peeled off."""
    text, pieces, begin = r.source.text, [], r.at
    while r.at < len(text):
        char = text[r.at]
        if char.isspace() or (operators and char in ";|&()<>" and not text.startswith(("<%",), r.at)):
            if char in "<>" and begin < r.at and re.match(r"<[\w .-]+>", text[r.at :]):  # a place to fill in
                pass
            else:
                break
        if char == "\\" and r.at + 1 < len(text):
            if text[r.at + 1] in "\r\n":
                break
            if text[r.at + 1] in "\"'\\$ `;&|":
                pieces.append(r.source.part(r.at + 1, r.at + 2))
                r.at += 2
            else:  # a Windows path
                pieces.append(r.source.part(r.at, r.at + 1))
                r.at += 1
        elif char == "'":
            end = text.find("'", r.at + 1)
            end = len(text) if end < 0 else end
            pieces.append(r.source.part(r.at + 1, end))
            r.at = end + 1
        elif char == '"':
            _double(r, pieces)
        elif hole := _HOLES.match(text, r.at):
            pieces.append(r.source.part(r.at, hole.end()))
            _nested(r, hole.group(), r.at)
            r.at = hole.end()
        elif char == "`" and (end := text.find("`", r.at + 1)) > 0 and "\n" not in text[r.at : end]:
            pieces.append(r.source.part(r.at, end + 1))
            r.at = end + 1
        elif char in "`^" and re.match(r".[ \t]*\r?\n", text[r.at :]):
            break
        else:
            pieces.append(r.source.part(r.at, r.at + 1))
            r.at += 1
    if r.at > begin:
        r.words.append(joined(pieces))
        r.raws.append(text[begin : r.at])
        r.begins.append(r.source.starts[begin])


def _double(r: Reader, pieces: list[Strand]) -> None:
    text = r.source.text
    at = r.at + 1
    while at < len(text) and text[at] != '"':
        if text[at] == "\\" and at + 1 < len(text):
            if text[at + 1] in '"\\$`':
                pieces.append(r.source.part(at + 1, at + 2))
                at += 2
                continue
            if text[at + 1] == "\n":
                at += 2
                continue
        hole = _HOLES.match(text, at)
        if hole:
            pieces.append(r.source.part(at, hole.end()))
            _nested(r, hole.group(), at)
            at = hole.end()
            continue
        pieces.append(r.source.part(at, at + 1))
        at += 1
    r.at = at + 1


def _nested(r: Reader, hole: str, at: int) -> None:
    """A command substitution runs commands of its own."""
    if hole.startswith("$(") and not hole.startswith("$((") and " " in hole:
        r.inner.append(r.source.part(at + 2, at + len(hole) - 1))
