"""Statements put in, taken out, replaced and unrolled in their lists.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

from typing import Any

import libcst as cst

from migrator.python.rewrite.blocks import (
    Lines,
    Statements,
    is_docstring,
    is_pass,
    joined_lines,
    split_leading,
    statements_of,
)
from migrator.python.rewrite.edits import Insert
from migrator.python.rewrite.expressions import CodeReader
from migrator.python.rewrite.places import Places
from migrator.python.rewrite.plans import EditImport, Plan, Unmatched
from migrator.python.rewrite.rows import with_names


class Lists:
    """Writes statement lists anew, statement by statement."""

    def __init__(self, places: Places, reader: CodeReader) -> None:
        self.places = places
        self.reader = reader
        self.emptied: set[int] = set()  # ids of matches without cases

    def rebuilt(self, kind: str, originals: Any, updates: Any) -> Statements:
        """The statements of a block after their edits. Raises Unmatched."""
        statements = Statements(kind)
        for old, new in zip(originals, updates, strict=True):
            if not self.places.concerned(old):
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
        plans = [self.places.take("stmt", small) for small in old.body]
        if not any(plans):
            statements.add(new)
            return
        first, last = self.places.span(old)
        self.places.touched.append((first, last))
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
        lead, comments = split_leading(new.leading_lines)
        ends = [i for i, (kind, _) in enumerate(pieces) if kind == "small"]
        if not ends and any(plan is not None and plan.replace is not None for plan in plans):
            lead, comments = [*lead, *comments], []
        smalls: list[Any] = []
        for i, (kind, piece) in enumerate(pieces):
            if kind == "lines":
                statements.carry(piece)
                continue
            if kind == "small":
                smalls.append(piece)
                if i + 1 in ends:
                    continue
                trailing = new.trailing_whitespace if i == ends[-1] else cst.TrailingWhitespace()
                node, fresh, apart = self.small_line(smalls, new, comments, trailing), False, False
                smalls, comments = [], []
            else:
                node, fresh, apart = piece
            if lead:
                node, lead = node.with_changes(leading_lines=joined_lines(lead, node.leading_lines)), []
            statements.add(node, fresh, apart)
        statements.carry(lead)

    def inserted(self, inserts: list[Insert]) -> list[tuple[str, Any]]:
        """The statements and comments to insert. Raises Unmatched for code that doesn't parse."""
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
        """An import with names dropped and added. Raises Unmatched."""
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
        """Add a compound statement after its edits. Raises Unmatched for edits in contradiction."""
        plan = self.places.take("stmt", old)
        first, last = self.places.span(old)
        if id(old) in self.emptied:
            if plan is not None and (plan.before or plan.after or plan.replace is not None):
                raise Unmatched(f"line {plan.at.line}: conflict: the match loses all its cases")
            self.places.touched.append((first, last))
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
            self.places.touched.append((first, first if nodes is None else last))
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
            self.places.touched.append((first, last))
            if nodes:
                # an elif may have a line above it, too
                above = joined_lines([*head, *comments], nodes[0].leading_lines)
                nodes[0] = nodes[0].with_changes(leading_lines=above)
            else:
                statements.carry(head)
            for node in nodes:
                statements.add(node)
            statements.carry(behind)
        if plan is not None and plan.after:
            self.places.touched.append((last, last))
            self.insert(plan.after, statements, [])

    def topped(self, old: Any, new: Any, inserts: list[Insert]) -> Any:
        """The function with code at the top of its body, behind its docstring."""
        if not isinstance(old, cst.FunctionDef | cst.ClassDef):
            raise Unmatched(f"line {inserts[0].at.line}: expected a function")
        kind = "class" if isinstance(old, cst.ClassDef) else "function"
        place = self.places.positions[old.body]
        if isinstance(old.body, cst.SimpleStatementSuite):
            self.places.touched.append((place.start.line, place.end.line))
        elif is_docstring(old.body.body[0]) or is_pass(old.body.body[0]):
            self.places.touched.append(self.places.span(old.body.body[0]))
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

    # if chains

    def branches(self, old: cst.If, new: Any, plan: Plan | None) -> tuple[list[Any] | None, Lines]:
        """The statements in place of an `if`, or None where it stays; and the lines behind them."""
        kept = self.orelse(old, new)
        arm = plan is not None and (plan.remove or plan.keep)
        if not arm:
            if kept is new.orelse:
                return None, []
            self.places.touched.append(self.places.span(old))
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
        plan = self.places.take("stmt", arm)
        kept = self.orelse(arm, changed)
        if plan is None:
            return changed if kept is changed.orelse else changed.with_changes(orelse=kept)
        if plan.before or plan.after or plan.top or plan.names or plan.replace is not None:
            raise Unmatched(f"line {plan.at.line}: an elif arm can only be taken out or decided")
        if plan.keep == "body":
            return cst.Else(changed.body, changed.leading_lines)
        return None if plan.whole else kept

    def unrolled(self, body: cst.BaseSuite, lines: Lines) -> tuple[list[Any], Lines]:
        """The statements of a body whose head goes, with the lines that stood above the head."""
        nodes, behind = statements_of(body)
        nodes = [node for node in nodes if not is_pass(node)]
        if nodes:
            nodes[0] = nodes[0].with_changes(leading_lines=[*lines, *nodes[0].leading_lines])
        return nodes, behind
