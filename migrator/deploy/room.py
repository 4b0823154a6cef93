"""What the deployment files and documents add to the plan."""

from __future__ import annotations

import copy
import functools
from collections.abc import Iterable, Iterator
from dataclasses import field, replace

from migrator.configs.addresses import shown
from migrator.configs.decisions import Action
from migrator.configs.moves import Known
from migrator.configs.parts import is_left_unparsed, known_of
from migrator.configs.services import services
from migrator.deploy import languages, notes
from migrator.deploy.addresses import addresses
from migrator.deploy.asking import Asking
from migrator.deploy.badges import badges
from migrator.deploy.base import Deployment
from migrator.deploy.beside import said_beside
from migrator.deploy.clientlines import ClientLine, client_lines, with_image
from migrator.deploy.entries import configured, held_as_text, offset
from migrator.deploy.exposed import published
from migrator.deploy.follow import Follower, Site, from_settings
from migrator.deploy.handed import handed
from migrator.deploy.health import Health
from migrator.deploy.pages import DOCUMENTS, Page
from migrator.deploy.proxies import Proxies
from migrator.deploy.pythonuses import python_parts
from migrator.deploy.readers import Readers
from migrator.deploy.runners import UNIT, Runners, Start
from migrator.deploy.runnersettings import served, settings_parts
from migrator.deploy.strands import NotReplaceable, Strand
from migrator.deploy.surfaces import SYNTAXES
from migrator.model import Endpoint, Finding, Outcome, Part, Replacement, Severity
from migrator.python.settled import SETTLED
from migrator.records import record
from migrator.text import TextFile, Undecodable
from migrator.tree import LOCAL, Unreadable


