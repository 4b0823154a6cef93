"""Small files before and after some operations, under every line end and indentation."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from textwrap import dedent

from migrator.python.code import decode_source
from migrator.python.module import Module
from migrator.python.rewrite.edits import At, Operation
from migrator.python.rewrite.transform import apply_operations

PATH = "server.py"


class Finder:
    """Places in a source by what stands there."""

    def __init__(self, data: bytes) -> None:
        text = decode_source(data)
        self.module = Module(PATH, "server", text, ast.parse(text))

    def _segment(self, node: ast.AST) -> str:
        found = ast.get_source_segment(self.module.text, node) or ""
        return found.replace("\r\n", "\n").replace("\r", "\n")

    def expr(self, start: str, nth: int = 0) -> At:
        """The nth expression that is `start`, or else begins so (the longest)."""
        nodes = [n for n in ast.walk(self.module.tree) if isinstance(n, ast.expr)]
        exact = [n for n in nodes if self._segment(n) == start]
        longest = sorted((n for n in nodes if self._segment(n).startswith(start)), key=lambda n: -len(self._segment(n)))
        return self.module.at((exact or longest)[nth])

    def stmt(self, start: str) -> At:
        """The first statement, from the outside in, whose text begins so (`elif` arms begin with elif)."""
        nodes = [n for n in ast.walk(self.module.tree) if isinstance(n, ast.stmt)]
        return self.module.at(next(n for n in nodes if self._segment(n).startswith(start)))

    def case(self, pattern: str) -> At:
        nodes = [n.pattern for n in ast.walk(self.module.tree) if isinstance(n, ast.match_case)]
        return self.module.at(next(n for n in nodes if self._segment(n) == pattern), "case")


Make = Callable[[Finder], Iterable[Operation]]

VARIANTS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "no final newline": lambda text: text.removesuffix("\n").encode(),
    "tabs": lambda text: _indented(text, "\t"),
    "two blanks": lambda text: _indented(text, "  "),
}


def _indented(text: str, step: str) -> bytes:
    lines = []
    for line in text.split("\n"):
        depth = (len(line) - len(line.lstrip(" "))) // 4
        lines.append(step * depth + line[depth * 4 :])
    return "\n".join(lines).encode()


class Cases:
    """The cases of one test module: each a call with its name, the file before, the operations and the file after."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[str, Make, str]] = {}

    def __call__(self, name: str, before: str, make: Make, after: str) -> None:
        assert name not in self._found
        self._found[name] = (dedent(before).removeprefix("\n"), make, dedent(after).removeprefix("\n"))

    def runs(self) -> list[tuple[str, str]]:
        """Every case in every variant that makes a difference for it."""
        return [
            (name, variant)
            for name, (before, _, _) in self._found.items()
            for variant in VARIANTS
            # a file without indentation can't say what its indentation is
            if "\n    " in before or variant not in {"tabs", "two blanks"}
        ]

    def check(self, name: str, variant: str) -> None:
        """Carry the operations of a case out and compare every byte."""
        before, make, after = self._found[name]
        data = VARIANTS[variant](before)
        result = apply_operations(PATH, data, make(Finder(data)))
        assert result.decode() == VARIANTS[variant](after).decode()
