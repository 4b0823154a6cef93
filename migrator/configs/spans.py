"""Editing structured text by spans: nodes with positions, edits, and the check that follows every edit.

JSON, YAML and TOML each have a *notation* (json_spans, yaml_spans, toml_spans) that reads text into nodes which
know where they stand. An edit names a node and says what it shall be; here it becomes a change of the original
text, the new text is read again, and both trees are compared with what was intended. Nothing is ever dumped, so
whatever no edit names keeps its bytes. All offsets count characters of the text that was read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import field
from typing import Protocol

from migrator.records import record

Change = tuple[int, int, str]  # start, end, the new text for what stands between them

FIXED = "fixed"  # the style of text that can't be replaced by splicing: block scalars, custom tags, ...


class Unparsable(ValueError):
    """The text is not what its syntax says. `line` counts from 1, 0 where it can't be told."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(f"line {line}: {message}" if line else message)
        self.line = line


class NotEdited(ValueError):
    """An edit that can't be made without touching anything else; the message says why."""


@record(eq=False)
class Node:
    """A value (or a key) and where it stands.

    kind: "map", "list", "string", or "scalar" for numbers, booleans and the like.
    value: a string decoded; any other scalar as it is written, with its type where the syntax resolves one.
    style: of a string, the quote character, "plain", or FIXED. Quotes lie inside start:end.
    marks: where the decoded characters of a string begin, and where the last one ends.
    flow: of a map or list, written in brackets.
    """

    kind: str
    start: int
    end: int
    value: str = ""
    style: str = ""
    marks: tuple[int, ...] = ()
    flow: bool = True
    members: list[Member] = field(default_factory=list)
    items: list[Node] = field(default_factory=list)

    def get(self, key: str) -> Node | None:
        """The value of `key` in a map: its last, as readers take it; None when there is none."""
        member = self.member(key)
        return member.value if member else None

    def member(self, key: str) -> Member | None:
        """The member `key` of a map, its own before merged ones; None when there is none."""
        own = [m for m in self.members if m.key.value == key]
        return own[-1] if own else next((m for m in self.merged() if m.key.value == key), None)

    def merged(self, depth: int = 0) -> Iterator[Member]:
        """Members that a YAML map takes over with `<<`, the first of a name only: from maps that do so themselves, too."""
        names: set[str] = set()
        for m in self.members if depth < 10 else ():  # a map can be merged into itself
            if m.key.kind == "merge":
                for source in m.value.items if m.value.kind == "list" else [m.value]:
                    found = [o for o in source.all_members(depth + 1) if o.key.value not in names]
                    names |= {o.key.value for o in found}
                    yield from found

    def all_members(self, depth: int = 0) -> list[Member]:
        """A map's own members, and those it takes over where it has no own of that name."""
        own = [m for m in self.members if m.key.kind != "merge"]
        names = {m.key.value for m in own}
        return own + [m for m in self.merged(depth) if m.key.value not in names]


@record(eq=False)
class Member:
    """One key of a map with its value."""

    key: Node
    value: Node


@record(frozen=True)
class SetText:
    """A string (or key) becomes `text`."""

    node: Node
    text: str


@record(frozen=True)
class AddMember:
    """`key: value` is added to the map `parent`, right before one of its own members."""

    parent: Node
    before: Member
    key: str
    value: str


@record(frozen=True)
class AddItem:
    """A string is added to the list `parent`, right before one of its items."""

    parent: Node
    before: Node
    text: str


Edit = SetText | AddMember | AddItem


class Notation(Protocol):
    """What a syntax must be able to do."""

    colon: str  # what stands between a key and its value when nothing else shows it
    default_style: str  # of a string that has no neighbour to look like

    def parse(self, text: str) -> list[Node]:
        """The documents of `text`. Raises Unparsable."""

    def encode(self, value: str, style: str) -> str:
        """`value` as it is written inside the quotes of `style`. Raises NotEdited where that can't be."""

    def holds(self, old: str, new: str) -> bool:
        """False when a stricter reader took `old` and refuses `new`."""


def escape_marks(raw: str, start: int, escape: str = "\\") -> tuple[int, ...]:
    """Offsets at which the decoded characters of the quoted text `raw` begin, the first at `start`, then its end.

    With a backslash as `escape`, escapes of JSON, YAML and TOML are told apart by their length; else the doubled
    quote of YAML is one character.
    """
    marks, at = [], 0
    while at < len(raw):
        marks.append(start + at)
        if raw[at] != escape:
            at += 1
        elif escape != "\\":
            at += 2
        else:
            length = {"x": 4, "u": 6, "U": 10}.get(raw[at + 1 : at + 2], 2)
            if re.match(r"\\u[dD][89abAB]..\\u[dD][c-fC-F]", raw[at:]):
                length = 12
            at += length
    return (*marks, start + len(raw))


def apply(text: str, changes: Iterable[Change]) -> str:
    """`text` with the changes made. Raises NotEdited when two of them overlap."""
    done, pieces = 0, []
    for start, end, new in sorted(changes, key=lambda c: (c[0], c[1])):
        if start < done:
            raise NotEdited("two changes overlap")
        pieces += [text[done:start], new]
        done = end
    return "".join([*pieces, text[done:]])


