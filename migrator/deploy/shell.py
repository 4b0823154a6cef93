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
_FUNCTION = re.compile(
    r"(?:function\s+)?(?P<name>[A-Za-z_][\w.:-]*)\s*\(\s*\)\s*\{|function\s+(?P<other>[A-Za-z_][\w.:-]*)\s*\{"
)
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
}
_OPENING |= {"env", "setsid", "&", "start", "call", "@echo"}
_WITH_OPTIONS = {"sudo", "env", "/usr/bin/env", "exec", "start"}
_RUNNING_OTHERS = {"sh", "bash", "zsh", "cmd", "docker", "ssh", "su", "xvfb-run", "npx", "concurrently"}
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
    reader.sheet.functions = {m["name"] or m["other"] for m in _FUNCTION.finditer(source.text)}
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
        elif not r.words and not r.inside and (match := _FUNCTION.match(text, r.at)):
            r.at, r.inside, r.depth = match.end(), match["name"] or match["other"], 1
        elif match := _OPERATOR.match(text, r.at):
            r.at = match.end()
            _end(r, match.group())
            _brace(r, match.group())
        else:
            before = r.at
            read_word(r)
            r.at = max(r.at, before + 1)
    _end(r)


def _brace(r: Reader, sign: str) -> None:
    """Leave a function behind its last brace."""
    if r.inside:
        r.depth += (sign == "{") - (sign == "}")
        r.inside = r.inside if r.depth else ""


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


def _end(r: Reader, sign: str = "\n") -> None:
    """The command that was read is complete: `sign` ends it."""
    commands, settings = len(r.sheet.commands), len(r.sheet.settings)
    _complete(r, sign)
    if r.inside:
        r.sheet.commands[commands:] = [replace(c, inside=r.inside) for c in r.sheet.commands[commands:]]
        r.sheet.settings[settings:] = [replace(s, inside=r.inside) for s in r.sheet.settings[settings:]]


def _complete(r: Reader, sign: str) -> None:
    for substitution in r.inner:
        r.sheet.add(read(substitution))
    front = _Front(r, r.words, r.raws, r.begins)
    r.words, r.raws, r.begins, r.inner = [], [], [], []
    r.sheet.texts += front.words
    while front.words and front.words[0].text not in r.sheet.functions:
        if _is_setting(r, front.words, front.raws) or _is_test(r, front.words) or _changes_folder(r, front.words):
            return
        if not front.drop():
            break
    if len(front.words) == 1 and front.words[0].text.lower() == "sse":  # `sse)` of a case
        r.sheet.compared += front.words if sign in (")", "|", "{") else ()
    elif front.words:
        _command(r, front)


class _Front:
    """What stands before a command in its words: assignments, conditions, `sudo`, `exec`.

    lead: where a variable for the command can be put, -1 for before the program's name.
    """

    def __init__(self, r: Reader, words: list[Strand], raws: list[str], begins: list[int]) -> None:
        self.r, self.words, self.raws, self.begins = r, words, raws, begins
        self.lead = -1

    def drop(self) -> bool:
        """Takes the first of it away; False when the words begin with the program."""
        first = self.words[0].text
        if (match := _ASSIGN.match(first)) and _ASSIGN.match(self.raws[0]):
            self._assigned(match)
        elif match := _CMD_TEST.match(first):  # if "%X%"=="y" command
            length = 1 if match["sign"] else 3
            _tested(self.r, self.words[:length])
            self._skip(length)
        elif first in _OPENING or first == "/usr/bin/env":
            self.lead = (self.begins[0] if self.lead < 0 else self.lead) if first in _PREFIXES else -1
            self._skip(1)
            if first in _WITH_OPTIONS:
                while self.words and self.words[0].text.startswith("-"):
                    self._skip(1)
        elif first.lower() == "/i" or (first.endswith(":") and len(self.words) > 1 and first[:-1].isidentifier()):
            self._skip(1)  # the second: a Procfile's process
        else:
            return False
        return True

    def _skip(self, length: int) -> None:
        self.words, self.raws, self.begins = self.words[length:], self.raws[length:], self.begins[length:]

    def _assigned(self, match: re.Match[str]) -> None:
        """`NAME=value`: for the command that follows, or for the rest of the script."""
        alone = all(_ASSIGN.match(w) for w in self.raws)
        value = self.words[0].part(match.end())
        self.r.sheet.settings.append(Setting(match[1], value, exported=not alone))
        if alone and re.search(r"(?:^|\s)--?\w", value.text) and " " in value.text:
            self.r.held.setdefault(match[1], []).extend(split(value))
        self._skip(1)


def _is_setting(r: Reader, words: list[Strand], raws: list[str]) -> bool:
    """True when the whole command sets variables, in any shell's way: they are on the sheet."""
    first = words[0].text
    settings = r.sheet.settings
    if match := _POWERSHELL.match(first):
        if match.end() < len(first):
            settings.append(Setting(match[1], words[0].part(match.end())))
    elif first.lower().startswith("$env:") and len(words) > 2 and words[1].text == "=":
        settings.append(Setting(first[5:], words[2]))
    elif _NAMED.search(first) and len(words) > 2 and words[1].text == "=":  # $Url = "y", param([string]$Url = "y")
        for name, equals, value in zip(words, words[1:], words[2:], strict=False):
            if equals.text == "=" and (match := _NAMED.search(name.text)):
                said = value.part(0, len(value.text.rstrip(",)")))
                settings.append(Setting(match[1], said, exported=False))
    elif first in _DECLARING:
        for word, raw in zip(words[1:], raws[1:], strict=True):
            if (match := _ASSIGN.match(word.text)) and _ASSIGN.match(raw):
                settings.append(Setting(match[1], word.part(match.end()), exported=first == "export"))
    elif first == ":":  # : "${NAME:=word}"
        settings += [Setting(n, w, exported=False) for w in words[1:] if (n := variable(w.text))]
    elif first in ("set", "setx", "setenv") and len(words) > 1:
        _set(r, words[1:])
    else:
        return False
    return True


def _is_test(r: Reader, words: list[Strand]) -> bool:
    """True when the whole command only compares: what it compares is on the sheet."""
    if words[0].text in _TESTS or words[0].text == "case":
        _tested(r, words)
    elif len(words) > 2 and words[1].text.lower() in _POWERSHELL_TESTS:
        _tested(r, words[:3])
    else:
        return False
    return True


def _changes_folder(r: Reader, words: list[Strand]) -> bool:
    if words[0].text != "cd" or len(words) < 2:
        return False
    r.folders = (*r.folders, words[1].text)
    return True


def _command(r: Reader, front: _Front) -> None:
    """A program with its words, and the commands in the words of programs that run others."""
    words = front.words
    if words[0].text in _MAKES:
        given = [(m[1], w.part(m.end())) for w in words[1:] if (m := _ASSIGN.match(w.text))]
        r.sheet.settings += [Setting(name, value, exported=False) for name, value in given]
    words = _expanded(r, words, front.raws)
    prompt = front.begins[0] if front.lead < 0 else front.lead
    r.sheet.commands.append(Command(tuple(words), r.folders, prompt=prompt))
    if words[0].text.rpartition("/")[2] not in _RUNNING_OTHERS:
        return
    for word in words[1:]:
        if " " in word.text:
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
        r.sheet.tested |= {name} if (name := variable(word.text)) else set()
        if _OLD.search(word.text):
            r.sheet.compared.append(word)
