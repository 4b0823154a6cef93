"""What becomes of a URL, and why."""

from __future__ import annotations

import enum
from collections.abc import Iterable

from migrator.configs.addresses import shown
from migrator.records import record

BY_HAND = "set the address of its Streamable HTTP endpoint and the new transport word together"


class Action(enum.Enum):
    """What becomes of a URL."""

    MOVE = "move"  # it gets the new address, and its transport word the new word
    STAY = "stay"  # the address is right for Streamable HTTP too; the word moves
    HAND = "hand"  # the user must decide
    LEFT = "left"  # it is Streamable HTTP already, or no MCP address


@record(frozen=True)
class Decision:
    """What becomes of one URL. `reason` is half a sentence about the address, for the finding."""

    action: Action
    url: str = ""
    reason: str = ""
    instruction: str = ""
    unit: str = ""
    assumed: bool = False
    check: str = ""
    shut_down: bool = False
    vendor: str = ""
    elsewhere: bool = False  # it is known to be another server's, of this project or beside it
    also: tuple[str, ...] = ()  # the units of several servers that it may be the address of

    @property
    def units(self) -> tuple[str, ...]:
        """The units that it goes with; none where the address is no own server's."""
        return (self.unit,) if self.unit else self.also


def together(units: Iterable[str]) -> tuple[str, tuple[str, ...]]:
    """`unit` and `also` of what goes with these units: the one that there is, or all of several."""
    known = tuple(dict.fromkeys(units))
    return (known[0], ()) if len(known) == 1 else ("", known)


def how_to_check(url: str) -> str:
    """The command that tells whether `url` speaks Streamable HTTP."""
    body = (
        '{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-03-26","capabilities":{},'
        '"clientInfo":{"name":"check","version":"1"}}}'
    )
    return (
        f"curl -s -o /dev/null -w '%{{http_code}}' -X POST '{shown(url)}' -H 'Content-Type: application/json' "
        f"-H 'Accept: application/json, text/event-stream' -d '{body}' prints 200 (401 where it wants a login); "
        "404 or 405 means that it only speaks SSE there"
    )
