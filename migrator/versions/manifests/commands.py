"""Requirements in commands: `pip install` in a Dockerfile, `--with` and `--from` of uv and uvx anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.versions.requirement import Requirement, split

_INSTALL = re.compile(
    r"\b(?:pip3?|uv[ \t]+pip)[ \t]+install\b|\buv[ \t]+(?:add|tool[ \t]+install)\b|\bpipx[ \t]+(?:install|inject)\b"
)
_WORD = re.compile(r"(?P<quote>[\"']?)(?P<text>(?<=\")[^\"\r\n]*|(?<=')[^'\r\n]*|[^\s\"';&|]+)(?P=quote)")
_WITH = re.compile(
    r"--with(?:[ \t]+|=|[\"'],\s*[\"']|[\"']\s*\n\s*-\s*[\"']?)(?P<quote>[\"']?)(?P<text>[A-Za-z0-9][^\s\"',\\]*)"
)
_VALUES = (
    "-i",
    "--index-url",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-t",
    "--target",
    "-p",
    "--python",
    "--prefix",
)
_FILES = ("-r", "--requirement", "-c", "--constraint", "-e", "--editable")


def dockerfile(text: str, path: str) -> list[Requirement]:
    """What the `pip install` commands of a Dockerfile name; files that they name are read where they lie."""
    found: list[Requirement] = []
    for start, end in _instructions(text):
        for command in _INSTALL.finditer(text, start, end):
            found += _arguments(text, command.end(), end, path)
    return found


def with_arguments(text: str, path: str) -> list[Requirement]:
    """The requirements that follow `--with`, in a command line or in a list of arguments."""
    found: list[Requirement] = []
    for match in _WITH.finditer(text):
        start, end = match.span("text")
        parts = split(text[:end], start)
        if parts is not None and not parts.url:
            before, after = text[start - 1 : start], text[end : end + 1]
            word = None if before in "\"'" and before == after else (start, end)
            found.append(
                Requirement(
                    parts.name, parts.spec, path, start=parts.start, end=parts.end, extras=parts.extras, word=word
                )
            )
    return found


def _instructions(text: str) -> Iterator[tuple[int, int]]:
    """The RUN instructions with the lines that continue them."""
    for match in re.finditer(r"(?mi)^[ \t]*RUN\b(?:[^\n\\]|\\\r?\n(?:[ \t]*#[^\n]*\n)*|\\[^\n])*", text):
        yield match.start(), match.end()


def _arguments(text: str, at: int, end: int, path: str) -> Iterator[Requirement]:
    """The words of one command, to its end."""
    skip = False
    while at < end:
        gap = re.compile(r"(?:[ \t]|\\\r?\n)+").match(text, at, end)
        word = _WORD.match(text, gap.end(), end) if gap else None
        if word is None:
            return
        at = word.end()
        value = word["text"]
        if skip or value.startswith("-"):
            skip = not skip and value in (*_VALUES, *_FILES)
            continue
        if value in ("&&", "||", ";", "|", "\\"):
            return
        parts = split(text[: word.end("text")], word.start("text"))
        if parts is not None:
            yield parts.requirement(path, word=None if word["quote"] else word.span("text"))
