"""Requirements in a conda environment.yml: conda's own, and pip's below `- pip:`. Read line by line."""

from __future__ import annotations

import re

from migrator.versions.names import normalise
from migrator.versions.requirement import CONDA, SOURCED, Requirement, split

_ITEM = re.compile(r"(?P<indent>[ \t]*)-[ \t]+(?P<quote>['\"]?)(?P<text>[^\r\n]*)")
_CONDA = re.compile(r"(?:[\w.-]+::)?(?P<name>[A-Za-z0-9_.-]+)[ \t]*(?P<spec>(?:[=<>!~^][^'\"#\r\n]*)?)")


def environment(text: str, path: str) -> list[Requirement]:
    """The requirements of an environment.yml."""
    found: list[Requirement] = []
    inside, pip_indent, at = False, -1, 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        if re.match(r"[^\s#-]", line):
            inside, pip_indent = line.startswith("dependencies:"), -1
            continue
        item = _ITEM.match(line)
        if not inside or item is None:
            continue
        indent = len(item["indent"])
        if re.match(r"pip:\s*(?:#.*)?$", item["text"]):
            pip_indent = indent
            continue
        if indent <= pip_indent:
            pip_indent = -1
        offset = start + item.start("text")
        if pip_indent >= 0:
            parts = split(text[: start + len(line.rstrip("\r\n"))].rstrip("'\""), offset)
            if parts is not None and not item["text"].startswith("-"):
                fixed = SOURCED if parts.url else ""
                found.append(
                    Requirement(
                        parts.name, parts.spec, path, start=parts.start, end=parts.end, extras=parts.extras, fixed=fixed
                    )
                )
            continue
        match = _CONDA.match(text, offset)
        if match:
            spec = match["spec"].rstrip()
            begin = match.start("spec")
            found.append(Requirement(normalise(match["name"]), spec, path, CONDA, begin, begin + len(spec)))
    return found
