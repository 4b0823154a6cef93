"""Names of packages and of the files that hold requirements and locks."""

from __future__ import annotations

import re

_SEPARATORS = re.compile(r"[-_.]+")

JAVASCRIPT = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte")


def normalise(name: str) -> str:
    """The PEP 503 form of a Python distribution's name; a scoped npm name comes back in lower case."""
    name = name.strip().lower()
    return name if name.startswith("@") else _SEPARATORS.sub("-", name)


def is_javascript(path: str) -> bool:
    """True for a file whose packages come from package.json rather than from a Python manifest."""
    return path.lower().endswith(JAVASCRIPT)


def folder(path: str) -> str:
    """The folder of a path relative to the root, "" for the root itself."""
    return path.rpartition("/")[0]


def base(path: str) -> str:
    """The file's own name."""
    return path.rpartition("/")[2]


def join(directory: str, relative: str) -> str:
    """`relative` seen from `directory`, without "." and ".."; "" when it leaves the root or is absolute."""
    if relative.startswith(("/", "\\")) or ":" in relative[:3]:
        return ""
    parts = [p for p in directory.split("/") if p]
    for piece in relative.replace("\\", "/").split("/"):
        if piece in ("", "."):
            continue
        if piece == "..":
            if not parts:
                return ""
            parts.pop()
        else:
            parts.append(piece)
    return "/".join(parts)
