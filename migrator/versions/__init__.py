"""Which SDK versions a project runs with, what they must become, and which locks to make again."""

from __future__ import annotations

TYPE_CHECKING = False  # typing costs 3 ms to import, and a clean run passes through here (glance)
if TYPE_CHECKING:
    from collections.abc import Iterable

    from migrator.context import Context
    from migrator.model import Part


def contribute(context: Context) -> Iterable[Part]:
    """The parts of this room (see judge.contribute)."""
    from migrator.versions import judge

    return judge.contribute(context)
