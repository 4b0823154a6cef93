"""What the runners read besides their command line: fastmcp.json and FASTMCP_* variables (MCP505)."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from migrator.configs import json_spans
from migrator.configs.spans import Node, Unparsable
from migrator.deploy.pages import Page
from migrator.deploy.readers import Readers
from migrator.deploy.runners import UNIT, Runners
from migrator.deploy.strands import NotReplaceable, Strand, of_node
from migrator.deploy.tie import NOTHING
from migrator.deploy.ties import DOCKERFILE, Ties
from migrator.deploy.words import Container, spoken
from migrator.model import Endpoint, Finding, Outcome, Part, Place, Severity


def settings_parts(
    runners: Runners, ties: Ties, readers: Readers, page: Page, local: str
) -> Iterator[tuple[Strand, Part]]:
    """(the word it is about, the part) for every such setting. local: why the file is not changed."""
    yield from _file(runners, ties, page, local)
    for setting in page.sheet.settings:
        for row in runners.table["variable"]:
            if setting.name == row["name"] and not setting.comment:
                version = runners.version(row["package"], page.file.path)
                if "from" in row and runners.may_be(row["package"], page.file.path, row["from"]):
                    version = row["from"]  # what is installed anew reads it
                read = readers.of(setting.name, setting.container, page.file.path)
                # only the variable makes it a server: what runs there is not known as one
                foreign = ties.foreign(setting.container) and not ties.runs_own(setting.container)
                if version and not read and not foreign:
                    file = _program(ties, setting.container, page.file.path)
                    ports = runners.ports(ties.places.reached(file)) if file else []
                    yield from _variable(row, setting.value, page, version, local, file, ports)


def _program(ties: Ties, container: Container | None, path: str) -> str:
    """The Python file that starts where the file `path` sets a variable, "" for whichever it is."""
    tie = ties.container(container, path) if container is not None else NOTHING
    return tie.path or (ties.image_of(path).path if DOCKERFILE.search(path) else "")


def _variable(
    row: Mapping[str, Any], value: Strand, page: Page, version: str, local: str, file: str, ports: Sequence[str]
) -> Iterator[tuple[Strand, Part]]:
    from packaging.version import Version

    if "text" in row:
        if value.text:
            yield value, _told(page, value, f"{row['name']}: nothing reads it once the server has moved", row["text"])
        return
    for word in spoken(value):
        if word.text.lower() != row["old"]:
            continue
        if Version(version) < Version(row["from"]):
            message = f"{row['name']} does nothing on {row['package']} {version}"
            yield word, _told(page, word, message, row["before"])
        else:
            part = _changed(page, word, row["new"], f"{row['name']} starts the server over SSE", local)
            if not _said(page):
                note = _told(page, word, f"{row['name']} says nothing of sessions", row["stateless"])
                part = replace(part, findings=(*part.findings, *note.findings))
            moved = any(f.outcome is Outcome.FIX for f in part.findings)
            yield word, replace(part, serves=replace(_started(row, page, file, ports), moved=moved))


def _started(row: Mapping[str, Any], page: Page, file: str, ports: Sequence[str]) -> Endpoint:
    """The server that the variable starts: that of `file`, "" for whichever it is. ports: those that its code says."""
    given = (s.value.text for s in page.sheet.settings if s.name == row["port"])
    port = ports[0] if ports else next(given, row["default-port"] if file else "")
    port = port if port.isdecimal() and len(ports) < 2 else ""
    base = f"http://127.0.0.1:{port or '{port}'}"
    return Endpoint(
        name=f"{page.file.path}:{row['name']}",
        unit=f"{UNIT}{file or page.file.path} {base}{row['old-path']}",  # as of a command line that serves the file
        generation="",
        place=Place(file or page.file.path),
        old_url=base + row["old-path"],
        new_url=base + row["new-path"],
        old_path=row["old-path"],
        new_path=row["new-path"],
        port=port,
        selected_by=f"{row['name']}={row['new']}",
        stateless=_said(page),
        files=tuple(dict.fromkeys((file or page.file.path, page.file.path))),
    )


def _served(runners: Runners, ties: Ties, page: Page) -> Iterator[Endpoint]:
    """What a fastmcp.json serves over SSE."""
    table = runners.table["file"]
    for root, _, file in _files(runners, ties, page):
        path, port = _at(root, table["path"]), _at(root, table["port"])
        row = runners.rows[table["runner"]]
        at = path.value if path is not None and isinstance(path.value, str) else ""
        yield runners.served(row, file, str(port.value) if port is not None else row["default-port"], at)


def _files(runners: Runners, ties: Ties, page: Page) -> Iterator[tuple[Node, Strand, str]]:
    """(the settings, their transport word, the file that is served) of a fastmcp.json that names a file of this repository."""
    table = runners.table["file"]
    name = posixpath.basename(page.file.path)
    if not any(fnmatch.fnmatchcase(name, p) for p in table["names"]):
        return
    try:
        documents = json_spans.NOTATION.parse(page.source.text)
    except Unparsable:
        return
    for root in documents:
        transport, source = _at(root, table["transport"]), _at(root, table["source-path"])
        word = of_node(transport, page.source) if transport is not None else None
        if word is None or word.text != table["old"] or source is None:
            continue
        path = ties.places.file(source.value, [posixpath.dirname(page.file.path)])
        if path:
            yield root, word, path


def _file(runners: Runners, ties: Ties, page: Page, local: str) -> Iterator[tuple[Strand, Part]]:
    """The transport and the path of a fastmcp.json, and what it can't say."""
    table = runners.table["file"]
    for root, word, path in _files(runners, ties, page):
        version = runners.version(table["package"], path)
        message = f"{posixpath.basename(page.file.path)} serves {path} over SSE"
        reason = local or ("" if version else "no manifest or lock says which fastmcp it is")
        ignored = _at(root, table["ignored"])
        part = _changed(page, word, table["new"], message, reason)
        told = _at(root, table["path"])
        at = of_node(told, page.source) if told is not None else None
        new = runners.new_path(at.text) if at is not None else ""
        if at is not None and at.text != new:
            moved = _changed(page, at, new, f"the endpoint moves from {at.text} to {new}", reason)
            part = replace(part, findings=(*part.findings, *moved.findings), edits=(*part.edits, *moved.edits))
        if ignored is None and not reason and not _said(page) and not _kept(runners, ties, path, version):
            note = _told(page, word, "fastmcp.json can't say that the server is stateless", table["say-instead"])
            part = replace(part, findings=(*part.findings, *note.findings))
        server = next((e for e in _served(runners, ties, page) if path in e.files), None)
        if server is not None:
            said = f"{table['runner']} run {posixpath.basename(page.file.path)}"
            server = runners.shown(
                replace(server, stateless=_said(page), selected_by=said, moved=not reason), page.file.path
            )
        yield word, replace(part, serves=server)
        if ignored is not None:
            at = page.source.part(ignored.start, ignored.end)
            yield at, _told(page, at, f"{'.'.join(table['ignored'])} does nothing", table["why-ignored"])


