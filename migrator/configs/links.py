"""Install badges: links of Cursor and VS Code that carry an MCP server entry, encoded (rules/tools.toml, [[link]])."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus, unquote, unquote_plus

from migrator.configs.moves import Known
from migrator.configs.snippets import edit_entry
from migrator.configs.spans import Change, apply

_LIKE_JAVASCRIPT = "-_.!~*'()"  # what encodeURIComponent leaves as it is


def link_changes(text: str, rows: Sequence[Mapping[str, Any]], known: Known, path: str = "") -> list[Change]:
    """The changes that move the entries in the install links of `text`, a document or a part of one.

    rows: the [[link]] rows of rules/tools.toml. A link whose encoding would not come out as it went in is left.
    """
    changes: list[Change] = []
    for row in rows:
        for match in re.finditer(row["pattern"], text):
            old = match.group(1)
            coder = _coder(old, row["encoding"])
            if coder is None:
                continue
            decode, encode = coder
            entry = decode(old)
            new = apply(entry, edit_entry(entry, known, path, row["client"], 0))
            if new != entry:
                changes.append((match.start(1), match.end(1), encode(new)))
    return sorted(set(changes))


Coder = tuple[Callable[[str], str], Callable[[str], str]]


def _coder(text: str, encoding: str) -> Coder | None:
    """(decode, encode) for `text`; None when none gives it back unchanged."""
    for decode, encode in _base64_coders(text) if encoding == "base64" else _PERCENT:
        try:
            if encode(decode(text)) == text:
                return decode, encode
        except (ValueError, binascii.Error):
            continue
    return None


_PERCENT: list[Coder] = [
    (unquote, lambda s: quote(s, safe=_LIKE_JAVASCRIPT)),
    (unquote, lambda s: quote(s, safe="")),
    (unquote_plus, lambda s: quote_plus(s, safe="")),
]


def _base64_coders(text: str) -> list[Coder]:
    equals = "%3D" if "%3D" in text else "="
    padded = "=" in text or "%3D" in text or len(text) % 4 == 0

    def coder(altchars: bytes) -> Coder:
        def decode(s: str) -> str:
            plain = s.replace("%3D", "=")
            return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars, validate=True).decode("utf-8")

        def encode(s: str) -> str:
            coded = base64.b64encode(s.encode("utf-8"), altchars).decode("ascii")
            return coded.replace("=", equals) if padded else coded.rstrip("=")

        return decode, encode

    return [coder(b"+/"), coder(b"-_")]
