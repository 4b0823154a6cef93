"""Which SDK versions a project runs with, what they must become, and which locks to make again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from migrator.context import Context
    from migrator.model import Part


def contribute(context: Context) -> Iterable[Part]:
    """The parts of this room (see judge.contribute)."""
    from migrator.versions import judge

    return judge.contribute(context)
