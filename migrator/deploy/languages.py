"""MCP over SSE in JavaScript, TypeScript and Spring AI: found, counted, and explained with the recipe that fits."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.context import Context
from migrator.deploy import springfiles
from migrator.deploy.otherservers import TABLE, starters
from migrator.model import Finding, Outcome, Part, Severity
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

_COMMENT = re.compile(r"\s*(?://|\*|/\*|#)")


def parts(context: Context) -> Iterator[Part]:
    """One finding for every pattern of every file."""
    table = context.rules.toml(TABLE)
    rows = table["pattern"]
    for kind, paths in context.tree.hits.items():
        found = [r for r in rows if kind in r.get("kinds", ())]
        for path in paths:
            named = [r for r in found if not r.get("names") or path.endswith(tuple(r["names"]))]
            springs = [r for r in rows if "property" in r] if springfiles.may_hold(path) else []
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
    if springs and "spring" in file.text:
        set_here = list(springfiles.properties(file))
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


def _implicit(context: Context, row: Mapping[str, Any]) -> Iterator[Part]:
    """A starter whose protocol nothing sets."""
    for file, match, said in starters(context, row):
        if not said:
            place = file.place(*match.span())
            message = f"{row['title']}: this program explains it and does not rewrite it"
            todo = recipe(row, context, file.path)
            yield Part((Finding(row["rule"], Severity.WARNING, Outcome.BY_HAND, place, message, todo),))
