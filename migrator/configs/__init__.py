"""Configuration files of MCP clients: JSON in all its forms, YAML, TOML, edited by spans.

parts.contribute    the room's part of the plan
snippets            the same for text inside other files
launches            entries that start a server by command, for the deployment side
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.context import Context
from migrator.model import Part


def contribute(context: Context) -> Iterable[Part]:
    """The parts of this room (see parts.contribute)."""
    from migrator.configs import parts

    return parts.contribute(context)
