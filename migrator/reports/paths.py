"""How a file of the plan is named to the reader."""

from __future__ import annotations

import os
from pathlib import Path

from migrator.model import Place, Plan
from migrator.reports import ReportOptions

_FAR = os.path.join("..", "..", "..")


class Paths:
    """Names files from where the user stands.

    people: with the separators of this operating system, and "../" where the plan's root lies above.
    Programs get "/" in between, and names from the plan's root where it doesn't lie below.
    """

    def __init__(self, plan: Plan, options: ReportOptions, people: bool = False) -> None:
        self.root, self.cwd, self.people = plan.root, options.cwd, people
        below = relative(self.root, self.cwd).replace(os.sep, "/")
        outside = below.startswith("..") or os.path.isabs(below)
        self.prefix = "" if below == "." or outside else below + "/"

    def shown(self, path: str) -> str:
        """`path` (relative to the plan's root) as the reader is to see it."""
        if self.people:
            return relative(os.path.join(self.root, *path.split("/")), self.cwd)
        return self.prefix + path

    def place(self, place: Place, column: bool = False) -> str:
        """path:line, or path:line:column with the column counted from 1 as editors do."""
        text = self.shown(place.path)
        if place.line:
            text += f":{place.line}"
            if column:
                text += f":{place.column + 1}"
        return text


def relative(path: str, cwd: Path) -> str:
    """`path` from `cwd`, or as it is when it lies far away or on another drive of Windows."""
    try:
        found = os.path.relpath(path, cwd)
    except ValueError:
        return path
    return path if found.startswith(_FAR) else found
