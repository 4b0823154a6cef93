"""What the rulebook says of MCP clients, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field

from migrator.configs.spans import Node
from migrator.records import record

UNKNOWN = "unknown"  # the id of the rules file for files whose reader can't be told


@record(frozen=True)
class Form:
    """How a client's entries look in one kind of its files.

    entries: paths to entries. "*" is any member of a map or item of a list, "{}" any member of a map, "**" any depth.
    parent: what the map around the entry must hold: glob patterns, or "<1.2" for numbers.
    type_keys: keys whose word names the transport; the first is written. misplaced_type_keys are read and renamed.
    words: words for Streamable HTTP, the first is written. neutral: words that say nothing about the transport.
    untyped: what an entry without a word is: "sse", "http", "stdio", "negotiates" (Streamable HTTP, then SSE),
        "url" (its address decides), "error" (not loaded at all), "unknown".
    write_type: an entry without a word gets one when it moves.
    http_url_keys, sse_url_keys: keys that hold the address of that transport only; what the latter become is not known.
    rename_url: an SSE address moves to this key. rename_entry: the entry itself does.
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
    sse_url_keys: tuple[str, ...] = ()
    rename_url: str = ""
    rename_entry: str = ""
    old_words: tuple[str, ...] = ("sse",)
    words: tuple[str, ...] = ()
    neutral: tuple[str, ...] = ()
    rejects: tuple[str, ...] = ()
    untyped: str = UNKNOWN
    write_type: bool = False
    own_server: bool = False
    by_hand: str = ""


@record(frozen=True)
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


@record(frozen=True)
class Found:
    """An entry of a file, the form it follows, where it stands, and the key that it has there (None in a list)."""

    path: tuple[str, ...]
    node: Node
    form: Form
    key: Node | None = None


@record(frozen=True)
class Reader:
    """The client that reads a file: `told` is False where that is a guess."""

    client: Client
    entries: tuple[Found, ...]
    told: bool
