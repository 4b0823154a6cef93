"""Which MCP client reads a configuration file, and how that client spells what we write (rules/clients/*.toml)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from migrator.configs.forms import UNKNOWN, Client, Form, Found, Reader
from migrator.configs.places import entries_of, fragment, has_key, holds, matches, may_hold, typed_anywhere
from migrator.configs.spans import Node
from migrator.rulebook import RulebookError, nearest
from migrator.settings import Settings, SettingsError


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
        self.handed_on = frozenset(tables[UNKNOWN]["handed-on"])
        self.deployment = tuple(tables[UNKNOWN]["deployment"])  # files whose addresses are not this room's

        self._by_path: dict[str, list[Client]] = {}
        patterns = self.unknown.forms[0].entries
        self._roots = sorted({step for pattern in patterns for step in pattern if step[0] not in "*{"})
        keys = "|".join(re.escape(k) for k in self.unknown.forms[0].type_keys)
        self._typed = re.compile(rf"(?:{keys})[\"']?\s*[:=]\s*[\"']?[\w-]*$")  # what may stand before "sse"

    def may_hold(self, path: str, text: str) -> bool:
        """False when the file can't hold MCP server entries: neither its name nor any key says so. Cheap."""
        return (
            any(has_key(text, name) for name in self._roots)
            or bool(self.by_path(path))
            or any(may_hold(text, marks) for c in self.all.values() for marks in c.content)
            or (about_mcp(path, text) and self.says_sse(text))
        )

    def says_sse(self, text: str) -> bool:
        """True when "sse" stands in `text` as the value of a key that names transports."""
        return any(self._typed.search(text, max(m.start() - 60, 0), m.start()) for m in re.finditer("sse|SSE", text))

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
        if path not in self._by_path:
            found = [(max((len(g) for g in c.files if matches(path, (g,))), default=0), c) for c in self.all.values()]
            self._by_path[path] = [c for length, c in sorted(found, key=lambda f: -f[0]) if length]
        return self._by_path[path]

    def reader(self, path: str, root: Node, settings: Settings, about_mcp: bool = False) -> Reader | None:
        """Who reads the document `root` of the file `path`; None when no MCP server entry is in it.

        about_mcp: the file is known to be about MCP, so an entry that says SSE may stand anywhere.
        Raises SettingsError, see `chosen`.
        """
        exact, default = self.chosen(path, settings)
        if exact:
            return self._as(exact, path, root, about_mcp, exact=True)
        by_content = [c for c in self.all.values() if any(holds(root, marks) for marks in c.content)]
        for client in [*self.by_path(path), *by_content]:
            if found := entries_of(client, path, root):
                return Reader(client, found, True)
        if default:
            return self._as(default, path, root, about_mcp)
        found = self._usual(path, root, about_mcp)
        return Reader(self.unknown, found, False) if found else None

    def _usual(self, path: str, root: Node, about_mcp: bool) -> tuple[Found, ...]:
        """The entries of a file whose reader can't be told."""
        found = entries_of(self.unknown, path, root)
        known = {id(f.node) for f in found}
        more = typed_anywhere(root, self.unknown.forms[0], self.handed_on) if about_mcp else ()
        return (*found, *(f for f in more if id(f.node) not in known))

    def _as(self, client: Client, path: str, root: Node, about_mcp: bool, exact: bool = False) -> Reader | None:
        """The document read as `client` would, where its entries stand in the usual places or in any other.

        exact: the document itself is known to be that client's, so it may be a part of its file.
        """
        found = entries_of(client, path, root)
        if not found:
            usual = self._usual(path, root, about_mcp) or (tuple(fragment(root, client.forms[0])) if exact else ())
            found = tuple(Found(f.path, f.node, client.forms[0]) for f in usual)
        return Reader(client, found, True) if found else None


def about_mcp(path: str, text: str) -> bool:
    """True when a file speaks of MCP at all."""
    return "mcp" in path.lower() or "mcp" in text.lower()


def _client(id: str, table: Mapping[str, Any]) -> Client:
    unknown = set(table) - _CLIENT_KEYS - _FORM_KEYS
    if unknown:
        raise RulebookError(f"[clients.{id}]: unknown key {min(unknown)!r}{nearest(min(unknown), [*_FORM_KEYS])}")
    forms = [{**table, **form} for form in table.get("form", [table])]
    for key in ("name", "source", "entries", "type-keys", "url-keys"):
        if not all(key in form for form in forms):
            raise RulebookError(f"[clients.{id}]: {key} is missing")
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
        "handed-on",
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
        "sse-url-keys",
        "rename-url",
        "rename-entry",
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
            "sse-url-keys",
            "words",
            "neutral",
            "rejects",
        )
    }
    return Form(
        entries=tuple(tuple(p.split("/")) for p in table["entries"]),
        parent=table.get("parent", {}),
        rename_url=table.get("rename-url", ""),
        rename_entry=table.get("rename-entry", ""),
        old_words=tuple(w.lower() for w in table.get("old-words", ("sse",))),
        untyped=untyped,
        write_type=table.get("write-type", untyped in ("sse", "error")),
        own_server=table.get("own-server", False),
        by_hand=table.get("by-hand", ""),
        **lists,
    )
