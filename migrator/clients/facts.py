"""What is known about agent frameworks: rules/frameworks/*.toml, one file a framework.

package   distributions that bring it, the first that the project names decides its version
rule      of its findings, "MCP202" unless said otherwise
[[class]]    a class or function for SSE and the one for Streamable HTTP
[[entries]]  a callable that takes dicts of servers
[[word]]     a callable that takes the transport as an argument
[[address]]  a callable that reads the transport from the address

All of them may say `first` (lowest version that can do it), `from` and `below` (versions it is true of), `by-hand`
(what to write instead of an edit), and name calls in full ("agents.mcp.MCPServerSse").
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

KEYS = {
    "class": {"old", "new", "url", "position", "params", "arguments", "refuse", "with", "hand-over", "suffix"},
    "entries": {"callee", "argument", "position", "shape", "key", "old", "new", "missing", "url", "implicit-below"},
    "word": {"callee", "argument", "position", "old", "new", "url", "url-position", "params", "insert-from"},
    "address": {"callee", "argument", "position"},
}
COMMON = {"first", "from", "below", "by-hand", "note", "source"}


class FactsError(ValueError):
    """A framework's file that can't be used. The message names the file and the key."""


@dataclass(frozen=True)
class Fact:
    """One row of a framework's file."""

    kind: str  # "class" | "entries" | "word" | "address"
    framework: str
    packages: tuple[str, ...]
    rule: str
    row: Mapping[str, Any] = field(hash=False, compare=False)

    @property
    def names(self) -> tuple[str, ...]:
        """The calls it is about, in full."""
        return tuple(self.row["old"] if self.kind == "class" else self.row["callee"])


def facts_of(documents: Mapping[str, Mapping[str, Any]]) -> list[Fact]:
    """The rows of all files, by framework. Raises FactsError."""
    found = []
    for name, document in documents.items():
        for kind, keys in KEYS.items():
            for row in document.get(kind, ()):
                unknown = set(row) - keys - COMMON
                if unknown:
                    raise FactsError(f"rules/frameworks/{name}.toml: [[{kind}]] has no key {min(unknown)!r}")
                missing = {"old" if kind == "class" else "callee"} - set(row)
                if missing:
                    raise FactsError(f"rules/frameworks/{name}.toml: [[{kind}]] needs {min(missing)!r}")
                packages = tuple(document.get("package", ()))
                found.append(Fact(kind, name, packages, document.get("rule", "MCP202"), row))
    return found


def newer_names(facts: Iterable[Fact]) -> frozenset[str]:
    """The names that open Streamable HTTP in some framework."""
    return frozenset(f.row["new"] for f in facts if f.kind == "class" and f.row.get("new"))
