"""What every reader raises for a file that is not what its name says."""

from __future__ import annotations


class Malformed(ValueError):
    """A manifest or lock that can't be read; the message is for people, the line counts from 1 (0: unknown).

    foreign: nothing is wrong with the file, it is in a format that this program does not know.
    """

    def __init__(self, message: str, line: int = 0, foreign: bool = False) -> None:
        super().__init__(message)
        self.line = line
        self.foreign = foreign


def conflict_line(text: str) -> int:
    """The line of an unresolved merge conflict, 0 when there is none."""
    at = 0 if text.startswith("<<<<<<< ") else text.find("\n<<<<<<< ") + 1
    return text.count("\n", 0, at) + 1 if at or text.startswith("<<<<<<< ") else 0
