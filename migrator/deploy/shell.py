"""Shell text, as far as following a transport's word needs it: commands with their words, and assignments.

One reader for POSIX shells, fish, PowerShell and cmd: what they do differently (`set X=y`, `$env:X = "y"`,
`set -x X y`) is told apart by its form. Anything that it can't follow yields words that tie to nothing.
"""

from __future__ import annotations

import re
from dataclasses import replace

from migrator.deploy.shellwords import Reader, read_word
from migrator.deploy.strands import Strand, joined
from migrator.deploy.words import Command, Setting, Sheet, variable

_NAME = re.compile(r"[A-Za-z_]\w*")
_ASSIGN = re.compile(r"([A-Za-z_]\w*)\+?=")
_NAMED = re.compile(r"(?<![\w$])\$(\w+)$")
_POWERSHELL = re.compile(r"\$env:(\w+)\s*=\s*", re.I)
_HELD = re.compile(r"\"?\$\{(?P<array>\w+)\[[@*]\][^}]*\}\"?|\$(?P<text>\w+)|\$\{(?P<braced>\w+)\}")
_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(\w+)\1")
_OPERATOR = re.compile(r"&&|\|\||;;|[;&|(){}\n]")
_REDIRECT = re.compile(r"\d*(?:>>?|<)(?:&\d?|\|)?|&>>?")
_PROMPT = re.compile(
    r"\s*(?:\(\S+\)\s*)?(?:\$|%|>|❯|➜|PS [^>\n]*>|[A-Z]:\\[^>\n]*>"
    r"|(?:\[[\w.-]+@[^\]\n]*\]|[\w.-]+@[\w.-]+(?::[^\s$#%>]*)?|~[\w./-]*) ?[$#%>])\s+(?=\S)"
)

# Words that stand before a command without being it.
_OPENING = {
    "if",
    "then",
    "else",
    "elif",
    "do",
    "while",
    "until",
    "!",
    "exec",
    "nohup",
    "sudo",
    "time",
    "command",
    "eval",
    "env",
    "setsid",
    "&",
    "start",
    "call",
    "@echo",
}
_MAKES = ("make", "gmake", "$(MAKE)", "${MAKE}")
_PREFIXES = {"exec", "nohup", "command", "time", "setsid"}
_DECLARING = {"export", "local", "readonly", "declare", "typeset"}
_OLD = re.compile(r"(?:^|[=*])sse\*?$", re.I)
_TESTS = {"[", "[[", "test"}
_POWERSHELL_TESTS = {"-eq", "-ne", "-ieq", "-ine", "-ceq", "-cne", "-like", "-match"}
_CMD_TEST = re.compile(r"(?:%\w+%|!\w+!)(?P<sign>==)?")


def read(source: Strand, comments: bool = True) -> Sheet:
    """The commands and settings of shell text. comments: look into comments too, for commands that they show."""
    reader = Reader(source)
    _run(reader)
    sheet = reader.sheet
    if comments:
        for comment in reader.comments:
            shown = read(comment, comments=False)
            sheet.commands += [replace(c, comment=True) for c in shown.commands]
            sheet.settings += [replace(s, comment=True) for s in shown.settings]
            sheet.texts += shown.texts
    return sheet


def console(source: Strand) -> Sheet:
    """The same for text with prompts: a block of a document. Lines without a prompt count where none has one."""
    lines = list(source.lines())
    prompted = [m for line in lines if (m := _PROMPT.match(line.text))]
    if not prompted:
        return read(source)
    kept: list[Strand] = []
    open_line = False
    for line in lines:
        match = _PROMPT.match(line.text)
        if match:
            kept.append(line.part(match.end()))
        elif open_line:
            kept.append(line)
        else:
            continue
        open_line = line.text.rstrip().endswith(("\\", "`", "^"))
    return read(joined(kept, "\n"))


def split(source: Strand) -> list[Strand]:
    """The words of one command line without operators, as `command:` strings are split."""
    reader = Reader(source)
    text = source.text
    while reader.at < len(text):
        if text[reader.at].isspace():
            reader.at += 1
        elif text.startswith(("\\\n", "\\\r\n"), reader.at):
            reader.at += 2
        else:
            before = reader.at
            read_word(reader, operators=False)
            reader.at = max(reader.at, before + 1)
    return reader.words


