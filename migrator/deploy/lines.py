"""Line-based files: environment files, Makefile, justfile, systemd units, supervisord, Procfile."""

from __future__ import annotations

import re
from dataclasses import replace

from migrator.deploy import shell
from migrator.deploy.strands import Strand, joined
from migrator.deploy.words import Setting, Sheet

_ASSIGNMENT = re.compile(
    r"(?P<comment>\s*#+\s*)?\s*(?:export\s+|set\s+)?(?P<name>[A-Za-z_][\w.-]*)\s*=\s*(?P<value>.*)$"
)
_MAKE_VARIABLE = re.compile(r"\s*(?:export\s+|override\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:\?|::?|!|\+)?=\s*(?P<value>.*)$")
_TARGET_VARIABLE = re.compile(r"[\w./% -]+:\s*(?:export\s+)?(?P<name>[A-Za-z_]\w*)\s*(?:\?|:|\+)?=\s*(?P<value>.*)$")
_MAKE_TEST = re.compile(r"\s*(?:else\s+)?ifn?eq\b[ (\"']*\$[({](?P<name>\w+)[)}][\"']?[ ,]+[\"']?(?P<word>\w+)")
_JUST_VARIABLE = re.compile(r"(?:export\s+)?(?P<name>[\w-]+)\s*:=\s*(?P<value>.*)$")
_JUST_PARAMETER = re.compile(r"(?P<name>[\w-]+)=(?P<value>\"[^\"]*\"|'[^']*')")
_JUST_DEFAULT = re.compile(
    r"env(?:_var_or_default)?\(\s*[\"'][^\"']*[\"']\s*,\s*(?P<q>[\"'])(?P<word>[^\"']*)(?P=q)\s*\)"
)
_INI = re.compile(r"\s*(?P<key>[\w.-]+)\s*[=:]\s*(?P<value>.*)$")


def value_of(text: Strand) -> Strand:
    """A value without its quotes and without a comment behind it."""
    text = text.stripped()
    for quote in ('"', "'"):
        if text.text.startswith(quote):
            end = text.text.find(quote, 1)
            return text.part(1, end if end > 0 else None)
    comment = re.search(r"\s#", text.text)
    return text.part(0, comment.start()).stripped() if comment else text


def environment(source: Strand) -> Sheet:
    """NAME=value lines; a value that is commented out is one that people copy."""
    sheet = Sheet()
    for line in source.lines():
        match = _ASSIGNMENT.match(line.text)
        if not match:
            continue
        value = value_of(line.part(*match.span("value")))
        if match["comment"] and " " in value.text:
            continue  # a sentence
        sheet.settings.append(Setting(match["name"], value, comment=bool(match["comment"])))
        sheet.texts.append(value)
    return sheet


def makefile(source: Strand) -> Sheet:
    """Recipes as shell, variables as settings."""
    sheet = Sheet()
    recipe: list[Strand] = []
    for line in source.lines():
        if line.text.startswith("\t"):
            recipe.append(_command(line.part(1), recipe, "@+-"))
            continue
        if recipe:
            sheet.add(shell.read(joined(recipe, "\n")))
            recipe = []
        if line.text.lstrip().startswith("#"):
            sheet.add(_comment(line))
            continue
        if (test := _MAKE_TEST.match(line.text)) and test["word"].lower() == "sse":
            sheet.tested.add(test["name"])
            sheet.compared.append(line.part(*test.span("word")))
        for form in (_TARGET_VARIABLE, _MAKE_VARIABLE):
            if match := form.match(line.text):
                value = value_of(line.part(*match.span("value")))
                sheet.settings.append(Setting(match["name"], value, exported="export" in line.text))
                sheet.texts.append(value)
                break
    if recipe:
        sheet.add(shell.read(joined(recipe, "\n")))
    return sheet


def _command(line: Strand, before: list[Strand], marks: str) -> Strand:
    """A line of a recipe without the marks in front of a command; one that goes on begins with words of its own."""
    goes_on = bool(before) and before[-1].text.endswith("\\")
    return line if goes_on else line.part(len(line.text) - len(line.text.lstrip(marks)))


def _comment(line: Strand) -> Sheet:
    shown = shell.read(line.part(line.text.index("#") + 1), comments=False)
    shown.commands = [replace(c, comment=True) for c in shown.commands]
    shown.settings = [replace(s, comment=True) for s in shown.settings]
    return shown


