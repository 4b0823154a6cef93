"""JSON as people and tools write it: strict JSON, JSON with comments and trailing commas, JSON5.

An own reader, because none of the standard ones says where a value stands, and the files that matter mix the three.
"""

from __future__ import annotations

import json
import re

from migrator.configs.spans import FIXED, Member, Node, NotEdited, Unparsable, escape_marks

_SPACE = re.compile(r"(?:[\s\ufeff]+|//[^\n\r]*|/\*.*?\*/)*", re.DOTALL)
_STRING = re.compile(r'"(?:[^"\\\n\r]|\\(?:\r\n|.))*"' + r"|'(?:[^'\\\n\r]|\\(?:\r\n|.))*'", re.DOTALL)
_NAME = re.compile(r"[^\W\d][\w$]*|\$[\w$]*")
_SCALAR = re.compile(
    r"(?:true|false|null|[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|Infinity|NaN))(?![\w.])"
)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(\r\n|.))", re.DOTALL)
_SHORT = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}


class JsonNotation:
    """JSON, JSONC and JSON5 for the span editor."""

    colon = ": "
    default_style = '"'

    def parse(self, text: str) -> list[Node]:
        """The one document of `text`. Raises Unparsable."""
        try:
            return [_Reader(text).document()]
        except RecursionError:
            raise Unparsable("nested too deeply") from None

    def encode(self, value: str, style: str) -> str:
        """`value` for inside the quotes of `style` ("plain": an unquoted JSON5 key)."""
        if style == "plain":
            if not _NAME.fullmatch(value):
                raise NotEdited(f"{value!r} can't stand without quotes")
            return value
        escaped = json.dumps(value, ensure_ascii=False)[1:-1]
        return escaped.replace('\\"', '"').replace("'", "\\'") if style == "'" else escaped

    def holds(self, old: str, new: str) -> bool:
        """False when `old` was strict JSON and `new` isn't."""
        return not _strict(old) or _strict(new)


def _strict(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def document(self) -> Node:
        self.skip()
        node = self.value()
        self.skip()
        if self.at < len(self.text):
            raise self.error("the end")
        return node

    def error(self, wanted: str) -> Unparsable:
        found = re.split(r"[\r\n]", self.text[self.at : self.at + 20])[0]
        line = self.text.count("\n", 0, self.at) + 1
        return Unparsable(f"expected {wanted}, found {found!r}" if found else f"expected {wanted}", line)

    def skip(self) -> str:
        """The next character that is neither space nor comment, "" at the end."""
        match = _SPACE.match(self.text, self.at)
        self.at = match.end() if match else self.at
        return self.text[self.at : self.at + 1]

    def value(self) -> Node:
        char = self.text[self.at : self.at + 1]
        if char == "{":
            return self.map()
        if char == "[":
            return self.list()
        if char in ('"', "'") and char:
            return self.string()
        match = _SCALAR.match(self.text, self.at)
        if not match:
            raise self.error("a value")
        self.at = match.end()
        return Node("scalar", match.start(), match.end(), match.group())

    def map(self) -> Node:
        node = Node("map", self.at, self.at)
        self.at += 1
        while self.skip() != "}":
            key = self.key()
            if self.skip() != ":":
                raise self.error("':'")
            self.at += 1
            self.skip()
            node.members.append(Member(key, self.value()))
            self.comma("}")
        self.at += 1
        node.end = self.at
        return node

    def list(self) -> Node:
        node = Node("list", self.at, self.at)
        self.at += 1
        while self.skip() != "]":
            node.items.append(self.value())
            self.comma("]")
        self.at += 1
        node.end = self.at
        return node

    def comma(self, closing: str) -> None:
        char = self.skip()
        if char == ",":
            self.at += 1
        elif char != closing:
            raise self.error(f"',' or '{closing}'")

    def key(self) -> Node:
        if self.text[self.at : self.at + 1] in ('"', "'"):
            return self.string()
        match = _NAME.match(self.text, self.at)
        if not match:
            raise self.error("a key")
        self.at = match.end()
        return Node("string", match.start(), match.end(), match.group(), "plain")

    def string(self) -> Node:
        match = _STRING.match(self.text, self.at)
        if not match:
            raise self.error("a closed string")
        self.at = match.end()
        raw = match.group()[1:-1]
        node = Node("string", match.start(), match.end(), raw, match.group()[0])
        if "\\" in raw:
            node.value = _decode(raw)
            node.marks = escape_marks(raw, match.start() + 1)
            if len(node.marks) != len(node.value) + 1:
                node.style, node.marks = FIXED, ()
        return node


def _decode(raw: str) -> str:
    def one(match: re.Match[str]) -> str:
        code = match.group(1) or match.group(2)
        return chr(int(code, 16)) if code else _SHORT.get(match.group(3), match.group(3))

    decoded = _ESCAPE.sub(one, raw)
    return decoded.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


NOTATION = JsonNotation()