@record
class Room(Deployment):
    """One run's deployment side."""

    taken: set[tuple[str, int]] = field(default_factory=set)  # (path, offset) that something else has decided about
    _known: dict[str, Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        context = self.context
        self.services = functools.cache(lambda: services(context.tree, self.table["images"]["plain"]))
        self.readers = Readers(self.ties, self.places)
        self.runners = Runners(context)
        self.health = Health(context)
        self.links = context.rules.toml("tools.toml")["link"]
        self.proxies = Proxies(context, self.places, self.services, self.health, self.ties.own_image)
        self.asking = Asking(self.table["programs"])
        self.run_by_runner: list[Endpoint] = []
        self.units: dict[str, set[str]] = {}  # those that a file has something to do with
        self.told: set[tuple[str, int]] = set()  # words of entries that are left to the user
        self.variables: set[tuple[str, int]] = set()  # where addresses stand that a command line moved

    @property
    def servers(self) -> tuple[Endpoint, ...]:
        """What this run moves: those that a runner starts, and those of the code, which decide."""
        return (*self.run_by_runner, *self.context.endpoints)

    @functools.cached_property
    def known(self) -> Known:
        """How addresses and client configurations are judged."""
        known = known_of(self.context, own_only=True)
        known.urls.endpoints = (*self.context.endpoints, *self.run_by_runner)
        return known

    def known_at(self, path: str) -> Known:
        """The same for one file: the servers of its own project come first."""
        project = self.places.project(path)
        if project not in self._known:
            urls = copy.copy(self.known.urls)
            near = [e for e in urls.endpoints if self.places.project(e.place.path) == project]
            near = near or [e for e in urls.endpoints if self.places.below(path, e.place.path)]
            urls.endpoints = tuple(near) or urls.endpoints
            urls.evidence = "path" if near else "port"
            self._known[project] = replace(self.known, urls=urls)
        return self._known[project]

    def parts(self) -> Iterator[Part]:
        """Everything that this room has to say. Raises SettingsError for an unknown client."""
        for part in self._parts():
            for f in part.findings:
                self.units.setdefault(f.place.path, set()).add(f.unit)
            yield part

    def _parts(self) -> Iterator[Part]:
        files = list(self.pages.files())
        pages = [p for file in files for p in self.pages.of(file)]
        starts = [(p, s) for p in pages for s in self.runners.starts(p.sheet, self.ties.tie, p.file.path)]
        self.run_by_runner = [self.runners.endpoint(s) for _, s in starts if not s.tie.endpoints]
        self.run_by_runner += [e for page in pages for e in served(self.runners, self.ties, page)]
        for page, start in starts:
            yield self.start(page, start)
        for page in pages:
            for word, part in settings_parts(
                self.runners, self.ties, self.readers, page, LOCAL if self.local(page.file) else ""
            ):
                if self.free(page.file, word):
                    yield part
        moved = any(e.moved for e in self.context.endpoints) or bool(starts or self.run_by_runner)
        for page in pages if moved else ():
            yield from self.page(page)
        for page in pages:
            yield from self.handed(page)
        for page in pages if moved else ():
            yield from notes.comparing(page, self.ties, self.places)
            yield from notes.comments(page, self.taken, self.context.endpoints)
        for page in pages:
            yield from notes.unfollowed(page, self.ties, self.taken)
            if moved:
                yield from notes.perhaps(page, self.places, self.context.endpoints, self.known.urls, self.taken)
            yield from notes.bridging(page, self.known.tools, self.known.urls)
            yield from notes.untied(page, self.ties, self.known.tools, self.taken)
        if moved:
            yield from python_parts(self.context, self.ties, self.readers)
            for file in files:
                yield from self.proxies.parts(file, self.taken)
                if self.context.settings.docs and self.surfaces.reader_of(file.path) == "other":
                    yield from notes.unread(file, self.readers, self.known_at(file.path).urls, self.context.endpoints)
                if self.context.settings.docs and self.surfaces.reader_of(file.path) in DOCUMENTS:
                    blocks = [
                        p.source for p in pages if p.file is file and p.language != "python" and not p.sheet.broken
                    ]
                    ours = [*self.context.endpoints, *self.run_by_runner]
                    own = notes.spoken_of(file.path, ours, self.places)
                    own = own or [e for e in ours if e.moved and e.unit in self.units.get(file.path, ())]
                    yield from notes.prose(file, own, blocks, self.taken) if own else ()
            for file in self.proxies.unsaid():
                yield from self.proxies.parts(file, self.taken)
            for file in self.pages.linking() if self.context.settings.docs else ():
                yield from badges(file, self.links, self.known_at(file.path))
            self.context.published = published(
                self.context.tree, self.surfaces, self.ties, [(p.file, p.sheet) for p in pages if not p.document]
            )
        told = set()
        for part in languages.parts(self.context):
            told |= {f.place.path for f in part.findings}
            yield part
        for path in self.context.tree.hits.get("javascript", ()) if moved else ():
            if path not in told and self.surfaces.reader_of(path) == "javascript":
                yield from self.foreign_code(path)

    def foreign_code(self, path: str) -> Iterator[Part]:
        """What a file in another language says of servers that move, where nothing else of it is told."""
        try:
            file = self.context.tree.text(path)
        except (Unreadable, Undecodable):
            return
        yield from notes.unread(file, self.readers, self.known_at(path).urls, self.context.endpoints, code=True)

    def page(self, page: Page) -> Iterator[Part]:
        """The parts of one page."""
        yield from self.checks(page)
        yield from self.entries(page)
        yield from self.asked(page, page.sheet.asked)
        for site in Follower(self.ties, self.readers, page.file, page.sheet).sites():
            if self.free(page.file, site.word):
                yield self.site(page, site)
        for site in from_settings(page, self.ties, self.places):
            if self.free(page.file, site.word):
                yield self.site(page, site)
        yield from self.client_commands(page)
        yield from self.urls(page)
        yield from self.clients(page)

    def free(self, file: TextFile, word: Strand) -> bool:
        """True when nothing has decided about the word yet; from now on something has."""
        key = (file.path, word.start)
        if key in self.taken:
            return False
        self.taken.add(key)
        return True

    def local(self, file: TextFile) -> bool:
        """True for a file that git ignores, and that this run was not asked to change."""
        return file.path in self.context.tree.local and not self.context.settings.local_files

    # ------------------------------------------------------------------ words

    def start(self, page: Page, start: Start) -> Part:
        """The part of a runner's command line."""
        self.taken.add((page.file.path, start.value.start))
        paths = list(self.places.reached(start.tie.path))
        return self.runners.part(start, page.file, paths, page.language, LOCAL if self.local(page.file) else "")

    def site(self, page: Page, site: Site) -> Part:
        """The part of one word."""
        e = site.endpoint
        message = f"{site.shown} starts {e.name} with the old transport word"
        instruction = f"write {site.shown.replace(site.word.text, site.new)}"
        needed = not site.selector.accepts_old and not page.document and not site.comment
        return self.edit(page, site.word, site.new, message, instruction, e.unit, site.reason, needed)

    def edit(
        self,
        page: Page,
        strand: Strand,
        new: str,
        message: str,
        instruction: str,
        unit: str,
        reason: str = "",
        needed: bool = False,
        assumed: str = "",
    ) -> Part:
        """A replacement with its finding; by hand where there is a `reason`, or it can't be written in place."""
        file, rule = page.file, page.rule
        place = file.place(strand.start, strand.end)
        severity, outcome = Severity.WARNING, Outcome.BY_HAND
        unit = "" if unit.startswith(UNIT) else unit
        edits: tuple[Replacement, ...] = ()
        if not reason and page.sheet.broken and not page.document:
            reason = "this file can't be parsed" if is_left_unparsed(self.known, file.path, file.text) else ""
        if self.local(file):
            reason = LOCAL
            severity = severity if needed else Severity.NOTE
        if not reason:
            try:
                edits = (strand.replaced(file.path, new),)
                outcome = Outcome.FIX
            except NotReplaceable as error:
                reason = str(error)
        if reason:
            finding = Finding(rule, severity, outcome, place, f"{message}; not changed: {reason}", instruction, unit)
        else:
            finding = Finding(rule, severity, outcome, place, message, "", unit, bool(assumed), assumed)
        return Part((finding,), edits, unit, needed)

    # ------------------------------------------------------------------ addresses

    def entries(self, page: Page) -> Iterator[Part]:
        """Client configuration: in a block of a document it is this room's, in a file of its own another's."""
        asked = [at for path, at in self.taken if path == page.file.path]
        if page.language in SYNTAXES:
            parts = configured(page, self.known_at(page.file.path))
        else:
            parts = held_as_text(page, self.known_at(page.file.path))
        for part in parts:
            if any(e.start <= at <= e.end for e in part.edits for at in asked):
                continue  # a health check: the new address would not answer it
            for e in part.edits:
                self.taken |= {(page.file.path, at) for at in range(e.start, e.end + 1)}
            for f in part.findings:
                at = offset(page.file, f.place.line, f.place.column)
                places = {(page.file.path, at), (page.file.path, at + 1)}  # with its quote or without
                self.taken |= places
                self.told |= set() if part.edits else places
            for kept in part.kept:
                begin, end = (
                    offset(page.file, *at) for at in ((kept.line, kept.column), (kept.end_line, kept.end_column))
                )
                self.taken |= {(page.file.path, at) for at in range(begin, end)}
            if page.document:
                unit = "" if part.unit.startswith(UNIT) else part.unit
                found = tuple(replace(f, rule="MCP502", unit=unit) for f in part.findings)
                yield replace(part, unit=unit, findings=found)

    def client_commands(self, page: Page) -> Iterator[Part]:
        """Command lines that add a server to a client, or bridge to one: word and address together."""
        for command in page.sheet.resolved():
            for found in client_lines(with_image(command), self.known_at(page.file.path), page.file.path):
                line, address = found, (page.file.path, found.address.start)
                starts = {address}
                if address in self.variables:  # another command moved what the variable holds
                    line = replace(line, changes=tuple(c for c in line.changes if c[0].start != address[1]))
                    starts = set()
                starts |= {(page.file.path, s.start) for s, _ in line.changes}
                if starts and not starts & self.taken:
                    self.taken |= starts
                    if any(s.start == address[1] for s, _ in line.changes):
                        self.variables.add(address)
                    yield self.line(page, line)

    def line(self, page: Page, line: ClientLine) -> Part:
        """The part of one such command line: all of its changes or none."""
        decision = line.decision
        message = f"{line.tool} reaches {shown(line.address.text)} over SSE; {decision.reason}"
        parts = [
            self.edit(page, s, new, message, f"write {new}", decision.unit, line.reason) for s, new in line.changes
        ]
        place = page.file.place(line.address.start, line.address.end)
        whole = bool(parts) and all(p.edits for p in parts)
        failed = next((f for p in parts for f in p.findings if f.outcome is Outcome.BY_HAND), None)
        finding = Finding(page.rule, Severity.WARNING, Outcome.BY_HAND, place, message, line.instruction, decision.unit)
        if failed is not None:
            finding = replace(failed, place=place, instruction=line.instruction)
        elif whole:
            check = decision.check if decision.assumed else ""
            finding = replace(finding, outcome=Outcome.FIX, instruction="", assumed=bool(check), check=check)
        unit = "" if decision.unit.startswith(UNIT) else decision.unit
        return Part((replace(finding, unit=unit),), tuple(e for p in parts for e in p.edits) if whole else (), unit)

    def urls(self, page: Page) -> Iterator[Part]:
        """Addresses of own servers."""
        for text in page.sheet.texts:
            for address in addresses(text, self.known_at(page.file.path).urls, page.file.path):
                strand, decision = address.strand, address.decision
                beside = self.beside(page, strand)
                if beside is None or self.proxies.hands_on(page.file, strand.start):
                    continue
                if not self.free(page.file, strand):
                    continue
                if decision.action is Action.MOVE and self.asking.asked_in(text, strand, page.file.text):
                    e = next((e for e in self.servers if e.unit == decision.unit), None)
                    if e is not None:
                        yield self.check(page, strand, e)
                        continue
                message = f"{shown(strand.text)} is the address of a server that moves; {decision.reason}"
                reason, instruction = "", f"write {shown(decision.url)}"
                if decision.action is Action.HAND:
                    reason, instruction = decision.reason, decision.instruction
                    message = f"{shown(strand.text)} is the address of an SSE endpoint"
                elif beside.lower() == "sse":  # in a sentence: a comment behind a command
                    reason = "the words beside it say SSE, too"
                    instruction += ", and Streamable HTTP in place of SSE"
                elif beside:
                    reason = f"{beside} beside it says SSE, and what its reader calls Streamable HTTP is not known"
                    instruction += f", and that word in {beside}"
                check = decision.check if decision.assumed else ""
                yield self.edit(page, strand, decision.url, message, instruction, decision.unit, reason, assumed=check)

    def handed(self, page: Page) -> Iterator[Part]:
        """Addresses that variables hand to clients of the code, which move."""
        for one in handed(page, self.context, self.ties, self.places, self.known_at(page.file.path).urls):
            if not self.free(page.file, one.strand):
                continue
            decision = one.decision
            message = f"{one.name} hands {shown(one.strand.text)} to a client in {one.client}, which moves"
            reason, todo = "", f"write {shown(decision.url)}"
            if decision.action is Action.HAND:
                reason, todo = decision.reason, decision.instruction
            else:
                message += f"; {decision.reason}"
            check = decision.check if decision.assumed else ""
            yield self.edit(page, one.strand, decision.url, message, todo, decision.unit, reason, assumed=check)

    def clients(self, page: Page) -> Iterator[Part]:
        """Python shown in documents that reaches a moved server with a client which says SSE: by hand, as code is."""
        for text in page.sheet.clients:
            for address in addresses(text, self.known_at(page.file.path).urls, page.file.path):
                if address.decision.action is not Action.MOVE or not self.free(page.file, address.strand):
                    continue
                place = page.file.place(address.strand.start, address.strand.end)
                message = f"{shown(text.text)} is reached by code over SSE; {address.decision.reason}"
                todo = f"write {shown(address.decision.url)}, and the client for Streamable HTTP (mcp-migrate explain MCP201 shows it)"
                runs = page.file.path.endswith(".ipynb")
                severity = Severity.WARNING if runs else Severity.NOTE
                unit = "" if address.decision.unit.startswith(UNIT) else address.decision.unit
                yield Part((Finding(page.rule, severity, Outcome.BY_HAND, place, message, todo, unit),), (), unit)

    def beside(self, page: Page, strand: Strand) -> str | None:
        """The key that calls the transport of the address SSE and that nothing here changes, "" for none.

        None where the client's configuration is told of as a whole already.
        """
        file = page.file
        found = [*said_beside(file.text, strand.start, strand.end)]
        for command in page.sheet.commands:
            if any(w.start <= strand.start < w.end for w in command.words if w.text):
                texts = command.texts
                says = [i for i, t in enumerate(texts) if t.lower().rpartition("=")[2] == "sse"]
                options = [i - 1 if i and texts[i - 1].startswith("-") else i for i in says]
                found += [
                    (command.words[i].start, " ".join(texts[j : i + 1])) for i, j in zip(says, options, strict=True)
                ]
        if any((file.path, at) in self.told for at, _ in found):
            return None
        return next((key for at, key in found if (file.path, at) not in self.taken), "")

    def checks(self, page: Page) -> Iterator[Part]:
        """What asks the old path for a page: health checks, and curl in scripts and documents."""
        for command in filter(self.asking.asks, page.sheet.resolved()):
            yield from self.asked(page, command.words, self.ties.foreign(command.container))
        for probe in page.sheet.probes:
            e = self.health.asked(probe.text, self.servers)
            if e is not None and self.free(page.file, probe):
                yield self.check(page, probe, e)

    def asked(self, page: Page, texts: Iterable[Strand], foreign: bool = False) -> Iterator[Part]:
        """The addresses of moved servers in `texts`, which are asked for a page; `foreign`: in somebody else's image."""
        servers = {e.unit: e for e in self.servers}
        for text in texts:
            for address in addresses(text, self.known_at(page.file.path).urls, page.file.path):
                e = servers.get(address.decision.unit)
                if e is not None and e.unit.startswith(SETTLED) and foreign:
                    self.taken.add((page.file.path, address.strand.start))
                    continue  # what somebody else's image asks of itself
                if e is not None and address.decision.action is Action.MOVE and self.free(page.file, address.strand):
                    yield self.check(page, address.strand, e)

    def check(self, page: Page, strand: Strand, e: Endpoint) -> Part:
        """The finding for a page that is asked for on the old path: by hand, always."""
        rule = "MCP502" if page.document else "MCP503"
        place = page.file.place(strand.start, strand.end)
        kept = self.context.settings.legacy_sse == "keep"
        goes = "which stays until SSE goes" if kept else f"which is gone when {e.name} moves"
        message = f"a GET on {shown(strand.text)}, {goes}"
        unit = "" if e.unit.startswith(UNIT) else e.unit
        severity = Severity.NOTE if kept or self.local(page.file) else Severity.WARNING
        return Part(
            (Finding(rule, severity, Outcome.BY_HAND, place, message, self.health.instruction(e, strand.text), unit),),
            (),
            unit,
        )
