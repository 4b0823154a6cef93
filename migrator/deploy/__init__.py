"""Everything around the code that starts a server, names its address, or stands in front of it.

    contribute(context)     the room's parts: Dockerfiles, compose files, scripts, documents, notebooks, tests, proxies

A file becomes a Sheet of commands and settings (surfaces), Ties tell which of them belong to a server of this run, and
Follower finds the words to change.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.context import Context
from migrator.model import Part


def contribute(context: Context) -> Iterable[Part]:
    """The parts of this room. Raises SettingsError for an unknown client."""
    from migrator.deploy.room import Room

    return Room(context).parts()
