"""The versions room's part of the plan: requirements raised and capped, locks to make again, what stands in the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from migrator.context import ClientNeed, Context
from migrator.model import Finding, Outcome, Part, Place, Severity
from migrator.tree import Unreadable
from migrator.versions.commands import regenerate
from migrator.versions.facts import Floors
from migrator.versions.names import base, folder, normalise
from migrator.versions.policy import Wish, serving
from migrator.versions.ranges import version
from migrator.versions.room import Room, Subject, stale
from migrator.versions.stale import made_from, mismatch


def contribute(context: Context) -> Iterable[Part]:
    """The parts for every project that holds an SSE endpoint or client; elsewhere only locks that don't match."""
    floors = Floors(context.rules)
    subjects = _Subjects(context, floors)
    for subject in subjects.found.values():
        yield from Room(context, floors, subject).parts()
    yield from _elsewhere(context, floors, subjects.found)
    yield from _unreadable(context, subjects.found)


class _Subjects:
    """The projects to judge, by their manifest and lock."""

    def __init__(self, context: Context, floors: Floors) -> None:
        self.context, self.floors = context, floors
        self.found: dict[tuple[str, str], Subject] = {}
        for endpoint in context.endpoints:
            subject = self._subject(endpoint.place.path)
            subject.units[endpoint.unit] = subject.units.get(endpoint.unit, False) or endpoint.moved
            subject.files.update(endpoint.files, [endpoint.place.path])
            name = serving(endpoint.generation, subject.installed, floors)
            if name:
                major = self.floors.generations(name).get(endpoint.generation)
                self._wish(subject, name, major, endpoint.needs_sdk)
        for client in context.clients:
            name = normalise(client.package)
            if floors.package(name) is not None:
                subject = self._subject(client.path)
                subject.alone = True
                subject.files.add(client.path)
                self._wish(subject, name, client.major, client.needs, client)
        self._javascript()

    def _subject(self, path: str) -> Subject:
        installed = self.context.versions.of(path)
        key = (installed.manifest, installed.lock)
        return self.found.setdefault(key, Subject(installed, path))

    def _wish(
        self, subject: Subject, name: str, major: int | None, needs: str, client: ClientNeed | None = None
    ) -> None:
        any_major = client is not None and client.any_major
        alone = client is not None
        before = subject.wishes.get(name)
        if before is not None:
            found, wanted = version(before.needs), version(needs)
            needs = before.needs if found is not None and (wanted is None or found > wanted) else needs
            major = before.major if before.major is not None else major
            any_major, alone = any_major and before.any_major, alone and before.client
        recommended = self.context.settings.floor == "recommended"
        subject.wishes[name] = Wish(name, major, needs, recommended, any_major, alone)

    def _javascript(self) -> None:
        """Projects whose JavaScript speaks SSE: their code does not move, so nothing is edited."""
        marks = {n: p.marks for n in self.floors.names if (p := self.floors.package(n)) and p.marks}
        for path in self.context.tree.hits.get("javascript", ()):
            try:
                data = self.context.tree.read(path)
            except Unreadable:
                continue
            for name, names in marks.items():
                if any(mark.encode() in data for mark in names):
                    self._wish(self._subject(path), name, None, "")


def _elsewhere(context: Context, floors: Floors, judged: dict[tuple[str, str], Subject]) -> Iterator[Part]:
    """Servers that speak Streamable HTTP (since the last run, maybe): a lock that does not match stops them."""
    speaks = [word.encode() for word in floors.table["speaks-http"]]
    seen = set(judged)
    for path in context.tree.mcp_python:
        try:
            data = context.tree.read(path)
        except Unreadable:
            continue
        if not any(word in data for word in speaks):
            continue
        installed = context.versions.of(path)
        key = (installed.manifest, installed.lock)
        if key in seen:
            continue
        seen.add(key)
        asked = [r for r in installed.requirements if (p := floors.package(r.name)) and p.generations]
        for lock in installed.locks:
            name, why = mismatch(lock, installed.member, asked, {})
            if name:
                sources = [r.path for r in asked if made_from(lock, r)]
                command = regenerate(lock, {name}, floors, sources[0] if sources else "")
                yield Part((stale(lock.path, why, command),), regenerate=(command,) if command else ())


def _unreadable(context: Context, judged: dict[tuple[str, str], Subject]) -> Iterator[Part]:
    """Manifests and locks that could not be read: they count beside an endpoint or client, elsewhere they are notes."""
    folders = {folder(subject.path) + "/" for subject in judged.values()}
    for problem in context.versions.problems:
        beside = any(f.startswith(folder(problem.path) + "/") or not folder(problem.path) for f in folders)
        severity, outcome = (
            (Severity.WARNING, Outcome.BY_HAND) if beside and not problem.foreign else (Severity.NOTE, Outcome.INFO)
        )
        text = f"{base(problem.path)} can't be read: {problem.message}"
        how = "Make it again with the tool that wrote it." if problem.lock else "Mend it, then run this again."
        how = "Look for yourself which version it holds." if problem.foreign else how
        yield Part((Finding("MCP406", severity, outcome, Place(problem.path, problem.line), text, how),))
