"""Templates that no parser takes (Helm, Jinja): variables and argument lists by their lines."""

from __future__ import annotations

import re

from migrator.configs import json_spans
from migrator.configs.spans import Unparsable
from migrator.deploy.lines import value_of
from migrator.deploy.strands import Strand, of_node
from migrator.deploy.words import Command, Setting, Sheet

_PAIR = re.compile(r"\s*(?:#\s*)?(?:-\s+)?[\"']?(?P<name>[A-Za-z_]\w*)[\"']?\s*(?P<sign>[:=])\s*(?P<value>\S.*)$")
_ITEM = re.compile(r"\s*-\s+(?P<value>\S.*)$")
_LIST = re.compile(r"\s*(?:-\s+)?(?:command|args|entrypoint):\s*(?P<value>\[.*\])\s*$")


def loosely(source: Strand) -> Sheet:
    """The settings, and the lists of arguments, of text in the manner of YAML."""
    sheet = Sheet()
    name = ""
    items: list[Strand] = []
    for line in source.lines():
        listed = _LIST.match(line.text)
        item = _ITEM.match(line.text)
        pair = _PAIR.match(line.text)
        if items and not (item and not pair):
            sheet.commands.append(Command(tuple(items), bare=True))
            items = []
        if listed:
            words = _words(line.part(*listed.span("value")))
            if words:
                sheet.commands.append(Command(tuple(words), bare=True))
        elif pair:
            value = value_of(line.part(*pair.span("value")))
            if pair["name"] == "name":
                name = value.text
            elif pair["name"] == "value" and name:
                sheet.settings.append(Setting(name, value))
            else:
                sheet.settings.append(Setting(pair["name"], value))
            sheet.texts.append(value)
        elif item:
            items.append(value_of(line.part(*item.span("value"))))
    if items:
        sheet.commands.append(Command(tuple(items), bare=True))
    return sheet


def _words(text: Strand) -> list[Strand]:
    try:
        documents = json_spans.NOTATION.parse(text.text)
    except Unparsable:
        return []
    return [w for item in documents[0].items if (w := of_node(item, text)) is not None]