def _run(r: Reader) -> None:
    text = r.source.text
    while r.at < len(text):
        char = text[r.at]
        if char == "\n":
            r.at += 1
            _end(r)
            for mark in r.heredocs:
                _skip_heredoc(r, mark)
            r.heredocs.clear()
        elif char.isspace():
            r.at += 1
        elif char in "\\`^" and (more := re.compile(r".[ \t]*\r?\n").match(text, r.at)):
            r.at = more.end()
        elif char == "#" and (r.at == 0 or text[r.at - 1] in " \t\n;"):
            end = text.find("\n", r.at)
            end = len(text) if end < 0 else end
            r.comments.append(r.source.part(r.at, end).part(1))
            r.at = end
        elif match := _HEREDOC.match(text, r.at):
            r.heredocs.append(match[2])
            r.at = match.end()
        elif match := _REDIRECT.match(text, r.at):
            r.at = match.end()
            while r.at < len(text) and text[r.at] in " \t":
                r.at += 1
            if not match.group().endswith(("&1", "&2")):
                kept, raws, begins = r.words[:], r.raws[:], r.begins[:]
                read_word(r)
                r.words, r.raws, r.begins = kept, raws, begins
        elif text.startswith(("${", "{{"), r.at):
            read_word(r)
        elif char == "(" and r.raws and text[r.at - 1] == "=" and (named := _ASSIGN.fullmatch(r.raws[-1])):
            _array(r, named[1])
        elif match := _OPERATOR.match(text, r.at):
            r.at = match.end()
            _end(r, pipe=match.group() in ("|", "&&", "||", ";", "&"))
        else:
            before = r.at
            read_word(r)
            r.at = max(r.at, before + 1)
    _end(r)


def _array(r: Reader, name: str) -> None:
    """The words of `NAME=(...)` or `NAME+=(...)`, which `"${NAME[@]}"` hands on."""
    begin = r.at + 1
    inner = Reader(r.source, at=begin)
    text = r.source.text
    while inner.at < len(text) and text[inner.at] != ")":
        if text[inner.at].isspace():
            inner.at += 1
        elif text[inner.at] == "#":
            end = text.find("\n", inner.at)
            inner.at = end if end > 0 else len(text)
        else:
            before = inner.at
            read_word(inner)
            inner.at = max(inner.at, before + 1)
    r.at = inner.at + 1
    r.words, r.raws, r.begins = [], [], []
    r.held.setdefault(name, []).extend(inner.words)
    r.sheet.texts += inner.words


def _expanded(r: Reader, words: list[Strand], raws: list[str]) -> list[Strand]:
    """The words with those of arrays, and of texts that hold options, where the command names them."""
    out: list[Strand] = []
    for word, raw in zip(words, raws, strict=True):
        match = _HELD.fullmatch(raw)
        held = r.held.get(match["array"] or match["text"] or match["braced"]) if match else None
        out += held if held else [word]
    return out


def _skip_heredoc(r: Reader, mark: str) -> None:
    begin = r.at
    while r.at < len(r.source):
        end = r.source.text.find("\n", r.at)
        end = len(r.source) if end < 0 else end
        line = r.source.text[r.at : end]
        r.at = end + 1
        if line.strip() == mark:
            break
    r.sheet.texts.append(r.source.part(begin, min(r.at, len(r.source))))


