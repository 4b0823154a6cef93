"""Templates that no parser takes (Helm, Jinja): variables and argument lists by their lines."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import replace

from migrator.configs import json_spans
from migrator.configs.spans import Unparsable
from migrator.deploy.lines import value_of
from migrator.deploy.strands import Strand, of_node
from migrator.deploy.words import Command, Setting, Sheet
from migrator.deploy.words import Container as Image

_PAIR = re.compile(r"\s*(?:#\s*)?(?:-\s+)?[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*(?P<sign>[:=])\s*(?P<value>\S.*)$")
_INLINE = re.compile(
    r"[{,]\s*[\"']?name[\"']?\s*:\s*[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*,\s*[\"']?value[\"']?\s*:\s*(?P<value>[^,}\n]+)"
)
_KEY = re.compile(r"\s*(?:-\s+)?(?P<name>\w+):")
_ITEM = re.compile(r"\s*-\s+(?P<value>\S.*)$")
_LIST = re.compile(r"\s*(?:-\s+)?(?:command|args|entrypoint):\s*(?P<value>\[.*\])\s*$")


def loosely(source: Strand, probing: Container[str] = ()) -> Sheet:
    """The settings, the lists of arguments and the paths that probes ask for, of text in the manner of YAML.

    probing: keys below which a path is that of a health check.
    """
    sheet = Sheet()
    name = ""
    probe = -1  # how deep the key of the probe stands that the line is below, -1 outside of one
    items: list[Strand] = []
    images: set[str] = set()
    for line in source.lines():
        listed = _LIST.match(line.text)
        item = _ITEM.match(line.text)
        pair = _PAIR.match(line.text)
        depth = len(line.text) - len(line.text.lstrip())
        if line.text.strip() and depth <= probe and not line.text.lstrip().startswith(("{{", "{%")):
            probe = -1
        if probe < 0 and (key := _KEY.match(line.text)) and key["name"] in probing:
            probe = depth
        if items and not (item and not pair):
            sheet.commands.append(Command(tuple(items), bare=True))
            items = []
        for inline in _INLINE.finditer(line.text):
            sheet.settings.append(Setting(inline["name"], value_of(line.part(*inline.span("value")))))
        if listed:
            words = _words(line.part(*listed.span("value")))
            if words:
                sheet.commands.append(Command(tuple(words), bare=True))
        elif pair:
            value = value_of(line.part(*pair.span("value")))
            images |= {value.text} if pair["name"] == "image" else set()
            if pair["name"] == "name":
                name = value.text
            elif pair["name"] == "value" and name:
                sheet.settings.append(Setting(name, value))
            else:
                sheet.settings.append(Setting(pair["name"], value))
            sheet.texts.append(value)
            if probe >= 0 and value.text.startswith("/"):
                sheet.probes.append(value)
        elif item:
            items.append(value_of(line.part(*item.span("value"))))
    if items:
        sheet.commands.append(Command(tuple(items), bare=True))
    if len(images) == 1:
        container = Image(image=images.pop())
        sheet.commands = [replace(c, container=container) for c in sheet.commands]
    return sheet


def _words(text: Strand) -> list[Strand]:
    try:
        documents = json_spans.NOTATION.parse(text.text)
    except Unparsable:
        return []
    return [w for item in documents[0].items if (w := of_node(item, text)) is not None]
