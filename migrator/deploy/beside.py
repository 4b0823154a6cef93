"""A transport's word beside an address: the settings of one client say both, and only both together can change."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LINE = re.compile(
    r"(?P<indent>[ \t]*)(?:-[ \t]+|export[ \t]+|ENV[ \t]+|set[ \t]+)?[\"']?(?P<key>[A-Za-z_][\w.-]*)[\"']?[ \t]*[:=][ \t]*(?P<value>.*)"
)
_ITEM = re.compile(r"[ \t]*-[ \t]+(?=[\"']?[A-Za-z_][\w.-]*[\"']?[ \t]*:(?:\s|$))")
_BLANK = re.compile(r"[ \t]*")
_SAYS = re.compile(r"[\"']?(?P<word>sse)[\"']?\s*(?:[#;,\\].*)?$", re.I)
_KIND = re.compile(r"transport|protocol|(?:^|[_.-])(?:type|kind|mode)$", re.I)
_BEFORE = re.compile(r"[\"']?(?:\$\{\w+:?[-=])?")  # of the value, before the address
_OBJECT = re.compile(r"\{\s*(?:\\?[\"']|[\w.-]+(?:\s*=\s*|:\s+)[\"'\[{\w])")
_MEMBER = re.compile(r"\\?[\"']?(?P<key>[\w.-]+)\\?[\"']?\s*[:=]\s*\\?[\"'](?P<word>sse)\\?[\"']", re.I)
_PLAIN = {"mcp", "client", "agent", "server", "app", "default"}  # of whatever speaks MCP: they tell nothing apart
_TAILS = {"url", "uri", "endpoint", "address", "host", "server", "sse", "base", "transport", "protocol", "type", "kind"}


def said_beside(text: str, start: int, end: int) -> Iterator[tuple[int, str]]:
    """(offset of the word "sse", its key) for what names the transport beside the address start:end of `text`."""
    found = _object(text, start, end)
    if found is not None:
        for match in _MEMBER.finditer(text, *found):
            if _KIND.search(match["key"]):
                yield match.start("word"), match["key"]
        return
    own_start = text.rfind("\n", 0, start) + 1
    own = _LINE.match(text, own_start)
    if not own or own.start("value") > start or not _BEFORE.fullmatch(text, own.start("value"), start):
        return
    depth = _depth(text, own_start)
    for at in _around(text, own_start, depth):
        line = _LINE.match(text, at)
        if line is None or _depth(text, at) != depth or not _KIND.search(line["key"]):
            continue
        says = _SAYS.match(line["value"])
        if says and _alike(own["key"], line["key"]):
            yield line.start("value") + says.start("word"), line["key"]


def _object(text: str, start: int, end: int) -> tuple[int, int] | None:
    """The innermost braces around the address that hold keys: quoted ones, or those of TOML and JavaScript."""
    depth, at = 0, start
    while at > max(start - 2000, 0):
        at -= 1
        depth += {"}": 1, "{": -1}.get(text[at], 0)
        if depth < 0:
            break
    if depth >= 0 or text[at - 1 : at] == "$" or not _OBJECT.match(text[at : at + 200]):
        return None
    close, depth = end, 1
    while close < min(len(text), end + 2000) and depth:
        depth += {"{": 1, "}": -1}.get(text[close], 0)
        close += 1
    return at, close


def _around(text: str, at: int, depth: int) -> Iterator[int]:
    """Beginnings of the lines that stand in one section, in one item of a list, or below one key, with that at `at`."""
    begin = at
    while begin > 0 and not _ITEM.match(text, begin):
        before = text.rfind("\n", 0, begin - 1) + 1
        if _ends(text, before, depth):
            break
        begin = before
    while begin < len(text):
        stop = text.find("\n", begin) + 1 or len(text)
        if begin > at and (_ends(text, begin, depth) or (_ITEM.match(text, begin) and _depth(text, begin) == depth)):
            return
        if begin != at:
            yield begin
        begin = stop


def _ends(text: str, at: int, depth: int) -> bool:
    body = text[at : text.find("\n", at) + 1 or len(text)].strip()
    return bool(body) and (body.startswith("[") or _depth(text, at) < depth)


def _depth(text: str, at: int) -> int:
    """How deep the key of the line at `at` stands: behind the dash where an item of keys begins with it."""
    item = _ITEM.match(text, at) or _BLANK.match(text, at)
    return item.end() - at if item else 0


def _alike(first: str, second: str) -> bool:
    """True for keys of one thing: AGENT_URL and AGENT_TRANSPORT, url and transport."""
    a, b = (_stem(key) for key in (first, second))
    return a[: len(b)] == b or b[: len(a)] == a


def _stem(key: str) -> list[str]:
    words = [w for w in re.split(r"[_.-]", re.sub(r"([a-z])([A-Z])", r"\1_\2", key).lower()) if w]
    while words and words[-1] in _TAILS:
        words.pop()
    return [w for w in words if w not in _PLAIN]
