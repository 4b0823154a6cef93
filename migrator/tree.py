"""The project's files: which there are, which could matter, and what they hold.

A `Tree` answers for one analysis root. It never writes.
"""

from __future__ import annotations

import sys
from dataclasses import field
from pathlib import Path

from migrator import sieve
from migrator.records import record
from migrator.text import TextFile, Undecodable

LOCAL = "git ignores this file, so it is changed on request only (--local-files)"  # why one of Tree.local is left


class Unreadable(OSError):
    """A file that can't be read as it must be; the message is for people."""


@record
class Tree:
    """The files below `root`, by path relative to it ("/" between parts).

    files: every file that git would not ignore (or every file, outside a work tree), without pruned folders.
    local: ignored files that hold local settings (.env, .vscode/mcp.json ...): read and reported,
        edited only with `Settings.local_files`.
    hits: of both, those whose bytes could matter, by kind: "python", "json", "yaml", "toml", "dockerfile",
        "shell", "env", "markdown", "notebook", "manifest", "javascript", "other". Lock files are only in `files`.
    mcp_python: Python files that import mcp or fastmcp, whether or not they hold the word: a server whose transport
        only a README or a compose file names is among them.
    transport_python: others that don't import it but say "transport", or name MCP and run something: with `hits` and
        `mcp_python` these are all the Python files that can start a server or choose its transport.
    open_python: those of `mcp_python` that hand on a transport which they don't write out.
    skipped: (path, why) of what was left out and could matter: unreadable, too long, outside the tree.
    imports: Python files whose lines that import have been read already, with the project's modules on them.
    about_mcp: the files other than code that mention MCP, hits or not.
    """

    root: Path
    files: tuple[str, ...] = ()
    local: frozenset[str] = frozenset()
    hits: dict[str, tuple[str, ...]] = field(default_factory=dict)
    mcp_python: tuple[str, ...] = ()
    transport_python: tuple[str, ...] = ()
    skipped: tuple[tuple[str, str], ...] = ()
    _bytes: dict[str, bytes] = field(default_factory=dict, repr=False)
    imports: dict[str, set[bytes]] = field(default_factory=dict, repr=False)
    about_mcp: frozenset[str] = frozenset()
    open_python: tuple[str, ...] = ()
    _names: frozenset[str] | None = field(default=None, repr=False)
    _root: str = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._root = str(self.root)

    def exists(self, path: str) -> bool:
        """True when `path` is one of `files` or `local`."""
        if self._names is None:
            self._names = frozenset(self.files) | self.local
        return path in self._names

    def read(self, path: str) -> bytes:
        """The file's bytes, read once a run. Raises Unreadable."""
        if path not in self._bytes:
            try:
                self._bytes[path] = sieve.read(f"{self._root}/{path}", sys.maxsize)
            except OSError as error:
                raise Unreadable(f"{path}: {error.strerror or error}") from None
        return self._bytes[path]

    def text(self, path: str) -> TextFile:
        """The file's text. Raises Unreadable, or text.Undecodable."""
        return TextFile.decode(path, self.read(path))

    def source(self, path: str) -> str:
        """What the file says, "" where it can't be read as text: for those who only look something up in it."""
        try:
            return self.text(path).text
        except (Unreadable, Undecodable):
            return ""
