"""Install links in documents: addresses for Cursor and VS Code that carry an MCP server entry, encoded."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from migrator.configs.decisions import together
from migrator.configs.links import link_changes
from migrator.configs.moves import Known
from migrator.model import Finding, Outcome, Part, Replacement, Severity
from migrator.text import TextFile

MESSAGE = "an install link carries an entry that reaches a server of this repository over SSE; the server moves"


def badges(file: TextFile, rows: Sequence[Mapping[str, Any]], known: Known) -> Iterator[Part]:
    """One Part for every link whose entry reaches a server that this run moves.

    rows: the [[link]] rows of rules/tools.toml. known: with `own_only`.
    """
    changes = link_changes(file.text, rows, known, file.path)
    alone = {unit: _of_unit(known, unit) for unit in _units(known)} if changes else {}
    owners = {unit: link_changes(file.text, rows, one, file.path) for unit, one in alone.items()}
    for change in changes:
        start, end, text = change
        unit, also = together(u for u, own in owners.items() if change in own)
        place = file.place(start, end)
        finding = Finding("MCP502", Severity.WARNING, Outcome.FIX, place, MESSAGE, unit=unit)
        yield Part((finding,), (Replacement(file.path, start, end, text),), unit, also=also)


def _units(known: Known) -> list[str]:
    return list(dict.fromkeys(e.unit for e in known.urls.endpoints))


def _of_unit(known: Known, unit: str) -> Known:
    """The same knowledge, of one unit's endpoints only."""
    urls = copy.copy(known.urls)
    urls.endpoints = tuple(e for e in known.urls.endpoints if e.unit == unit)
    return replace(known, urls=urls)
