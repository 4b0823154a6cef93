"""What this project's own files say of the variable, or the key, that gives a client of the code its address."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from functools import cached_property

from migrator.deploy.base import Deployment
from migrator.deploy.handed import gets
from migrator.deploy.pages import Page
from migrator.deploy.words import Setting, spoken


class Given(Deployment):
    """Answers for one project; reads its deployment files when it is first asked."""

    @cached_property
    def sheets(self) -> list[Page]:
        """The pages that say what holds; what documents show is set by nobody."""
        return [p for file in self.pages.files() for p in self.pages.of(file) if not p.document]

    @cached_property
    def settings(self) -> list[tuple[Page, Setting]]:
        """Every variable that is set to an address, with where."""
        found = [(p, s) for p in self.sheets for s in p.sheet.settings]
        return [(p, s) for p, s in found if "://" in s.value.text and not s.comment]

    def values(self, name: str, client: str) -> list[tuple[str, str]]:
        """(the file, the address) of each place that sets the variable `name`, or the key, for the file `client`."""
        found = [
            (page.file.path, word.text)
            for page, setting in self.settings
            if gets(setting, name, client, page, self.ties, self.places)
            for word in spoken(setting.value)
        ]
        return list(dict.fromkeys([*found, *self._configured(name, client)]))

    def _configured(self, name: str, client: str) -> Iterator[tuple[str, str]]:
        """The same for the key `name` of configuration files that the client's own code names."""
        for page in self.sheets:
            path = page.file.path
            said = [text.text for key, text in page.sheet.pairs if key == name and "://" in text.text]
            if said and self.places.project(path) == self.places.project(client) and self._names(client, path):
                yield from ((path, text) for text in said)

    def _names(self, client: str, path: str) -> bool:
        """True when the code of the file `client`, or what it imports, names the file `path`."""
        name = posixpath.basename(path)
        return any(name in module.text for module in self.context.code.loaded(self.places.reached(client)))
