"""What the configuration files add to the plan: findings and replacements, one Part an entry."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from migrator.configs import embedded, settings_urls
from migrator.configs.clients import Clients, about_mcp
from migrator.configs.commands import Tools
from migrator.configs.entries import NOTATIONS, config_files
from migrator.configs.moves import Known, Move, moves_of
from migrator.configs.services import services
from migrator.configs.spans import Change, Node, Notation, NotEdited, Unparsable, render, verify
from migrator.configs.urls import Urls
from migrator.context import Context
from migrator.deploy.otherservers import at_port
from migrator.homes import Homes
from migrator.model import Finding, Outcome, Part, Place, Replacement, Severity
from migrator.records import record
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

if TYPE_CHECKING:
    from migrator.clients.loaders import Loader, Loaders

SCRIPTS = ("shell", "dockerfile", "env")  # kinds of files that hold configuration as text only
DOCUMENTS = (".md", ".mdx")
_SERVERS = re.compile(r"mcp[-_]?servers|context_servers|\bmcps?\b\W+\w*servers", re.I)
_TESTS = re.compile(r"(?:^|/)(?:tests?|testing|__tests__)/|(?:^|/)test_[^/]*$")
_FRONT = re.compile(r"---[ \t]*\r?\n(.*?)^---[ \t]*\r?$", re.DOTALL | re.MULTILINE)


@record(frozen=True)
class Source:
    """A text with MCP server entries: a whole file, or the part of it that begins at `base`.

    held: why its entries are listed and not changed, "" where they are. name: of the file that the part becomes.
    """

    file: TextFile
    text: str
    syntax: str
    base: int = 0
    held: str = ""
    name: str = ""

    @property
    def path(self) -> str:
        """The name that tells who reads it."""
        return self.name or self.file.path

    def place(self, node: Node) -> Place:
        """The place of a node, in the whole file."""
        return self.file.place(self.base + node.start, self.base + node.end)

    def replacement(self, change: Change) -> Replacement:
        """A change of this text as one of the whole file."""
        start, end, text = change
        return Replacement(self.file.path, self.base + start, self.base + end, text)


def contribute(context: Context) -> Iterator[Part]:
    """The project's client configuration files: MCP301 to MCP306. Raises SettingsError for an unknown client."""
    known = known_of(context)
    for path, syntax in config_files(context.tree):
        yield from _file(context, known, path, syntax)
    for path in context.tree.hits.get("markdown", ()):
        if known.clients.by_path(path):  # agents that name their servers at the head of a Markdown file
            yield from _file(context, known, path, "yaml")
    for kind in SCRIPTS:
        for path in context.tree.hits.get(kind, ()):
            yield from _script(context, known, path)


def _script(context: Context, known: Known, path: str) -> Iterator[Part]:
    """What scripts, build files and environment files hold as text."""
    try:
        file = context.tree.text(path)
    except (Unreadable, Undecodable):
        return
    if known.urls.mentioned(file.text):
        yield from embedded_parts(file, 0, len(file.text), known, _held(context, path))


def known_of(context: Context, own_only: bool = False) -> Known:
    """What entries are judged by, for this project. own_only: leave what is not of this repository's servers."""
    clients = Clients(context.rules.all_toml("clients"))
    surfaces = context.rules.toml("deploy/surfaces.toml")
    return Known(
        context.settings,
        clients,
        Tools(context.rules.toml("tools.toml")["tool"]),
        Urls(
            context.servers,
            context.rules.toml("endpoints.toml")["endpoint"],
            functools.cache(lambda: services(context.tree, surfaces["images"]["plain"])),
            context.settings.remote,
            functools.cache(functools.partial(at_port, context)),
            context.rules.toml("deploy/proxies.toml")["images"],
            Homes(context).holds,
        ),
        own_only,
        functools.partial(_staying, context),
        _loading(context, clients),
        frozenset([*surfaces["keys"]["probes"], *surfaces["keys"]["asking-tasks"]]),
        frozenset(surfaces["programs"]["fetchers-anywhere"]),
        frozenset(surfaces["keys"]["monitored"]),
    )


