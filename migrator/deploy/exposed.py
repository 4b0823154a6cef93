"""The ports by which containers hand requests on to the servers in them: compose files and `docker run -p`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from migrator.configs.services import COMPOSE
from migrator.deploy.surfaces import Surfaces
from migrator.deploy.tie import Tie
from migrator.deploy.ties import Ties
from migrator.deploy.words import Command, Exposed, Sheet
from migrator.model import Endpoint, Published
from migrator.text import TextFile, Undecodable
from migrator.tree import Tree, Unreadable


def published(
    tree: Tree, surfaces: Surfaces, ties: Ties, sheets: Iterable[tuple[TextFile, Sheet]]
) -> dict[str, tuple[Published, ...]]:
    """For the names of servers the ports that lead to them.

    sheets: what was read anyway, because it names an old word or path. A compose file need not do that.
    """
    found: dict[str, dict[str, Published]] = {}
    read = {file.path: (file, sheet) for file, sheet in _compose(tree, surfaces)}
    others = [(file, sheet) for file, sheet in sheets if file.path not in read]
    for file, sheet in (*read.values(), *others):
        for exposed in sheet.exposed:
            for e in _servers(ties, exposed, file.path):
                for port in _ports(exposed, e):
                    found.setdefault(e.name, {}).setdefault(port, Published(port, file.place(exposed.at)))
    return {name: tuple(ports.values()) for name, ports in found.items()}


def _compose(tree: Tree, surfaces: Surfaces) -> Iterator[tuple[TextFile, Sheet]]:
    for path in tree.files:
        if COMPOSE.fullmatch(posixpath.basename(path)):
            try:
                file = tree.text(path)
            except (Unreadable, Undecodable):
                continue
            sheet = surfaces.sheet(path)
            if sheet is not None:
                yield file, sheet


def _servers(ties: Ties, exposed: Exposed, path: str) -> Sequence[Endpoint]:
    """The only server that the container starts; none where it starts others, or that can't be told."""
    started = [tie for command in exposed.commands if (tie := ties.tie(command, path)).ours and _certain(tie, command)]
    if len(started) != 1 and exposed.commands:
        return ()
    tie = started[0] if started else ties.container(exposed.container, path)
    return tie.endpoints if len(tie.endpoints) == 1 and not tie.pinned else ()


def _certain(tie: Tie, command: Command) -> bool:
    """False for a program that nobody here knows: in an image without an entrypoint it takes the server's place."""
    return bool(tie.after) or command.words[0].text.startswith("-")


def _ports(exposed: Exposed, e: Endpoint) -> Iterator[str]:
    """Those that lead to the server: by the port it listens on, or the only one there is."""
    for outer, inner in exposed.pairs:
        if inner == e.listens or len(exposed.pairs) == 1:
            yield outer
