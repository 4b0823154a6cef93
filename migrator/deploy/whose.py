"""Whose configuration a block of a document shows: what stands before it names the file, or the client in a heading."""

from __future__ import annotations

import re

from migrator.configs.clients import Clients

_LINES = 8  # before the block; what is further away may speak of another one
_FILE = re.compile(r"[~\w.$%{}/\\-]*[\w-]+\.(?:jsonc?|json5|ya?ml|toml)\b")
_HEADING = re.compile(r"\s*(?:[>*+-]\s|\d+[.)]\s)*\s*(?:#|<summary|<b>|\*\*|={3,}\s|[*+-]\s|\d+[.)]\s)|.*:\s*$")
_FENCE = re.compile(r"\s*(?:>\s*)*(?:`{3,}|~{3,})")


def whose(text: str, start: int, clients: Clients) -> str:
    """The id of the client that the block at `start` of the document `text` is for; "" where none or several are named.

    The nearest line that names any decides.
    """
    first = text[start : text.find("\n", start) if "\n" in text[start:] else len(text)]
    if re.match(r"\s*(?://|#)", first) and (named := _files(first, clients)):
        return named.pop() if len(named) == 1 else ""
    before = text[:start].splitlines()
    if before and _FENCE.match(before[-1]):
        before.pop()
    seen = 0
    for line in reversed(before):
        if _FENCE.match(line) or seen >= _LINES:
            return ""
        if not line.strip():
            continue
        seen += 1
        named = _files(line, clients) or (_names(line, clients) if _HEADING.match(line) else set())
        if named:
            return named.pop() if len(named) == 1 else ""
        if re.match(r"\s*#", line):
            return ""
    return ""


def _files(line: str, clients: Clients) -> set[str]:
    paths = [m.group().replace("\\", "/").removeprefix("~/") for m in _FILE.finditer(line)]
    return {found[0].id for path in paths if (found := clients.by_path(path))}


def _names(line: str, clients: Clients) -> set[str]:
    """Clients whose name stands in the line; of names within others ("Claude Code" in a longer one) the longest."""
    found = {
        c.id: c.name
        for c in clients.all.values()
        if len(c.name) > 3 and re.search(rf"(?<!\w){re.escape(c.name)}(?!\w)", line)
    }
    if not found:  # a heading that is a name as people write it: "VSCode", "Roo"
        said = _plain(line)
        found = {c.id: c.name for c in clients.all.values() if said in (_plain(c.name), _plain(c.name.split()[0]))}
    return {id for id, name in found.items() if not any(name != other and name in other for other in found.values())}


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()
