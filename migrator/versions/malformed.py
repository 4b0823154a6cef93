"""What every reader raises for a file that is not what its name says."""

from __future__ import annotations


class Malformed(ValueError):
    """A manifest or lock that can't be read; the message is for people, the line counts from 1 (0: unknown)."""

    def __init__(self, message: str, line: int = 0) -> None:
        super().__init__(message)
        self.line = line


def conflict_line(text: str) -> int:
    """The line of an unresolved merge conflict, 0 when there is none."""
    at = 0 if text.startswith("<<<<<<< ") else text.find("\n<<<<<<< ") + 1
    return text.count("\n", 0, at) + 1 if at or text.startswith("<<<<<<< ") else 0
