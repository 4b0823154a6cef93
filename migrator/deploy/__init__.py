"""Everything around the code that starts a server, names its address, or stands in front of it.

    started(context)        finds what only runners start, and gives the room's parts when they are asked for:
                            Dockerfiles, compose files, scripts, documents, notebooks, tests, proxies

A file becomes a Sheet of commands and settings (surfaces), Ties tell which of them belong to a server of this run, and
Follower finds the words to change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from migrator.context import Context
from migrator.model import Part


def started(context: Context) -> Callable[[], Iterable[Part]]:
    """Tell `context` what runners start; the parts of this room. They raise SettingsError for an unknown client."""
    from migrator.deploy.room import Room

    return Room(context).parts
