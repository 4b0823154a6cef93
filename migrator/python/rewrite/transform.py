"""Carries operations out on one Python file, byte for byte the same outside the places they name.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

import ast
import bisect
import re
import sys
import warnings
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from migrator.python.code import COOKIE, Unparsable, decode_source
from migrator.python.module import Module
from migrator.python.rewrite.edits import At, EnsureImport, Helper, Operation, Unused
from migrator.python.rewrite.imports import after_all, helpers
from migrator.python.rewrite.places import Places, unmatched_text
from migrator.python.rewrite.plans import Local, Unmatched, grouped
from migrator.python.rewrite.rewriter import Rewriter

__all__ = ["Unmatched", "apply_operations"]

BOM = b"\xef\xbb\xbf"
LINE = re.compile(r"(?<=\n)|(?<=\r)(?!\n)")
GENERAL = EnsureImport | Helper | Unused


def apply_operations(path: str, data: bytes, operations: Iterable[Operation]) -> bytes:
    """The file's bytes with all operations carried out, imports that lost their last use taken out.

    Raises Unmatched when an operation doesn't fit, two exclude each other, or the result can't be kept
    identical outside the changed places.
    """
    wanted = list(dict.fromkeys(operations))
    if not wanted:
        return data
    try:
        before = decode_source(data)
        first: list[Local] = [o for o in wanted if not isinstance(o, GENERAL)]
        general = [o for o in wanted if isinstance(o, GENERAL)]
        old = _module(path, before)
        first += helpers(old, [o for o in general if isinstance(o, Helper)])
        middle = rewritten(old, first)
        new = old if middle == before else _module(path, middle)
        ensured = [o for o in general if isinstance(o, EnsureImport)]
        unused = [o for o in general if isinstance(o, Unused)]
        after = rewritten(new, after_all(old, new, ensured, unused))
        if after != middle:
            _parse(after)
    except Unparsable as error:
        raise Unmatched(f"line {error.line}: {error}") from None
    except (RecursionError, MemoryError):
        raise Unmatched("the code is nested too deeply to be rewritten") from None
    if after == before:
        return data
    bom = BOM if data.startswith(BOM) else b""
    encoding = _encoding(data)
    try:
        return bom + after.encode(encoding)
    except UnicodeEncodeError as error:
        raise Unmatched(f"the new code can't be written in {encoding}: {error.reason}") from None


def _encoding(data: bytes) -> str:
    for line in data.splitlines()[:2]:
        match = COOKIE.match(line)
        if match:
            return match[1].decode("ascii")
    return "utf-8"


def _parse(text: str) -> ast.Module:
    """Raises Unmatched when the rewritten file is no Python."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError) as error:
        line = getattr(error, "lineno", 0) or 0
        raise Unmatched(f"line {line} of the rewritten file: {error}") from None


def _module(path: str, text: str) -> Module:
    return Module(path, "", text, _parse(text))


def rewritten(module: Module, operations: Iterable[Local]) -> str:
    """The text with the operations that are tied to places carried out. Raises Unmatched."""
    wanted = list(operations)
    if not wanted:
        return module.text
    for operation in wanted:
        at = operation.at  # type: ignore[union-attr]
        if at.source and _normal(_segment(module.lines, at)) != _normal(at.source):
            raise Unmatched(unmatched_text(at))
    start, end = _region(module, wanted)
    with _deep_recursion():
        try:
            return _rewritten_lines(module, wanted, start, end)
        except cst.ParserSyntaxError as error:
            problem = error
        if (start, end) != (0, len(module.lines)):
            # a region can end inside a line that goes on behind its statement
            try:
                return _rewritten_lines(module, wanted, 0, len(module.lines))
            except cst.ParserSyntaxError as error:
                problem = error
    raise Unmatched(f"line {problem.raw_line}: {problem.message}")