def _said(page: Page) -> bool:
    """True when the file says stateless somewhere."""
    return "STATELESS" in page.source.text or "--stateless" in page.source.text


def _kept(runners: Runners, ties: Ties, path: str, version: str) -> bool:
    """True when the server at `path` needs its sessions."""
    mode = runners.context.settings.mode
    family = f"fastmcp-{version.partition('.')[0]}"
    return mode == "stateful" or (mode == "auto" and bool(runners.needs_session([*ties.places.reached(path)], family)))


def _at(node: Node, keys: list[str]) -> Node | None:
    found: Node | None = node
    for key in keys:
        found = found.get(key) if found is not None and found.kind == "map" else None
    return found


def _told(page: Page, word: Strand, message: str, instruction: str) -> Part:
    place = page.file.place(word.start, word.end)
    return Part((Finding("MCP505", Severity.NOTE, Outcome.BY_HAND, place, message, instruction),))


def _changed(page: Page, word: Strand, new: str, message: str, reason: str) -> Part:
    place = page.file.place(word.start, word.end)
    try:
        edit = word.replaced(page.file.path, new)
    except NotReplaceable as error:
        reason = reason or str(error)
    if reason:
        todo = f"write {new}"
        text = f"{message}; not changed: {reason}"
        return Part((Finding("MCP505", Severity.WARNING, Outcome.BY_HAND, place, text, todo),))
    return Part((Finding("MCP505", Severity.WARNING, Outcome.FIX, place, message),), (edit,))
