"""Text that knows where each of its characters stands in a file, through any number of quotings.

A shell word inside a JSON string inside a fenced block of a Markdown file is a Strand: what it says, and for every
character the span of the file that says it. Whoever reads a language peels its quotes and escapes off and hands on
strands; whoever changes a word asks its strand for the replacement.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator.configs.spans import FIXED, Node
from migrator.model import Replacement
from migrator.records import record

# What can be written between any quotes of any of our languages without an escape.
_SAFE = re.compile(r"[\w./:@%+,=~?&\[\]{}$<>*#;!()' -]*", re.ASCII)


class NotReplaceable(ValueError):
    """The characters can't be replaced where they stand; the message says why."""


@record(frozen=True)
class Strand:
    """`text`, of which character i is written at starts[i]:ends[i] of the file's decoded text."""

    text: str
    starts: Sequence[int]
    ends: Sequence[int]

    @classmethod
    def of(cls, text: str, start: int = 0, end: int | None = None) -> Strand:
        """The characters start:end of a file's text, as they are."""
        end = len(text) if end is None else end
        return cls(text[start:end], range(start, end), range(start + 1, end + 1))

    def __len__(self) -> int:
        return len(self.text)

    def part(self, start: int, end: int | None = None) -> Strand:
        """The characters start:end of this strand."""
        end = len(self.text) if end is None else end
        return Strand(self.text[start:end], self.starts[start:end], self.ends[start:end])

    def stripped(self) -> Strand:
        """Without white space around."""
        head = len(self.text) - len(self.text.lstrip())
        return self.part(head, max(head, len(self.text.rstrip())))

    def lines(self) -> Iterator[Strand]:
        """Its lines, without their ends."""
        at = 0
        for line in self.text.splitlines(keepends=True):
            yield self.part(at, at + len(line.rstrip("\r\n")))
            at += len(line)

    @property
    def start(self) -> int:
        """Where it begins in the file; -1 for an empty strand."""
        return self.starts[0] if self.text else -1

    @property
    def end(self) -> int:
        return self.ends[-1] if self.text else -1

    @property
    def whole(self) -> bool:
        """True when nothing of the file stands between its characters."""
        if isinstance(self.starts, range):
            return True
        return all(self.ends[i] == self.starts[i + 1] for i in range(len(self.text) - 1))

    def replaced(self, path: str, new: str) -> Replacement:
        """The replacement that makes it say `new`. Raises NotReplaceable.

        Only what differs is touched, so escapes elsewhere in the word stay as they are written.
        """
        head, tail = common(self.text, new)
        old, middle = self.part(head, len(self.text) - tail), new[head : len(new) - tail]
        if not old.text:
            raise NotReplaceable("there is nothing to replace")
        if not old.whole:
            raise NotReplaceable("the word is written in pieces")
        if any(old.ends[i] - old.starts[i] != 1 for i in range(len(old))):
            raise NotReplaceable("the word is written with escapes")
        if not _SAFE.fullmatch(middle):
            raise NotReplaceable("the new text needs quotes")
        return Replacement(path, old.start, old.end, middle)


def common(old: str, new: str) -> tuple[int, int]:
    """How many characters both begin and end with, of which one is left of `old` at least; parts of words stay whole."""
    head = 0
    while head < min(len(old), len(new)) - 1 and old[head] == new[head]:
        head += 1
    while head and (old[head - 1].isalnum() or old[head - 1] in "_-"):
        head -= 1  # "sse" -> "streamable-http" is one change, not two
    tail = 0
    while tail < min(len(old), len(new)) - head - 1 and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    while tail and (old[len(old) - tail].isalnum() or old[len(old) - tail] in "_-"):
        tail -= 1
    return head, tail


def joined(pieces: Sequence[Strand], between: str = "", keep_empty: bool = False) -> Strand:
    """One strand of several; `between` is written where the next piece begins (keep_empty: empty ones count, too)."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    for piece in pieces:
        if text and between and (piece.text or keep_empty):
            at = piece.start if piece.text else ends[-1] if ends else 0
            text.append(between)
            starts += [at] * len(between)
            ends += [at] * len(between)
        text.append(piece.text)
        starts += piece.starts
        ends += piece.ends
    return Strand("".join(text), starts, ends)


def of_node(node: Node, source: Strand) -> Strand | None:
    """The text of a string node of JSON, YAML or TOML that was read from `source`; None where it can't be told."""
    raw = source.part(node.start, node.end)
    if node.kind != "string":
        return raw if node.kind == "scalar" else None
    if node.style == FIXED:
        return _block(node, raw)
    inner = raw if node.style == "plain" else raw.part(1, len(raw) - 1)
    if inner.text == node.value:
        return inner
    if len(node.marks) != len(node.value) + 1:
        return None
    marks = [m - node.start for m in node.marks]
    return Strand(node.value, [raw.starts[m] for m in marks[:-1]], [raw.ends[m - 1] for m in marks[1:]])


def _block(node: Node, raw: Strand) -> Strand | None:
    """A block scalar of YAML (or text in three quotes of TOML): each word is looked for in what is written."""
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    if raw.text[:1] in "|>":
        at = raw.text.find("\n") + 1
    elif raw.text[:3] in ("'''", '"""'):
        at = 3
    for char in node.value:
        if char.isspace():
            found = at
            while found < len(raw) and raw.text[found] != char and raw.text[found].isspace():
                found += 1
            if found >= len(raw) or raw.text[found] != char:  # folded: a line's end reads as a blank
                starts.append(raw.ends[at - 1] if at else node.start)
                ends.append(raw.ends[at - 1] if at else node.start)
                continue
        else:
            found = at
            while found < len(raw) and raw.text[found].isspace():
                found += 1
            if found >= len(raw) or raw.text[found] != char:
                return None
        starts.append(raw.starts[found])
        ends.append(raw.ends[found])
        at = found + 1
    return Strand(node.value, starts, ends)
