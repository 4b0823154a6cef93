"""From accepted edits to file contents: renders, checks, and drops a unit whose result fails a check."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field

from migrator import forked, tomlproof
from migrator.model import FileChange, Replacement
from migrator.python.rewrite.edits import Operation, path_of
from migrator.records import record
from migrator.text import TextFile
from migrator.tree import Tree, Unreadable

Edit = Operation | Replacement
PAYS = 8  # Python files from which on a second process pays: each takes some 10 ms


@record
class Bundle:
    """Edits that are written together or not at all."""

    id: str
    edits: list[Edit] = field(default_factory=list)
    failure: str = ""  # why it was dropped, for people
    place: str = ""  # the file that failed
    follows: tuple[Bundle, ...] = ()  # those without which it must not be written


def edit_path(edit: Edit) -> str:
    """The file that an edit changes."""
    return edit.path if isinstance(edit, Replacement) else path_of(edit)


class Rendered:
    """What came of one file and its edits: a plan renders most files more than once, to learn what fails."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._known: dict[tuple[str, tuple[Edit, ...]], bytes | ValueError | OSError | RecursionError] = {}

    def file(self, path: str, edits: list[Edit]) -> bytes:
        """One file's new bytes. Raises ValueError (Unmatched, Undecodable, overlap), Unreadable, RecursionError."""
        key = (path, tuple(edits))
        if key not in self._known:
            self._known[key] = self._outcome(path, edits)
        outcome = self._known[key]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def together(self, wanted: list[tuple[str, list[Edit]]]) -> None:
        """Render many Python files in several processes. What fails there is left for `file`, which raises."""
        todo = [(p, edits) for p, edits in wanted if p.endswith(".py") and (p, tuple(edits)) not in self._known]
        count = forked.worth(len(todo), PAYS)
        if count == 1:
            return

        def work(number: int, _: object) -> list[bytes | None]:
            outcomes = [self._outcome(path, edits) for path, edits in todo[number::count]]
            return [outcome if isinstance(outcome, bytes) else None for outcome in outcomes]

        for number, share in enumerate(forked.run(work, count)):
            for (path, edits), data in zip(todo[number::count], share, strict=True):
                if data is not None:
                    self._known[path, tuple(edits)] = data

    def _outcome(self, path: str, edits: list[Edit]) -> bytes | ValueError | OSError | RecursionError:
        try:
            return _render_file(path, self._tree.read(path), edits)
        except (ValueError, Unreadable, RecursionError) as error:
            return error


def render(tree: Tree, bundles: Iterable[Bundle], rendered: Rendered | None = None) -> tuple[FileChange, ...]:
    """The files of all bundles that render; the others get `failure` set and leave no trace.

    rendered: what is known from an earlier call.
    """
    bundles = list(bundles)
    rendered = rendered or Rendered(tree)
    while True:
        for bundle in bundles:
            bundle.failure = bundle.failure or next((b.failure for b in bundle.follows if b.failure), "")
        alive = [b for b in bundles if not b.failure]
        by_path: dict[str, list[Bundle]] = {}
        for bundle in alive:
            for edit in bundle.edits:
                holders = by_path.setdefault(edit_path(edit), [])
                if bundle not in holders:
                    holders.append(bundle)
        changes: list[FileChange] = []
        failed = False
        wanted = {p: [e for b in holders for e in b.edits if edit_path(e) == p] for p, holders in by_path.items()}
        rendered.together(list(wanted.items()))
        for path, holders in sorted(by_path.items()):
            edits = wanted[path]
            try:
                before = tree.read(path)
                after = rendered.file(path, edits)
            except (ValueError, Unreadable, RecursionError) as error:
                _blame(path, rendered, holders, str(error))
                failed = True
                break
            if after != before:
                changes.append(FileChange(path, before, after, tuple(b.id for b in holders)))
        if not failed:
            return tuple(changes)


def _render_file(path: str, data: bytes, edits: list[Edit]) -> bytes:
    """One file's new bytes. Raises ValueError (Unmatched, Undecodable, NotKept, overlap)."""
    replacements = [e for e in edits if isinstance(e, Replacement)]
    operations = [e for e in edits if not isinstance(e, Replacement)]
    if replacements:
        # in a .py file these are inline metadata comments: they keep the number of lines, so the places of the
        # operations that follow still hold
        source = TextFile.decode(path, data)
        data = source.replaced(replacements)
        if tomlproof.is_toml(path):
            tomlproof.check(source.text, TextFile.decode(path, data).text)
    if operations:
        from migrator.python.rewrite.transform import apply_operations

        data = apply_operations(path, data, operations)
    return data


def _blame(path: str, rendered: Rendered, holders: list[Bundle], message: str) -> None:
    """Mark the bundle whose edits fail on their own; else the last one, which doesn't fit with the others."""
    for bundle in holders:
        edits = [e for e in bundle.edits if edit_path(e) == path]
        try:
            rendered.file(path, edits)
        except (ValueError, Unreadable, RecursionError) as error:
            bundle.failure, bundle.place = str(error), path
            return
    holders[-1].failure, holders[-1].place = message, path
