"""Files of rules before a server that name its path for messages, or a folder, and never say SSE: nothing else reads them.

Where only the messages were asked for a credential, nothing would ask a call on the new path for one; what is said of
/mcp/ is not said of /mcp.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from migrator.context import Context
from migrator.sieve import kind_of
from migrator.text import TextFile, Undecodable
from migrator.tree import Unreadable

CODE = ("python", "javascript", "markdown", "notebook")  # asked first: the names of many modules say "policy"


def unsaid(context: Context, table: Mapping[str, Any]) -> Iterator[TextFile]:
    """Those files. table: deploy/proxies.toml."""
    tree = context.tree
    moved = [e for e in context.endpoints if e.moved]
    paths = [e.message_path.rstrip("/") for e in moved if e.message_path.strip("/")]
    paths += [f"{e.new_path}/" for e in moved if e.old_path.startswith(f"{e.new_path}/") and e.new_path.strip("/")]
    found = _saying(tree.files, table["own"]) if paths else set()
    for path in sorted(found.difference(*tree.hits.values())):
        if kind_of(path) not in CODE and any(is_for(path, row) for row in table["proxy"]):
            try:
                file = tree.text(path)
            except (Unreadable, Undecodable):
                continue
            if any(p in file.text for p in paths):
                yield file


def is_for(path: str, row: Mapping[str, Any]) -> bool:
    """True for a file that may be called as those of the row's program are."""
    name = path.rpartition("/")[2]
    return any(fnmatch.fnmatchcase(f"/{path}" if "/" in p else name, p) for p in row["files"])


def _saying(paths: Iterable[str], words: Iterable[str]) -> set[str]:
    """The paths that hold one of the words: searched in one text, which is faster than one by one."""
    text, found = "\n".join(("", *paths, "")), set()
    for word in words:
        at = text.find(word)
        while at >= 0:
            end = text.index("\n", at)
            found.add(text[text.rindex("\n", 0, at) + 1 : end])
            at = text.find(word, end)
    return found
