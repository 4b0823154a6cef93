"""The words on the lines of Python source that import: they say who may import a file, without parsing anything.

Imports only re: processes that sift a large project pass through here.
"""

from __future__ import annotations

import re

_WORD = re.compile(rb"[A-Za-z0-9_]+")
_ALWAYS = {b"import", b"from", b"as"}


def import_words(data: bytes) -> set[bytes]:
    """Every word of Python source that stands on a line with `import`, or in the brackets that such a line opens."""
    words: set[bytes] = set()
    at = data.find(b"import")  # a pattern for whole statements takes ten times as long
    while at >= 0:
        start, end = data.rfind(b"\n", 0, at) + 1, _line_end(data, at)
        while end < len(data) and data[start:end].rstrip(b"\r").endswith(b"\\"):
            end = _line_end(data, end + 1)
        if b"(" in data[at:end] and b")" not in data[at:end]:
            end = data.find(b")", end)
            end = len(data) if end < 0 else end
        words.update(_WORD.findall(data, start, end))
        at = data.find(b"import", end)
    return words - _ALWAYS


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end
