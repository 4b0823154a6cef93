"""One LibCST transformer for all operations: finds nodes by kind and span, changes them, decides nothing.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

import bisect
from collections.abc import Mapping
from typing import Any

import libcst as cst
from libcst.metadata import CodeRange

from migrator.python.blocks import (
    Lines,
    Statements,
    is_docstring,
    is_pass,
    joined_lines,
    split_leading,
    statements_of,
)
from migrator.python.edits import At, Insert
from migrator.python.expressions import CodeReader
from migrator.python.plans import EditImport, Key, Plan, Unmatched
from migrator.python.rows import with_names

Positions = Mapping[cst.CSTNode, CodeRange]
EMPTY: Key = ("stmt", 1, 0, 1, 0)  # the place in a file without statements
PASS = cst.SimpleStatementLine([cst.Pass()])


class Rewriter(cst.CSTTransformer):
    """Carries plans out. `touched` collects the (first, last) lines that may change."""

    def __init__(self, module: cst.Module, positions: Positions, plans: dict[Key, Plan]) -> None:
        super().__init__()
        self.positions = positions
        self.plans = plans
        self.reader = CodeReader(module)
        self.lines = {key[1] for key in plans}
        self.starts = sorted(self.lines)
        self.emptied: set[int] = set()  # ids of matches without cases
        self.kinds = ["module"]
        self.touched: list[tuple[int, int]] = []

    # finding

    def key(self, kind: str, node: Any) -> Key:
        """Kind and span of a node, as `ast` has them."""
        place = self.positions[node]
        start, end = place.start, place.end
        if isinstance(node, cst.Tuple | cst.GeneratorExp) and node.lpar:
            start, end = self.positions[node.lpar[-1]].start, self.positions[node.rpar[0]].end
        return (kind, start.line, start.column, end.line, end.column)

    def take(self, kind: str, node: Any) -> Plan | None:
        """The node's plan. Raises Unmatched when two nodes want the same one."""
        plan = self.plans.get(self.key(kind, node))
        if plan is not None:
            if plan.matched:
                raise Unmatched(f"line {plan.at.line}: the change fits two places")
            plan.matched = True
        return plan

    def span(self, node: Any) -> tuple[int, int]:
        """First and last line, decorators included."""
        place = self.positions[node]
        first = place.start.line
        if isinstance(node, cst.FunctionDef | cst.ClassDef) and node.decorators:
            first = self.positions[node.decorators[0]].start.line
        return first, place.end.line

    def concerned(self, node: Any) -> bool:
        first, last = self.span(node)
        i = bisect.bisect_left(self.starts, first)
        return i < len(self.starts) and self.starts[i] <= last

    # walking

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.SimpleStatementLine | cst.BaseCompoundStatement) and not self.concerned(node):
            return False
        if isinstance(node, cst.FunctionDef):
            self.kinds.append("function")
        elif isinstance(node, cst.ClassDef):
            self.kinds.append("class")
        return True

    def on_leave(self, original: Any, updated: Any) -> Any:
        if isinstance(original, cst.BaseExpression):
            plan = self.take("expr", original)
            if plan is not None:
                key = self.key("expr", original)
                self.touched.append((key[1], key[3]))
                return self.reader.apply(updated, plan)
            return updated
        if isinstance(original, cst.SimpleStatementLine | cst.BaseCompoundStatement) and not self.concerned(original):
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
        kept = []
        for old, new in zip(original.decorators, updated.decorators, strict=True):
            plan = self.take("decorator", old.decorator)
            if plan is None:
                kept.append(new)
                continue
            place = self.positions[old]
            self.touched.append((place.start.line, place.end.line))
            if plan.replace is not None:
                kept.append(new.with_changes(decorator=self.reader.expression(plan.replace, plan.at)))
        return updated.with_changes(decorators=kept) if len(original.decorators) else updated

    def match(self, original: cst.Match, updated: cst.Match) -> cst.Match:
        kept = []
        for old, new in zip(original.cases, updated.cases, strict=True):
            plan = self.case_plan(old.pattern)
            if plan is None:
                kept.append(new)
                continue
            plan.matched = True
            place = self.positions[old]
            self.touched.append((place.start.line, place.end.line))
        if not kept:
            self.emptied.add(id(original))
            return updated
        return updated.with_changes(cases=kept)

    def case_plan(self, pattern: Any) -> Plan | None:
        place = self.positions[pattern]
        spans = [(place.start, place.end)]
        lpar, rpar = getattr(pattern, "lpar", ()), getattr(pattern, "rpar", ())
        if isinstance(pattern, cst.MatchValue):
            inner = self.positions[pattern.value]
            spans.append((inner.start, inner.end))
        for i, left in enumerate(lpar):
            spans.append((self.positions[left].start, self.positions[rpar[-1 - i]].end))
        for start, end in spans:
            plan = self.plans.get(("case", start.line, start.column, end.line, end.column))
            if plan is not None:
                return plan
        return None

    # statement lists

    def module(self, original: cst.Module, updated: cst.Module) -> cst.Module:
        if original.body and self.concerned(original.body[0]):
            # LibCST gives all lines above the first statement to the file; those behind a blank line are its own
            head, comments = split_leading(updated.header)
            if head:
                own = updated.body[0].with_changes(leading_lines=[*comments, *updated.body[0].leading_lines])
                updated = updated.with_changes(header=head, body=[own, *updated.body[1:]])
        statements = self.rebuilt("module", original.body, updated.body)
        plan = self.plans.get(EMPTY)
        if plan is not None and not original.body:
            plan.matched = True
            self.insert(plan.before, statements, [])
        body, rest = statements.finished(header=bool(updated.header))
        return updated.with_changes(body=body, footer=[*rest, *updated.footer])

    def block(self, original: cst.IndentedBlock, updated: cst.IndentedBlock) -> cst.IndentedBlock:
        statements = self.rebuilt(self.kinds[-1], original.body, updated.body)
        body, rest = statements.finished(header=False)
        if not body:
            body, rest = [PASS.with_changes(leading_lines=rest)], []
        return updated.with_changes(body=body, footer=[*rest, *updated.footer])

    def suite(self, original: cst.SimpleStatementSuite, updated: cst.SimpleStatementSuite) -> cst.BaseSuite:
        """`if x: a; b`: stays on its line where it can."""
        if not any(self.key("stmt", small) in self.plans for small in original.body):
            return updated
        self.touched.append(self.span(original))
        line = cst.SimpleStatementLine(updated.body, trailing_whitespace=updated.trailing_whitespace)
        statements = Statements(self.kinds[-1])
        self.line(original, line, statements)
        body, rest = statements.finished(header=False)
        if not body:
            body = [PASS.with_changes(trailing_whitespace=updated.trailing_whitespace)]
        if len(body) == 1 and isinstance(body[0], cst.SimpleStatementLine) and not body[0].leading_lines and not rest:
            if not statements.new or not statements.new[0]:
                return updated.with_changes(body=body[0].body, trailing_whitespace=body[0].trailing_whitespace)
        return cst.IndentedBlock(body, footer=rest)

    def rebuilt(self, kind: str, originals: Any, updates: Any) -> Statements:
        statements = Statements(kind)
        for old, new in zip(originals, updates, strict=True):
            if not self.concerned(old):
                statements.add(new)
            elif isinstance(old, cst.SimpleStatementLine):
                self.line(old, new, statements)
            else:
                self.compound(old, new, statements)
        return statements

    def insert(self, inserts: list[Insert], statements: Statements, leading: Lines) -> None:
        """Add the inserted code; its first statement gets the lines `leading`."""
        for kind, piece in self.inserted(inserts):
            if kind == "lines":
                statements.carry(piece)
                continue
            node, new, apart = piece
            if leading:
                node = node.with_changes(leading_lines=joined_lines(leading, node.leading_lines))
                leading = []
            statements.add(node, new, apart)

    def line(self, old: Any, new: cst.SimpleStatementLine, statements: Statements) -> None:
        """A line of one or more simple statements (`old` may also be the suite behind a colon)."""
        plans = [self.take("stmt", small) for small in old.body]
        if not any(plans):
            statements.add(new)
            return
        first, last = self.span(old)
        self.touched.append((first, last))
        pieces: list[tuple[str, Any]] = []  # ("small", node) | ("stmt", (node, new, apart)) | ("lines", lines)
        for small, plan in zip(new.body, plans, strict=True):
            if plan is None:
                pieces.append(("small", small))
                continue
            if plan.top or plan.keep:
                raise Unmatched(f"line {plan.at.line}: expected a function or an if")
            pieces += self.inserted(plan.before)
            pieces += self.kept(small, plan)
            pieces += self.inserted(plan.after)
        head, comments = split_leading(new.leading_lines)
        own = any(kind == "small" for kind, _ in pieces)
        if not own and any(plan is not None and plan.replace is not None for plan in plans):
            comments, head = [], [*head, *comments]
        lead = head
        smalls: list[Any] = []
        lines: list[tuple[Any, bool, bool] | Lines] = []
        ends = [i for i, piece in enumerate(pieces) if piece[0] == "small"]
        for i, (kind, piece) in enumerate(pieces):
            if kind == "small":
                smalls.append(piece)
            if smalls and (kind != "small" or i == len(pieces) - 1):
                whole = ends[-1] < i or (kind == "small" and i == ends[-1])
                trailing = new.trailing_whitespace if whole else cst.TrailingWhitespace()
                lines.append((self.small_line(smalls, new, comments, trailing), False, False))
                smalls, comments = [], []
            if kind != "small":
                lines.append(piece)
        for item in lines:
            if isinstance(item, list):
                statements.carry(item)
                continue
            node, fresh, apart = item
            if lead:
                node = node.with_changes(leading_lines=joined_lines(lead, node.leading_lines))
                lead = []
            statements.add(node, fresh, apart)
        if not own and not any(isinstance(item, tuple) for item in lines):
            statements.carry(lead)

    def inserted(self, inserts: list[Insert]) -> list[tuple[str, Any]]:
        found: list[tuple[str, Any]] = []
        for insert in inserts:
            nodes, behind = self.reader.statements(insert.code, insert.at)
            for i, node in enumerate(nodes):
                found.append(("stmt", (node, True, insert.apart and i == 0)))
            if behind:
                found.append(("lines", behind))
        return found

    def kept(self, small: Any, plan: Plan) -> list[tuple[str, Any]]:
        """What stands in the place of one simple statement."""
        if plan.remove:
            return []
        if plan.names is not None:
            return [("small", self.renamed(small, plan.names))]
        if plan.replace is None:
            return [("small", small)]
        nodes, behind = self.reader.statements(plan.replace, plan.at)
        if len(nodes) == 1 and isinstance(nodes[0], cst.SimpleStatementLine):
            node = nodes[0]
            if not node.leading_lines and node.trailing_whitespace.comment is None and not behind:
                *most, end = node.body
                return [("small", each) for each in (*most, end.with_changes(semicolon=small.semicolon))]
        found: list[tuple[str, Any]] = [("stmt", (node, False, False)) for node in nodes]
        return [*found, ("lines", behind)] if behind else found

    def renamed(self, small: Any, edit: EditImport) -> Any:
        if not isinstance(small, cst.Import | cst.ImportFrom) or isinstance(small.names, cst.ImportStar):
            raise Unmatched(f"line {edit.at.line}: expected an import of names")
        return with_names(small, edit.drop, edit.add)

    def small_line(self, smalls: list[Any], line: Any, comments: Lines, trailing: Any) -> Any:
        """One line of simple statements; a `;` at its end stays only where one was."""
        last = smalls[-1]
        if last.semicolon is not cst.MaybeSentinel.DEFAULT and not (
            trailing is line.trailing_whitespace and line.body[-1].semicolon is not cst.MaybeSentinel.DEFAULT
        ):
            smalls = [*smalls[:-1], last.with_changes(semicolon=cst.MaybeSentinel.DEFAULT)]
        return cst.SimpleStatementLine(smalls, leading_lines=comments, trailing_whitespace=trailing)

    def compound(self, old: Any, new: Any, statements: Statements) -> None:
        plan = self.take("stmt", old)
        first, last = self.span(old)
        if id(old) in self.emptied:
            if plan is not None and (plan.before or plan.after or plan.replace is not None):
                raise Unmatched(f"line {plan.at.line}: conflict: the match loses all its cases")
            self.touched.append((first, last))
            statements.carry(split_leading(new.leading_lines)[0])
            return
        nodes: list[Any] | None = None
        behind: Lines = []
        if isinstance(old, cst.If):
            nodes, behind = self.branches(old, new, plan)
        elif plan is not None and plan.keep == "body" and isinstance(old, cst.With):
            nodes, behind = self.unrolled(new.body, [])
        elif plan is not None and plan.keep:
            raise Unmatched(f"line {plan.at.line}: expected an if or a with")
        if plan is None and nodes is None:
            statements.add(new)
            return
        head, comments = split_leading(new.leading_lines)
        if plan is not None:
            if plan.names is not None:
                raise Unmatched(f"line {plan.at.line}: expected an import")
            self.touched.append((first, first if nodes is None else last))
            if plan.before:
                self.insert(plan.before, statements, head)
                head = []
                if nodes is None:
                    new = new.with_changes(leading_lines=comments)
            if plan.top:
                new = self.topped(old, new, plan.top)
            if plan.replace is not None:
                nodes, behind = self.reader.statements(plan.replace, plan.at)
            elif plan.remove and not isinstance(old, cst.If):
                nodes = []
        if nodes is None:
            statements.add(new)
        else:
            self.touched.append((first, last))
            if nodes:
                nodes[0] = nodes[0].with_changes(leading_lines=[*head, *comments, *nodes[0].leading_lines])
            else:
                statements.carry(head)
            for node in nodes:
                statements.add(node)
            statements.carry(behind)
        if plan is not None and plan.after:
            self.touched.append((last, last))
            self.insert(plan.after, statements, [])

    def topped(self, old: Any, new: Any, inserts: list[Insert]) -> Any:
        """The function with code at the top of its body, behind its docstring."""
        if not isinstance(old, cst.FunctionDef | cst.ClassDef):
            raise Unmatched(f"line {inserts[0].at.line}: expected a function")
        kind = "class" if isinstance(old, cst.ClassDef) else "function"
        place = self.positions[old.body]
        if isinstance(old.body, cst.SimpleStatementSuite):
            self.touched.append((place.start.line, place.end.line))
        elif is_docstring(old.body.body[0]) or is_pass(old.body.body[0]):
            self.touched.append(self.span(old.body.body[0]))
        body, footer = statements_of(new.body)
        statements = Statements(kind)
        if is_docstring(body[0]):
            docstring = body.pop(0)
            if len(docstring.body) > 1:
                rest = docstring.with_changes(body=docstring.body[1:], leading_lines=())
                body.insert(0, rest)
                docstring = self.small_line([docstring.body[0]], docstring, [], cst.TrailingWhitespace())
            statements.add(docstring)
        self.insert(inserts, statements, [])
        for i, node in enumerate(body):
            if len(body) == 1 and i == 0 and is_pass(node) and not node.leading_lines:
                continue
            statements.add(node)
        nodes, rest = statements.finished(header=False)
        if isinstance(new.body, cst.IndentedBlock):
            return new.with_changes(body=new.body.with_changes(body=nodes, footer=[*rest, *footer]))
        return new.with_changes(body=cst.IndentedBlock(nodes, footer=rest))

    # if chains

    def branches(self, old: cst.If, new: Any, plan: Plan | None) -> tuple[list[Any] | None, Lines]:
        """The statements in place of an `if`, or None where it stays; and the lines behind them."""
        kept = self.orelse(old, new)
        arm = plan is not None and (plan.remove or plan.keep)
        if not arm:
            if kept is new.orelse:
                return None, []
            self.touched.append(self.span(old))
            return [new.with_changes(orelse=kept, leading_lines=())], []
        assert plan is not None
        if plan.keep == "body":
            return self.unrolled(new.body, [])
        if plan.whole:
            return [], []
        if kept is None:
            return [], []
        if isinstance(kept, cst.If):
            return [kept], []
        return self.unrolled(kept.body, list(kept.leading_lines))

    def orelse(self, old: cst.If, new: Any) -> Any:
        """What follows the arm: its elif or else, with their plans carried out."""
        if not isinstance(old.orelse, cst.If):
            return new.orelse
        arm, changed = old.orelse, new.orelse
        plan = self.take("stmt", arm)
        kept = self.orelse(arm, changed)
        if plan is None:
            return changed if kept is changed.orelse else changed.with_changes(orelse=kept)
        if plan.before or plan.after or plan.top or plan.names or plan.replace is not None:
            raise Unmatched(f"line {plan.at.line}: an elif arm can only be taken out or decided")
        if plan.keep == "body":
            return cst.Else(changed.body, changed.leading_lines)
        return None if plan.whole else kept

    def unrolled(self, body: cst.BaseSuite, lines: Lines) -> tuple[list[Any], Lines]:
        nodes, behind = statements_of(body)
        nodes = [node for node in nodes if not is_pass(node)]
        if nodes:
            nodes[0] = nodes[0].with_changes(leading_lines=[*lines, *nodes[0].leading_lines])
        return nodes, behind


def unmatched_text(at: At) -> str:
    """What the place was expected to hold."""
    what = {"expr": "expression", "stmt": "statement", "case": "case"}.get(at.kind, at.kind)
    source = f" {at.source!r}" if at.source else ""
    return f"line {at.line}, column {at.column + 1}: expected the {what}{source}, the file differs"
