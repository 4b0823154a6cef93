"""Statement lists: what is put in, taken out or replaced, with its comments and blank lines.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import field
from typing import Any

import libcst as cst

from migrator.records import record

Lines = list[cst.EmptyLine]
Definition = cst.FunctionDef | cst.ClassDef
BLANK_LINES = {"module": 2, "class": 1, "function": 1}  # around a definition that we put in


def is_blank(line: cst.EmptyLine) -> bool:
    """True for a line without a comment."""
    return line.comment is None


def split_leading(lines: Iterable[cst.EmptyLine]) -> tuple[Lines, Lines]:
    """The lines up to the last blank one, and the comments directly above the statement."""
    head = list(lines)
    tail: Lines = []
    while head and not is_blank(head[-1]):
        tail.insert(0, head.pop())
    return head, tail


def joined_lines(first: Sequence[cst.EmptyLine], second: Sequence[cst.EmptyLine]) -> Lines:
    """Both, with the longer one of the two runs of blank lines that meet."""
    above, below = list(first), list(second)
    while above and is_blank(above[-1]):
        above.pop()
    while below and is_blank(below[0]):
        below.pop(0)
    first_gap = list(first[len(above) :])
    second_gap = list(second[: len(second) - len(below)])
    return above + (first_gap if len(first_gap) > len(second_gap) else second_gap) + below


def without_blanks(lines: Sequence[cst.EmptyLine]) -> Lines:
    """The lines without the blank ones at their beginning."""
    rest = list(lines)
    while rest and is_blank(rest[0]):
        rest.pop(0)
    return rest


def is_pass(statement: Any) -> bool:
    """True for a line that only says `pass`."""
    return (
        isinstance(statement, cst.SimpleStatementLine)
        and len(statement.body) == 1
        and isinstance(statement.body[0], cst.Pass)
    )


def is_docstring(statement: Any) -> bool:
    """True for a line that is only a string."""
    if not isinstance(statement, cst.SimpleStatementLine) or not statement.body:
        return False
    first = statement.body[0]
    return isinstance(first, cst.Expr) and isinstance(first.value, cst.SimpleString | cst.ConcatenatedString)


def is_import(statement: Any) -> bool:
    """True for a line with an import."""
    return isinstance(statement, cst.SimpleStatementLine) and any(
        isinstance(small, cst.Import | cst.ImportFrom) for small in statement.body
    )


def _standard(statement: Any) -> bool:
    """True for a line that imports from the standard library, whose order is its own: not __future__."""
    if not is_import(statement):
        return False
    small = statement.body[0]
    if isinstance(small, cst.ImportFrom):
        name: Any = None if small.relative else small.module
    else:
        name = small.names[0].name
    while isinstance(name, cst.Attribute):
        name = name.value
    return isinstance(name, cst.Name) and name.value != "__future__" and name.value in sys.stdlib_module_names


def statements_of(body: cst.BaseSuite) -> tuple[list[Any], Lines]:
    """The statements of a branch's body, and the lines behind the last one."""
    if isinstance(body, cst.IndentedBlock):
        return list(body.body), list(body.footer)
    assert isinstance(body, cst.SimpleStatementSuite)
    return [cst.SimpleStatementLine(body.body, trailing_whitespace=body.trailing_whitespace)], []


@record
class Statements:
    """A statement list while it is written anew. Fits one block."""

    kind: str  # "module" | "class" | "function"
    nodes: list[Any] = field(default_factory=list)
    new: list[bool] = field(default_factory=list)
    apart: list[bool] = field(default_factory=list)
    carried: Lines = field(default_factory=list)  # lines of what went, for the next statement
    first_changed: bool = False  # the block no longer begins with the statement it began with

    def add(self, node: Any, new: bool = False, apart: bool = False) -> None:
        """Add a statement behind the lines that wait for one. new: it is inserted; apart: with a blank line around it."""
        if self.carried:
            node = node.with_changes(leading_lines=joined_lines(self.carried, node.leading_lines))
            self.carried = []
        self.nodes.append(node)
        self.new.append(new)
        self.apart.append(apart)

    def carry(self, lines: Iterable[cst.EmptyLine]) -> None:
        """Keep lines of a statement that goes."""
        if not self.nodes:
            self.first_changed = True
        self.carried = joined_lines(self.carried, list(lines))

    def finished(self, header: bool) -> tuple[list[Any], Lines]:
        """The statements and the lines to put behind them. `header`: lines stand above the first one."""
        if self.nodes and (self.first_changed or self.new[0]) and not header:
            self.nodes[0] = self.nodes[0].with_changes(leading_lines=without_blanks(self.nodes[0].leading_lines))
        for i in range(1, len(self.nodes)):
            wanted = self._blank_lines(i)
            leading = list(self.nodes[i].leading_lines)
            there = len(leading) - len(without_blanks(leading))
            if there < wanted:
                blanks = [cst.EmptyLine(indent=False)] * (wanted - there)
                self.nodes[i] = self.nodes[i].with_changes(leading_lines=[*blanks, *leading])
        rest = self.carried if any(not is_blank(line) for line in self.carried) else []
        return self.nodes, rest

    def _opens_imports(self, i: int) -> bool:
        """True below imports of the standard library that are all ours, and above the others."""
        if not is_import(self.nodes[i]) or _standard(self.nodes[i]):
            return False
        ours = 0
        while ours < i and self.new[i - 1 - ours] and _standard(self.nodes[i - 1 - ours]):
            ours += 1
        return ours > 0 and (ours == i or not _standard(self.nodes[i - 1 - ours]))

    def _blank_lines(self, i: int) -> int:
        """How many blank lines there must be above a statement that is new or stands behind a new one."""
        above, node = self.nodes[i - 1], self.nodes[i]
        if not (self.new[i] or self.new[i - 1]):
            return 0
        defined = isinstance(node, Definition) or isinstance(above, Definition)
        new_one = (self.new[i] and isinstance(node, Definition)) or (self.new[i - 1] and isinstance(above, Definition))
        if self.apart[i] or self.apart[i - 1] or new_one or (defined and self.kind != "function"):
            return BLANK_LINES[self.kind]
        if self.kind != "module":
            return 0
        # imports of ours where there were none: a blank line around them
        if self._opens_imports(i):
            return 1
        first = is_import(node) and i == 1 and is_docstring(above)
        last = is_import(above) and not is_import(node) and not (i > 1 and is_import(self.nodes[i - 2]))
        return 1 if first or (last and self.new[i - 1]) else 0