@contextmanager
def _deep_recursion() -> Iterator[None]:
    """LibCST takes several frames a level: a string of 300 lines in brackets would end at Python's default."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(max(before, 20_000))
    try:
        yield
    finally:
        sys.setrecursionlimit(before)


def _region(module: Module, operations: Sequence[Local]) -> tuple[int, int]:
    """The lines start:end that LibCST has to see: whole top-level statements, one more on both sides."""
    ats = [operation.at for operation in operations]  # type: ignore[union-attr]
    first, last = min(at.line for at in ats), max(at.end_line for at in ats)
    body, lines = module.tree.body, module.lines
    starts = [min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) for node in body]
    ends = [node.end_lineno or node.lineno for node in body]
    start, end = 0, len(lines)
    above = bisect.bisect_right(starts, first) - 2  # the statement before the first concerned one
    for i in range(above, 0, -1):
        if ends[i - 1] < starts[i]:
            start = ends[i - 1]
            break
    below = bisect.bisect_right(starts, last)  # the statement behind the last concerned one
    for i in range(max(below, 0), len(body) - 1):
        if ends[i] < starts[i + 1]:
            end = ends[i]
            break
    return start, end


def _rewritten_lines(module: Module, operations: Sequence[Local], start: int, end: int) -> str:
    """The text with the operations carried out; LibCST, which is slow, sees the lines start:end only."""
    lines = module.lines
    text = "".join(lines[start:end])
    source = cst.parse_module(text)
    code = source.code
    lost = text.removeprefix(code)
    if code + lost != text or lost not in {"", "\r"}:  # LibCST takes a lone CR at the end for no line end
        raise Unmatched("the file can't be written back byte for byte")
    indent = _indent(module)
    if indent != source.default_indent:  # a region without indentation of its own takes the file's
        styled = source.with_changes(default_indent=indent)
        source = styled if styled.code == code else source
    plans = grouped(operations, start)
    places = Places(MetadataWrapper(source, unsafe_skip_copy=True).resolve(PositionProvider), plans)
    try:
        result = source.visit(Rewriter(source, places)).code + lost
    except cst.CSTValidationError as error:
        raise Unmatched(f"the change gives no valid Python: {error}") from None
    for plan in plans.values():
        if not plan.matched:
            raise Unmatched(unmatched_text(plan.at))
    _check_untouched(lines[start:end], LINE.split(result), places.touched, start)
    return "".join([*lines[:start], result, *lines[end:]])


def _indent(module: Module) -> str:
    """The file's first step of indentation."""
    for node in module.nodes:
        body = getattr(node, "body", None)
        if isinstance(node, ast.stmt) and isinstance(body, list) and body and body[0].lineno > node.lineno:
            inner = module.lines[body[0].lineno - 1]
            outer = module.lines[node.lineno - 1]
            blanks, before = (line[: len(line) - len(line.lstrip(" \t"))] for line in (inner, outer))
            if blanks.startswith(before) and blanks != before:
                return blanks.removeprefix(before)
    return " " * 4


def _segment(lines: list[str], at: At) -> str:
    """The text of a place, "" where there is none."""
    if not 0 < at.line <= at.end_line <= len(lines):
        return ""
    picked = lines[at.line - 1 : at.end_line]
    picked[-1] = picked[-1][: at.end_column]
    picked[0] = picked[0][at.column :]
    return "".join(picked)


def _normal(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _check_untouched(before: list[str], after: list[str], touched: list[tuple[int, int]], offset: int) -> None:
    """Every line outside the touched ones must come again, in order, byte for byte. Raises Unmatched.

    Blank lines and comments next to a touched line move with it. `offset` is the number of lines above.
    """
    free = [False] * (len(before) + 2)
    for begin, end in touched:
        first, last = begin, end
        while first > 1 and _loose(before[first - 2]):
            first -= 1
        while last < len(before) and _loose(before[last]):
            last += 1
        free[first : last + 1] = [True] * (last + 1 - first)
    found = iter(enumerate(after, 1))
    for number, line in enumerate(before, 1):
        if free[number] or not line:
            continue
        for there, other in found:
            if other == line:
                break
            # the last line may have no line end, there or here
            if (there == len(after) or number == len(before)) and other.rstrip("\r\n") == line.rstrip("\r\n"):
                break
        else:
            raise Unmatched(f"line {offset + number}: a line that no change names would not stay as it is")


def _loose(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
