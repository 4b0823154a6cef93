"""Servers in other languages: they stay on SSE in every run, and so must what connects to them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.context import Context
from migrator.deploy import springfiles
from migrator.python.code import is_test
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

TABLE = "deploy/languages.toml"
_SERVES = re.compile(r"(?<![\w:])[\"']/?sse[\"']|_sse(?:_async)?\(")
_NUMBER = re.compile(r"(\d+)\}?$")  # 8081, ${PORT:8081}


def at_port(context: Context, port: str) -> str:
    """The file of a server that speaks SSE at this port and is none of the run's, "" where none is known.

    In another language, or in Python with a library that nobody here knows: it says the port, and SSE in its own name.
    Or a server that can't be followed, whatever its port, where no other moves.
    """
    if not port:
        return ""
    table = context.rules.toml(TABLE)
    found = [row["find"] for row in table["pattern"] if row.get("serves")]
    said = re.compile(rf"\b{port}\b")
    for path in context.tree.hits.get("javascript", ()):
        file = _text(context, path, port)
        if file and said.search(file.text) and any(re.search(one, file.text) for one in found):
            return path
    served = {p for e in context.servers for p in (*e.files, e.place.path)}
    given = re.compile(rf"(?m)\bport={port}\b|^[A-Z_]*PORT\s*=\s*{port}\b")
    for path in context.tree.hits.get("python", ()):
        file = _text(context, path, port) if path not in served and not is_test(path) else None
        if file and given.search(file.text) and _SERVES.search(file.text):
            return path
    for row in table["implicit"]:
        for file, _, _ in starters(context, row):
            if _port(context, row, posixpath.dirname(file.path)) == port:
                return file.path
    # nothing here moves: what is reached on this machine is rather what stays than somebody else's
    return next(iter(context.unfollowed), "") if not any(e.moved for e in context.servers) else ""


def starters(context: Context, row: Mapping[str, Any]) -> Iterator[tuple[TextFile, re.Match[str], bool]]:
    """Manifests with a server that speaks SSE, where they name it, and whether its properties say so."""
    tree = context.tree
    for path in tree.files:
        file = _text(context, path) if path.rpartition("/")[2] in row["manifests"] else None
        if file is None or not (match := re.search(row["find"], file.text)):
            continue
        release = re.search(row["release"], file.text)
        if release and int(release["major"]) >= row["below"]:
            continue
        name, old = row["property"]
        said = [v for n, v in springfiles.below(tree, posixpath.dirname(path), row["properties"]) if n == name]
        if all(value.upper() == old for value in said):
            yield file, match, bool(said)


def _port(context: Context, row: Mapping[str, Any], folder: str) -> str:
    name, usual = row["port"]
    said = [value for key, value in springfiles.below(context.tree, folder, row["properties"]) if key == name]
    numbers = {m[1] for value in said if (m := _NUMBER.search(value))}
    return numbers.pop() if len(numbers) == 1 else "" if said else usual


def _text(context: Context, path: str, holding: str = "") -> TextFile | None:
    """The file, None for one that can't be read or has nothing of `holding`: a search with a pattern takes much longer."""
    try:
        file = context.tree.text(path)
    except (Unreadable, Undecodable):
        return None
    return file if holding in file.text else None
