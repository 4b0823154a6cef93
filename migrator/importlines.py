"""The modules that Python source names on its lines that import: who may import a file, without parsing anything.

Imports only re: processes that sift a large project pass through here.
"""

from __future__ import annotations

import re

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from collections.abc import Iterable

_WORD = re.compile(rb"[A-Za-z0-9_]+")


def module_name(path: str) -> bytes:
    """The word by which a Python file is imported: its own name, or its folder's for an `__init__.py`."""
    folder, _, name = path.removesuffix(".py").rpartition("/")
    return (folder.rpartition("/")[2] if name == "__init__" and folder else name).encode()


class ImportLines:
    """Looks for the files `paths` on the lines that import: `ImportLines(paths).names(data)`."""

    def __init__(self, paths: Iterable[str]) -> None:
        self._wanted = {module_name(path) for path in paths}
        self._lines: dict[bytes, list[bytes]] = {}  # the same few lines stand at the top of most files

    def names(self, data: bytes) -> set[bytes]:
        """Those of the files' `module_name`s that stand on a line with `import`, or in brackets that one opens."""
        found: set[bytes] = set()
        at = data.find(b"import")  # a pattern for whole statements takes ten times as long
        while at >= 0:
            start, end = data.rfind(b"\n", 0, at) + 1, _line_end(data, at)
            line = data[start:end]
            names = self._lines.get(line)
            if names is None:
                end = _statement_end(data, start, end)
                names = [word for word in _WORD.findall(data, start, end) if word in self._wanted]
                if end == start + len(line):
                    self._lines[line] = names
            if names:
                found.update(names)
            at = data.find(b"import", end)
        return found


def _statement_end(data: bytes, start: int, end: int) -> int:
    """Where the statement ends that begins on the line `start:end`."""
    while end < len(data) and data[start:end].rstrip(b"\r").endswith(b"\\"):
        end = _line_end(data, end + 1)
    if data.count(b"(", start, end) > data.count(b")", start, end):
        end = data.find(b")", end)
        end = len(data) if end < 0 else end
    return end


def _line_end(data: bytes, start: int) -> int:
    end = data.find(b"\n", start)
    return len(data) if end < 0 else end
