"""One LibCST transformer for all operations: finds nodes by kind and span, changes them, decides nothing.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from migrator.python.rewrite.blocks import Statements, split_leading
from migrator.python.rewrite.expressions import CodeReader
from migrator.python.rewrite.lists import Lists
from migrator.python.rewrite.places import Places
from migrator.python.rewrite.plans import Key

EMPTY: Key = ("stmt", 1, 0, 1, 0)  # the place in a file without statements
PASS = cst.SimpleStatementLine([cst.Pass()])


class Rewriter(cst.CSTTransformer):
    """Carries the plans of `places` out."""

    def __init__(self, module: cst.Module, places: Places) -> None:
        super().__init__()
        self.places = places
        self.reader = CodeReader(module)
        self.lists = Lists(places, self.reader)
        self.kinds = ["module"]  # of the blocks around, innermost last

    def on_visit(self, node: cst.CSTNode) -> bool:
        """Go into nothing that no edit concerns, which is nearly everything."""
        if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement) and not self.places.concerned(node):
            return False
        if isinstance(node, cst.FunctionDef):
            self.kinds.append("function")
        elif isinstance(node, cst.ClassDef):
            self.kinds.append("class")
        return True

    def on_leave(self, original: Any, updated: Any) -> Any:
        """A node after its edits. Raises Unmatched."""
        if isinstance(original, cst.BaseExpression):
            plan = self.places.take("expr", original)
            if plan is not None:
                key = self.places.key("expr", original)
                self.places.touched.append((key[1], key[3]))
                return self.reader.apply(updated, plan)
            return updated
        if isinstance(original, cst.SimpleStatementLine | cst.BaseCompoundStatement) and not self.places.concerned(
            original
        ):
            return updated
        if isinstance(original, cst.FunctionDef | cst.ClassDef):
            self.kinds.pop()
            return self.decorators(original, updated)
        if isinstance(original, cst.Match):
            return self.match(original, updated)
        if isinstance(original, cst.Module):
            return self.module(original, updated)
        if isinstance(original, cst.IndentedBlock):
            return self.block(original, updated)
        if isinstance(original, cst.SimpleStatementSuite):
            return self.suite(original, updated)
        return updated

    # parts of compound statements

    def decorators(self, original: Any, updated: Any) -> Any:
        """A definition with its decorators changed or dropped."""
        kept = []
        for old, new in zip(original.decorators, updated.decorators, strict=True):
            plan = self.places.take("decorator", old.decorator)
            if plan is None:
                kept.append(new)
                continue
            place = self.places.positions[old]
            self.places.touched.append((place.start.line, place.end.line))
            if plan.replace is not None:
                kept.append(new.with_changes(decorator=self.reader.expression(plan.replace, plan.at)))
        return updated.with_changes(decorators=kept) if len(original.decorators) else updated

    def match(self, original: cst.Match, updated: cst.Match) -> cst.Match:
        """A match statement without the cases that go."""
        kept = []
        for old, new in zip(original.cases, updated.cases, strict=True):
            plan = self.places.case_plan(old.pattern)
            if plan is None:
                kept.append(new)
                continue
            plan.matched = True
            place = self.places.positions[old]
            self.places.touched.append((place.start.line, place.end.line))
        if not kept:
            self.lists.emptied.add(id(original))
            return updated
        return updated.with_changes(cases=kept)

    def module(self, original: cst.Module, updated: cst.Module) -> cst.Module:
        """The module with its own statements edited."""
        if original.body and self.places.concerned(original.body[0]):
            # LibCST gives all lines above the first statement to the file; those behind a blank line are its own
            head, comments = split_leading(updated.header)
            if head:
                own = updated.body[0].with_changes(leading_lines=[*comments, *updated.body[0].leading_lines])
                updated = updated.with_changes(header=head, body=[own, *updated.body[1:]])
        statements = self.lists.rebuilt("module", original.body, updated.body)
        plan = self.places.plans.get(EMPTY)
        if plan is not None and not original.body:
            plan.matched = True
            self.lists.insert(plan.before, statements, [])
        body, rest = statements.finished(header=bool(updated.header))
        return updated.with_changes(body=body, footer=[*rest, *updated.footer])

    def block(self, original: cst.IndentedBlock, updated: cst.IndentedBlock) -> cst.IndentedBlock:
        """A block with its statements edited; `pass` where none is left."""
        # a definition under a top-level `if` is one blank line apart, as in a function
        kind = "class" if self.kinds[-1] == "class" else "function"
        statements = self.lists.rebuilt(kind, original.body, updated.body)
        body, rest = statements.finished(header=False)
        if not body:
            body, rest = [PASS.with_changes(leading_lines=rest)], []
        return updated.with_changes(body=body, footer=[*rest, *updated.footer])

    def suite(self, original: cst.SimpleStatementSuite, updated: cst.SimpleStatementSuite) -> cst.BaseSuite:
        """`if x: a; b`: stays on its line where it can."""
        if not any(self.places.key("stmt", small) in self.places.plans for small in original.body):
            return updated
        self.places.touched.append(self.places.span(original))
        line = cst.SimpleStatementLine(updated.body, trailing_whitespace=updated.trailing_whitespace)
        statements = Statements("function")
        self.lists.line(original, line, statements)
        body, rest = statements.finished(header=False)
        if not body:
            body = [PASS.with_changes(trailing_whitespace=updated.trailing_whitespace)]
        if len(body) == 1 and isinstance(body[0], cst.SimpleStatementLine) and not body[0].leading_lines and not rest:
            if not statements.new or not statements.new[0]:
                return updated.with_changes(body=body[0].body, trailing_whitespace=body[0].trailing_whitespace)
        return cst.IndentedBlock(body, footer=rest)
