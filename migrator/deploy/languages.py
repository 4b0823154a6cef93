"""MCP over SSE in JavaScript, TypeScript and Spring AI: found, counted, and explained with the recipe that fits."""

from __future__ import annotations

import fnmatch
import posixpath
import re
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.configs import yaml_spans
from migrator.configs.spans import Node, Unparsable
from migrator.context import Context
from migrator.model import Finding, Outcome, Part, Severity
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

_COMMENT = re.compile(r"\s*(?://|\*|/\*|#)")
_PROPERTY = re.compile(r"\s*(?P<name>[\w.\[\]-]+)\s*[=:]\s*(?P<value>.*?)\s*$")


def parts(context: Context) -> Iterator[Part]:
    """One finding for every pattern of every file."""
    table = context.rules.toml("deploy/languages.toml")
    rows = table["pattern"]
    for kind, paths in context.tree.hits.items():
        found = [r for r in rows if kind in r.get("kinds", ())]
        for path in paths:
            named = [r for r in found if not r.get("names") or path.endswith(tuple(r["names"]))]
            springs = [r for r in rows if "property" in r] if _is_properties(path) else []
            if named or springs:
                yield from _file(context, path, named, springs)
    for row in table["implicit"]:
        yield from _implicit(context, row)


def _file(context: Context, path: str, rows: list[Any], springs: list[Any]) -> Iterator[Part]:
    try:
        file = context.tree.text(path)
    except (Unreadable, Undecodable):
        return
    for row in rows:
        if row.get("needs") and not re.search(row["needs"], file.text):
            continue
        spans = [
            m.span()
            for m in re.finditer(row["find"], file.text)
            if not _COMMENT.match(file.text, file.text.rfind("\n", 0, m.start()) + 1)
        ]
        if spans:
            yield _part(context, row, file, spans)
    if springs:
        set_here = list(properties(file))
        for row in springs:
            name, value = row["property"]
            spans = [
                span
                for key, said, span in set_here
                if (key == name or key.startswith(f"{name}.")) and (not value or said.upper() == value)
            ]
            if spans:
                yield _part(context, row, file, spans[:1])


def _part(context: Context, row: Mapping[str, Any], file: TextFile, spans: list[tuple[int, int]]) -> Part:
    places = [file.place(*s) for s in spans]
    lines = list(dict.fromkeys(p.line for p in places))
    where = (
        f"lines {', '.join(map(str, lines[:8]))}{' ...' if len(lines) > 8 else ''}" if len(lines) > 1 else "one line"
    )
    more = f" ({len(spans)} places, {where})"
    message = f"{row['title']}{more if len(spans) > 1 else ''}: this program explains it and does not rewrite it"
    return Part(
        (Finding(row["rule"], Severity.WARNING, Outcome.BY_HAND, places[0], message, recipe(row, context, file.path)),)
    )


def recipe(row: Mapping[str, Any], context: Context, path: str) -> str:
    """Before and after, and what the installed version asks for besides."""
    lines = ["before:", *_indented(row["before"]), "after:", *_indented(row["after"])]
    installed = context.versions.of(path) if row.get("version") else None
    for one in row.get("version", ()):
        found = installed.version(one["package"]) or installed.lowest(one["package"]) if installed else None
        if found is not None and _within(str(found), one):
            lines.append(f"{one['text']} ({one['package']} {found} here)")
    return "\n".join(lines)


def _within(version: str, row: Mapping[str, Any]) -> bool:
    from packaging.version import Version

    found = Version(version)
    return not (("from" in row and found < Version(row["from"])) or ("below" in row and found >= Version(row["below"])))


def _indented(text: str) -> list[str]:
    return [f"    {line}".rstrip() for line in text.strip("\n").splitlines()]


def _is_properties(path: str) -> bool:
    return path.endswith((".properties", ".yml", ".yaml"))


def properties(file: TextFile) -> Iterator[tuple[str, str, tuple[int, int]]]:
    """(dotted name, value, span) of every property of a Spring configuration file."""
    if file.path.endswith(".properties"):
        at = 0
        for line in file.text.splitlines(keepends=True):
            match = _PROPERTY.match(line)
            if match and not line.lstrip().startswith(("#", "!")):
                yield match["name"], match["value"], (at + match.start("name"), at + match.end("value"))
            at += len(line)
        return
    if "spring" not in file.text:
        return
    try:
        for document in yaml_spans.NOTATION.parse(file.text):
            yield from _flat(document, "")
    except Unparsable:
        return


def _flat(node: Node, name: str, depth: int = 0) -> Iterator[tuple[str, str, tuple[int, int]]]:
    if node.kind == "map" and depth < 30:
        for member in node.all_members():
            yield from _flat(member.value, f"{name}.{member.key.value}".strip("."), depth + 1)
    elif node.kind in ("string", "scalar"):
        yield name, node.value, (node.start, node.end)


def _implicit(context: Context, row: Mapping[str, Any]) -> Iterator[Part]:
    """A starter whose protocol nothing sets."""
    tree = context.tree
    manifests = [p for p in tree.files if p.rpartition("/")[2] in row["manifests"]]
    for path in manifests:
        try:
            file = tree.text(path)
        except (Unreadable, Undecodable):
            continue
        match = re.search(row["find"], file.text)
        said = re.search(row["release"], file.text)
        if said and int(said["major"]) >= row["below"]:
            continue
        if match and not _says(context, row, posixpath.dirname(path)):
            place = file.place(*match.span())
            message = f"{row['title']}: this program explains it and does not rewrite it"
            yield Part(
                (Finding(row["rule"], Severity.WARNING, Outcome.BY_HAND, place, message, recipe(row, context, path)),)
            )


def _says(context: Context, row: Mapping[str, Any], folder: str) -> bool:
    """True when a configuration below `folder` sets the property."""
    for path in context.tree.files:
        name = posixpath.basename(path)
        if folder and not path.startswith(f"{folder}/"):
            continue
        if not any(fnmatch.fnmatchcase(name, p) for p in row["properties"]):
            continue
        try:
            if any(key == row["unless-property"] for key, _, _ in properties(context.tree.text(path))):
                return True
        except (Unreadable, Undecodable):
            continue
    return False
