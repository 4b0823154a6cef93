"""Where MCP server entries stand in a document, and which documents and files can hold any."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping

from migrator.configs.forms import Client, Form, Found
from migrator.configs.spans import Node

_EXAMPLE = re.compile(r"[._-](?:example|sample|template|tmpl|dist|default)(?=\.|$)|^(?:example|sample)[._-]")


def has_key(text: str, name: str) -> bool:
    """True when `name` stands in `text` where it may be a key. Made of finds: a pattern is 20 times slower here."""
    at = text.find(name)
    while at >= 0:
        before = text[max(at - 1, 0) : at]
        if not (before.isalnum() or before in ("_", "-")) or not at:
            after = _AFTER.match(text, at + len(name))
            if after and (
                after.group()[-1] in ":=" or text[text.rfind("\n", 0, at) + 1 : at].strip(" \t\"'") in ("[", "[[")
            ):
                return True
        at = text.find(name, at + 1)
    return False


_AFTER = re.compile(r"[\"']?(?:\s*[:=]|[.\]])")


def may_hold(text: str, marks: Mapping[str, str]) -> bool:
    """False when no document in `text` can have `marks`: a key is missing, or the fixed part of a pattern."""
    return all(max(p.split("*"), key=len) in text and has_key(text, key) for key, p in marks.items())


def matches(path: str, globs: Iterable[str]) -> bool:
    """True when `path`, or what it is an example of, ends in one of `globs`."""
    folder, _, name = path.rpartition("/")
    plain = f"{folder}/{_EXAMPLE.sub('', name)}".lstrip("/")
    return any(fnmatch.fnmatchcase(p, g) or fnmatch.fnmatchcase(p, f"*/{g}") for g in globs for p in {path, plain})


def entries_of(client: Client, path: str, root: Node) -> tuple[Found, ...]:
    """The MCP server entries that `client` finds in the document `root` of the file `path`."""
    made: dict[int, Found] = {}
    for form in client.forms:
        if form.suffixes and not path.endswith(form.suffixes):
            continue
        for pattern in form.entries:
            for names, node, parent in _walk(root, pattern):
                if _is_entry(node, form) and _fits(parent, form.parent):
                    made.setdefault(id(node), Found(names, node, form, _key(parent, node)))
    return tuple(made.values())


def typed_anywhere(root: Node, form: Form, handed_on: frozenset[str]) -> Iterator[Found]:
    """Maps anywhere below `root` that say SSE and give an address, but not below one of the keys `handed_on`."""
    keys = (*form.url_keys, *form.sse_url_keys)
    for names, node, _ in _anywhere(root, (), (), None, set()):
        if (
            node.kind == "map"
            and handed_on.isdisjoint(names)
            and any(says_sse(_text(node.get(k))) for k in form.type_keys)
        ):
            if any(_text(node.get(k)) for k in keys):
                yield Found(names, node, form)


def fragment(root: Node, form: Form) -> Iterator[Found]:
    """The members of a map, where all of them are entries: what people are told to add to a file."""
    members = root.all_members() if root.kind == "map" else []
    if members and all(_is_entry(m.value, form) for m in members):
        yield from (Found((m.key.value,), m.value, form) for m in members)


def says_sse(word: str) -> bool:
    """True when a transport's word is one of SSE, in whatever spelling: "sse", "SSE", "REMOTE_SSE"."""
    return re.fullmatch(r"(?:[\w+ -]*[^a-z])?sse(?:[^a-z][\w+ -]*)?", word.lower()) is not None


def _walk(
    node: Node, pattern: tuple[str, ...], names: tuple[str, ...] = (), parent: Node | None = None
) -> Iterator[tuple[tuple[str, ...], Node, Node | None]]:
    if not pattern:
        yield names, node, parent
        return
    step, rest = pattern[0], pattern[1:]
    if step == "**":
        yield from _anywhere(node, rest, names, parent, set())
    elif node.kind == "map":
        for m in node.all_members():
            if step in ("*", "{}") or step == m.key.value:
                yield from _walk(m.value, rest, (*names, m.key.value), node)
    elif node.kind == "list" and step == "*":
        for i, item in enumerate(node.items):
            name = item.get("name") if item.kind == "map" else None
            yield from _walk(item, rest, (*names, name.value if name else str(i)), None)


def _anywhere(
    node: Node, pattern: tuple[str, ...], names: tuple[str, ...], parent: Node | None, seen: set[int]
) -> Iterator[tuple[tuple[str, ...], Node, Node | None]]:
    if id(node) in seen or len(names) > 12:
        return
    seen.add(id(node))
    yield from _walk(node, pattern, names, parent)
    for m in node.all_members() if node.kind == "map" else ():
        yield from _anywhere(m.value, pattern, (*names, m.key.value), node, seen)
    for i, item in enumerate(node.items):
        yield from _anywhere(item, pattern, (*names, str(i)), node, seen)


def _key(parent: Node | None, node: Node) -> Node | None:
    """The key under which a map holds `node`."""
    members = parent.members if parent is not None else ()
    return next((m.key for m in members if m.value is node), None)


def _is_entry(node: Node, form: Form) -> bool:
    if node.kind != "map":
        return False
    word = any(_text(node.get(k)).lower() in form.old_words for k in (*form.type_keys, *form.misplaced_type_keys))
    keys = (*form.url_keys, *form.sse_url_keys, "command")
    return word or any(_text(node.get(k)) for k in keys) or _starts(node.get("command"))


def _starts(command: Node | None) -> bool:
    """True for a command in a list, and for one in a map: {"path": "npx", "args": [...]}."""
    return command is not None and (command.kind == "list" or bool(_text(command.get("path"))))


def _text(node: Node | None) -> str:
    return node.value if node is not None and node.kind == "string" else ""


def holds(root: Node, marks: Mapping[str, str]) -> bool:
    """True when the map `root` has every key of `marks`, with a text that its pattern allows ("*": any value)."""
    if root.kind != "map":
        return False
    values = {key: root.get(key) for key in marks}
    return all(
        v is not None and (p == "*" or fnmatch.fnmatchcase(_text(v), p))
        for (_, v), p in zip(values.items(), marks.values(), strict=True)
    )


def _fits(parent: Node | None, wanted: Mapping[str, str]) -> bool:
    for key, pattern in wanted.items():
        node = parent.get(key) if parent is not None and parent.kind == "map" else None
        if node is None:
            return False
        if pattern[:1] == "<":
            number = re.search(r"(\d+(?:\.\d+)?)$", node.value)
            if not number or float(number.group()) >= float(pattern[1:]):
                return False
        elif not fnmatch.fnmatchcase(node.value, pattern):
            return False
    return True
