"""Rules for everything below a folder that the old path was in, where the new path is that folder itself.

    location /mcp/ { auth_basic "mcp"; proxy_pass http://app:8000; }      /mcp/sse -> /mcp

Such a rule names neither path. It was about the old one, and isn't about the new one: nobody is asked there, or nothing
leads there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.model import Endpoint
from migrator.text import TextFile

_COMMENT = re.compile(r"^\s*(?:#|//|;)|\s#")
_ADDRESS = re.compile(r"://[^\s\"',;]*$")


def folders(file: TextFile, e: Endpoint) -> Iterator[re.Match[str]]:
    """Where the file names the folder with all that is below it, and nowhere the new path by itself; once a line."""
    new = e.new_path.rstrip("/")
    if not new or "{" in e.old_path + new or not e.old_path.startswith(f"{new}/"):
        return
    text, told = file.text, set()
    if f"{new}/" not in text or re.search(rf"(?<![\w/.-]){re.escape(new)}(?![\w/.-])", text):
        return
    for match in re.finditer(rf"(?<![\w/.-]){re.escape(new)}/(?![\w-])", text):
        begin = text.rfind("\n", 0, match.start()) + 1
        before = text[begin : match.start()]
        if begin not in told and not _COMMENT.search(before) and not _ADDRESS.search(before):
            told.add(begin)
            yield match
