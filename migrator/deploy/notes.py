"""What is only told: old words for programs that aren't this repository's, and sentences of documents."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.deploy.pages import DOCUMENTS, Page
from migrator.deploy.places import Places, program_name
from migrator.deploy.strands import Strand
from migrator.deploy.surfaces import Surfaces
from migrator.deploy.ties import Ties, option_values
from migrator.deploy.words import Command, spoken
from migrator.model import Endpoint, Finding, Outcome, Part, Severity
from migrator.text import TextFile

_SENTENCE = re.compile(r"(?<![\w-])sse(?![\w-])", re.I)


def untied(page: Page, ties: Ties, taken: set[tuple[str, int]]) -> Iterator[Part]:
    """Command lines that start somebody else's server with the old word: never changed."""
    for command in page.sheet.commands:
        if command.comment or not command.words or ties.tie(command, page.file.path).ours:
            continue
        for value in option_values(command.words, ties.table["ties"]["options"]):
            for word in spoken(value):
                if word.text.lower() != "sse" or (page.file.path, word.start) in taken:
                    continue
                taken.add((page.file.path, word.start))
                place = page.file.place(word.start, word.end)
                message = f"{shown(command)} gets the old word and is no server of this run: left as it is"
                todo = "see its own documentation for its word for Streamable HTTP"
                yield Part((Finding(page.rule, Severity.NOTE, Outcome.INFO, place, message, todo),))


def shown(command: Command) -> str:
    """The program of a command line, for people."""
    words = [w for w in command.texts if w and not w.startswith("-")]
    if command.container is not None and command.container.image:
        return f"a container of {command.container.image}"
    return " ".join([program_name(words[0]), *words[1:2]]) if words else "a command"


def prose(
    file: TextFile, surfaces: Surfaces, places: Places, endpoints: list[Endpoint], blocks: list[Strand]
) -> Iterator[Part]:
    """The sentences of a document that speak of SSE, listed: they are not rewritten."""
    if surfaces.reader_of(file.path) not in DOCUMENTS:
        return
    project = places.project(file.path)
    own = [e for e in endpoints if e.moved and (places.project(e.place.path) == project or not project)]
    if not own:
        return
    inside = [(b.start, b.end) for b in blocks if b.text]
    lines = [
        file.text.count("\n", 0, m.start()) + 1
        for m in _SENTENCE.finditer(file.text)
        if not any(start <= m.start() < end for start, end in inside)
    ]
    lines = list(dict.fromkeys(lines))
    if lines:
        at = file.text.split("\n", lines[0])
        start = sum(len(line) + 1 for line in at[: lines[0] - 1])
        place = file.place(start, start + len(at[lines[0] - 1].rstrip("\r")))
        many = (
            f"lines {', '.join(map(str, lines[:12]))}{' ...' if len(lines) > 12 else ''}"
            if len(lines) > 1
            else "a line"
        )
        message = f"{many} of the text speak of SSE: sentences are yours to change"
        todo = (
            f"the endpoint is now {own[0].new_path}, the transport Streamable HTTP ({own[0].selected_by or 'always'})"
        )
        yield Part((Finding("MCP502", Severity.NOTE, Outcome.BY_HAND, place, message, todo),))
