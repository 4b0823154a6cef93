"""What is judged: one project, how it is started, and what must be true of it before and after."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

SSE_WORD = "sse"


@dataclass(frozen=True)
class Start:
    """A way to start it: arguments after the interpreter, and variables. "{port}" stands for the port."""

    entry: tuple[str, ...]
    env: Mapping[str, str] = field(default_factory=dict)

    def on(self, port: int, literal: str = "") -> Start:
        """The same start on a real port; `literal` is the port number that the project itself names."""

        def put(text: str) -> str:
            text = text.replace("{port}", str(port))
            return re.sub(rf"(?<!\d){literal}(?!\d)", str(port), text) if literal else text

        return Start(tuple(map(put, self.entry)), {name: put(value) for name, value in self.env.items()})

    def with_word(self, old: str, new: str) -> Start:
        """The same start where `new` stands for the word `old`: as an argument, after "=", or as a variable's value."""

        def swap(text: str) -> str:
            if text == old:
                return new
            name, sign, value = text.partition("=")
            return f"{name}={new}" if sign and value == old else text

        return Start(
            tuple(map(swap, self.entry)),
            {name: new if value == old else value for name, value in self.env.items()},
        )


@dataclass(frozen=True)
class Route:
    """One MCP endpoint of the project."""

    old: str  # path that opens the SSE stream before
    new: str = ""  # path that must serve afterwards; "" for the one the endpoint map prints
    model: str = ""  # path of the known answer, for tools that print no endpoint map


@dataclass(frozen=True)
class Call:
    """A tool call and what must come of it."""

    tool: str = "add"
    arguments: Mapping[str, Any] = field(default_factory=lambda: {"a": 2, "b": 3})
    answer: str = "5"  # part of the text of the result
    answers: Mapping[str, dict[str, Any]] = field(default_factory=dict)  # to what the server asks meanwhile, by method


@dataclass(frozen=True)
class Subject:
    """A project to judge. Its tree is copied, never changed."""

    name: str
    tree: Callable[[Path], None] | Path  # a folder to copy, or what writes the project into a folder
    start: Start  # as it is started before: the old word, or no word at all
    routes: tuple[Route, ...] = (Route("/sse"),)
    cwd: str = "."  # where it is started, from the project's folder
    port: str = ""  # the port number that its files name, replaced by a free one
    new_start: Start | None = None  # with the new word; None: derived from the endpoint map
    more_starts: tuple[Start, ...] = ()  # others that must serve the new transport
    stdio: Start | None = None  # a start that must answer over standard input and output, before and after
    headers: Mapping[str, str] = field(default_factory=dict)  # credentials
    call: Call | None = field(default_factory=Call)
    health: str = ""  # a page that must answer the same before and after
    site: str = ""  # origin of a web page that may use it from a browser
    options: Mapping[str, Any] = field(default_factory=dict)  # of the tool, named as in Settings
    expect: str = "stateless"  # stateless | stateful | blocked
    reason: str = ""  # stateful, blocked: must stand in what the plan says about it
    golden: Path | None = None  # the tree that must come out
    reference: Mapping[str, Path] = field(default_factory=dict)  # a known answer: file name -> what to put there

    @property
    def legacy(self) -> str:
        """What --legacy-sse says."""
        return self.options.get("legacy_sse", "remove")

    def write(self, folder: Path) -> None:
        """Put the project as it is before into a new folder."""
        if isinstance(self.tree, Path):
            shutil.copytree(self.tree, folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            folder.mkdir(parents=True)
            self.tree(folder)

    def on_port(self, source: Path, folder: Path, port: int) -> None:
        """A copy of `source` in which the project's own port number is `port`."""
        shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        if not self.port:
            return
        pattern = re.compile(rb"(?<!\d)" + self.port.encode() + rb"(?!\d)")
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                data = path.read_bytes()
                if pattern.search(data):
                    path.write_bytes(pattern.sub(str(port).encode(), data))
