"""Python code that connects to MCP servers: the SDKs' own clients and the agent frameworks.

A client's class, its way to unpack streams and its address are one edit: one part of the plan, or by hand.
"""

from __future__ import annotations

from collections.abc import Iterable

from migrator.context import Context
from migrator.model import Part


def contribute(context: Context) -> Iterable[Part]:
    """MCP201 to MCP204: clients in Python (see parts.contribute)."""
    from migrator.clients import parts

    return parts.contribute(context)
