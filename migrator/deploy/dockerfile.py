"""Dockerfiles: CMD and ENTRYPOINT in both forms, ENV, ARG, RUN, HEALTHCHECK, over continued lines and stages."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.configs import json_spans
from migrator.configs.spans import Unparsable
from migrator.deploy import shell
from migrator.deploy.strands import Strand, joined, of_node
from migrator.deploy.words import Command, Container, Setting, Sheet
from migrator.records import record

_INSTRUCTION = re.compile(r"[ \t]*([A-Za-z]+)(?:[ \t]+|(?=[ \t]*\\?\r?\n|$))")
_FLAG = re.compile(r"--[\w-]+(?:=\S*)?\s+")
_CONTINUED = re.compile(r"[\\`][ \t]*\r?$")
_COMMENT = re.compile(r"[ \t]*#(?!\s*(?:syntax|escape|check)\s*=)")


@record(frozen=True)
class Instruction:
    """One instruction: its keyword in capitals, its arguments, and where its line begins."""

    keyword: str
    rest: Strand
    start: int


def instructions(source: Strand) -> tuple[list[Instruction], list[Strand]]:
    """The instructions of a Dockerfile and its comments."""
    found: list[Instruction] = []
    comments: list[Strand] = []
    pending: list[Strand] = []
    for line in source.lines():
        if _COMMENT.match(line.text):
            comments.append(line.part(line.text.index("#") + 1))
            continue
        if not line.text.strip() and pending:
            continue
        continued = _CONTINUED.search(line.text)
        pending.append(line.part(0, continued.start()) if continued else line)
        if continued:
            continue
        _close(pending, found)
        pending = []
    if pending:
        _close(pending, found)
    return found, comments


def _close(pending: list[Strand], found: list[Instruction]) -> None:
    whole = joined(pending, " ") if len(pending) > 1 else pending[0]
    match = _INSTRUCTION.match(whole.text)
    if match:
        found.append(Instruction(match[1].upper(), whole.part(match.end()), pending[0].start))


def exec_words(rest: Strand) -> list[Strand] | None:
    """The words of the exec form `["a", "b"]`; None when it isn't that."""
    text = rest.stripped()
    if not text.text.startswith("["):
        return None
    try:
        documents = json_spans.NOTATION.parse(text.text)
    except Unparsable:
        return None
    if not documents or documents[0].kind != "list":
        return None
    words = [of_node(item, text) for item in documents[0].items]
    return [w for w in words if w is not None]


@record
class Start:
    """What a stage's container starts: ENTRYPOINT, then CMD."""

    entrypoint: list[Strand] | None = None
    command: list[Strand] | None = None
    shell_entrypoint: bool = False
    folder: str = ""


def read(source: Strand, path: str) -> Sheet:
    """The commands and settings of the Dockerfile at `path`."""
    sheet = Sheet()
    for stage in starts(source, sheet):
        container = Container(dockerfile=path, folder=stage.folder)
        words = [*(stage.entrypoint or []), *((stage.command or []) if not stage.shell_entrypoint else [])]
        if words:
            sheet.commands.append(Command(tuple(words), container=container))
    sheet.commands = _deduplicated(sheet.commands)
    return sheet


def _deduplicated(commands: list[Command]) -> list[Command]:
    seen: dict[tuple[int, ...], Command] = {}
    for c in commands:
        seen.setdefault(tuple(w.start for w in c.words), c)
    return list(seen.values())


def starts(source: Strand, sheet: Sheet) -> Iterator[Start]:
    """What each stage starts; everything else goes to `sheet`."""
    found, comments = instructions(source)
    stage = Start()
    for one in found:
        if one.keyword == "FROM":
            if stage.entrypoint or stage.command:
                yield stage
            stage = Start()
        elif one.keyword in ("CMD", "ENTRYPOINT"):
            _start(one, stage, sheet)
        elif one.keyword in ("ENV", "ARG", "LABEL"):
            if one.keyword != "LABEL":
                sheet.settings += _settings(one.rest)
            sheet.texts += shell.split(one.rest)
        elif one.keyword == "WORKDIR":
            stage.folder = one.rest.text.strip()
        elif one.keyword in ("RUN", "HEALTHCHECK", "ONBUILD"):
            _run(one, sheet)
    if stage.entrypoint or stage.command:
        yield stage
    for comment in comments:
        shown = shell.read(comment, comments=False)
        sheet.texts += shown.texts
        for number, command in enumerate(shown.commands):
            shown.commands[number] = Command(command.words, command.folders, comment=True)
        sheet.commands += shown.commands
        settings = (
            _settings(comment.stripped().part(4)) if comment.text.strip()[:4].upper() == "ENV " else shown.settings
        )
        sheet.settings += [Setting(s.name, s.value, comment=True) for s in settings]


def _start(one: Instruction, stage: Start, sheet: Sheet) -> None:
    words = exec_words(one.rest)
    if words is None:
        inner = shell.read(one.rest)
        sheet.settings += inner.settings
        sheet.texts += inner.texts
        if len(inner.commands) == 1 and not inner.commands[0].folders:
            words = list(inner.commands[0].words)
        else:  # several commands: they stand for themselves
            sheet.commands += inner.commands
            words = []
        shell_form = True
    else:
        shell_form = False
        sheet.texts += words
        for word in words[1:]:
            if " " in word.text and words[0].text.rpartition("/")[2] in ("sh", "bash"):
                sheet.add(shell.read(word))
    if one.keyword == "CMD":
        stage.command = words
    else:
        stage.entrypoint, stage.shell_entrypoint = words, shell_form


def _settings(rest: Strand) -> list[Setting]:
    """`ENV A=b C=d`, `ENV A b`, `ARG A=b`."""
    words = shell.split(rest)
    if not words:
        return []
    if "=" not in words[0].text:
        return [Setting(words[0].text, words[1])] if len(words) == 2 else []
    found = []
    for word in words:
        name, equals, _ = word.text.partition("=")
        if equals:
            found.append(Setting(name, word.part(len(name) + 1)))
    return found


def _run(one: Instruction, sheet: Sheet) -> None:
    rest = one.rest
    while match := _FLAG.match(rest.text):
        rest = rest.part(match.end())
    if one.keyword == "HEALTHCHECK" and rest.text.startswith("CMD"):
        rest = rest.part(3).stripped()
    words = exec_words(rest)
    if words:
        sheet.commands.append(Command(tuple(words)))
        sheet.texts += words
    else:
        sheet.add(shell.read(rest))
