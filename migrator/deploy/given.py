"""What this project's own files set a variable to that gives a client of the code its address."""

from __future__ import annotations

from functools import cached_property

from migrator.context import Context
from migrator.deploy.handed import gets
from migrator.deploy.pages import Page, Pages
from migrator.deploy.places import Places
from migrator.deploy.surfaces import Surfaces
from migrator.deploy.ties import Ties
from migrator.deploy.words import Setting, spoken
from migrator.records import record


@record
class Given:
    """Answers for one project; reads its deployment files when it is first asked."""

    context: Context

    def __post_init__(self) -> None:
        table = self.context.rules.toml("deploy/surfaces.toml")
        self.surfaces = Surfaces(self.context.tree, table)
        self.places = Places(self.context, table["ties"]["projects"])
        self.ties = Ties(self.context, self.places, table, self.surfaces.sheet)

    @cached_property
    def settings(self) -> list[tuple[Page, Setting]]:
        """Every variable that is set to an address, with where; what documents show is set by nobody."""
        pages = Pages(self.context, self.surfaces)
        found = [(p, s) for file in pages.files() for p in pages.of(file) if not p.document for s in p.sheet.settings]
        return [(p, s) for p, s in found if "://" in s.value.text and not s.comment]

    def values(self, name: str, client: str) -> list[tuple[str, str]]:
        """(the file, the address) of each place that sets the variable `name` for the file `client`."""
        return [
            (page.file.path, word.text)
            for page, setting in self.settings
            if gets(setting, name, client, page, self.ties, self.places)
            for word in spoken(setting.value)
        ]
