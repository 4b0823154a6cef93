"""The same code in other words must meet the same fate: what asks for a credential most of all.

Each shape with authentication is rewritten without changing what it does, and planned: what stayed has to stay, what
moved has to move.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from tests.shapes import Shape, shapes

FATE = re.compile(r"^\S+: \S+ -> \S+ \(\S+, (stateless|stateful|stays)\)$", re.MULTILINE)
FIRST = re.compile(r'(?:\A(?:"""(?:.|\n)*?"""\n+)?(?:from __future__ import .*\n+)?)')


class Constants(ast.NodeTransformer):
    """`kind == "sse"` becomes `kind == OLD_KIND`; what only literals may say is left, and where `kept` says so more."""

    def __init__(self, value: str, name: str, kept: tuple[type[ast.AST], ...] = ()) -> None:
        self.changed = False
        self.value, self.name, self.kept = value, name, (ast.JoinedStr, ast.arg, ast.pattern, *kept)

    def visit(self, node: ast.AST) -> ast.AST:
        if isinstance(node, self.kept):
            return node
        if isinstance(node, ast.Subscript) and ast.unparse(node.value).endswith(("Literal", "Annotated")):
            return node
        if isinstance(node, ast.Constant) and node.value == self.value:
            self.changed = True
            return ast.Name(self.name, ast.Load())
        return self.generic_visit(node)


class ByPlace(ast.NodeTransformer):
    """`run(transport=kind)` becomes `run(kind)`."""

    changed = False

    def visit_Call(self, node: ast.Call) -> ast.Call:
        self.generic_visit(node)
        named = [k for k in node.keywords if k.arg == "transport"]
        if isinstance(node.func, ast.Attribute) and node.func.attr == "run" and named and not node.args:
            node.args = [named[0].value]
            node.keywords.remove(named[0])
            self.changed = True
        return node


REWRITTEN: dict[str, tuple[Callable[[], Constants | ByPlace], str]] = {
    "words as constants": (lambda: Constants("sse", "OLD_KIND", (ast.ClassDef,)), 'OLD_KIND = "sse"\n'),
    "words by place": (ByPlace, ""),
    "paths as constants": (lambda: Constants("/sse", "OLD_STREAM"), 'OLD_STREAM = "/sse"\n'),
}


def in_other_words(text: str, how: str) -> str | None:
    """The code rewritten, None where there is nothing to rewrite."""
    make, above = REWRITTEN[how]
    rewriter = make()
    code = ast.unparse(ast.fix_missing_locations(rewriter.visit(ast.parse(text))))
    if not rewriter.changed:
        return None
    begin = FIRST.match(code)
    at = begin.end() if begin else 0
    return f"{code[:at]}{above}{code[at:]}\n"


def rewritten(shape: Shape, how: str) -> dict[str, str]:
    """The files of a small project that change."""
    found = {name: in_other_words(text, how) for name, text in shape.files.items() if name.endswith(".py")}
    return {name: text for name, text in found.items() if text is not None}


CASES = [
    pytest.param(shape, files, id=f"{shape.name}-{how}")
    for shape in shapes()
    if shape.name.startswith(("auth_", "replaced_"))
    for how in REWRITTEN
    if (files := rewritten(shape, how))
]


@pytest.mark.parametrize(("shape", "files"), CASES)
def test_other_words_for_the_same_code(shape: Shape, files: dict[str, str], tmp_path: Path) -> None:
    shape.write(tmp_path)
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan = make_plan(tmp_path, shape.settings)
    fates = ["stays" if not e.moved else "stateless" if e.stateless else "stateful" for e in plan.endpoints]
    assert sorted(fates) == sorted(FATE.findall(shape.plan))
