"""What the deployment files and documents add to the plan."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from migrator.configs.moves import Known
from migrator.configs.parts import known_of
from migrator.configs.services import services
from migrator.configs.snippets import snippet_parts
from migrator.configs.spans import Unparsable
from migrator.configs.urls import Action, shown
from migrator.context import Context
from migrator.deploy import languages
from migrator.deploy.addresses import addresses
from migrator.deploy.callers import Callers, Use
from migrator.deploy.clientlines import ClientLine, client_lines
from migrator.deploy.documents import blocks
from migrator.deploy.follow import Follower, Site
from migrator.deploy.places import Places, program_name
from migrator.deploy.strands import NotReplaceable, Strand
from migrator.deploy.surfaces import SYNTAXES, Surfaces
from migrator.deploy.ties import Ties
from migrator.deploy.words import Sheet
from migrator.model import Finding, Outcome, Part, Replacement, Severity
from migrator.python.code import Module, is_test
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

DOCUMENTS = ("markdown", "rst")


@dataclass
class Room:
    """One run's deployment side."""

    context: Context
    taken: set[tuple[str, int]] = field(default_factory=set)  # (path, offset) that something else has decided about

    def __post_init__(self) -> None:
        context = self.context
        self.table = context.rules.toml("deploy/surfaces.toml")
        self.surfaces = Surfaces(context.tree, self.table)
        self.places = Places(context, self.table["ties"]["projects"])
        self.ties = Ties(
            context, self.places, self.table, functools.cache(lambda: services(context.tree)), self.surfaces.sheet
        )

    @functools.cached_property
    def known(self) -> Known:
        """How addresses and client configurations are judged."""
        return known_of(self.context, own_only=True)

    def parts(self) -> Iterator[Part]:
        """Everything that this room has to say. Raises SettingsError for an unknown client."""
        moved = any(e.moved for e in self.context.endpoints)
        for kind, paths in self.context.tree.hits.items():
            if kind in ("python", "javascript") or not moved:
                continue
            for path in paths:
                yield from self.file(path)
        if moved:
            yield from self.callers()
        yield from languages.parts(self.context)

    def callers(self) -> Iterator[Part]:
        """Python that passes the old word to a moved server, outside its own files."""
        served = {p for e in self.context.endpoints for p in (*e.files, e.place.path)}
        for path in self.context.tree.hits.get("python", ()):
            test = is_test(path)
            if path in served or (test and not self.context.settings.tests) or not self._worth(path):
                continue
            module = self.context.code.load(path)
            if module is None:
                continue
            for use in Callers(self.ties, module).uses():
                yield self.use(module, use, "MCP506" if test else "MCP501")

    def use(self, module: Module, use: Use, rule: str) -> Part:
        """The part of one place in Python."""
        e, new = use.endpoint, use.selector.new_word
        place = module.place(use.node)
        message = f"{use.shown} is meant for {e.name}, which moves"
        if use.operation is not None:
            return Part(
                (Finding(rule, Severity.WARNING, Outcome.FIX, place, message, "", e.unit),), (use.operation,), e.unit
            )
        message = f"{message}; not changed: {use.reason}"
        return Part(
            (Finding(rule, Severity.WARNING, Outcome.BY_HAND, place, message, f"write {new}", e.unit),), (), e.unit
        )

    def _worth(self, path: str) -> bool:
        """False when the file names no selector of a moved server, and starts nothing. Cheap."""
        data = self.context.tree.read(path)
        names = {n for e in self.context.endpoints if e.moved for s in e.selectors for n in s.names}
        return any(n.encode() in data for n in names) or b"fastmcp" in data

    def file(self, path: str) -> Iterator[Part]:
        """The parts of one file."""
        try:
            file = self.context.tree.text(path)
        except (Unreadable, Undecodable):
            return
        reader = self.surfaces.reader_of(path)
        if reader in DOCUMENTS:
            if self.context.settings.docs:
                for block in blocks(file.text, reader):
                    yield from self.block(file, block.strand, block.language)
            return
        sheet = self.surfaces.sheet(path)
        if sheet is not None:
            yield from self.sheet(file, sheet, "MCP501", reader)

    def block(self, file: TextFile, strand: Strand, language: str) -> Iterator[Part]:
        """The parts of one fenced block of a document."""
        if language in SYNTAXES:
            yield from self.entries(file, strand, language)
        sheet = self.surfaces.read(strand, language, file)
        if sheet is not None:
            yield from self.sheet(file, sheet, "MCP502", language)

    def entries(self, file: TextFile, strand: Strand, syntax: str) -> Iterator[Part]:
        """Client configuration in a block."""
        try:
            parts = snippet_parts(file, strand.start, strand.end, syntax, self.known)
        except Unparsable:
            return
        for part in parts:
            for e in part.edits:
                self.taken |= {(file.path, at) for at in range(e.start, e.end + 1)}
            yield replace(part, findings=tuple(replace(f, rule="MCP502") for f in part.findings))

    def sheet(self, file: TextFile, sheet: Sheet, rule: str, reader: str) -> Iterator[Part]:
        """The parts of one sheet."""
        for site in Follower(self.ties, file, sheet, reader).sites():
            yield self.site(file, site, rule)
        yield from self.client_commands(file, sheet, rule)
        yield from self.urls(file, sheet, rule)

    def client_commands(self, file: TextFile, sheet: Sheet, rule: str) -> Iterator[Part]:
        """Command lines that add a server to a client, or bridge to one: word and address together."""
        for command in sheet.commands:
            for line in client_lines(command, self.known, file.path):
                starts = {(file.path, s.start) for s, _ in line.changes} | {(file.path, line.address.start)}
                if starts & self.taken:
                    continue
                self.taken |= starts
                yield self.line(file, line, rule)

    def line(self, file: TextFile, line: ClientLine, rule: str) -> Part:
        """The part of one such command line: all of its changes or none."""
        decision = line.decision
        message = f"{line.tool} reaches {shown(line.address.text)} over SSE; {decision.reason}"
        parts = [
            self.edit(file, s, new, rule, message, f"write {new}", decision.unit, line.reason)
            for s, new in line.changes
        ]
        place = file.place(line.address.start, line.address.end)
        whole = parts and all(p.edits for p in parts)
        findings = [
            replace(
                f,
                place=place,
                instruction="" if whole else line.instruction,
                assumed=bool(whole and decision.assumed),
                check=decision.check if whole and decision.assumed else "",
            )
            for p in parts
            for f in p.findings
            if whole or f.outcome is Outcome.BY_HAND
        ][:1]
        if not findings:
            finding = Finding(rule, Severity.WARNING, Outcome.BY_HAND, place, message, line.instruction, decision.unit)
            findings = [finding]
        return Part(tuple(findings), tuple(e for p in parts for e in p.edits) if whole else (), decision.unit)

    def site(self, file: TextFile, site: Site, rule: str) -> Part:
        """The part of one word."""
        e = site.endpoint
        message = f"{site.shown} starts {e.name} with the old transport word"
        instruction = f"write {site.shown.replace(site.word.text, site.new)}"
        needed = not site.selector.accepts_old and rule == "MCP501" and not site.comment
        return self.edit(file, site.word, site.new, rule, message, instruction, e.unit, site.reason, needed)

    def edit(
        self,
        file: TextFile,
        strand: Strand,
        new: str,
        rule: str,
        message: str,
        instruction: str,
        unit: str,
        reason: str = "",
        needed: bool = False,
        assumed: str = "",
    ) -> Part:
        """A replacement with its finding; by hand where there is a `reason`, or it can't be written in place."""
        place = file.place(strand.start, strand.end)
        severity, outcome = Severity.WARNING, Outcome.BY_HAND
        edits: tuple[Replacement, ...] = ()
        if file.path in self.context.tree.local and not self.context.settings.local_files:
            reason = "git ignores this file, so it is changed on request only (--local-files)"
            severity = Severity.NOTE
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

    def urls(self, file: TextFile, sheet: Sheet, rule: str) -> Iterator[Part]:
        """Addresses of own servers."""
        asked = {
            w.start
            for c in sheet.commands
            if c.words and program_name(c.words[0]) in self.table["programs"]["fetchers"]
            for w in c.words
            if w.text
        }
        for text in sheet.texts:
            for address in addresses(text, self.known.urls, file.path):
                strand, decision = address.strand, address.decision
                if (file.path, strand.start) in self.taken:
                    continue
                self.taken.add((file.path, strand.start))
                message = f"{shown(strand.text)} is the address of a server that moves; {decision.reason}"
                reason, instruction = "", f"write {shown(decision.url)}"
                if decision.action is Action.HAND:
                    reason, instruction = decision.reason, decision.instruction
                    message = f"{shown(strand.text)} is the address of an SSE endpoint"
                elif any(w in asked for w in (text.start, strand.start)):
                    continue
                assumed = decision.check if decision.assumed else ""
                yield self.edit(
                    file, strand, decision.url, rule, message, instruction, decision.unit, reason, assumed=assumed
                )
