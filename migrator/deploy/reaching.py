"""What reaches a moved server from its project's files: client configuration, command lines, addresses, questions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from migrator.configs.addresses import shown
from migrator.configs.decisions import Action
from migrator.deploy.addresses import addresses
from migrator.deploy.asking import Asking
from migrator.deploy.beside import said_beside
from migrator.deploy.clientlines import ClientLine, client_lines, with_image
from migrator.deploy.desk import Desk
from migrator.deploy.entries import configured, held_as_text, offset
from migrator.deploy.handed import handed
from migrator.deploy.health import Health
from migrator.deploy.pages import Page
from migrator.deploy.proxies import Proxies
from migrator.deploy.strands import Strand
from migrator.deploy.surfaces import SYNTAXES
from migrator.model import Endpoint, Finding, Outcome, Part, Severity
from migrator.python.settled import SETTLED


class Reaching:
    """Judges them, page by page."""

    def __init__(self, desk: Desk, health: Health, proxies: Proxies) -> None:
        self.desk, self.health, self.proxies = desk, health, proxies
        self.asking = Asking(desk.table["programs"])
        self.variables: set[tuple[str, int]] = set()  # where addresses stand that a command line moved

    def entries(self, page: Page) -> Iterator[Part]:
        """Client configuration: in a block of a document it is this room's, in a file of its own another's."""
        asked = [at for path, at in self.desk.taken if path == page.file.path]
        if page.language in SYNTAXES:
            parts = configured(page, self.desk.known_at(page.file.path))
        else:
            parts = held_as_text(page, self.desk.known_at(page.file.path))
        for part in parts:
            if any(e.start <= at <= e.end for e in part.edits for at in asked):
                continue  # a health check: the new address would not answer it
            for e in part.edits:
                self.desk.taken |= {(page.file.path, at) for at in range(e.start, e.end + 1)}
            for f in part.findings:
                at = offset(page.file, f.place.line, f.place.column)
                places = {(page.file.path, at), (page.file.path, at + 1)}  # with its quote or without
                self.desk.taken |= places
                self.desk.told |= set() if part.edits else places
            for kept in part.kept:
                begin, end = (
                    offset(page.file, *at) for at in ((kept.line, kept.column), (kept.end_line, kept.end_column))
                )
                self.desk.taken |= {(page.file.path, at) for at in range(begin, end)}
            if page.document:
                found = tuple(replace(f, rule="MCP502", unit=part.unit) for f in part.findings)
                yield replace(part, findings=found)

    def client_commands(self, page: Page) -> Iterator[Part]:
        """Command lines that add a server to a client, or bridge to one: word and address together."""
        for command in page.sheet.resolved():
            for found in client_lines(with_image(command), self.desk.known_at(page.file.path), page.file.path):
                line, address = found, (page.file.path, found.address.start)
                starts = {address}
                if address in self.variables:  # another command moved what the variable holds
                    line = replace(line, changes=tuple(c for c in line.changes if c[0].start != address[1]))
                    starts = set()
                starts |= {(page.file.path, s.start) for s, _ in line.changes}
                if starts and not starts & self.desk.taken:
                    self.desk.taken |= starts
                    if any(s.start == address[1] for s, _ in line.changes):
                        self.variables.add(address)
                    yield self.line(page, line)

    def line(self, page: Page, line: ClientLine) -> Part:
        """The part of one such command line: all of its changes or none."""
        decision = line.decision
        message = f"{line.tool} reaches {shown(line.address.text)} over SSE; {decision.reason}"
        parts = [
            self.desk.edit(page, s, new, message, f"write {new}", decision.unit, line.reason) for s, new in line.changes
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
        edits = tuple(e for p in parts for e in p.edits) if whole else ()
        return Part((finding,), edits, decision.unit, also=decision.also)

    def urls(self, page: Page) -> Iterator[Part]:
        """Addresses of own servers."""
        for text in page.sheet.texts:
            for address in addresses(text, self.desk.known_at(page.file.path).urls, page.file.path):
                strand, decision = address.strand, address.decision
                beside = self.beside(page, strand)
                if beside is None or self.proxies.hands_on(page.file, strand.start):
                    continue
                if not self.desk.free(page.file, strand):
                    continue
                if decision.action is Action.MOVE and self.asking.asked_in(text, strand, page.file.text):
                    e = next((e for e in self.desk.servers if e.unit in decision.units), None)
                    if e is not None:
                        yield self.check(page, strand, e)
                        continue
                known = "may be" if decision.assumed else "is"
                message = f"{shown(strand.text)} {known} the address of a server that moves; {decision.reason}"
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
                yield self.desk.edit(
                    page,
                    strand,
                    decision.url,
                    message,
                    instruction,
                    decision.unit,
                    reason,
                    assumed=check,
                    also=decision.also,
                )

    def handed(self, page: Page) -> Iterator[Part]:
        """Addresses that variables hand to clients of the code, which move."""
        for one in handed(
            page, self.desk.context, self.desk.ties, self.desk.places, self.desk.known_at(page.file.path).urls
        ):
            if not self.desk.free(page.file, one.strand):
                continue
            decision = one.decision
            message = f"{one.name} hands {shown(one.strand.text)} to a client in {one.client}, which "
            message += "reads its transport from the address" if one.inferring else "moves"
            reason, todo = "", f"write {shown(decision.url)}"
            if decision.action is Action.HAND:
                reason, todo = decision.reason, decision.instruction
            else:
                message += f"; {decision.reason}"
            check = decision.check if decision.assumed else ""
            unit, also = decision.unit, decision.also
            yield self.desk.edit(page, one.strand, decision.url, message, todo, unit, reason, assumed=check, also=also)

    def clients(self, page: Page) -> Iterator[Part]:
        """Python shown in documents that reaches a moved server with a client which says SSE: by hand, as code is."""
        for text in page.sheet.clients:
            for address in addresses(text, self.desk.known_at(page.file.path).urls, page.file.path):
                if address.decision.action is not Action.MOVE or not self.desk.free(page.file, address.strand):
                    continue
                place = page.file.place(address.strand.start, address.strand.end)
                message = f"{shown(text.text)} is reached by code over SSE; {address.decision.reason}"
                todo = f"write {shown(address.decision.url)}, and the client for Streamable HTTP (mcp-migrate explain MCP201 shows it)"
                runs = page.file.path.endswith(".ipynb")
                severity = Severity.WARNING if runs else Severity.NOTE
                unit = address.decision.unit
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
        if any((file.path, at) in self.desk.told for at, _ in found):
            return None
        return next((key for at, key in found if (file.path, at) not in self.desk.taken), "")

    def checks(self, page: Page) -> Iterator[Part]:
        """What asks the old path for a page: health checks, and curl in scripts and documents."""
        for command in filter(self.asking.asks, page.sheet.resolved()):
            yield from self.asked(page, command.words, self.desk.ties.foreign(command.container))
        for probe in page.sheet.probes:
            e = self.health.asked(probe.text, self.desk.servers)
            if e is not None and self.desk.free(page.file, probe):
                yield self.check(page, probe, e)

    def asked(self, page: Page, texts: Iterable[Strand], foreign: bool = False) -> Iterator[Part]:
        """The addresses of moved servers in `texts`, which are asked for a page; `foreign`: in somebody else's image."""
        servers = {e.unit: e for e in self.desk.servers}
        for text in texts:
            for address in addresses(text, self.desk.known_at(page.file.path).urls, page.file.path):
                e = next((servers[u] for u in address.decision.units if u in servers), None)
                if e is not None and e.unit.startswith(SETTLED) and foreign:
                    self.desk.taken.add((page.file.path, address.strand.start))
                    continue  # what somebody else's image asks of itself
                if (
                    e is not None
                    and address.decision.action is Action.MOVE
                    and self.desk.free(page.file, address.strand)
                ):
                    yield self.check(page, address.strand, e)

    def check(self, page: Page, strand: Strand, e: Endpoint) -> Part:
        """The finding for a page that is asked for on the old path: by hand, always."""
        rule = "MCP502" if page.document else "MCP503"
        place = page.file.place(strand.start, strand.end)
        kept = self.desk.context.settings.legacy_sse == "keep"
        goes = "which stays until SSE goes" if kept else f"which is gone when {e.name} moves"
        message = f"a GET on {shown(strand.text)}, {goes}"
        severity = Severity.NOTE if kept or self.desk.local(page.file) else Severity.WARNING
        todo = self.health.instruction(e, strand.text)
        return Part((Finding(rule, severity, Outcome.BY_HAND, place, message, todo, e.unit),), (), e.unit)
