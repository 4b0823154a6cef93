"""Where the versions of a requirement stand in its file's text."""

from __future__ import annotations

from migrator.text import TextFile
from migrator.versions.manifests import script_header
from migrator.versions.names import base
from migrator.versions.requirement import Requirement

Span = tuple[int, int]


def span(requirement: Requirement, file: TextFile) -> Span | None:
    """Start and end of the versions in the file's text; None when they are written in a way that can't be followed."""
    if requirement.start >= 0:
        return requirement.start, requirement.end
    if requirement.path.endswith(".py"):
        header = script_header.find(file.text)
        found = _structured(requirement, header.toml, toml=True) if header else None
        return (header.offset(found[0]), header.offset(found[1])) if header and found else None
    return _structured(requirement, file.text, toml=not base(requirement.path).lower().endswith((".json", ".jsonc")))


def _structured(requirement: Requirement, text: str, toml: bool) -> Span | None:
    """The same in TOML or JSON, by the requirement's keys."""
    from migrator.configs.json_spans import JsonNotation
    from migrator.configs.spans import FIXED, Unparsable
    from migrator.configs.toml_spans import TomlNotation

    try:
        node = (TomlNotation() if toml else JsonNotation()).parse(text)[0]
    except (Unparsable, RecursionError):
        return None
    for key in requirement.keys:
        if isinstance(key, int):
            if key >= len(node.items):
                return None
            node = node.items[key]
        else:
            found = node.get(key)
            if found is None:
                return None
            node = found
    if node.kind != "string" or node.style == FIXED or node.value != requirement.value:
        return None
    start, end = requirement.inner
    if node.marks:
        return node.marks[start], node.marks[end]
    first = node.start + 1  # behind the quote: what stands there is written as it reads
    return first + start, first + end
