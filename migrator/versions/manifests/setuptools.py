"""Requirements in setup.cfg and setup.py."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.versions.malformed import Malformed
from migrator.versions.requirement import Requirement, split

_KEY = re.compile(r"(?P<key>[A-Za-z0-9_.-]+)[ \t]*[=:](?P<value>[^\r\n]*)")


def setup_cfg(text: str, path: str) -> list[Requirement]:
    """install_requires and extras_require of a setup.cfg."""
    found: list[Requirement] = []
    section = key = ""
    at = 0
    for line in text.splitlines(keepends=True):
        start, at = at, at + len(line)
        if re.match(r"[ \t]*[#;]", line) or not line.strip():
            continue
        if line[0] == "[":
            section, key = line.strip().strip("[]").strip(), ""
            continue
        value = start
        if not line[0].isspace():
            match = _KEY.match(line)
            key = match["key"] if match else ""
            value = start + match.start("value") if match else start
        wanted = (section == "options" and key in ("install_requires", "tests_require", "setup_requires")) or (
            section == "options.extras_require" and bool(key)
        )
        if wanted:
            group = "" if key == "install_requires" else key
            found += _at(text[: start + len(line.rstrip("\r\n"))], value, path, group)
    return found


def setup_py(text: str, path: str) -> list[Requirement]:
    """The requirement strings in the lists of a setup.py. Raises Malformed when it is not Python."""
    try:
        module = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Malformed(f"not valid Python: {error}", getattr(error, "lineno", 0) or 0) from None
    lists = {
        target.id: node.value
        for node in module.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    lines = text.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    found: list[Requirement] = []
    for node in ast.walk(module):
        if isinstance(node, ast.keyword) and node.arg in ("install_requires", "extras_require", "tests_require"):
            group = "" if node.arg == "install_requires" else node.arg.removesuffix("_require")
            for constant in _strings(node.value, lists):
                offset = starts[constant.lineno - 1] + len(
                    lines[constant.lineno - 1].encode()[: constant.col_offset].decode()
                )
                found += _literal(text, offset, constant, path, group)
    return found


def _strings(node: ast.expr, lists: dict[str, ast.expr]) -> Iterator[ast.Constant]:
    if isinstance(node, ast.Name) and node.id in lists:
        node, lists = lists[node.id], {}
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node
    elif isinstance(node, ast.List | ast.Tuple):
        for item in node.elts:
            yield from _strings(item, lists)
    elif isinstance(node, ast.Dict):
        for value in node.values:
            yield from _strings(value, lists)
    elif isinstance(node, ast.BinOp):
        yield from _strings(node.left, lists)
        yield from _strings(node.right, lists)


def _literal(text: str, offset: int, constant: ast.Constant, path: str, group: str) -> Iterator[Requirement]:
    """A string literal whose source is its value between quotes."""
    value = str(constant.value)
    quote = re.compile(r"[rRuU]?(?:\"\"\"|'''|\"|')").match(text, offset)
    if quote and text.startswith(value, quote.end()):
        yield from _at(text[: quote.end() + len(value)], quote.end(), path, group)


def _at(text: str, offset: int, path: str, group: str) -> Iterator[Requirement]:
    parts = split(text, offset)
    if parts is not None and text[offset:].strip():
        yield parts.requirement(path, group=group)
