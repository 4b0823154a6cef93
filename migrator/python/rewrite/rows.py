"""Comma-separated rows (arguments, elements, imported names): drop, put in and append with the row's own layout.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import libcst as cst

from migrator.records import record

Space = cst.BaseParenthesizableWhitespace
NOTHING = cst.SimpleWhitespace("")
BLANK = cst.SimpleWhitespace(" ")


def breaks(space: Space) -> bool:
    """Whether the whitespace holds a line end."""
    return isinstance(space, cst.ParenthesizedWhitespace)


def _comments_on(space: Space) -> bool:
    return isinstance(space, cst.ParenthesizedWhitespace) and space.first_line.comment is not None


def _joined(before: Space, after: Space) -> Space:
    """What stays of the whitespace on both sides of an item that goes: the comment of the item before,
    the lines above the item behind."""
    if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(after, cst.ParenthesizedWhitespace):
        return after.with_changes(first_line=before.first_line)
    return before


@record
class Row:
    """The items of a row without their commas, and the whitespace between them."""

    items: list[Any]
    gaps: list[tuple[Space, Space]]  # before and behind each inner comma
    opening: Space
    closing: Space
    trailing: Space | None  # whitespace before the trailing comma, None without one

    @classmethod
    def of(cls, items: Sequence[Any], opening: Space, closing: Space) -> Row:
        """The items between two brackets, with the spaces and commas around each."""
        gaps: list[tuple[Space, Space]] = []
        trailing: Space | None = None
        for i, item in enumerate(items):
            last = i == len(items) - 1
            comma = item.comma
            extra = getattr(item, "whitespace_after_arg", NOTHING)
            if isinstance(comma, cst.Comma):
                behind = extra if comma.whitespace_after.empty else comma.whitespace_after
                if last:
                    trailing, closing = comma.whitespace_before, closing if behind.empty else behind
                else:
                    gaps.append((comma.whitespace_before, behind))
            elif last:
                closing = closing if extra.empty else extra
            else:
                gaps.append((NOTHING, BLANK))
        return cls(list(items), gaps, opening, closing, trailing)

    def rendered(self, closing_in_last: bool) -> list[Any]:
        """The items with their commas; the closing whitespace goes into the last item where asked."""
        out = []
        for i, item in enumerate(self.items):
            last = i == len(self.items) - 1
            if not last:
                comma: Any = cst.Comma(*self.gaps[i])
            elif self.trailing is not None:
                comma = cst.Comma(self.trailing, NOTHING)
            else:
                comma = cst.MaybeSentinel.DEFAULT
            changes: dict[str, Any] = {"comma": comma}
            if isinstance(item, cst.Arg):
                changes["whitespace_after_arg"] = self.closing if last and closing_in_last else NOTHING
            out.append(item.with_changes(**changes))
        return out

    def drop(self, index: int) -> None:
        """Take an item out, with its comma, its line and the comments about it."""
        before = self.gaps[index - 1][1] if index else self.opening
        if index < len(self.items) - 1:
            after = self.gaps.pop(index)[1]
            joined = _joined(before, after) if index == 0 or breaks(before) else after
            if index:
                self.gaps[index - 1] = (self.gaps[index - 1][0], joined)
            else:
                self.opening = joined
        elif index:
            if _comments_on(before) and not breaks(self.closing):
                self.closing = before
            elif breaks(self.closing):
                self.closing = _joined(before, self.closing) if breaks(before) else self.closing
            self.gaps.pop()
        else:
            self.trailing = None
            kept = _joined(self.opening, self.closing) if _comments_on(self.opening) else NOTHING
            self.opening, self.closing = kept, NOTHING
        del self.items[index]

    def separator(self) -> Space:
        """The whitespace that this row puts behind a comma: a line each, or one blank."""
        if self.gaps:
            if not all(breaks(gap[1]) for gap in self.gaps):
                return BLANK
            model = self.gaps[-1][1]
        else:
            model = self.opening
        if isinstance(model, cst.ParenthesizedWhitespace):
            line = cst.TrailingWhitespace(newline=model.first_line.newline)
            return cst.ParenthesizedWhitespace(line, (), model.indent, model.last_line)
        return BLANK

    def insert(self, index: int, item: Any) -> None:
        """Put an item in; `index` may be the length of the row."""
        if not self.items:
            self.items = [item]
            return
        separator = self.separator()
        if index < len(self.items):
            self.gaps.insert(index, (NOTHING, separator))
            before = self.gaps[index - 1][1] if index else NOTHING
            if isinstance(before, cst.ParenthesizedWhitespace) and isinstance(separator, cst.ParenthesizedWhitespace):
                # the comment behind the item in front stays there, those on lines of their own with the item behind
                first = separator.with_changes(first_line=before.first_line)
                self.gaps[index - 1] = (self.gaps[index - 1][0], first)
                self.gaps[index] = (NOTHING, before.with_changes(first_line=separator.first_line))
        else:
            closing = self.closing
            if isinstance(separator, cst.ParenthesizedWhitespace) and isinstance(closing, cst.ParenthesizedWhitespace):
                # the comment on the closing whitespace's first line is about the item that was last
                separator = separator.with_changes(first_line=closing.first_line)
                line = cst.TrailingWhitespace(newline=closing.first_line.newline)
                self.closing = closing.with_changes(first_line=line)
            self.gaps.append((self.trailing or NOTHING, separator))
            if self.trailing is not None:
                self.trailing = NOTHING
        self.items.insert(index, item)


def call_row(call: cst.Call) -> Row:
    """The arguments of a call."""
    return Row.of(call.args, call.whitespace_before_args, NOTHING)


def with_call_row(call: cst.Call, row: Row) -> cst.Call:
    """The call with other arguments."""
    return call.with_changes(args=row.rendered(True), whitespace_before_args=row.opening)


def with_elements(display: Any, edit: Any) -> Any:
    """The list, tuple, set or dict with `edit(row)` done to its elements."""
    if isinstance(display, cst.Tuple):
        opening = display.lpar[-1].whitespace_after if display.lpar else NOTHING
        closing = display.rpar[0].whitespace_before if display.rpar else NOTHING
    elif isinstance(display, cst.Set | cst.Dict):
        opening, closing = display.lbrace.whitespace_after, display.rbrace.whitespace_before
    else:
        opening, closing = display.lbracket.whitespace_after, display.rbracket.whitespace_before
    row = Row.of(display.elements, opening, closing)
    single = len(row.items) == 1
    edit(row)
    if isinstance(display, cst.Tuple):
        if len(row.items) == 1 and row.trailing is None:
            row.trailing = NOTHING
        elif single and len(row.items) > 1 and not breaks(row.closing):
            row.trailing = None
        lpar, rpar = list(display.lpar), list(display.rpar)
        if not lpar and not row.items:
            lpar, rpar = [cst.LeftParen()], [cst.RightParen()]
        if lpar:
            lpar[-1] = lpar[-1].with_changes(whitespace_after=row.opening)
            rpar[0] = rpar[0].with_changes(whitespace_before=row.closing)
        return display.with_changes(elements=row.rendered(False), lpar=lpar, rpar=rpar)
    elements = row.rendered(False)
    if isinstance(display, cst.Set | cst.Dict):
        if not elements and isinstance(display, cst.Set):  # `{}` would be a dict
            return cst.Call(cst.Name("set"), lpar=display.lpar, rpar=display.rpar)
        return display.with_changes(
            elements=elements,
            lbrace=display.lbrace.with_changes(whitespace_after=row.opening),
            rbrace=display.rbrace.with_changes(whitespace_before=row.closing),
        )
    return display.with_changes(
        elements=elements,
        lbracket=display.lbracket.with_changes(whitespace_after=row.opening),
        rbracket=display.rbracket.with_changes(whitespace_before=row.closing),
    )


def with_names(statement: cst.Import | cst.ImportFrom, drop: Sequence[int], add: Sequence[str]) -> Any:
    """The import statement without the names at the indices `drop`, and with `add` behind the others."""
    parens = isinstance(statement, cst.ImportFrom) and statement.lpar is not None
    opening = statement.lpar.whitespace_after if parens else NOTHING  # type: ignore[union-attr]
    closing = statement.rpar.whitespace_before if parens else NOTHING  # type: ignore[union-attr]
    row = Row.of(list(statement.names), opening, closing)  # type: ignore[arg-type]
    for name in add:
        row.insert(len(row.items), cst.ImportAlias(cst.Name(name)))
    for index in sorted(drop, reverse=True):
        row.drop(index)
    changes: dict[str, Any] = {"names": row.rendered(False)}
    if parens:
        changes["lpar"] = statement.lpar.with_changes(whitespace_after=row.opening)  # type: ignore[union-attr]
        changes["rpar"] = statement.rpar.with_changes(whitespace_before=row.closing)  # type: ignore[union-attr]
    return statement.with_changes(**changes)
