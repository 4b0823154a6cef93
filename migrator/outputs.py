"""Recognises files as our own last output, so that a second run is not stopped by what the first one wrote.

What was written is remembered as hashes in a file inside .git; without git there is no guard and nothing to remember.
"""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path

from migrator import git

NAME = "mcp-transport-migrate.json"


def remember(root: Path, written: dict[str, bytes]) -> None:
    """Note the content of the files just written, by path relative to `root`. A failure only loses the note."""
    place = git.private_file(os.fspath(root), NAME) if written else None
    if place is None:
        return
    import tempfile

    known = _known(place)
    known.update({_key(root, path): _hash(content) for path, content in written.items()})
    with contextlib.suppress(OSError):
        descriptor, name = tempfile.mkstemp(prefix=NAME, dir=os.path.dirname(place))
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(known, file, indent=1, sort_keys=True)
            os.replace(name, place)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(name)
            raise


class Ours:
    """Answers for one root, from the notes as they are now."""

    def __init__(self, root: Path) -> None:
        place = git.private_file(os.fspath(root), NAME)
        self._root = root
        self._known = _known(place) if place else {}

    def wrote(self, path: str) -> bool:
        """True when the file at `path` (relative to the root) holds exactly what a run of ours wrote last."""
        expected = self._known.get(_key(self._root, path))
        if expected is None:
            return False
        try:
            return _hash((self._root / path).read_bytes()) == expected
        except OSError:
            return False


def _known(place: str) -> dict[str, str]:
    try:
        found = json.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _key(root: Path, path: str) -> str:
    """Relative to the work tree, so that a run in a subfolder recognises what a run above it wrote."""
    top = git.toplevel(os.fspath(root)) or os.fspath(root)
    return os.path.relpath(os.path.join(root, path), top).replace(os.sep, "/")


def _hash(content: bytes) -> str:
    import hashlib

    return hashlib.sha256(content).hexdigest()
