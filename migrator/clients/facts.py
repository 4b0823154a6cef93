"""What is known about agent frameworks: rules/frameworks/*.toml, one file a framework.

package   distributions that bring it, the first that the project names decides its version
rule      of its findings, "MCP202" unless said otherwise
[[class]]    a class or function for SSE and the one for Streamable HTTP
[[entries]]  a callable that takes dicts of servers
[[word]]     a callable that takes the transport as an argument
[[address]]  a callable that reads the transport from the address, or from each of a list of them
[[method]]   a method that mounts a server which speaks SSE, and the one that takes its place (see python/applications/mounts.py)

All of them may say `first` (lowest version that can do it), `from` and `below` (versions it is true of), `by-hand`
(what to write instead of an edit), `unless` (arguments with which a call is not meant), and name calls in full ("agents.mcp.MCPServerSse"; of a method with its class,
"openai.OpenAI.responses.create").

[[entries]]  shape: "servers" (a dict of entries), "entry" (one, or a list of them), "wrapped" (under mcpServers).
    key: of its word; without one the address decides. missing: what no word means, "sse" or "url" (the address decides).
    holder: a class decorator whose class attribute `argument` holds them
[[word]]     unless-path: no word means SSE unless the address ends so. members: the word is this member of an enum, by
    its full names, and `behind` says what the client puts behind its address, before and after. each: the argument with
    a list of addresses, one for each word
[[class]]    methods: those of it that make one, called on the class. params: an argument with the address inside, called
    `inside` there ("url"). base: an argument with an address that it puts `behind` behind (before and after), to be
    given whole as `url`
[[method]]   application, router, path: the arguments with the application (of the class), with another one or a router,
    and with the path; positional: their order. default: the path without one, becomes: that of the new method.
    messages: where clients post, below the path. drop: arguments that go. made: what the release with the new method
    has instead of arguments of the class ([argument, code, module to import]); places: positional ones that stay
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import field
from typing import Any

from migrator.records import record

KEYS = {
    "class": {
        "old",
        "new",
        "methods",
        "url",
        "url-position",
        "position",
        "params",
        "inside",
        "refuse",
        "with",
        "hand-over",
        "base",
        "behind",
    },
    "entries": {
        "callee",
        "holder",
        "argument",
        "position",
        "shape",
        "key",
        "old",
        "new",
        "missing",
        "url",
        "implicit-below",
    },
    "word": {
        "callee",
        "argument",
        "position",
        "old",
        "new",
        "url",
        "url-position",
        "params",
        "inside",
        "insert-from",
        "unless-path",
        "members",
        "behind",
        "each",
    },
    "address": {"callee", "argument", "position"},
    "method": {
        "callee",
        "new",
        "application",
        "positional",
        "drop",
        "router",
        "path",
        "default",
        "becomes",
        "messages",
        "made",
    },
}
WHOSE = {"class": ("old",), "entries": ("callee", "holder")}  # keys of which a row has one
COMMON = {"first", "from", "below", "by-hand", "note", "source", "unless"}


class FactsError(ValueError):
    """A framework's file that can't be used. The message names the file and the key."""


@record(frozen=True)
class Fact:
    """One row of a framework's file."""

    kind: str  # "class" | "entries" | "word" | "address" | "method"
    framework: str
    packages: tuple[str, ...]
    rule: str
    row: Mapping[str, Any] = field(hash=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The calls it is about, in full."""
        if self.kind != "class":
            return tuple(self.row.get("callee", ()))
        made = [f"{name}.{method}" for name in self.row["old"] for method in self.row.get("methods", ())]
        return (*self.row["old"], *made)

    @property
    def marks(self) -> tuple[str, ...]:
        """The last parts of names, one of which a module must hold for the row to matter."""
        return tuple(n.rpartition(".")[2] for n in (*self.names, *self.row.get("holder", ())))


def facts_of(documents: Mapping[str, Mapping[str, Any]]) -> list[Fact]:
    """The rows of all files, by framework. Raises FactsError."""
    found = []
    for name, document in documents.items():
        for kind, keys in KEYS.items():
            for row in document.get(kind, ()):
                unknown = set(row) - keys - COMMON
                if unknown:
                    raise FactsError(f"rules/frameworks/{name}.toml: [[{kind}]] has no key {min(unknown)!r}")
                whose = WHOSE.get(kind, ("callee",))
                if not any(key in row for key in whose):
                    raise FactsError(f"rules/frameworks/{name}.toml: [[{kind}]] needs {whose[0]!r}")
                packages = tuple(document.get("package", ()))
                found.append(Fact(kind, name, packages, document.get("rule", "MCP202"), row))
    return found


def newer_names(facts: Iterable[Fact]) -> frozenset[str]:
    """The names that open Streamable HTTP in some framework."""
    return frozenset(f.row["new"] for f in facts if f.kind == "class" and f.row.get("new"))
