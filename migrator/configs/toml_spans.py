"""TOML with positions. An own reader, held to what the standard one says of the same text."""

from __future__ import annotations

import json
import re
import tomllib
from typing import Any

from migrator.configs.spans import FIXED, Member, Node, NotEdited, Unparsable, escape_marks

_SPACE = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_INLINE_SPACE = re.compile(r"[ \t]*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}' + r"|'''.*?'{3,5}" + r'|"(?:[^"\\\n]|\\.)*"' + r"|'[^'\n]*'",
    re.DOTALL,
)
_SCALAR = re.compile(r"\d{4}-\d\d-\d\d [0-9:.]+(?:[Zz]|[+-]\d\d:\d\d)?|[^\s,\]}#=\"']+")


class TomlNotation:
    """TOML for the span editor."""

    colon = " = "
    default_style = '"'

    def parse(self, text: str) -> list[Node]:
        """The one document of `text`. Raises Unparsable."""
        try:
            expected = tomllib.loads(text)
            root = _Reader(text).document()
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            line = re.search(r"line (\d+)", str(error))
            said = str(error).partition(" (at ")[0] if line else str(error)
            raise Unparsable(said, int(line.group(1)) if line else 0) from None
        if not _agrees(root, expected):
            raise Unparsable("written in a way that this reader of positions does not follow")
        return [root]

    def encode(self, value: str, style: str) -> str:
        """`value` for inside the quotes of `style` ("plain": a bare key)."""
        if style == "plain":
            if not _BARE_KEY.fullmatch(value):
                raise NotEdited(f"{value!r} can't stand without quotes")
            return value
        if style == "'":
            if "'" in value or not value.isprintable():
                raise NotEdited("the new text can't stand in single quotes")
            return value
        return json.dumps(value, ensure_ascii=False)[1:-1]

    def holds(self, old: str, new: str) -> bool:
        """`parse` has asked the standard reader already."""
        return True


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def error(self, wanted: str) -> Unparsable:
        return Unparsable(f"expected {wanted}", self.text.count("\n", 0, self.at) + 1)

    def skip(self, space: re.Pattern[str] = _SPACE) -> str:
        match = space.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def document(self) -> Node:
        root = Node("map", 0, len(self.text), flow=False)
        table = root
        while char := self.skip():
            if char == "[":
                many = self.text.startswith("[[", self.at)
                self.at += 2 if many else 1
                keys = self.dotted()
                self.at += 2 if many else 1
                table = self.table(root, keys, many)
            else:
                self.pair(table)
        return root

    def table(self, root: Node, keys: list[Node], many: bool) -> Node:
        """The table of a header, made with its parents where they aren't there yet."""
        node = _descend(root, keys[:-1])
        member = node.member(keys[-1].value)
        if many:
            if member is None:
                member = Member(keys[-1], Node("list", keys[-1].start, keys[-1].end, flow=False))
                node.members.append(member)
            member.value.items.append(Node("map", keys[-1].start, keys[-1].end, flow=False))
            return member.value.items[-1]
        return _descend(node, keys[-1:])

    def pair(self, table: Node) -> None:
        keys = self.dotted()
        if self.skip(_INLINE_SPACE) != "=":
            raise self.error("'='")
        self.at += 1
        self.skip(_INLINE_SPACE)
        _descend(table, keys[:-1]).members.append(Member(keys[-1], self.value()))

    def dotted(self) -> list[Node]:
        keys = []
        while True:
            char = self.skip(_INLINE_SPACE)
            if char and char in "\"'":
                keys.append(self.string())
            else:
                match = _BARE_KEY.match(self.text, self.at)
                if not match:
                    raise self.error("a key")
                self.at = match.end()
                keys.append(Node("string", match.start(), match.end(), match.group(), "plain"))
            if self.skip(_INLINE_SPACE) != ".":
                return keys
            self.at += 1

    def value(self) -> Node:
        char = self.text[self.at : self.at + 1]
        if char == "{":
            return self.inline(Node("map", self.at, self.at), "}")
        if char == "[":
            return self.inline(Node("list", self.at, self.at), "]")
        if char and char in "\"'":
            return self.string()
        match = _SCALAR.match(self.text, self.at)
        if not match:
            raise self.error("a value")
        self.at = match.end()
        return Node("scalar", match.start(), match.end(), match.group())

    def inline(self, node: Node, closing: str) -> Node:
        self.at += 1
        while self.skip() != closing:
            if node.kind == "map":
                self.pair(node)
            else:
                node.items.append(self.value())
            if self.skip() == ",":
                self.at += 1
            elif self.skip() != closing:
                raise self.error(f"',' or '{closing}'")
        self.at += 1
        node.end = self.at
        return node

    def string(self) -> Node:
        match = _STRING.match(self.text, self.at)
        if not match:
            raise self.error("a closed string")
        self.at = match.end()
        raw = match.group()
        node = Node("string", match.start(), match.end(), raw[1:-1], raw[0])
        if raw.startswith(('"""', "'''")):
            node.style, node.value = FIXED, tomllib.loads(f"v = {raw}")["v"]
        elif "\\" in raw and raw[0] == '"':
            node.value = tomllib.loads(f"v = {raw}")["v"]
            node.marks = escape_marks(raw[1:-1], match.start() + 1)
            if len(node.marks) != len(node.value) + 1:
                node.style, node.marks = FIXED, ()
        return node


def _descend(node: Node, keys: list[Node]) -> Node:
    """The map below `node` that dotted `keys` name; of a list of tables, its last."""
    for key in keys:
        member = node.member(key.value)
        if member is None:
            member = Member(key, Node("map", key.start, key.end, flow=False))
            node.members.append(member)
        node = member.value.items[-1] if member.value.kind == "list" else member.value
    return node


def _agrees(node: Node, value: Any) -> bool:
    if isinstance(value, dict):
        members = {m.key.value: m.value for m in node.members}
        return (
            node.kind == "map"
            and len(members) == len(node.members)
            and members.keys() == value.keys()
            and all(_agrees(members[k], v) for k, v in value.items())
        )
    if isinstance(value, list):
        return node.kind == "list" and len(node.items) == len(value) and all(map(_agrees, node.items, value))
    if isinstance(value, str):
        return node.kind == "string" and node.value == value
    return node.kind == "scalar"


NOTATION = TomlNotation()
