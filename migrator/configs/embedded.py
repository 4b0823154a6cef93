"""Client configuration that stands as text in another file: a ConfigMap's data, a step's input, a script's here-document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.records import record

_JSON = re.compile(r'\{\s*"(?:mcpServers|mcp_servers|mcp-servers|context_servers|servers|mcp)"\s*:\s*[{\[]')
_YAML = re.compile(r"^(?P<indent>[ \t]*)(?:mcpServers|mcp_servers|mcp-servers):[ \t]*(?:#.*)?\r?$", re.M)
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_BEFORE = re.compile(r"(?:>{1,2}|\btee\b(?: -a)?)[ \t]*[\"']?(?P<name>[\w./~${}-]+)[\"']?[^\n]*\n\s*$")
_AFTER = re.compile(r"[\"']?[ \t]*(?:\|[ \t]*tee|>{1,2})[ \t]*[\"']?(?P<name>[\w./~${}-]+)")


@record(frozen=True)
class Region:
    """The characters start:end of a text. name: of the file that a script writes them to, "" where none is seen."""

    start: int
    end: int
    syntax: str  # "json" | "yaml"
    name: str = ""


def regions(text: str, start: int = 0, end: int | None = None) -> Iterator[Region]:
    """Where configuration of MCP servers stands in the characters start:end of `text`."""
    end = len(text) if end is None else end
    done = start
    for match in _JSON.finditer(text, start, end):
        close = _closed(text, match.start(), end)
        if match.start() >= done and close:
            done = close
            yield Region(match.start(), close, "json", _written_to(text, match.start(), close))
    for match in _YAML.finditer(text, start, end):
        begin = match.start()
        close = _indented(text, match.end(), end, len(match["indent"]))
        yield Region(begin, close, "yaml", _written_to(text, begin, close))


def _closed(text: str, at: int, end: int) -> int:
    """Where the object that begins at `at` ends, 0 where it doesn't."""
    depth = 0
    while at < end:
        char = text[at]
        if char == '"':
            match = _STRING.match(text, at, end)
            if not match:
                return 0
            at = match.end()
            continue
        depth += {"{": 1, "}": -1}.get(char, 0)
        at += 1
        if not depth:
            return at
    return 0


def _indented(text: str, at: int, end: int, indent: int) -> int:
    """Where the lines end that belong to a YAML key with this indentation."""
    stop = at
    for line in re.finditer(r"[^\n]*\n?", text[at:end]):
        body = line.group().strip()
        own = len(line.group()) - len(line.group().lstrip())
        if body and line.start() and own <= indent and not (own == indent and body.startswith("- ")):
            break
        if body:
            stop = at + line.end()
    return stop


def _written_to(text: str, start: int, end: int) -> str:
    head = text[max(text.rfind("\n", 0, max(text.rfind("\n", 0, start), 0)), 0) : start]
    match = _BEFORE.search(head) or _AFTER.match(text, end)
    return match["name"].removeprefix("~/") if match else ""
