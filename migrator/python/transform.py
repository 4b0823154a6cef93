"""Carries operations out on one Python file, byte for byte the same outside the places they name.

Imports LibCST; import this module only where a file is rewritten.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterable

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider

from migrator.python.code import COOKIE, Module, Unparsable, decode_source
from migrator.python.edits import At, EnsureImport, Helper, Operation, Unused
from migrator.python.imports import after_all, helpers
from migrator.python.plans import Local, Unmatched, grouped
from migrator.python.rewriter import Rewriter, unmatched_text

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
        middle = rewritten(before, first)
        new = old if middle == before else _module(path, middle)
        ensured = [o for o in general if isinstance(o, EnsureImport)]
        unused = {o.name for o in general if isinstance(o, Unused)}
        after = rewritten(middle, after_all(old, new, ensured, unused))
        if after != middle:
            _parse(after)
    except Unparsable as error:
        raise Unmatched(f"line {error.line}: {error}") from None
    except RecursionError:
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


def rewritten(text: str, operations: Iterable[Local]) -> str:
    """The text with the operations that are tied to places carried out. Raises Unmatched."""
    plans = grouped(operations)
    if not plans:
        return text
    lines = LINE.split(text)
    for plan in plans.values():
        if plan.at.source and _normal(_segment(lines, plan.at)) != _normal(plan.at.source):
            raise Unmatched(unmatched_text(plan.at))
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise Unmatched(f"line {error.raw_line}: {error.message}") from None
    # LibCST takes a lone CR at the end of the file for no line end
    lost = "\r" if text.endswith("\r") else ""
    if module.code + lost != text and module.code != text:
        raise Unmatched("the file can't be written back byte for byte")
    lost = lost if module.code != text else ""
    wrapper = MetadataWrapper(module, unsafe_skip_copy=True)
    rewriter = Rewriter(module, wrapper.resolve(PositionProvider), plans)
    try:
        result = module.visit(rewriter).code + lost
    except cst.CSTValidationError as error:
        raise Unmatched(f"the change gives no valid Python: {error}") from None
    for plan in plans.values():
        if not plan.matched:
            raise Unmatched(unmatched_text(plan.at))
    _check_untouched(lines, LINE.split(result), rewriter.touched)
    return result


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


def _check_untouched(before: list[str], after: list[str], touched: list[tuple[int, int]]) -> None:
    """Every line outside the touched ones must come again, in order, byte for byte. Raises Unmatched.

    Blank lines and comments next to a touched line move with it.
    """
    free = [False] * (len(before) + 2)
    for begin, end in touched:
        first, last = begin, end
        while first > 1 and _loose(before[first - 2]):
            first -= 1
        while last < len(before) and _loose(before[last]):
            last += 1
        free[first : last + 1] = [True] * (last + 1 - first)
    found = iter(after)
    for number, line in enumerate(before, 1):
        if free[number] or not line:
            continue
        if number == len(before):  # new code behind it gives it a line end
            if any(each.rstrip("\r\n") == line.rstrip("\r\n") for each in found):
                continue
        elif any(each == line for each in found):
            continue
        raise Unmatched(f"line {number}: a line that no change names would not stay as it is")


def _loose(line: str) -> bool:
    return not line.strip() or line.lstrip().startswith("#")
