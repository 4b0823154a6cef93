"""`docker run ... IMAGE words`, `gcloud run deploy ... --set-env-vars A=b,C=d`: what a container is handed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from migrator.configs.services import pair_of
from migrator.deploy import shell
from migrator.deploy.places import program_name
from migrator.deploy.ties import image_name
from migrator.deploy.words import Command, Container, Exposed, Setting, Sheet, option_values

_VARIABLE = re.compile(r"\$[({]?(\w+)[)}]?")


def run_commands(sheet: Sheet, programs: Mapping[str, Sequence[str]]) -> None:
    """Add to `sheet` what its `docker run` command lines set and start in a container."""
    for command in list(sheet.commands):
        texts = command.texts
        sheet.settings += _deployed(command, programs)
        sheet.commands += _started(command, programs)
        at = next((i for i, t in enumerate(texts) if program_name(t) in programs["containers"]), -1)
        if at < 0 or "run" not in texts[at + 1 : at + 3]:
            continue
        _run(command, texts.index("run", at) + 1, sheet, programs)


def _deployed(command: Command, programs: Mapping[str, Sequence[str]]) -> Iterator[Setting]:
    """The variables that a platform's command line sets."""
    image = next(iter(option_values(command.words, ("--image",))), None)
    known = image is not None and "$" not in image_name(image.text)
    container = Container(image=image.text) if image is not None and known else None
    taking = setting = _sets(command.texts, programs["platform-setters"])
    for word in command.words:
        option, equals, _ = word.text.partition("=")
        begin = 0
        if option.startswith("-"):
            taking = setting or option in programs["platform-environment"]
            begin = len(option) + 1 if equals else len(word)
        for pair in re.finditer(r"(?P<name>\w+)=(?P<value>[^,]*)", word.text[begin:]) if taking else ():
            value = word.part(begin + pair.start("value"), begin + pair.end("value"))
            yield Setting(pair["name"], value, container, command.comment)


def _started(command: Command, programs: Mapping[str, Sequence[str]]) -> Iterator[Command]:
    """What a platform's command line has its image run: `gcloud run deploy --image X --args=--transport,sse`."""
    image = next(iter(option_values(command.words, ("--image",))), None)
    if image is None:
        return
    container = Container(image=image.text)
    for value in option_values(command.words, programs["platform-arguments"]):
        words = [value.part(*m.span()) for m in re.finditer(r"[^,]+", value.text)]
        yield Command(tuple(words), command.folders, container, bare=True, comment=command.comment)
    for value in option_values(command.words, programs["platform-commands"]):
        yield Command(tuple(shell.split(value)), command.folders, container, comment=command.comment)


def _sets(texts: list[str], setters: Sequence[str]) -> bool:
    """True for `kubectl -n NAME set env ...` and its like: all that follows sets variables."""
    line = " ".join(texts)
    return any(line.startswith(first) and f" {rest} " in line for first, _, rest in (s.partition(" ") for s in setters))


def _run(command: Command, at: int, sheet: Sheet, programs: Mapping[str, Sequence[str]]) -> None:
    values = []
    entrypoint = []
    pairs = []
    words = command.words
    while at < len(words) and words[at].text.startswith("-"):
        name, equals, _ = words[at].text.partition("=")
        if name in programs["container-flags"]:
            at += 1
            continue
        value = words[at].part(len(name) + 1) if equals else words[at + 1] if at + 1 < len(words) else None
        if value is not None and name in programs["container-environment"]:
            values.append(value)
        if value is not None and name == "--entrypoint":
            entrypoint.append(value)
        if value is not None and name in programs["container-ports"] and (pair := pair_of(value.text)):
            pairs.append(pair)
        at += 1 if equals else 2
    if at >= len(words):
        return
    said = {s.name: s.value.text for s in sheet.settings}
    image = _VARIABLE.sub(lambda m: said.get(m[1], m.group()), words[at].text)
    container = Container(image=image)
    for value in values:
        name, equals, _ = value.text.partition("=")
        if equals:
            sheet.settings.append(Setting(name, value.part(len(name) + 1), container, command.comment))
    rest = (*entrypoint, *words[at + 1 :])
    started = Command(rest, command.folders, container, bare=not entrypoint, comment=command.comment)
    if rest:
        sheet.commands.append(started)
    if pairs and not command.comment:
        sheet.exposed.append(Exposed(container, tuple(pairs), (started,) if rest else (), words[0].start))
