"""The `# /// script` header of a Python file (PEP 723): its TOML and where each part of it stands."""

from __future__ import annotations

import re

from migrator.records import record
from migrator.versions.manifests import toml
from migrator.versions.requirement import Requirement

_HEADER = re.compile(r"(?m)^# /// script[ \t]*\r?$\n(?P<content>(?:^#(?:| [^\r\n]*)\r?$\n)+?)^# ///[ \t]*\r?$")


@record(frozen=True)
class Header:
    """The TOML of a header; `offsets[i]` is where its line i begins in the file's text, prefix skipped."""

    toml: str
    lines: tuple[int, ...]

    def offset(self, at: int) -> int:
        """The place in the file of character `at` of the TOML."""
        line = self.toml.count("\n", 0, at)
        return self.lines[line] + at - (self.toml.rfind("\n", 0, at) + 1)


def find(text: str) -> Header | None:
    """The script header of a file's text, None without one."""
    if "# /// script" not in text:
        return None
    match = _HEADER.search(text)
    if match is None:
        return None
    at, starts, pieces = match.start("content"), [], []
    for line in match["content"].splitlines(keepends=True):
        cut = 2 if line.startswith("# ") else 1
        starts.append(at + cut)
        pieces.append(line[cut:].rstrip("\r\n"))
        at += len(line)
    return Header("\n".join(pieces) + "\n", tuple(starts))


def read(text: str, path: str) -> list[Requirement]:
    """The requirements of the script header, [] without one. Raises Malformed."""
    header = find(text)
    return toml.script(header.toml, path) if header else []
