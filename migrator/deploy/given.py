"""What this project's own files set a variable to that gives a client of the code its address."""

from __future__ import annotations

from functools import cached_property

from migrator.deploy.base import Deployment
from migrator.deploy.handed import gets
from migrator.deploy.pages import Page
from migrator.deploy.words import Setting, spoken


class Given(Deployment):
    """Answers for one project; reads its deployment files when it is first asked."""

    @cached_property
    def settings(self) -> list[tuple[Page, Setting]]:
        """Every variable that is set to an address, with where; what documents show is set by nobody."""
        pages = (p for file in self.pages.files() for p in self.pages.of(file))
        found = [(p, s) for p in pages if not p.document for s in p.sheet.settings]
        return [(p, s) for p, s in found if "://" in s.value.text and not s.comment]

    def values(self, name: str, client: str) -> list[tuple[str, str]]:
        """(the file, the address) of each place that sets the variable `name` for the file `client`."""
        return [
            (page.file.path, word.text)
            for page, setting in self.settings
            if gets(setting, name, client, page, self.ties, self.places)
            for word in spoken(setting.value)
        ]
