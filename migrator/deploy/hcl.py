"""Terraform, Nomad and other HCL: variables, and the lists of words that containers and tasks run."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Iterator

from migrator.deploy import shell
from migrator.deploy.strands import Strand
from migrator.deploy.structured import normal
from migrator.deploy.words import Command, Container, Setting, Sheet

_TEXT = r'"(?P<value>[^"\n]*)"'
_KEY = r"(?<![\w.])\"?(?P<name>[A-Za-z_]\w*)\"?[ \t]*[=:][ \t]*"
_SETTING = re.compile(_KEY + _TEXT)
_PAIR = r"(?<![\w.])\"?(?:name|key)\"?\s*[=:]\s*\"(?P<name>[A-Za-z_]\w*)\"\s*,?\s*\"?value\"?\s*[=:]\s*"
_VARIABLE = r"(?P<value>(?:var|local)\.\w+)(?![\w.\[])"
_NAMED = re.compile(_PAIR + _TEXT, re.I)
_TURNED = re.compile(  # the value before the name
    rf"(?<![\w.])\"?value\"?\s*[=:]\s*{_TEXT}\s*,?\s*\"?(?:name|key)\"?\s*[=:]\s*\"(?P<name>[A-Za-z_]\w*)\"\s*[,}}]",
    re.I,
)
_LOCALS = re.compile(r"(?m)^[ \t]*locals[ \t]*\{")
_REFERENCE = re.compile(_KEY + _VARIABLE)
_NAMED_REFERENCE = re.compile(_PAIR + _VARIABLE, re.I)
_DEFAULT = re.compile(r"\bvariable\s+\"(?P<name>\w+)\"\s*\{[^{}]*?(?<![\w.])default\s*=\s*" + _TEXT)
_CONTEXT = re.compile(r"(?<![\w.])context\s*=\s*" + _TEXT)
_LIST = re.compile(r"(?<![\w.])\"?(?:command|args|entry_?point|cmd)\"?\s*[=:]\s*\[(?P<items>[^\]]*)\]", re.I)
_STRING = re.compile(r'"(?P<text>(?:[^"\\\n]|\\.)*)"|\b(?P<name>(?:var|local)\.\w+)(?![\w.\[])')
_IMAGE = re.compile(r"(?<![\w.])\"?image\"?\s*[=:]\s*\"([^\"\n]*)\"", re.I)
_COMMENT = re.compile(r"(?m)(?:^|(?<=\s))(?:#|//)[^\n]*|/\*.*?\*/", re.DOTALL)
_BLOCK = re.compile(r"(?m)^(?=[A-Za-z_]+\b[^\n=]*\{)")


def read(source: Strand, path: str = "") -> Sheet:
    """The settings and commands of a file, block by block: a block that names one image runs in it.

    What a docker-bake file sets goes into the images that it builds.
    """
    folder, _, name = path.rpartition("/")
    bake = name.startswith("docker-bake")
    blank = _COMMENT.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), source.text)
    sheet = Sheet(texts=[source])
    starts = [0, *(m.start() for m in _BLOCK.finditer(blank) if m.start()), len(blank)]
    for start, end in itertools.pairwise(starts):
        images = set(_IMAGE.findall(blank, start, end))
        image = images.pop() if len(images) == 1 else ""
        container = Container(image=image) if image and "${" not in image else None
        if bake:
            context = _CONTEXT.search(blank, start, end)
            container = Container(build=normal(posixpath.join(folder, context["value"] if context else ".")))
        sheet.settings += [Setting(name, source.part(*span), container) for name, span in _settings(blank, start, end)]
        for match in _DEFAULT.finditer(blank, start, end) if bake else ():
            sheet.settings.append(Setting(match["name"], source.part(*match.span("value")), container))
        for match in _LIST.finditer(blank, start, end):
            begin, stop = match.span("items")
            found = [(m, m.lastgroup or "") for m in _STRING.finditer(blank, begin, stop)]
            words = [source.part(*m.span(kind)) for m, kind in found if m[kind] and "\\" not in m[kind]]
            if len(words) == 2 and words[0].text == "CMD-SHELL":
                sheet.add(shell.read(words[1], comments=False), container)
            elif words:
                sheet.commands.append(Command(tuple(words), container=container, bare=True))
    return sheet


def _settings(text: str, start: int, end: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """(name, where its value stands) of `NAME = "value"` and `{ name = "NAME", value = "value" }`; of variables, too."""
    for match in _DEFAULT.finditer(text, start, end):
        yield f"var.{match['name']}", match.span("value")
    own = _LOCALS.match(text, start, end) is not None
    for form in (_NAMED, _TURNED, _SETTING, _REFERENCE, _NAMED_REFERENCE):
        for match in form.finditer(text, start, end):
            if match["value"]:
                yield match["name"], match.span("value")
                if own and form is _SETTING:
                    yield f"local.{match['name']}", match.span("value")
