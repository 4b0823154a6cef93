"""What still names the old address of a server that speaks Streamable HTTP already: told, never changed.

The rooms find it by the ties that a move uses, as if those servers moved now: what they would write is what to write.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from migrator import examples
from migrator.configs.addresses import LOOPBACK, parse, shown
from migrator.context import Context
from migrator.model import Endpoint, Finding, Outcome, Part, Replacement, Severity
from migrator.text import TextFile

_SAID = ("MCP204", "MCP501", "MCP503", "MCP504")  # documents, tests and requirements are no leftovers
_CONFIGURED = ("MCP301", "MCP302", "MCP303")
_LONG = 72  # characters of a line that a message has room for


def with_left_behind(
    context: Context,
    settled: Sequence[Endpoint],
    contributions: Callable[[Context], Iterable[Part]],
    findings: list[Finding],
) -> list[Finding]:
    """`findings` and those about `settled` servers, which know better than what is said of the same place and changes nothing."""
    servers = {e.unit: e for e in settled if _may_be_named(context, e)}
    if not servers:
        return findings
    changed = {(f.place.path, f.place.line) for f in findings if f.outcome is Outcome.FIX}
    left: dict[tuple[str, str, int], Finding] = {}
    for part in contributions(replace(context, endpoints=(*context.endpoints, *servers.values()))):
        e = servers.get(part.unit)
        if e is None:
            continue
        for f in part.findings[:1]:
            if (f.place.path, f.place.line) not in changed and _certain(context, part, f, e):
                left[f.rule, f.place.path, f.place.line] = _told(context, part, f, e)
    return [*(f for f in findings if (f.rule, f.place.path, f.place.line) not in left), *left.values()]


def _may_be_named(context: Context, e: Endpoint) -> bool:
    """False when no file that counts holds the old path, or a variable or option that chooses the transport. Cheap."""
    names = [e.old_path, *(n for s in e.selectors for n in s.names)]
    files = (f for kind, files in context.tree.hits.items() if kind != "markdown" for f in files)
    return any(n.encode() in context.tree.read(f) for f in files for n in names)


def _certain(context: Context, part: Part, f: Finding, e: Endpoint) -> bool:
    """True where the place is the server's by more than its path, and what to write is known."""
    if f.assumed or f.severity is not Severity.WARNING or not examples.is_of(e.place.path, f.place.path):
        return False
    if f.rule != "MCP503":
        return (f.rule in (*_SAID, *_CONFIGURED) and bool(part.edits)) or f.rule == "MCP204"
    url = parse(_line(context, f, whole=False))
    if url is not None and url.host and url.name not in LOOPBACK:
        return True
    if url is not None and e.old_path.count("/") > 1 and url.path.rstrip("/") == e.old_path:
        return True
    file = context.tree.text(f.place.path).text
    return bool(e.listens) and re.search(rf"(?<!\d){e.listens}(?!\d)", file) is not None


def _told(context: Context, part: Part, f: Finding, e: Endpoint) -> Finding:
    """The finding, by hand, in words that are true of a server which has moved."""
    several = re.match(r"lines [\d, ]+", f.message)
    quoted = f"{several.group().strip()}, first " if several else ""
    message = f"{quoted}'{_line(context, f)}' is left from SSE: {e.name} serves Streamable HTTP alone, at {e.new_path}"
    lines = list(_new_lines(context.tree.text(f.place.path), part))
    todo = "write: " + " and ".join(lines) if lines else f.instruction
    return replace(f, outcome=Outcome.BY_HAND, message=message, instruction=todo, unit="", check="")


def _line(context: Context, f: Finding, whole: bool = True) -> str:
    """The line that the finding is about, short enough for a message; not `whole`: only its own place in it."""
    line = context.tree.text(f.place.path).text.split("\n")[f.place.line - 1]
    if not whole:
        return line[f.place.column : f.place.end_column]
    line = shown(line.strip())
    return line if len(line) <= _LONG else line[:_LONG] + "..."


def _new_lines(file: TextFile, part: Part) -> Iterator[str]:
    """The lines that the part would change, as they would be."""
    edits = sorted((e for e in part.edits if isinstance(e, Replacement)), key=lambda e: e.start)
    at = 0
    for line in file.text.splitlines(keepends=True):
        begin, at, new, shift = at, at + len(line), line, 0
        for e in edits:
            if begin <= e.start and e.end <= at:
                new = new[: e.start - begin + shift] + e.text + new[e.end - begin + shift :]
                shift += len(e.text) - (e.end - e.start)
        if new != line:
            yield shown(new.strip())
