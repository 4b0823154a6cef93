"""What is shared by all that the deployment files add to the plan: which words are decided about, and how one changes."""

from __future__ import annotations

import copy
import functools
from dataclasses import field, replace

from migrator.configs.moves import Known
from migrator.configs.parts import is_left_unparsed, known_of
from migrator.deploy.base import Deployment
from migrator.deploy.pages import Page
from migrator.deploy.strands import NotReplaceable, Strand
from migrator.model import Endpoint, Finding, Outcome, Part, Replacement, Severity
from migrator.records import record
from migrator.text import TextFile
from migrator.tree import LOCAL


@record
class Desk(Deployment):
    """One run's deployment side, while it decides."""

    taken: set[tuple[str, int]] = field(default_factory=set)  # (path, offset) that something else has decided about
    _known: dict[str, Known] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.told: set[tuple[str, int]] = set()  # words of entries that are left to the user

    @property
    def servers(self) -> tuple[Endpoint, ...]:
        """What this run moves: those that a runner starts, and those of the code, which decide."""
        return self.context.servers

    @functools.cached_property
    def known(self) -> Known:
        """How addresses and client configurations are judged."""
        return known_of(self.context, own_only=True)

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
        also: tuple[str, ...] = (),
    ) -> Part:
        """A replacement with its finding; by hand where there is a `reason`, or it can't be written in place.

        also: the units that it goes with, where they are several (see configs.decisions).
        """
        file, rule = page.file, page.rule
        place = file.place(strand.start, strand.end)
        severity, outcome = Severity.WARNING, Outcome.BY_HAND
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
        return Part((finding,), edits, unit, needed, also=also)
