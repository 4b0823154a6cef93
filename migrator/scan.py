"""The first step: which files could matter.

    tree = scan(root, settings)
    nothing_to_do(tree)

`look` does the work with plain strings and lists, so that a clean run needs neither pathlib nor dataclasses.
"""

from __future__ import annotations

import os

from migrator import _prefilter, listing, sieve

TYPE_CHECKING = False  # typing costs 3 ms to import
if TYPE_CHECKING:
    from pathlib import Path

    from migrator.settings import Settings
    from migrator.tree import Tree

TOO_LONG, UNREAD = sieve.TOO_LONG, sieve.UNREAD
LEAVES = "a symbolic link out of the project: the file it names is not changed"
ELSEWHERE = "a symbolic link to a file that does not belong to the project"


class Looked:
    """What one look at a project found; paths relative to `root`, "/" between parts."""

    __slots__ = (
        "about_mcp",
        "files",
        "held",
        "hits",
        "imports",
        "local",
        "mcp_python",
        "open_python",
        "root",
        "skipped",
        "transport_python",
    )

    def __init__(self, root: str) -> None:
        self.root = root
        self.files: list[str] = []
        self.local: set[str] = set()
        self.hits: list[tuple[str, str]] = []
        self.mcp_python: list[str] = []
        self.transport_python: list[str] = []
        self.open_python: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        self.held: dict[str, bytes] = {}
        self.imports: dict[str, set[bytes]] = {}
        self.about_mcp: list[str] = []


def scan(root: Path, settings: Settings, only: tuple[str, ...] = ()) -> Tree:
    """The project at `root` as a Tree. `only`: files that belong to it even if git ignores them.

    Raises OSError when `root` can't be listed, ValueError for a bad pattern in `settings.exclude`,
    rulebook.RulebookError for a bad file in `settings.extra_rules`.
    """
    root = root.resolve()
    return tree_of(look(os.fspath(root), settings.exclude, only, needles_for(settings, root)))


def tree_of(looked: Looked) -> Tree:
    """The same as a Tree."""
    from pathlib import Path

    from migrator.tree import Tree

    hits: dict[str, list[str]] = {}
    for path, kind in sorted(looked.hits):
        hits.setdefault(kind, []).append(path)
    return Tree(
        Path(looked.root),
        tuple(looked.files),
        frozenset(looked.local),
        {kind: tuple(paths) for kind, paths in sorted(hits.items())},
        tuple(sorted(looked.mcp_python)),
        tuple(sorted(looked.transport_python)),
        tuple(sorted(looked.skipped)),
        looked.held,
        looked.imports,
        frozenset(looked.about_mcp),
        tuple(sorted(looked.open_python)),
    )


def nothing_to_do(tree: Tree | Looked) -> bool:
    """True when no file could matter: there is nothing to read, nothing that `check` would fail on, nothing to say."""
    return not (tree.hits or tree.open_python or tree.skipped or lock_may_be_stale(tree))


def lock_may_be_stale(tree: Tree | Looked) -> bool:
    """True when a server of the project may have moved while its lock still holds the old SDK."""
    if not tree.mcp_python:
        return False
    from migrator.versions.glance import may_be_stale

    return may_be_stale(os.fspath(tree.root), tree.files, tree.mcp_python)


def look(
    root: str,
    exclude: tuple[str, ...] = (),
    only: tuple[str, ...] = (),
    needles: sieve.Needles | None = None,
    given: dict[str, bytes] | None = None,
) -> Looked:
    """List and sift the project at `root` (absolute, no symbolic link). Raises OSError, ValueError.

    given: what some files of `only` hold, in place of what is on disk; they need not be there.
    """
    needles = needles or sieve.Needles()
    given = given or {}
    listed = listing.of(root, exclude)
    known = set(listed.files)
    # a file that is named on the command line counts although git ignores it
    named = [path for path in only if path not in known and (path in given or os.path.isfile(os.path.join(root, path)))]
    looked = Looked(root)
    looked.skipped = listed.skipped
    sifted = sieve.sift(root, listed.files + named, needles, given=given)
    known.update(named)
    local = {*_local_files(root, listed.files, sifted), *listed.ignored} - known
    if local:
        more = sieve.sift(root, sorted(local), needles)
        looked.local = local - set(more.gone)
        sifted.add(more)
    known.difference_update(sifted.gone)
    looked.files = [path for path in listed.files + named if path in known and not _gone_lock(root, path)]
    looked.skipped += sifted.skipped
    if sifted.evidence:
        looked.hits = [hit for hit in sifted.hits if _is_own(root, hit[0], known, looked.skipped)]
        looked.mcp_python = [path for path in sifted.mcp_python if _is_read(root, path, looked.local)]
        looked.transport_python = [path for path in sifted.transport_python if _is_read(root, path, looked.local)]
        looked.open_python = [path for path in sifted.open_python if _is_read(root, path, looked.local)]
        looked.held, looked.imports, looked.about_mcp = sifted.held, sifted.imports, sifted.about_mcp
    looked.held.update(given)
    return looked


def look_at(root: str, paths: list[str]) -> bool:
    """True when the files `paths` alone show that nothing in them can concern us: no need to list the project.

    A file that merely mentions MCP may still get its transport from elsewhere: then the answer is False.
    """
    sifted = sieve.sift(root, paths, sieve.Needles())
    return not (sifted.hits or sifted.evidence or sifted.skipped)


def needles_for(settings: Settings, root: Path) -> sieve.Needles:
    """The words to look for, with those of the user's own rules. Raises rulebook.RulebookError."""
    if not settings.extra_rules:
        return sieve.Needles()
    from migrator import prefilter, rulebook

    book = rulebook.load(settings, root)
    added = prefilter.gathered(dict(book.extra))
    shipped = prefilter.gathered(prefilter.documents(book))
    both = {key: tuple(sorted({*shipped[key], *added[key]})) for key in shipped}
    return sieve.Needles(**prefilter.needle_arguments(both))


def _local_files(root: str, files: list[str], sifted: sieve.Sifted) -> list[str]:
    """Fixed names that people keep out of git, in the folders where a project or a server lies."""
    folders = {""}
    for path in files:
        if sieve.kind_of(path) in ("manifest", "dockerfile") or "compose" in path:
            folders.add(path[: path.rfind("/") + 1])
    for path, _ in sifted.hits:
        folders.add(path[: path.rfind("/") + 1])
    for path in sifted.mcp_python:
        folders.add(path[: path.rfind("/") + 1])
    candidates = {folder + name for folder in folders for name in _prefilter.LOCAL}
    return [path for path in candidates if os.path.isfile(os.path.join(root, path))]


def _gone_lock(root: str, path: str) -> bool:
    """Locks are judged by their being there, and git lists a deleted file until the deletion is staged."""
    return sieve.kind_of(path) == "lock" and not os.path.lexists(os.path.join(root, path))


def _is_read(root: str, path: str, local: set[str]) -> bool:
    """False for links (see `_is_own`) and for code that is not part of the project."""
    return path not in local and not os.path.islink(os.path.join(root, path))


def _is_own(root: str, path: str, known: set[str], skipped: list[tuple[str, str]]) -> bool:
    """False for a symbolic link: the file it names is read where it lies, once, and never outside the tree."""
    full = os.path.join(root, path)
    if not os.path.islink(full):
        return True
    real = os.path.realpath(full)
    inside = os.path.relpath(real, root).replace(os.sep, "/")
    if inside.startswith("../") or os.path.isabs(inside):
        skipped.append((path, LEAVES))
    elif inside not in known:
        skipped.append((path, ELSEWHERE))
    return False