def _loading(context: Context, clients: Clients) -> Callable[[str], Loader | None]:
    """Who takes the entries of a file, asked for only when a file doesn't show it."""

    @functools.cache
    def loaders() -> Loaders:
        from migrator.clients.loaders import Loaders

        return Loaders(context, clients.http_words)

    return lambda path: loaders().of(path)


def _staying(context: Context, path: str) -> str:
    """The file of an own client that stays on SSE and gets its address from outside, in the project of `path`.

    What people read is for the clients that they use.
    """
    if not context.stays or path.endswith(DOCUMENTS):
        return ""
    of = context.versions.of
    return next((p for p in context.stays if of(p).manifest == of(path).manifest), "")


def _file(context: Context, known: Known, path: str, syntax: str) -> Iterator[Part]:
    try:
        file = context.tree.text(path)
    except Unreadable as error:
        yield Part((_unread(Place(path), str(error).removeprefix(f"{path}: ")),))
        return
    except Undecodable as error:
        if known.clients.by_path(path):
            yield Part((_unread(Place(path), str(error)),))
        return
    source = Source(file, file.text, syntax, held=_held(context, path))
    if path.endswith(DOCUMENTS):
        head = _FRONT.match(file.text)
        if not head:
            return
        source = replace(source, text=head.group(1), base=head.start(1))
    named = bool(known.clients.by_path(path))
    entries = known.urls.mentioned(file.text) and (
        known.clients.may_hold(path, file.text) or (known.clients.says_sse(file.text) and bool(known.loader(path)))
    )
    told = settings_urls.may_hold(file.text, path, known) or settings_urls.may_name(file.text, path, known)
    if not named and not entries and not told:
        return
    try:
        yield from parts_of(source, known)
    except Unparsable as error:
        if is_left_unparsed(known, path, source.text):
            line = error.line + file.text.count("\n", 0, source.base) if error.line else 0
            yield Part((_unread(Place(path, line), f"not valid {syntax.upper()}: {error}"),))


def is_left_unparsed(known: Known, path: str, text: str) -> bool:
    """True for a file that is told of when it can't be parsed (MCP306), and then left as it is by every room."""
    return known.urls.mentioned(text) and bool(known.clients.by_path(path) or _SERVERS.search(text))


def _held(context: Context, path: str) -> str:
    if path in context.tree.local and not context.settings.local_files:
        return "git ignores this file, so it is changed on request only (--local-files)"
    if _TESTS.search(path) and not context.settings.tests:
        return "it belongs to the tests, which --no-tests leaves alone"
    return ""


def _unread(place: Place, why: str) -> Finding:
    return Finding(
        "MCP306",
        Severity.WARNING,
        Outcome.BY_HAND,
        place,
        f"this client configuration can't be read: {why}; it is left as it is",
        "Mend it, or change its SSE entries yourself: the word of the transport and the address together.",
    )


def parts_of(source: Source, known: Known) -> list[Part]:
    """One Part for every entry of `source` that reaches SSE. Raises Unparsable and SettingsError."""
    notation = NOTATIONS[source.syntax]
    documents = notation.parse(source.text)
    moves: list[Move] = []
    path = source.path
    addresses = settings_urls.may_hold(source.text, path, known)
    loose = known.own_only or addresses or about_mcp(path, source.text) or bool(known.loader(path))
    for root in documents:
        if reader := known.clients.reader(path, root, known.settings, loose and not _is_object(root)):
            moves += moves_of(reader, path, known)
    if addresses:
        moves += settings_urls.moves_of(documents, path, known, moves)
    if settings_urls.may_name(source.text, path, known):
        moves += settings_urls.unread(documents, path, known, moves)
    parts = [_part(source, notation, m) for m in _verified(source.text, notation, documents, moves)]
    return parts + [p for inner in _inner(source, documents) for p in _embedded(inner, known)]


