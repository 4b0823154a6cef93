"""Client configuration inside another file: fenced blocks of Markdown, cells of notebooks, JSON words of a shell."""

from __future__ import annotations

from dataclasses import replace

from migrator.configs.entries import NOTATIONS
from migrator.configs.moves import Known
from migrator.configs.parts import Source, parts_of
from migrator.configs.spans import Change, Unparsable
from migrator.model import Part, Replacement
from migrator.text import TextFile


def snippet_parts(file: TextFile, start: int, end: int, syntax: str, known: Known, *, client: str = "") -> list[Part]:
    """One Part for every MCP server entry in the characters start:end of `file`; replacements are of the whole file.

    syntax: "json", "jsonc", "json5", "yaml", "yml" or "toml". A JSON text may be the inside of an object.
    client: the id of the client that reads it, where the text around says so.
    Raises Unparsable (nothing to say about it), and SettingsError for an unknown client.
    """
    if syntax not in NOTATIONS:
        raise Unparsable(f"{syntax!r} is no syntax of configuration files")
    if client:
        known = replace(known, settings=replace(known.settings, clients=(("*", client), *known.settings.clients)))
    text = file.text[start:end]
    try:
        return parts_of(Source(file, text, syntax, start), known)
    except Unparsable:
        if not syntax.startswith("json"):
            raise
        wrapped = parts_of(Source(file, "{" + text + "\n}", syntax, start - 1), known)
        if any(isinstance(e, Replacement) and not start <= e.start <= e.end <= end for p in wrapped for e in p.edits):
            raise
        return wrapped


def edit_snippet(
    text: str, syntax: str, known: Known, path: str = "", *, client: str = "", base: int = 0
) -> list[Change]:
    """The changes that move the MCP server entries of `text`; offsets count from `base`. [] where it can't be read.

    path: the file that it stands in, for `known`'s settings. Those of units that may still stay are among them:
    use `snippet_parts` where that matters.
    """
    try:
        parts = snippet_parts(TextFile(path, text, "utf-8", b""), 0, len(text), syntax, known, client=client)
    except Unparsable:
        return []
    edits = [e for p in parts for e in p.edits if isinstance(e, Replacement)]
    return sorted((base + e.start, base + e.end, e.text) for e in edits)


def edit_entry(text: str, known: Known, path: str, client: str, base: int) -> list[Change]:
    """The changes of a JSON text that is one entry by itself, as `claude mcp add-json` takes it."""
    wrapped = f'{{"mcpServers":{{"entry":{text}}}}}'
    begin = wrapped.index(text)
    changes = edit_snippet(wrapped, "json", known, path, client=client, base=base - begin)
    return [] if any(not base <= s <= e <= base + len(text) for s, e, _ in changes) else changes
