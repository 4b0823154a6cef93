"""Addresses of this repository's own servers in commands, scripts and documents: they follow the endpoint map."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.configs.addresses import Url, parse
from migrator.configs.decisions import Action, Decision
from migrator.configs.urls import Urls
from migrator.deploy.strands import Strand
from migrator.records import record

_URL = re.compile(
    r"(?:https?://|(?:(?<![\w./-])|(?<=-get://))(?:localhost|127\.0\.0\.1|0\.0\.0\.0|host\.docker\.internal)(?=[:/]))"
    r"(?:\$\{[^{}\s]*\}|\{\{[^{}]*\}\}|\$\([^()\s]*\)|<[\w .-]+>|[^\s\"'`<>|()\[\],;\\])+"
)


_BEHIND = re.compile(
    r"(?<![\w:/.@}-])(?:\$\w+|\$\{[\w.\[\]-]+\}|\$\(\w+\)|\{\{[^{}]*\}\})(?=/)[^\s\"'`<>|()\[\],;\\]+"
)  # a path behind a variable


@record(frozen=True)
class Address:
    """A URL in a text, and what becomes of it."""

    strand: Strand
    decision: Decision


def urls_of(text: Strand) -> Iterator[tuple[Strand, Url]]:
    """The URLs that stand in `text`."""
    if "http" not in text.text and "://" not in text.text and ":" not in text.text and "localhost" not in text.text:
        return
    for match in _URL.finditer(text.text):
        raw = match.group().rstrip(".:!?*_")
        while raw.endswith("}") and raw.count("}") > raw.count("{"):
            raw = raw[:-1]
        url = parse(raw)
        if url is not None:
            yield text.part(match.start(), match.start() + len(raw)), url


def behind_variables(text: Strand) -> Iterator[tuple[Strand, Url]]:
    """The addresses in `text` whose beginning a variable holds: `$BASE/sse`."""
    for match in _BEHIND.finditer(text.text) if "$" in text.text or "{{" in text.text else ():
        url = parse(match.group().rstrip(".:!?*_"))
        if url is not None:
            yield text.part(*match.span()), url


def addresses(text: Strand, urls: Urls, path: str) -> Iterator[Address]:
    """The addresses in `text` that this run moves."""
    for strand, _ in urls_of(text):
        if not urls.reaches_sse(strand.text, path):
            continue
        decision = urls.decide(strand.text, path, streamable=True)
        if decision.units and decision.action in (Action.MOVE, Action.HAND):
            yield Address(strand, decision)
