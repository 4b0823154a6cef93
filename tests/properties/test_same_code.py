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
GUARDED = [s for s in shapes() if s.name.startswith(("auth_", "replaced_"))]
FIRST = re.compile(r'(?:\A(?:"""(?:.|\n)*?"""\n+)?(?:from __future__ import .*\n+)?)')


class Constants(ast.NodeTransformer):
    """`kind == "sse"` becomes `kind == OLD_KIND`; what only literals may say is left."""

    changed = False

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if node.value != "sse":
            return node
        self.changed = True
        return ast.Name("OLD_KIND", ast.Load())

    def visit_match_case(self, node: ast.match_case) -> ast.match_case:
        node.body = [self.visit(statement) for statement in node.body]
        return node

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        return node if ast.unparse(node.value).endswith(("Literal", "Annotated")) else self.generic_visit(node)

    def kept(self, node: ast.AST) -> ast.AST:
        return node

    visit_JoinedStr = visit_ClassDef = visit_arg = kept


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


class Paths(ast.NodeTransformer):
    """`"/sse"` becomes a constant."""

    changed = False

    def visit_Constant(self, node: ast.Constant) -> ast.expr:
        if node.value != "/sse":
            return node
        self.changed = True
        return ast.Name("OLD_STREAM", ast.Load())

    def kept(self, node: ast.AST) -> ast.AST:
        return node

    visit_JoinedStr = visit_match_case = visit_arg = kept


REWRITTEN: dict[str, tuple[Callable[[], Constants | ByPlace | Paths], str]] = {
    "words as constants": (Constants, 'OLD_KIND = "sse"\n'),
    "words by place": (ByPlace, ""),
    "paths as constants": (Paths, 'OLD_STREAM = "/sse"\n'),
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


@pytest.mark.parametrize("how", REWRITTEN)
@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in GUARDED])
def test_other_words_for_the_same_code(shape: Shape, how: str, tmp_path: Path) -> None:
    shape.write(tmp_path)
    changed = False
    for name, text in shape.files.items():
        new = in_other_words(text, how) if name.endswith(".py") else None
        if new is not None:
            (tmp_path / name).write_text(new, encoding="utf-8")
            changed = True
    if not changed:
        return
    plan = make_plan(tmp_path, shape.settings)
    fates = ["stays" if not e.moved else "stateless" if e.stateless else "stateful" for e in plan.endpoints]
    assert sorted(fates) == sorted(FATE.findall(shape.plan))
