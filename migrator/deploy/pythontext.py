"""Python that is shown in a document or a notebook: the commands it starts and the variables it sets."""

from __future__ import annotations

import ast
import re
import warnings

from migrator.deploy.strands import Strand
from migrator.deploy.words import Command, Setting, Sheet


def read(source: Strand) -> Sheet:
    """The argument lists and the variables of Python text; an empty sheet for what does not parse."""
    sheet = Sheet()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(source.text)
    except (SyntaxError, ValueError, RecursionError):
        return sheet
    reader = _Reader(source)
    sheet.reaches = _CLIENT.search(_URL.sub("", source.text)) is not None
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            text = reader.word(node)
            if text is not None and "://" in text.text:
                # the address decides where nothing else here names the transport
                (sheet.clients if sheet.reaches else sheet.texts).append(text)
        if isinstance(node, ast.Assign) and (text := reader.word(node.value)) is not None:
            sheet.named += [(t.id, text) for t in node.targets if isinstance(t, ast.Name) and "://" in text.text]
        if isinstance(node, ast.List):
            words = [w for e in node.elts if (w := reader.word(e)) is not None]
            if len(words) == len(node.elts) and words:
                sheet.commands.append(Command(tuple(words)))
        elif isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                reader.setting(sheet, key, value)
        elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
            reader.setting(sheet, node.targets[0].slice, node.value)
        elif isinstance(node, ast.Call):
            for first, second in zip(node.args, node.args[1:], strict=False):
                reader.setting(sheet, first, second)
    return sheet


_URL = re.compile(r"https?://[^\s\"']*")
_CLIENT = re.compile(r"(?<![A-Za-z])sse|[a-z]SSE|transport|httpx\.|requests\.|aiohttp", re.I)


class _Reader:
    def __init__(self, source: Strand) -> None:
        self.source = source
        self.lines = [0]
        for line in source.text.splitlines(keepends=True):
            self.lines.append(self.lines[-1] + len(line))

    def offset(self, line: int, column: int) -> int:
        start = self.lines[line - 1]
        text = self.source.text[start : self.lines[line]]
        return start + len(text.encode()[:column].decode("utf-8", "replace"))

    def word(self, node: ast.expr | None) -> Strand | None:
        """The inside of a string literal that is written as it reads."""
        if isinstance(node, ast.Attribute) and node.attr == "executable":
            at = self.offset(node.lineno, node.col_offset)
            return Strand("python", [self.source.starts[at]] * 6, [self.source.starts[at]] * 6)
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return None
        start = self.offset(node.lineno, node.col_offset)
        end = self.offset(node.end_lineno or node.lineno, node.end_col_offset or 0)
        raw = self.source.part(start, end)
        inner = raw.part(1, len(raw) - 1)
        return inner if inner.text == node.value else None

    def setting(self, sheet: Sheet, key: ast.expr | None, value: ast.expr) -> None:
        if isinstance(key, ast.Constant) and isinstance(key.value, str) and key.value.isidentifier():
            text = self.word(value)
            if text is not None:
                sheet.settings.append(Setting(key.value, text))