def justfile(source: Strand) -> Sheet:
    """Indented recipes as shell; variables and the defaults of a recipe's parameters as settings."""
    sheet = Sheet()
    recipe: list[Strand] = []
    for line in source.lines():
        if line.text[:1] in (" ", "\t") and line.text.strip():
            recipe.append(_command(line.stripped(), recipe, "@-"))
            continue
        if recipe and line.text.strip():
            sheet.add(shell.read(joined(recipe, "\n")))
            recipe = []
        if line.text.startswith("#"):
            sheet.add(_comment(line))
        elif match := _JUST_VARIABLE.match(line.text):
            value = line.part(*match.span("value"))
            asked = _JUST_DEFAULT.match(value.text)
            value = value.part(*asked.span("word")) if asked else value_of(value)
            sheet.settings.append(Setting(match["name"], value, exported=line.text.startswith("export")))
            sheet.texts.append(value)
        elif ":" in line.text:
            for match in _JUST_PARAMETER.finditer(line.text):
                value = line.part(*match.span("value"))
                sheet.settings.append(Setting(match["name"].lstrip("$"), value.part(1, len(value) - 1), exported=False))
    if recipe:
        sheet.add(shell.read(joined(recipe, "\n")))
    return sheet


_ENVIRONMENTS = ("environment", "env", "setenv", "set_env")


def units(source: Strand) -> Sheet:
    """systemd units, supervisord, tox and other INI files: keys that hold commands or an environment."""
    sheet = Sheet()
    last = ""
    pending: list[Strand] = []
    logical: list[Strand] = []
    for line in source.lines():
        if line.text.lstrip().startswith(("#", ";")):
            continue
        if line.text.rstrip().endswith("\\"):
            pending.append(line.part(0, len(line.text.rstrip()) - 1))
            continue
        logical.append(joined([*pending, line], " ") if pending else line)
        pending = []
    for line in logical:
        if last and line.text[:1] in (" ", "\t") and line.text.strip():  # a value that goes on
            if last == "commands":
                sheet.add(shell.read(line.stripped(), comments=False))
            elif pair := _ASSIGNMENT.match(line.text):
                sheet.settings.append(Setting(pair["name"], value_of(line.part(*pair.span("value")))))
                sheet.texts.append(sheet.settings[-1].value)
            continue
        match = _INI.match(line.text)
        last = match["key"].lower() if match and match["key"].lower() in ("commands", *_ENVIRONMENTS) else ""
        if not match:
            continue
        key, value = match["key"].lower(), line.part(*match.span("value"))
        if key.startswith("exec") or key in ("command", "commands", "cmd", "run"):
            head = re.match(r"[@:+!|-]*", value.text) if key.startswith("exec") else None
            sheet.add(shell.read(value.part(head.end() if head else 0), comments=False))
        elif key in _ENVIRONMENTS:
            if spaced := re.match(r"([A-Za-z_]\w*)\s+=", value.text):
                sheet.settings.append(Setting(spaced[1], value_of(value.part(spaced.end()))))
            else:
                sheet.settings += _pairs(value)
            sheet.texts.append(value)
        else:
            held = value_of(value)
            sheet.texts.append(held)
            sheet.pairs += [
                (name, held) for name in dict.fromkeys((match["key"], key))
            ]  # configparser reads in lower case
    return sheet


def _pairs(value: Strand) -> list[Setting]:
    """`A=b C=d`, `"A=b" "C=d"`, `A="b",C="d"`."""
    found = []
    for word in shell.split(value):
        at = 0
        for match in re.finditer(r",(?=\s*[A-Za-z_]\w*=)|$", word.text):
            piece = word.part(at, match.start())
            name, equals, _ = piece.text.strip(", ").partition("=")
            if equals:
                begin = piece.text.index("=") + 1
                end = len(piece.text.rstrip(","))
                found.append(Setting(name.strip(), piece.part(begin, end)))
            at = match.end()
    return found


def procfile(source: Strand) -> Sheet:
    """`web: command` lines."""
    sheet = Sheet()
    for line in source.lines():
        name, colon, _ = line.text.partition(":")
        if colon and not line.text.startswith("#"):
            sheet.add(shell.read(line.part(len(name) + 1), comments=False))
    return sheet
