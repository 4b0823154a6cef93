"""Command lines of bridges and of clients' own `mcp add` (rules/tools.toml): their transport words and their URLs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field
from typing import Any

from migrator.configs.addresses import looks_like_sse, parse
from migrator.configs.decisions import Action, Decision
from migrator.configs.spans import Change
from migrator.configs.urls import Urls
from migrator.records import record

_WORD = re.compile(r"""(?:\$\([^()]*\)|[^\s"'\\;|&<>()]|\\[^\r\n]|"(?:[^"\\]|\\.)*"|'[^']*'|<[^<>\s]*>)+""", re.DOTALL)
_VERSION = re.compile(r"(?<=[^/])@[^/@]*$|[=~<>!]=.*$|\[.*\]$|:[\w.-]+$|\.(?:exe|cmd)$")


@record(frozen=True)
class CommandMove:
    """What becomes of one command line that reaches (or serves) SSE.

    words: new text for words, by index. inserts: words to put before the word of that index.
    env: new values of environment variables. serves: the command line serves SSE: `decision` tells what to do.
    json_word: the word that holds a JSON entry of `client` (-1: none); see snippets.
    """

    tool: str
    decision: Decision
    url: str = ""
    words: Mapping[int, str] = field(default_factory=dict)
    inserts: Mapping[int, str] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    serves: bool = False
    json_word: int = -1
    client: str = ""


@record(frozen=True)
class ShellWord:
    """A word of a shell command: its text without quotes, and where it stands with them."""

    text: str
    start: int
    end: int


def shell_words(text: str) -> list[ShellWord]:
    """The words of one shell command; it ends where an operator (`|`, `;`, `&&`, a redirection) begins."""
    words: list[ShellWord] = []
    at = 0
    while True:
        blank = re.compile(r"(?:\s|\\\r?\n)*").match(text, at)
        at = blank.end() if blank else at
        match = _WORD.match(text, at)
        if not match:
            return words
        at = match.end()
        words.append(ShellWord(_unquoted(match.group()), match.start(), match.end()))


def _unquoted(raw: str) -> str:
    def one(match: re.Match[str]) -> str:
        if match[1] is not None:
            return re.sub(r'\\(["\\$`])', r"\1", match[1])
        return match[2] if match[2] is not None else match[3].replace("\n", "").replace("\r", "")

    return re.sub(r'"((?:[^"\\]|\\.)*)"|\'([^\']*)\'|\\(\r?\n|.)', one, raw, flags=re.DOTALL)


class Tools:
    """The rulebook's command-line tools."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.rows = rows

    def find(self, words: Sequence[str]) -> tuple[Mapping[str, Any], int] | None:
        """The tool that the command line calls and the index of the first word after its name; None for no tool."""
        for i, word in enumerate(words):
            names = _names(word)
            for row in self.rows:
                after = row.get("after", [])
                if names & set(row["names"]) and list(words[i + 1 : i + 1 + len(after)]) == after:
                    return row, i + 1 + len(after)
        return None

    def rewrite(
        self, words: Sequence[str], urls: Urls, path: str = "", env: Mapping[str, str] | None = None
    ) -> CommandMove | None:
        """What becomes of the command line `words` in the file `path`; None when no known tool reaches SSE in it.

        env: the environment variables that the command line is given.
        """
        found = self.find(words)
        if not found:
            return None
        row, begin = found
        end = len(words)
        if row.get("after") and "--" in words[begin:]:
            end = words.index("--", begin)
        if row.get("json"):
            return _json(row, words, begin)
        if any(w.partition("=")[0] in row.get("server", []) for w in words[begin:end]):
            return _serving(row, words[begin:end])

        def decide(url: str, spoken: str) -> Decision:
            if spoken in ("url", "negotiates") and not urls.reaches_sse(url, path):
                return Decision(Action.LEFT)
            return urls.decide(url, path, streamable=spoken == "http")

        move = _client(row, words[:end], begin, decide, env or {})
        if move is None and end < len(words):  # `claude mcp add NAME -- npx mcp-remote URL`
            inner = self.rewrite(words[end + 1 :], urls, path, env)
            return _shifted(inner, end + 1) if inner else None
        return move


def _names(word: str) -> set[str]:
    """What a word may be the name of: as it is, without its version, without its folder."""
    plain = _VERSION.sub("", word)
    return {word, plain, re.split(r"[/\\]", plain)[-1]} if not word.startswith("-") else set()


def _client(
    row: Mapping[str, Any],
    words: Sequence[str],
    begin: int,
    decide: Callable[[str, str], Decision],
    env: Mapping[str, str],
) -> CommandMove | None:
    changed: dict[int, str] = {}
    spoken = ""  # the transport that an option names
    for i, option, value, at in _options(words, begin):
        table = row.get("options", {}).get(option)
        if table is not None:
            named = "negotiates" if value in row.get("falls-back", []) else "http"
            spoken = "sse" if value in table else spoken or (named if value in table.values() else value)
            if value in table:
                changed[at] = table[value] if at != i else f"{option}={table[value]}"
        if option in row.get("rename", {}):
            renamed = row["rename"][option]
            changed[i] = f"{renamed}={value}" if at == i else renamed
    spoken = spoken or row["missing"]
    variable = row.get("url-env", "")
    index = _address(row, words, begin)
    url = words[index] if index >= 0 else env.get(variable, "")
    if index >= 0 and index in changed:  # --sse=URL
        url = words[index].partition("=")[2]
    if not url or spoken == "stdio":
        return None
    decision = decide(url, spoken)
    move = CommandMove(row["id"], decision, url)
    if decision.action is Action.LEFT:
        return move if looks_like_sse(url) else None
    if decision.action is Action.HAND:
        return move
    if index < 0:
        if row["missing"] == "sse" and not changed:
            todo = f"put {row['insert']} on the command line and {decision.url} into {variable}"
            return CommandMove(row["id"], _by_hand(decision, f"its address stands in {variable}", todo), url)
        return CommandMove(row["id"], decision, url, changed, env={variable: decision.url})
    inserts = {index: row["insert"]} if spoken == "sse" and "insert" in row and not changed else {}
    new = changed[index].partition("=")[0] + f"={decision.url}" if index in changed else decision.url
    if new != words[index]:
        changed[index] = new
    return CommandMove(row["id"], decision, url, changed, inserts) if changed or inserts else None


def _options(words: Sequence[str], begin: int) -> list[tuple[int, str, str, int]]:
    """(index, option, value, index of the value) for every option of the command line."""
    found = []
    for i in range(begin, len(words)):
        option, equals, value = words[i].partition("=")
        if option.startswith("-") and equals:
            found.append((i, option, value, i))
        elif option.startswith("-") and i + 1 < len(words):
            found.append((i, option, words[i + 1], i + 1))
    return found


def _address(row: Mapping[str, Any], words: Sequence[str], begin: int) -> int:
    """The index of the word that holds the address, -1 for none."""
    where = row["url"]
    if where.startswith("after:"):
        option = where.removeprefix("after:")
        return next((at for _, name, value, at in _options(words, begin) if name == option and value), -1)
    values = {at for _, option, _, at in _options(words, begin) if option in row.get("options", {})}
    found = [
        i for i in range(begin, len(words)) if parse(words[i]) and not words[i].startswith("-") and i not in values
    ]
    if where == "last":
        return found[-1] if found else -1
    positional = [i for i in found if not words[i - 1].startswith("-")]
    return (positional or found or [-1])[0]


def _json(row: Mapping[str, Any], words: Sequence[str], begin: int) -> CommandMove | None:
    at = next((i for i in range(begin, len(words)) if words[i].lstrip().startswith("{")), -1)
    return CommandMove(row["id"], Decision(Action.LEFT), json_word=at, client=row["client"]) if at >= 0 else None


def _serving(row: Mapping[str, Any], words: Sequence[str]) -> CommandMove | None:
    if "server-side" not in row:
        return None
    value = next((v for _, option, v, _ in _options(words, 0) if option == row["server-option"]), "")
    if value not in row["serves"]:
        return None
    decision = Decision(Action.HAND, reason=f"{row['id']} serves SSE here", instruction=f"use {row['server-side']}")
    return CommandMove(row["id"], decision, serves=True)


def _by_hand(decision: Decision, reason: str, instruction: str) -> Decision:
    return Decision(
        Action.HAND,
        reason=reason,
        instruction=instruction,
        unit=decision.unit,
        shut_down=decision.shut_down,
        also=decision.also,
    )


def _shifted(move: CommandMove, by: int) -> CommandMove:
    return CommandMove(
        move.tool,
        move.decision,
        move.url,
        {i + by: w for i, w in move.words.items()},
        {i + by: w for i, w in move.inserts.items()},
        move.env,
        move.serves,
        move.json_word + by if move.json_word >= 0 else -1,
        move.client,
    )


def line_changes(line: str, words: Sequence[ShellWord], move: CommandMove, base: int = 0) -> list[Change]:
    """The changes that `move` makes to the shell command `line`, of which `words` are the words; quotes are kept."""
    changes: list[Change] = []
    for i, new in move.words.items():
        word = words[i]
        raw = line[word.start : word.end]
        quote = raw[0] if raw[0] in "\"'" and raw[-1] == raw[0] and raw[1:-1] == word.text else ""
        if raw == word.text or quote:
            inner = len(quote)
            changes.append((base + word.start + inner, base + word.end - inner, new))
        else:
            at = raw.find(word.text.partition("=")[2]) if "=" in word.text else -1
            changes.append((base + word.start, base + word.end, new) if at < 0 else _value(raw, word, new, base))
    changes += [(base + words[i].start, base + words[i].start, f"{new} ") for i, new in move.inserts.items()]
    return sorted(changes)


def _value(raw: str, word: ShellWord, new: str, base: int) -> Change:
    """`--sse="URL"`: the value changes inside its quotes, the option with it."""
    old = word.text.partition("=")[2]
    at = raw.find(old)
    option = raw[:at].replace(word.text.partition("=")[0], new.partition("=")[0], 1)
    return (base + word.start, base + word.end, option + new.partition("=")[2] + raw[at + len(old) :])
