"""Which MCP client reads a configuration file, and how that client spells what we write (rules/clients/*.toml)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from migrator.configs.spans import Node
from migrator.rulebook import RulebookError, nearest
from migrator.settings import Settings, SettingsError

UNKNOWN = "unknown"  # the id of the rules file for files whose reader can't be told

_EXAMPLE = re.compile(r"[._-](?:example|sample|template|tmpl|dist|default)(?=\.|$)|^(?:example|sample)[._-]")


@dataclass(frozen=True)
class Form:
    """How a client's entries look in one kind of its files.

    entries: paths to entries. "*" is any member of a map or item of a list, "{}" any member of a map, "**" any depth.
    parent: what the map around the entry must hold: glob patterns, or "<1.2" for numbers.
    type_keys: keys whose word names the transport; the first is written. misplaced_type_keys are read and renamed.
    words: words for Streamable HTTP, the first is written. neutral: words that say nothing about the transport.
    untyped: what an entry without a word is: "sse", "http", "stdio", "negotiates" (Streamable HTTP, then SSE),
        "url" (its address decides), "error" (not loaded at all), "unknown".
    write_type: an entry without a word gets one when it moves.
    http_url_keys: keys that hold the address of Streamable HTTP only. rename_url: an SSE address moves to this key.
    own_server: the entry says what this repository's own server serves, so nothing else moves it.
    by_hand: what to do instead of an edit.
    """

    suffixes: tuple[str, ...] = ()  # of the files that have it; empty: any
    entries: tuple[tuple[str, ...], ...] = ()
    parent: Mapping[str, str] = field(default_factory=dict)
    type_keys: tuple[str, ...] = ()
    misplaced_type_keys: tuple[str, ...] = ()
    url_keys: tuple[str, ...] = ()
    http_url_keys: tuple[str, ...] = ()
    rename_url: str = ""
    old_words: tuple[str, ...] = ("sse",)
    words: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    untyped: str = UNKNOWN
    write_type: bool = False
    own_server: bool = False
    by_hand: str = ""


@dataclass(frozen=True)
class Client:
    """One MCP client. `sse` is "removed" where it no longer speaks SSE; `remote` "stdio-only" where it has no URLs."""

    id: str
    name: str
    source: str
    files: tuple[str, ...]
    content: tuple[Mapping[str, str], ...]
    forms: tuple[Form, ...]
    sse: str = ""
    remote: str = ""
    note: str = ""


@dataclass(frozen=True)
class Found:
    """An entry of a file, the form it follows, and where it stands."""

    path: tuple[str, ...]
    node: Node
    form: Form


@dataclass(frozen=True)
class Reader:
    """The client that reads a file: `told` is False where that is a guess."""

    client: Client
    entries: tuple[Found, ...]
    told: bool


class Clients:
    """The rulebook's clients. Raises RulebookError for a rules file that lacks what it must hold."""

    def __init__(self, tables: Mapping[str, Mapping[str, Any]]) -> None:
        self.all = {id: _client(id, table) for id, table in sorted(tables.items())}
        self.unknown = self.all.pop(UNKNOWN)
        self.http_words = frozenset(
            w for c in self.all.values() for f in c.forms for w in f.words if w not in f.neutral
        )
        self.stdio_words = frozenset(tables[UNKNOWN]["stdio-words"])
        self.other_words = frozenset(tables[UNKNOWN]["other-words"])
        self.deployment = tuple(tables[UNKNOWN]["deployment"])  # files whose addresses are not this room's

        patterns = self.unknown.forms[0].entries
        self._roots = sorted({step for pattern in patterns for step in pattern if step[0] not in "*{"})

    def may_hold(self, path: str, text: str) -> bool:
        """False when the file can't hold MCP server entries: neither its name nor any key says so. Cheap."""
        return (
            any(_has_key(text, name) for name in self._roots)
            or bool(self.by_path(path))
            or any(_may_hold(text, marks) for c in self.all.values() for marks in c.content)
        )

    def rejecting(self, word: str) -> list[str]:
        """Names of the clients that don't take `word` for Streamable HTTP."""
        return sorted(c.name for c in self.all.values() if any(word in f.rejects for f in c.forms))

    def untyped_is_sse(self) -> list[str]:
        """Names of the clients for which an entry without a word means SSE, whatever its address."""
        return sorted(c.name for c in self.all.values() if any(f.untyped == "sse" and not f.parent for f in c.forms))

    def chosen(self, path: str, settings: Settings) -> tuple[Client | None, Client | None]:
        """The client that the settings name for this very file, and the one for files that don't show theirs.

        Raises SettingsError for an id that the rulebook does not know.
        """
        exact = next((c for glob, c in settings.clients if matches(path, (glob,))), "")
        return self._named(exact), self._named(settings.client)

    def _named(self, id: str) -> Client | None:
        if not id:
            return None
        if id not in self.all:
            hint = nearest(id, list(self.all)) or f"; known are {', '.join(self.all)}"
            raise SettingsError(f"client: there is none called {id!r}{hint}")
        return self.all[id]

    def by_path(self, path: str) -> list[Client]:
        """The clients that have a file of this name, the one that names it most exactly first."""
        found = [
            (max(len(g) for g in c.files if matches(path, (g,))), c)
            for c in self.all.values()
            if matches(path, c.files)
        ]
        return [c for _, c in sorted(found, key=lambda f: -f[0])]

    def reader(self, path: str, root: Node, settings: Settings) -> Reader | None:
        """Who reads the document `root` of the file `path`; None when no MCP server entry is in it.

        Raises SettingsError, see `chosen`.
        """
        exact, default = self.chosen(path, settings)
        if exact:
            return self._as(exact, path, root)
        by_content = [c for c in self.all.values() if any(_holds(root, marks) for marks in c.content)]
        for client in [*self.by_path(path), *by_content]:
            if found := entries_of(client, path, root):
                return Reader(client, found, True)
        if default:
            return self._as(default, path, root)
        found = entries_of(self.unknown, path, root)
        return Reader(self.unknown, found, False) if found else None

    def _as(self, client: Client, path: str, root: Node) -> Reader | None:
        """The document read as `client` would, where its entries stand in the usual places or in any other."""
        found = entries_of(client, path, root)
        if not found:
            usual = entries_of(self.unknown, path, root)
            found = tuple(Found(f.path, f.node, client.forms[0]) for f in usual)
        return Reader(client, found, True) if found else None


