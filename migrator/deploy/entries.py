"""Client configuration inside a page: judged by migrator.configs, written back where its characters stand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from migrator.configs.moves import Known
from migrator.configs.parts import embedded_parts
from migrator.configs.snippets import snippet_parts
from migrator.configs.spans import Unparsable
from migrator.deploy.pages import Page
from migrator.deploy.strands import Strand
from migrator.deploy.whose import whose
from migrator.model import Finding, Outcome, Part, Place, Replacement
from migrator.text import TextFile


def configured(page: Page, known: Known) -> Iterator[Part]:
    """The parts of a page's MCP server entries. Nothing where it can't be read. Raises SettingsError."""
    source = page.source
    client = whose(page.file.text, source.start, known.clients) if page.document and source.text else ""
    if isinstance(source.starts, range):
        try:
            yield from snippet_parts(page.file, source.start, source.end, page.language, known, client=client)
        except Unparsable:
            return
        return
    inner = TextFile(page.file.path, source.text, "utf-8", b"")
    try:
        parts = snippet_parts(inner, 0, len(source.text), page.language, known, client=client)
    except Unparsable:
        return
    for part in parts:
        edits = [_outside(page, e) for e in part.edits if isinstance(e, Replacement)]
        findings = tuple(_moved(page, inner, f) for f in part.findings)
        kept = tuple(_outer(page, inner, p) for p in part.kept)
        if all(e is not None for e in edits):
            yield replace(part, findings=findings, edits=tuple(edits), kept=kept)
        else:
            left = "it stands in quoted text"
            yield replace(part, findings=tuple(_by_hand(f, part, left) for f in findings), edits=(), kept=kept)


def held_as_text(page: Page, known: Known) -> Iterator[Part]:
    """The parts of configuration that a script holds: a here-document, a quoted word."""
    source = page.source
    if isinstance(source.starts, range) and source.text:
        yield from embedded_parts(page.file, source.start, source.end, known)


def _outside(page: Page, edit: Replacement) -> Replacement | None:
    """The replacement in the file's own offsets; None where its characters don't stand together there."""
    source = page.source
    if edit.start == edit.end:
        if "\n" in edit.text or edit.start >= len(source.text):
            return None
        at = source.starts[edit.start]
        return replace(edit, start=at, end=at)
    piece = source.part(edit.start, edit.end)
    plain = piece.whole and all(piece.ends[i] - piece.starts[i] == 1 for i in range(len(piece)))
    safe = not set(edit.text) & set('"\\\n')
    return replace(edit, start=piece.start, end=piece.end) if plain and safe else None


def _moved(page: Page, inner: TextFile, finding: Finding) -> Finding:
    """The finding with its place in the file."""
    return replace(finding, place=_outer(page, inner, finding.place))


def _outer(page: Page, inner: TextFile, place: Place) -> Place:
    """A place in the page's text as one in the file."""
    start = offset(inner, place.line, place.column)
    end = offset(inner, place.end_line, place.end_column)
    piece = page.source.part(max(start, 0), max(end, start + 1))
    return _place(page, piece) if piece.text else Place(page.file.path)


def _place(page: Page, piece: Strand) -> Place:
    return page.file.place(piece.start, piece.end)


def _by_hand(finding: Finding, part: Part, why: str) -> Finding:
    if finding.outcome is not Outcome.FIX:
        return finding
    texts = ", ".join(e.text.strip() for e in part.edits if isinstance(e, Replacement))
    message = f"{finding.message}; not changed: {why}"
    return replace(finding, outcome=Outcome.BY_HAND, message=message, instruction=f"write {texts}")


def offset(file: TextFile, line: int, column: int) -> int:
    """The offset of a place, -1 for a file as a whole."""
    if not line:
        return -1
    at = 0
    for _ in range(line - 1):
        at = file.text.find("\n", at) + 1
    return at + column
