"""The sentence about a value that a fix writes, and what it is where nothing is written."""

from __future__ import annotations

_HEAD = "Becomes "


def becomes(what: str) -> str:
    """The instruction of a finding whose fix writes `what`."""
    return f"{_HEAD}{what}."


def unwritten(instruction: str) -> str:
    """The same where the fix is left out: what to write by hand, together with what it was a part of."""
    return f"With it, write {instruction.removeprefix(_HEAD)}" if instruction.startswith(_HEAD) else instruction