def _inner(source: Source, documents: list[Node]) -> Iterator[Source]:
    """Configuration in the texts of a document. A key that names a file (`data` of a ConfigMap) says whose it is."""
    seen: set[int] = set()
    for root in documents:
        for keys, node in settings_urls.strings(root, (), seen):
            for region in embedded.regions(source.text, node.start, node.end):
                name = region.name or (keys[-1] if keys and "." in keys[-1] else "")
                yield _region(source, replace(region, name=name))


def _region(source: Source, region: embedded.Region) -> Source:
    name = f"{source.file.path.rpartition('/')[0]}/{region.name}".lstrip("/") if region.name else ""
    text = source.text[region.start : region.end]
    return replace(source, text=text, syntax=region.syntax, base=source.base + region.start, name=name)


def _embedded(source: Source, known: Known) -> list[Part]:
    try:
        return parts_of(source, known)
    except Unparsable:
        return []


def embedded_parts(file: TextFile, start: int, end: int, known: Known, held: str = "") -> list[Part]:
    """Parts of the configuration that scripts and the like hold in the characters start:end of `file`."""
    source = Source(file, file.text, "", held=held)
    return [p for r in embedded.regions(file.text, start, end) for p in _embedded(_region(source, r), known)]


def _is_object(root: Node) -> bool:
    """True for an object of a cluster, which the deployment side changes."""
    return root.kind == "map" and root.get("apiVersion") is not None and root.get("kind") is not None


def _verified(text: str, notation: Notation, documents: list[Node], moves: list[Move]) -> list[Move]:
    """The moves, with those left to the user that can't be spliced in without touching anything else."""
    if _holds(text, notation, documents, moves):
        return moves
    checked = []
    for move in moves:
        try:
            verify(text, notation, documents, move.edits)
            checked.append(move)
        except NotEdited as error:
            checked.append(move.by_hand(str(error)))
    if _holds(text, notation, documents, checked):
        return checked
    return [m.by_hand("the entries of this file can't be changed together") if m.edits else m for m in checked]


def _holds(text: str, notation: Notation, documents: list[Node], moves: list[Move]) -> bool:
    try:
        verify(text, notation, documents, [e for m in moves for e in m.edits])
    except NotEdited:
        return False
    return True


def _part(source: Source, notation: Notation, move: Move) -> Part:
    changes = render(source.text, notation, move.edits)
    if source.held and changes:
        move = replace(move.by_hand(source.held), severity=Severity.NOTE)
        changes = []
    findings = [
        Finding(
            move.rule,
            move.severity,
            move.outcome,
            source.place(move.node),
            move.message,
            move.instruction,
            move.unit,
            move.assumed and move.outcome is Outcome.FIX,
            move.check if move.outcome is Outcome.FIX else "",
        )
    ]
    if move.secrets:
        findings.append(_secret(source, move))
    kept = () if changes else tuple(map(source.place, _said(move)))
    return Part(tuple(findings), tuple(map(source.replacement, changes)), move.unit, kept=kept, also=move.also)


def _said(move: Move) -> list[Node]:
    """The words and the address of an entry that is left to the user: half of it changed is worse than none."""
    if move.entry is None or move.outcome is not Outcome.BY_HAND:
        return []
    entry = move.entry
    return [m.value for m in (*entry.words, *([entry.url] if entry.url else []))] + [w.node for w in entry.command]


def _secret(source: Source, move: Move) -> Finding:
    names = ", ".join(move.secrets)
    header = '"headers": {"Authorization": "Bearer ..."}'
    if move.entry and move.entry.command:
        header = '--header "Authorization: Bearer ..."'
    return Finding(
        "MCP305",
        Severity.NOTE,
        Outcome.INFO,
        source.place(move.node),
        f"{move.entry.name if move.entry else 'it'} sends a credential in its address ({names}), where logs keep it",
        f"send it as a header, where the server takes one: {header}",
        move.unit,
    )