def _end(r: Reader, pipe: bool = False) -> None:
    """The command that was read is complete."""
    for substitution in r.inner:
        r.sheet.add(read(substitution))
    words, raws, begins = r.words, r.raws, r.begins
    r.words, r.raws, r.begins, r.inner = [], [], [], []
    r.sheet.texts += words
    lead = -1  # where a variable for the command can be put
    while words:
        first = words[0].text
        if match := _POWERSHELL.match(first):
            value = words[0].part(match.end()) if match.end() < len(first) else None
            if value is not None:
                r.sheet.settings.append(Setting(match[1], value))
            return
        if first.lower().startswith("$env:") and len(words) > 2 and words[1].text == "=":
            r.sheet.settings.append(Setting(first[5:], words[2]))
            return
        if _NAMED.search(first) and len(words) > 2 and words[1].text == "=":  # $Url = "y", param([string]$Url = "y")
            for name, equals, value in zip(words, words[1:], words[2:], strict=False):
                if equals.text == "=" and (match := _NAMED.search(name.text)):
                    said = value.part(0, len(value.text.rstrip(",)")))
                    r.sheet.settings.append(Setting(match[1], said, exported=False))
            return
        if (match := _ASSIGN.match(first)) and _ASSIGN.match(raws[0]):
            alone = not any(not _ASSIGN.match(w) for w in raws)
            value = words[0].part(match.end())
            r.sheet.settings.append(Setting(match[1], value, exported=not alone))
            if alone and re.search(r"(?:^|\s)--?\w", value.text) and " " in value.text:
                r.held.setdefault(match[1], []).extend(split(value))
            words, raws, begins = words[1:], raws[1:], begins[1:]
        elif first in _DECLARING:
            for word, raw in zip(words[1:], raws[1:], strict=True):
                if (match := _ASSIGN.match(word.text)) and _ASSIGN.match(raw):
                    r.sheet.settings.append(Setting(match[1], word.part(match.end()), exported=first == "export"))
            return
        elif first == ":":  # : "${NAME:=word}"
            r.sheet.settings += [Setting(n, w, exported=False) for w in words[1:] if (n := variable(w.text))]
            return
        elif first in ("set", "setx", "setenv") and len(words) > 1:
            _set(r, words[1:])
            return
        elif first in _TESTS or first == "case":
            _tested(r, words)
            return
        elif len(words) > 2 and words[1].text.lower() in _POWERSHELL_TESTS:
            _tested(r, words[:3])
            return
        elif match := _CMD_TEST.match(first):  # if "%X%"=="y" command
            length = 1 if match["sign"] else 3
            _tested(r, words[:length])
            words, raws, begins = words[length:], raws[length:], begins[length:]
        elif first.lower() == "/i":
            words, raws, begins = words[1:], raws[1:], begins[1:]
        elif first == "cd" and len(words) > 1:
            r.folders = (*r.folders, words[1].text)
            return
        elif first in _OPENING or first == "/usr/bin/env":
            lead = (begins[0] if lead < 0 else lead) if first in _PREFIXES else -1
            words, raws, begins = words[1:], raws[1:], begins[1:]
            if first in ("sudo", "env", "/usr/bin/env", "exec", "start"):
                while words and words[0].text.startswith("-"):
                    words, raws, begins = words[1:], raws[1:], begins[1:]
        elif first.endswith(":") and len(words) > 1 and first[:-1].isidentifier():  # a Procfile's process
            words, raws, begins = words[1:], raws[1:], begins[1:]
        else:
            break
    if len(words) == 1 and words[0].text.lower() == "sse":  # `sse)` of a case
        r.sheet.compared.append(words[0])
    elif words:
        if first in _MAKES:
            given = [(m[1], w.part(m.end())) for w in words[1:] if (m := _ASSIGN.match(w.text))]
            r.sheet.settings += [Setting(name, value, exported=False) for name, value in given]
        words = _expanded(r, words, raws)
        r.sheet.commands.append(Command(tuple(words), r.folders, prompt=begins[0] if lead < 0 else lead))
        for word in words[1:]:
            if " " in word.text and words[0].text.rpartition("/")[2] in (
                "sh",
                "bash",
                "zsh",
                "cmd",
                "docker",
                "ssh",
                "su",
                "xvfb-run",
                "npx",
                "concurrently",
            ):
                inner = read(word, comments=False)
                r.sheet.commands += [replace(c, folders=(*r.folders, *c.folders)) for c in inner.commands]
                r.sheet.settings += inner.settings
                r.sheet.tested |= inner.tested


def _set(r: Reader, words: list[Strand]) -> None:
    """`set X=y` (cmd), `setx X y`, `set -gx X y` (fish), `setenv X y` (csh)."""
    while words and words[0].text.startswith(("-", "/")):
        words = words[1:]
    if not words:
        return
    match = _ASSIGN.match(words[0].text)
    if match:
        r.sheet.settings.append(Setting(match[1], words[0].part(match.end())))
    elif len(words) > 1 and _NAME.fullmatch(words[0].text):
        r.sheet.settings.append(Setting(words[0].text, words[1]))


def _tested(r: Reader, words: list[Strand]) -> None:
    """What a test compares. One that never names the old word does not care when it changes."""
    if words[0].text != "case" and not any(_OLD.search(word.text) for word in words):
        return
    for word in words:
        for name in re.findall(r"\$\{?(?:env:)?(\w+)|[%!](\w+)[%!]", word.text):
            r.sheet.tested.add(name[0] or name[1])
        if _OLD.search(word.text):
            r.sheet.compared.append(word)