def _has_key(text: str, name: str) -> bool:
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


def _may_hold(text: str, marks: Mapping[str, str]) -> bool:
    """False when no document in `text` can have `marks`: a key is missing, or the fixed part of a pattern."""
    return all(max(p.split("*"), key=len) in text and _has_key(text, key) for key, p in marks.items())


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
                    made.setdefault(id(node), Found(names, node, form))
    return tuple(made.values())


def _client(id: str, table: Mapping[str, Any]) -> Client:
    unknown = set(table) - _CLIENT_KEYS - _FORM_KEYS
    if unknown:
        raise RulebookError(
            f"rules/clients/{id}.toml: unknown key {min(unknown)!r}{nearest(min(unknown), [*_FORM_KEYS])}"
        )
    forms = [{**table, **form} for form in table.get("form", [table])]
    for key in ("name", "source", "entries", "type-keys", "url-keys"):
        if not all(key in form for form in forms):
            raise RulebookError(f"rules/clients/{id}.toml: {key} is missing")
    return Client(
        id=id,
        name=table["name"],
        source=table["source"],
        files=tuple(table.get("files", ())),
        content=tuple(table.get("content", ())),
        forms=tuple(map(_form, forms)),
        sse=table.get("sse", ""),
        remote=table.get("remote", ""),
        note=table.get("note", ""),
    )


_CLIENT_KEYS = frozenset(
    [
        "name",
        "source",
        "files",
        "content",
        "form",
        "sse",
        "remote",
        "note",
        "scan",
        "stdio-words",
        "other-words",
        "deployment",
    ]
)
_FORM_KEYS = frozenset(
    [
        "suffixes",
        "entries",
        "parent",
        "type-keys",
        "misplaced-type-keys",
        "url-keys",
        "http-url-keys",
        "rename-url",
        "old-words",
        "words",
        "neutral",
        "rejects",
        "untyped",
        "write-type",
        "own-server",
        "by-hand",
    ]
)


def _form(table: Mapping[str, Any]) -> Form:
    untyped = table.get("untyped", UNKNOWN)
    lists = {
        key.replace("-", "_"): tuple(table.get(key, ()))
        for key in (
            "suffixes",
            "type-keys",
            "misplaced-type-keys",
            "url-keys",
            "http-url-keys",
            "words",
            "neutral",
            "rejects",
        )
    }
    return Form(
        entries=tuple(tuple(p.split("/")) for p in table["entries"]),
        parent=table.get("parent", {}),
        rename_url=table.get("rename-url", ""),
        old_words=tuple(w.lower() for w in table.get("old-words", ("sse",))),
        untyped=untyped,
        write_type=table.get("write-type", untyped in ("sse", "error")),
        own_server=table.get("own-server", False),
        by_hand=table.get("by-hand", ""),
        **lists,
    )


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


def _is_entry(node: Node, form: Form) -> bool:
    if node.kind != "map":
        return False
    word = any(_text(node.get(k)).lower() in form.old_words for k in (*form.type_keys, *form.misplaced_type_keys))
    return word or any(_text(node.get(k)) for k in (*form.url_keys, "command")) or _is_list(node.get("command"))


def _is_list(node: Node | None) -> bool:
    return node is not None and node.kind == "list"


def _text(node: Node | None) -> str:
    return node.value if node is not None and node.kind == "string" else ""


def _holds(root: Node, marks: Mapping[str, str]) -> bool:
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
