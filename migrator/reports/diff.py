"""The plan as one unified diff that `git apply` and `patch -p1` accept, run in the plan's root.

There is no `diff --git` line: with it, git takes the paths to begin at the top of the work tree, and silently
passes over all of them when the root is a folder further down.
"""

from __future__ import annotations

from migrator.model import FileChange, Plan
from migrator.reports import ReportOptions
from migrator.reports.hunks import NO_NEWLINE, hunks, lines

# Names with these are quoted in a patch, as git does it.
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\t": "\\t", "\n": "\\n", "\r": "\\r"}


def render(plan: Plan, options: ReportOptions) -> str:
    """The diff of all changes. Bytes that aren't UTF-8 become lone surrogates, which printing.py writes as they were."""
    return "".join(unified(change) for change in plan.changes)


def unified(change: FileChange) -> str:
    """The unified diff of one file, "" when nothing changes in it."""
    old = lines(change.before.decode("utf-8", "surrogateescape"))
    new = lines(change.after.decode("utf-8", "surrogateescape"))
    found = hunks(old, new)
    if not found:
        return ""
    source = "/dev/null" if change.created else _name("a/", change.path)
    text = [f"--- {source}\n+++ {_name('b/', change.path)}\n"]
    for hunk in found:
        text.append(hunk.header + "\n")
        for block in hunk.blocks:
            if block.same:
                text += [_line(" ", old[number]) for number in block.old]
            else:
                text += [_line("-", old[number]) for number in block.old]
                text += [_line("+", new[number]) for number in block.new]
    return "".join(text)


def _line(sign: str, line: str) -> str:
    return f"{sign}{line}" if line.endswith("\n") else f"{sign}{line}\n{NO_NEWLINE}\n"


def _name(prefix: str, path: str) -> str:
    if any(character in _ESCAPES or ord(character) < 32 for character in path):
        escaped = "".join(_ESCAPES.get(c) or (f"\\{ord(c):03o}" if ord(c) < 32 else c) for c in path)
        return f'"{prefix}{escaped}"'
    return f"{prefix}{path}\t" if " " in path else prefix + path
