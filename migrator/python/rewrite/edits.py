"""What can be done to Python code: a small vocabulary of operations, each tied to a place.

Readers and deciders make them from `ast` nodes; `transform.py` carries them out with LibCST and refuses
(the unit stays as it is) when a place does not hold exactly the source it was made from.
"""

from __future__ import annotations

from dataclasses import dataclass

from migrator.records import record


@dataclass(frozen=True, order=True)
class At:
    """A node's place: kind, span and source. Columns count characters."""

    path: str
    kind: str  # "expr" | "stmt" | "case"
    line: int
    column: int
    end_line: int
    end_column: int
    source: str = ""


@record(frozen=True)
class ReplaceExpr:
    """Put `code` in the expression's place."""

    at: At
    code: str


@record(frozen=True)
class WrapExpr:
    """Put `before`expression`after` in its place; edits inside the expression are kept."""

    at: At
    before: str
    after: str


@record(frozen=True)
class EditCall:
    """Change a call: its function, keyword arguments (code, or None to drop one), positional arguments.

    New keywords go behind the last argument, before a `**splat`. renamed: keywords (old, new) that stay where they
    are; `keywords` calls them by the new name. put: positional arguments in front of the one with that index (their
    number: behind the last).
    """

    at: At
    function: str | None = None  # replaces the whole callee expression
    method: str | None = None  # replaces only the attribute name of `receiver.method(...)`
    keywords: tuple[tuple[str, str | None], ...] = ()
    positional: tuple[tuple[int, str | None], ...] = ()
    splat: str | None = None  # a `**{...}` to append
    put: tuple[tuple[int, str], ...] = ()
    renamed: tuple[tuple[str, str], ...] = ()


@record(frozen=True)
class EditElements:
    """Change a list, tuple or set display (of a dict: only drop and append): replace or drop elements by index, put others in.

    put: elements in front of the one with that index. append: behind the last.
    """

    at: At
    replace: tuple[tuple[int, str | None], ...] = ()
    append: tuple[str, ...] = ()
    put: tuple[tuple[int, str], ...] = ()


@record(frozen=True)
class ReplaceStmt:
    """Put `code` (one or more statements) in the statement's place. Comments above it stay."""

    at: At
    code: str


@record(frozen=True)
class RemoveStmt:
    """Take the statement out, with the comments directly above it."""

    at: At


@record(frozen=True)
class Insert:
    """Put `code` (one or more statements) before or after the statement, in its block."""

    at: At
    code: str
    where: str = "before"  # "before" | "after" | "top" (of the function's own body, behind its docstring)
    order: int = 0  # several at one place: smaller first
    apart: bool = False  # blank lines around, whatever the code is


@record(frozen=True)
class RemoveArm:
    """Take an `if`/`elif` arm out of its chain; `at` is that arm's `If` node."""

    at: At


@record(frozen=True)
class RemoveCase:
    """Take a `case` out of its `match`; `at` is the first pattern's place (kind "case")."""

    at: At


@record(frozen=True)
class UnrollIf:
    """Put the statements of one branch in the place of an `if` (its test is decided now), or those of a `with`."""

    at: At
    keep: str  # "body" | "orelse"


@record(frozen=True)
class EditDecorator:
    """Replace a decorator's expression (`at`) by `code`, or take the decorator out (None)."""

    at: At
    code: str | None


@record(frozen=True)
class EnsureImport:
    """`from module import name` (or `import module`) at the top of the file, unless it is there.

    instead_of: "module:name" of an import that loses its last use: the new one takes its place.
    """

    path: str
    module: str
    name: str = ""
    instead_of: str = ""


@record(frozen=True)
class Helper:
    """A function or class of ours at module level, behind the imports, unless the name is there."""

    path: str
    name: str
    code: str


@record(frozen=True)
class Unused:
    """Take a top-level or local definition out if this run took its last use.

    scope: where it is defined ("" for the module, "Class", "function"), if every use of it goes, in other files too.
    """

    path: str
    name: str
    scope: str | None = None


Operation = (
    ReplaceExpr
    | WrapExpr
    | EditCall
    | EditElements
    | ReplaceStmt
    | RemoveStmt
    | Insert
    | RemoveArm
    | RemoveCase
    | UnrollIf
    | EditDecorator
    | EnsureImport
    | Helper
    | Unused
)


def path_of(operation: Operation) -> str:
    """The file that an operation changes."""
    return operation.path if isinstance(operation, EnsureImport | Helper | Unused) else operation.at.path
