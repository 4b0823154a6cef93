"""What Spring's configuration files set: `application.properties`, `application.yml` and their like."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Iterator

from migrator.configs import yaml_spans
from migrator.configs.spans import Node, Unparsable
from migrator.text import TextFile, Undecodable
from migrator.tree import Tree, Unreadable

_PROPERTY = re.compile(r"\s*(?P<name>[\w.\[\]-]+)\s*[=:]\s*(?P<value>.*?)\s*$")


def may_hold(path: str) -> bool:
    """True for a file that may set properties, by its name."""
    return path.endswith((".properties", ".yml", ".yaml"))


def properties(file: TextFile) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """(dotted name, value, span) of every property of one file."""
    if file.path.endswith(".properties"):
        at = 0
        for line in file.text.splitlines(keepends=True):
            match = _PROPERTY.match(line)
            if match and not line.lstrip().startswith(("#", "!")):
                yield match["name"], match["value"], (at + match.start("name"), at + match.end("value"))
            at += len(line)
        return
    try:
        for document in yaml_spans.NOTATION.parse(file.text):
            yield from _flat(document, "")
    except Unparsable:
        return


def below(tree: Tree, folder: str, names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(dotted name, value) of all properties that files below `folder` set. names: patterns of their names."""
    for path in tree.files:
        if folder and not path.startswith(f"{folder}/"):
            continue
        if not any(fnmatch.fnmatchcase(path.rpartition("/")[2], name) for name in names):
            continue
        try:
            yield from ((name, value) for name, value, _ in properties(tree.text(path)))
        except (Unreadable, Undecodable):
            continue


def _flat(node: Node, name: str, depth: int = 0) -> Iterator[tuple[str, str, tuple[int, int]]]:
    if node.kind == "map" and depth < 30:
        for member in node.all_members():
            yield from _flat(member.value, f"{name}.{member.key.value}".strip("."), depth + 1)
    elif node.kind in ("string", "scalar"):
        yield name, node.value, (node.start, node.end)
