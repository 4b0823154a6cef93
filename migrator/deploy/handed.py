"""Variables that hand a client of the code its address: where the client moves, what they are set to moves, too."""

from __future__ import annotations

from collections.abc import Iterator

from migrator.configs.decisions import Action, Decision
from migrator.configs.urls import Urls
from migrator.context import Context
from migrator.deploy.addresses import urls_of
from migrator.deploy.pages import Page
from migrator.deploy.places import Places
from migrator.deploy.strands import Strand
from migrator.deploy.ties import Ties
from migrator.deploy.words import Setting
from migrator.records import record


@record(frozen=True)
class Handed:
    """One such address: the variable, the file of the client, and what becomes of the address."""

    name: str
    client: str
    strand: Strand
    decision: Decision
    inferring: bool  # the client goes by the address: nothing of its own changes


def handed(page: Page, context: Context, ties: Ties, places: Places, urls: Urls) -> Iterator[Handed]:
    """The addresses of SSE endpoints that `page` gives to clients which move."""
    for setting in page.sheet.settings if context.addressed else ():
        mine = [one for one in context.addressed if gets(setting, one[1], one[0], page, ties, places)]
        client = mine[0][0] if mine else ""
        for strand, url in urls_of(setting.value) if client else ():
            decision = urls.decide(strand.text, page.file.path)
            if (
                url.last == "sse"
                and strand.text == setting.value.text
                and decision.action in (Action.MOVE, Action.HAND)
            ):
                yield Handed(setting.name, client, strand, decision, mine[0] in context.inferring)


def gets(setting: Setting, name: str, client: str, page: Page, ties: Ties, places: Places) -> bool:
    """True where the setting is that of the client in the file `client`: in its project, in its container."""
    if setting.name not in (name, name.upper()):
        return False
    container = setting.container
    if container is not None:
        if container.build is not None:
            return not container.build or client.startswith(f"{container.build}/")
        if ties.foreign(container):
            return False
    return places.project(client) == places.project(page.file.path) or places.below(page.file.path, client)
