"""Expressions put together with LibCST: parsed code, wrapped nodes, calls and displays edited in place.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

import re
from typing import Any

import libcst as cst

from migrator.python.rewrite.edits import At, EditCall, EditElements
from migrator.python.rewrite.plans import Plan, Unmatched
from migrator.python.rewrite.rows import NOTHING, Row, call_row, with_call_row, with_elements

HOLE = "_mcp_migrate_hole_"
# these hold together next to any operator, dot or bracket
ATOMS = (
    cst.Name,
    cst.Attribute,
    cst.Call,
    cst.Subscript,
    cst.SimpleString,
    cst.FormattedString,
    cst.List,
    cst.Set,
    cst.Dict,
    cst.ListComp,
    cst.SetComp,
    cst.DictComp,
    cst.Ellipsis,
)
# a node directly in one of these has delimiters around it already
SLOTS = (cst.Arg, cst.Element, cst.DictElement, cst.Index, cst.FormattedStringExpression)


class CodeReader:
    """Parses code written with four blanks and "\\n" the way the file is written."""

    def __init__(self, module: cst.Module) -> None:
        self.config = module.config_for_parsing
        self.indent = module.default_indent
        self.newline = module.default_newline

    def styled(self, code: str) -> str:
        """The code with the file's indentation and line ends. Lines inside strings keep their blanks."""
        code = code.strip("\r\n").replace("\r\n", "\n")
        if self.indent != " " * 4 and "\n" in code:
            kept = _lines_in_strings(code)
            lines = code.split("\n")
            for i, line in enumerate(lines):
                blanks = len(line) - len(line.lstrip(" "))
                if i not in kept:
                    lines[i] = self.indent * (blanks // 4) + line[blanks - blanks % 4 :]
            code = "\n".join(lines)
        return code.replace("\n", self.newline)

    def expression(self, code: str, at: At) -> cst.BaseExpression:
        """Raises Unmatched when the code is no expression."""
        text = self.styled(code.strip())
        try:
            return cst.parse_expression(text, self.config)
        except cst.ParserSyntaxError:
            pass
        try:  # lines that only hold together inside the brackets around the place
            node = cst.parse_expression(f"({text})", self.config)
        except cst.ParserSyntaxError:
            raise Unmatched(f"line {at.line}: the new code is no expression: {code!r}") from None
        return node.with_changes(lpar=node.lpar[1:], rpar=node.rpar[:-1])

    def statements(self, code: str, at: At) -> tuple[list[Any], list[cst.EmptyLine]]:
        """The statements (comments above them included) and the comments behind the last one."""
        try:
            module = cst.parse_module(self.styled(code) + self.newline, self.config)
        except cst.ParserSyntaxError:
            raise Unmatched(f"line {at.line}: the new code doesn't parse: {code!r}") from None
        body = list(module.body)
        if not body:
            return [], [*module.header, *module.footer]
        body[0] = body[0].with_changes(leading_lines=[*module.header, *body[0].leading_lines])
        return [_without_blank_indents(node) for node in body], list(module.footer)

    def apply(self, node: Any, plan: Plan) -> Any:
        """The expression with its plan carried out. Raises Unmatched."""
        if plan.replace is not None:
            node = _reparenthesised(self.expression(plan.replace, plan.at), node)
        if plan.call is not None:
            node = self.call(node, plan.call)
        if plan.elements is not None:
            node = self.elements(node, plan.elements)
        if plan.wrap is not None:
            node = self.wrapped(node, plan.wrap, plan.at)
        return node

    def wrapped(self, node: Any, around: tuple[str, str], at: At) -> Any:
        """The expression between `around[0]` and `around[1]`; brackets that were around it go around all."""
        inner, bare = _parens(node), node
        if inner:
            own = 1 if isinstance(node, cst.Tuple | cst.GeneratorExp) else 0
            cut = len(node.lpar) - own
            bare = node.with_changes(lpar=node.lpar[cut:], rpar=node.rpar[:own])
        whole: Any = self.expression(f"{around[0]}{HOLE}{around[1]}", at)
        if isinstance(whole, cst.Name):
            raise Unmatched(f"line {at.line}: nothing to put around the expression")
        filler = _Filler(bare)
        whole = whole.visit(filler)
        if filler.filled != 1:
            raise Unmatched(f"line {at.line}: can't put {around[0]!r} and {around[1]!r} around the expression")
        return _reparenthesised(whole, node)

    def call(self, node: Any, edit: EditCall) -> cst.Call:
        """A call with its arguments changed. Raises Unmatched when the code is not what the edit expects."""
        if not isinstance(node, cst.Call):
            raise Unmatched(f"line {edit.at.line}: expected a call")
        row, at = call_row(node), edit.at
        positions = _positions(row.items)
        dropped: list[Any] = []
        for index, code in edit.positional:
            if not 0 <= index < len(positions):
                raise Unmatched(f"line {at.line}: the call has no positional argument {index}")
            where = positions[index]
            if code is None:
                dropped.append(row.items[where])
            else:
                row.items[where] = row.items[where].with_changes(value=self.expression(code, at))
        for index, code in reversed(edit.put):
            if not 0 <= index <= len(positions):
                raise Unmatched(f"line {at.line}: the call has no positional argument {index}")
            where = positions[index] if index < len(positions) else positions[-1] + 1 if positions else 0
            row.insert(where, cst.Arg(self.expression(code, at)))
        for old, new in edit.renamed:
            for i in _named(row, old):
                row.items[i] = row.items[i].with_changes(keyword=cst.Name(new))
        for name, code in edit.keywords:
            found = _named(row, name)
            if found and code is None:
                dropped.append(row.items[found[0]])
            elif found:
                row.items[found[0]] = row.items[found[0]].with_changes(value=self.expression(code or "", at))
            elif code is not None:
                _shield_generator(row)
                behind = [i for i, arg in enumerate(row.items) if arg.star == "**"]
                row.insert(behind[0] if behind else len(row.items), _keyword(name, self.expression(code, at)))
        if edit.splat is not None:
            _shield_generator(row)
            code = edit.splat.strip().removeprefix("**")
            row.insert(len(row.items), cst.Arg(self.expression(code, at), star="**"))
        for arg in dropped:
            row.drop(next(i for i, item in enumerate(row.items) if item is arg))
        node = with_call_row(node, row)
        if edit.function is not None:
            node = node.with_changes(func=self.expression(edit.function, at))
        if edit.method is not None:
            node = node.with_changes(func=_renamed(node.func, edit.method, at))
        return node

    def elements(self, node: Any, edit: EditElements) -> Any:
        """A list, tuple, set or dict with its elements changed. Raises Unmatched."""
        at = edit.at
        fits = isinstance(node, cst.Dict) and not edit.put and all(code is None for _, code in edit.replace)
        if not isinstance(node, cst.List | cst.Tuple | cst.Set) and not fits:
            raise Unmatched(f"line {at.line}: expected a list, tuple or set")

        def change(row: Row) -> None:
            dropped = []
            for index, _ in (*edit.replace, *edit.put):
                if not 0 <= index < len(row.items):
                    raise Unmatched(f"line {at.line}: no element {index}")
            for index, code in edit.replace:
                if code is None:
                    dropped.append(row.items[index])
                else:
                    row.items[index] = self.element(code, at)
            for code in edit.append:
                row.insert(
                    len(row.items), self.entry(code, at) if isinstance(node, cst.Dict) else self.element(code, at)
                )
            # not sorted(reverse=True): of two with the same index the first one must come out first
            for index, code in reversed(sorted(edit.put, key=lambda put: put[0])):  # noqa: C413
                row.insert(index, self.element(code, at))
            for item in dropped:
                row.drop(next(i for i, each in enumerate(row.items) if each is item))

        return with_elements(node, change)

    def entry(self, code: str, at: At) -> cst.BaseDictElement:
        """`key: value` of a dict display."""
        made = self.expression(f"{{{code}}}", at)
        if not isinstance(made, cst.Dict) or len(made.elements) != 1:
            raise Unmatched(f"line {at.line}: the new code is no entry of a dict: {code!r}")
        return made.elements[0]

    def element(self, code: str, at: At) -> cst.BaseElement:
        """`code` as an element of a list. Raises Unmatched."""
        code = code.strip()
        if code.startswith("*"):
            return cst.StarredElement(self.expression(code[1:], at))
        return cst.Element(self.expression(code, at))


def _without_blank_indents(node: Any) -> Any:
    """The statement with blank lines above it that stay empty wherever it is put."""
    lines = [line if line.comment is not None else line.with_changes(indent=False) for line in node.leading_lines]
    return node.with_changes(leading_lines=lines)


def _lines_in_strings(code: str) -> set[int]:
    """Indices of the lines that begin inside a string."""
    found: set[int] = set()
    for match in re.finditer(r'("""|\'\'\')(?:\\.|(?!\1).)*\1', code, re.DOTALL):
        first = code.count("\n", 0, match.start())
        found.update(range(first + 1, first + 1 + match[0].count("\n")))
    return found


def _parens(node: Any) -> int:
    return len(getattr(node, "lpar", ()))


def _reparenthesised(new: Any, old: Any) -> Any:
    """The new node inside the brackets that stood around the old one."""
    count = _parens(old) - (1 if isinstance(old, cst.Tuple | cst.GeneratorExp) else 0)
    if count <= 0:
        return new
    rest = len(old.rpar) - count
    return new.with_changes(lpar=[*old.lpar[:count], *new.lpar], rpar=[*new.rpar, *old.rpar[rest:]])


class _Filler(cst.CSTTransformer):
    """Puts a node into the hole, with brackets where it would fall apart there."""

    def __init__(self, node: Any) -> None:
        super().__init__()
        self.node = node
        self.filled = 0
        self.parents: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        self.parents.append(node)
        return True

    def on_leave(self, original: Any, updated: Any) -> Any:
        self.parents.pop()
        if not (isinstance(original, cst.Name) and original.value == HOLE):
            return updated
        self.filled += 1
        node, parent = self.node, self.parents[-1] if self.parents else None
        loose = not isinstance(node, ATOMS) and not _parens(node)
        if isinstance(parent, SLOTS):
            starred = isinstance(parent, cst.Arg) and parent.star != ""
            loose = loose and (starred or isinstance(node, cst.Tuple | cst.GeneratorExp | cst.NamedExpr | cst.Yield))
        if loose and not updated.lpar:
            node = node.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        return node.with_changes(lpar=[*updated.lpar, *node.lpar], rpar=[*node.rpar, *updated.rpar])


def _positions(args: list[cst.Arg]) -> list[int]:
    """Where the positional arguments stand, as far as their number is known (up to a `*args`)."""
    found = []
    for i, arg in enumerate(args):
        if arg.star == "*":
            break
        if arg.keyword is None and not arg.star:
            found.append(i)
    return found


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    return cst.Arg(value, cst.Name(name), cst.AssignEqual(NOTHING, NOTHING))


def _named(row: Row, name: str) -> list[int]:
    """Where the keyword argument of that name stands."""
    return [i for i, arg in enumerate(row.items) if arg.keyword is not None and arg.keyword.value == name]


def _shield_generator(row: Row) -> None:
    """A generator that was the only argument needs its own brackets next to others."""
    if len(row.items) == 1 and isinstance(row.items[0].value, cst.GeneratorExp) and not row.items[0].value.lpar:
        value = row.items[0].value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        row.items[0] = row.items[0].with_changes(value=value)


def _renamed(function: Any, name: str, at: At) -> Any:
    if isinstance(function, cst.Attribute):
        return function.with_changes(attr=function.attr.with_changes(value=name))
    if isinstance(function, cst.Name):
        return function.with_changes(value=name)
    raise Unmatched(f"line {at.line}: expected a call of a name or a method")
