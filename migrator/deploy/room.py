"""What the deployment files and documents add to the plan."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence

from migrator.configs.services import services
from migrator.deploy import languages, notes
from migrator.deploy.badges import badges
from migrator.deploy.desk import Desk
from migrator.deploy.exposed import published
from migrator.deploy.follow import Follower, Site, from_settings
from migrator.deploy.health import Health
from migrator.deploy.pages import DOCUMENTS, Page
from migrator.deploy.proxies import Proxies
from migrator.deploy.pythonuses import python_parts
from migrator.deploy.reaching import Reaching
from migrator.deploy.readers import Readers
from migrator.deploy.runners import Runners, Start
from migrator.deploy.runnersettings import settings_parts
from migrator.model import Endpoint, Part
from migrator.records import record
from migrator.text import TextFile, Undecodable
from migrator.tree import LOCAL, Unreadable


@record
class Room(Desk):
    """One run's deployment side."""

    def __post_init__(self) -> None:
        super().__post_init__()
        context = self.context
        self.services = functools.cache(lambda: services(context.tree, self.table["images"]["plain"]))
        self.readers = Readers(self.ties, self.places)
        self.runners = Runners(context)
        health = Health(context)
        self.proxies = Proxies(context, self.places, self.services, health, self.ties.own_image)
        self.reaching = Reaching(self, health, self.proxies)
        self.links = context.rules.toml("tools.toml")["link"]
        self.units: dict[str, set[str]] = {}  # those that a file has something to do with
        self.files = list(self.pages.files())
        self.sheets = [p for file in self.files for p in self.pages.of(file)]
        self.starts = [*self._starts()]
        context.by_runners = tuple(_servers(self.starts))

    def parts(self) -> Iterator[Part]:
        """Everything that this room has to say. Raises SettingsError for an unknown client."""
        for part in self._parts():
            for f in part.findings:
                self.units.setdefault(f.place.path, set()).add(f.unit)
            yield part

    def _parts(self) -> Iterator[Part]:
        files, pages = self.files, self.sheets
        moved = any(e.moved for e in self.context.endpoints) or bool(self.starts)
        yield from (part for _, part in self.starts)
        for page in pages if moved else ():
            yield from self.page(page)
        for page in pages:
            yield from self.reaching.handed(page)
        yield from self.notes(pages, moved)
        if moved:
            yield from python_parts(self.context, self.ties, self.readers)
            for file in files:
                yield from self.around(file, [p for p in pages if p.file is file])
            for file in self.proxies.unsaid():
                yield from self.proxies.parts(file, self.taken)
            for file in self.pages.linking() if self.context.settings.docs else ():
                yield from badges(file, self.links, self.known_at(file.path))
            shown = [(p.file, p.sheet) for p in pages if not p.document]
            self.context.published = published(self.context.tree, self.surfaces, self.ties, shown)
        yield from self.languages(moved)

    def _starts(self) -> Iterator[tuple[Page, Part]]:
        """What runners and variables start, with the page that says so."""
        for page in self.sheets:
            for start in self.runners.starts(page.sheet, self.ties.tie, page.file.path):
                yield page, self.start(page, start)
        for page in self.sheets:
            yield from ((page, part) for part in self.settings(page))

    def settings(self, page: Page) -> Iterator[Part]:
        """What the runners read beside their command line."""
        local = LOCAL if self.local(page.file) else ""
        for word, part in settings_parts(self.runners, self.ties, self.readers, page, local):
            if self.free(page.file, word):
                yield part

    def page(self, page: Page) -> Iterator[Part]:
        """What starts or reaches a moved server on one page."""
        yield from self.reaching.checks(page)
        yield from self.reaching.entries(page)
        yield from self.reaching.asked(page, page.sheet.asked)
        follower = Follower(self.ties, self.readers, page.file, page.sheet)
        for site in follower.sites():
            if self.free(page.file, site.word):
                yield self.site(page, site)
        yield from notes.other_paths(page, follower, self.taken)
        for site in from_settings(page, self.ties, self.places):
            if self.free(page.file, site.word):
                yield self.site(page, site)
        yield from self.reaching.client_commands(page)
        yield from self.reaching.urls(page)
        yield from self.reaching.clients(page)

    def notes(self, pages: Sequence[Page], moved: bool) -> Iterator[Part]:
        """Old words that nothing else has decided about."""
        for page in pages if moved else ():
            yield from notes.comparing(page, self.ties, self.places)
            yield from notes.comments(page, self.taken, self.context.endpoints)
        for page in pages:
            yield from notes.unfollowed(page, self.ties, self.taken)
            yield from notes.old_paths(page, self.ties, self.taken)
            if moved:
                yield from notes.perhaps(page, self.places, self.context.endpoints, self.known.urls, self.taken)
            yield from notes.bridging(page, self.known.tools, self.known.urls)
            yield from notes.untied(page, self.ties, self.known.tools, self.taken)

    def around(self, file: TextFile, pages: Sequence[Page]) -> Iterator[Part]:
        """What one file says of moved servers as a whole: rules of proxies, files of no known form, sentences."""
        yield from self.proxies.parts(file, self.taken)
        reader = self.surfaces.reader_of(file.path)
        if not self.context.settings.docs:
            return
        if reader == "other":
            yield from notes.unread(file, self.readers, self.known_at(file.path).urls, self.context.endpoints)
        if reader in DOCUMENTS:
            blocks = [p.source for p in pages if p.language != "python" and not p.sheet.broken]
            ours = self.context.servers
            own = notes.spoken_of(file.path, ours, self.places)
            own = own or [e for e in ours if e.moved and e.unit in self.units.get(file.path, ())]
            yield from notes.prose(file, own, blocks, self.taken, self.places.homes) if own else ()

    def languages(self, moved: bool) -> Iterator[Part]:
        """Servers and clients in other languages, and other code of theirs that names a server which moves."""
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

    def start(self, page: Page, start: Start) -> Part:
        """The part of a runner's command line."""
        self.taken.add((page.file.path, start.value.start))
        paths = list(self.places.reached(start.tie.path))
        return self.runners.part(start, page.file, paths, page.language, LOCAL if self.local(page.file) else "")

    def site(self, page: Page, site: Site) -> Part:
        """The part of one word."""
        e = site.endpoint
        message = f"{site.shown} starts {e.name} with the old transport word"
        if site.selector.old_word.startswith("/"):
            message = f"{site.shown} puts {e.name} on the old path, where it speaks Streamable HTTP from now on"
        instruction = site.todo or f"write {site.shown.replace(site.word.text, site.new)}"
        needed = not site.selector.accepts_old and not page.document and not site.comment
        return self.edit(page, site.word, site.new, message, instruction, e.unit, site.reason, needed)


def _servers(starts: Sequence[tuple[Page, Part]]) -> Iterator[Endpoint]:
    """The servers of `starts`, each once; one moves when a place that starts it does, documents only where nothing else."""
    found: dict[str, list[tuple[Page, Endpoint]]] = {}
    for page, part in starts:
        if part.serves is not None:
            found.setdefault(part.serves.unit, []).append((page, part.serves))
    for places in found.values():
        known = [e for page, e in places if not page.document] or [e for _, e in places]
        yield next((e for e in known if e.moved), known[0])
