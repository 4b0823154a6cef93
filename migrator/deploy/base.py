"""What every question about deployment files starts from: who reads them, and what ties them to servers."""

from __future__ import annotations

from migrator.context import Context
from migrator.deploy.pages import Pages
from migrator.deploy.places import Places
from migrator.deploy.surfaces import Surfaces
from migrator.deploy.ties import Ties
from migrator.records import record


@record
class Deployment:
    """One project's files, before anything is decided about them."""

    context: Context

    def __post_init__(self) -> None:
        self.table = self.context.rules.toml("deploy/surfaces.toml")
        self.surfaces = Surfaces(self.context.tree, self.table)
        self.places = Places(self.context, self.table["ties"]["projects"])
        self.ties = Ties(self.context, self.places, self.table, self.surfaces.sheet)
        self.pages = Pages(self.context, self.surfaces)