def edit(text: str, notation: Notation, documents: Sequence[Node], edits: Sequence[Edit]) -> list[Change]:
    """The changes that make `edits` in `text`, of which `documents` are the nodes, verified.

    Raises NotEdited when an edit can't be spliced in, or the result does not mean what was intended.
    """
    changes = render(text, notation, edits)
    verify(text, notation, documents, edits)
    return changes


def render(text: str, notation: Notation, edits: Iterable[Edit]) -> list[Change]:
    """The changes of `text` that `edits` come to, not yet verified. Raises NotEdited."""
    return sorted({_render(text, notation, e) for e in edits})


def verify(text: str, notation: Notation, documents: Sequence[Node], edits: Sequence[Edit]) -> None:
    """Makes the edits, reads the result again and compares it with the intended object. Raises NotEdited."""
    new = apply(text, render(text, notation, edits))
    try:
        after = notation.parse(new)
    except Unparsable as error:
        raise NotEdited(f"the result would not parse ({error})") from None
    if not _as_intended(documents, after, edits) or not notation.holds(text, new):
        raise NotEdited("the result would not mean what was intended")


def _render(text: str, notation: Notation, e: Edit) -> Change:
    if isinstance(e, SetText):
        return _replaced(notation, e.node, e.text)
    if isinstance(e, AddMember):
        key, value = e.before.key, e.before.value
        between = text[key.end : value.start]
        colon = between if re.fullmatch(r"[ \t]*[:=][ \t]*", between) and between.strip() else notation.colon
        added = _quoted(notation, e.key, key.style) + colon + _quoted(notation, e.value, value.style)
        at = key.start
    else:
        added, at = _quoted(notation, e.text, e.before.style), e.before.start
    return (at, at, added + _separator(text, at, e.parent))


def _replaced(notation: Notation, node: Node, value: str) -> Change:
    if node.kind != "string" or node.style == FIXED:
        raise NotEdited("the text stands in a form that can't be replaced in place")
    quote = 0 if node.style == "plain" else 1
    start, end = node.start + quote, node.end - quote
    if not node.marks or len(node.marks) == end - start + 1:  # written as it reads: replace it as a whole
        return (start, end, notation.encode(value, node.style))
    old, head, tail = node.value, 0, 0
    while head < min(len(old), len(value)) and old[head] == value[head]:
        head += 1
    while tail < min(len(old), len(value)) - head and old[len(old) - 1 - tail] == value[len(value) - 1 - tail]:
        tail += 1
    middle = notation.encode(value[head : len(value) - tail], node.style)
    return (node.marks[head], node.marks[len(old) - tail], middle)


def _quoted(notation: Notation, value: str, style: str) -> str:
    style = notation.default_style if style in (FIXED, "") else style
    quote = "" if style == "plain" else style
    return f"{quote}{notation.encode(value, style)}{quote}"


def _separator(text: str, at: int, parent: Node) -> str:
    """What stands between something new and the member or item of `parent` at `at`, laid out as that one is."""
    flow = parent.flow
    line = max(text.rfind("\n", 0, at), text.rfind("\r", 0, at)) + 1
    indent = text[line:at]
    ending = re.search(r"\r?\n?$", text[:line])
    newline = ending.group() if ending and ending.group() else "\n"
    comma = "," if flow else ""
    if not indent.strip() and (line or not flow):
        return comma + newline + indent
    if flow:
        return ", "
    if re.fullmatch(r"[\s-]*", indent):  # YAML: an item of a list, or the first key of one
        return newline + (indent if parent.kind == "list" else indent.replace("-", " "))
    raise NotEdited("there is no line of its own to add to")


def _as_intended(before: Sequence[Node], after: Sequence[Node], edits: Sequence[Edit]) -> bool:
    """True when the trees `after` are the trees `before` with the edits made."""
    texts = {id(e.node): e.text for e in edits if isinstance(e, SetText)}
    members = {(id(e.parent), id(e.before)): (e.key, e.value) for e in edits if isinstance(e, AddMember)}
    items = {(id(e.parent), id(e.before)): e.text for e in edits if isinstance(e, AddItem)}
    seen: set[tuple[int, int]] = set()

    def strings(node: Node, value: str) -> bool:
        return node.kind == "string" and node.value == value

    def same(a: Node, b: Node) -> bool:
        if (id(a), id(b)) in seen:
            return True
        seen.add((id(a), id(b)))
        if a.kind != b.kind:
            return False
        if a.kind == "map":
            rest = iter(b.members)
            for m in a.members:
                if added := members.get((id(a), id(m))):
                    new = next(rest, None)
                    if new is None or not (strings(new.key, added[0]) and strings(new.value, added[1])):
                        return False
                other = next(rest, None)
                if other is None or not (same(m.key, other.key) and same(m.value, other.value)):
                    return False
            return next(rest, None) is None
        if a.kind == "list":
            others = iter(b.items)
            for item in a.items:
                if (id(a), id(item)) in items:
                    extra = next(others, None)
                    if extra is None or not strings(extra, items[id(a), id(item)]):
                        return False
                twin = next(others, None)
                if twin is None or not same(item, twin):
                    return False
            return next(others, None) is None
        return b.value == texts.get(id(a), a.value)

    try:
        return len(before) == len(after) and all(map(same, before, after))
    except RecursionError:
        return False
