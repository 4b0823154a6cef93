"""The word in texts that people read: help of options, messages that list what can be chosen."""

from __future__ import annotations

import ast
import re
from collections.abc import Container

from migrator.python.module import Module
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.python.unit import Draft
from migrator.python.words.arms import if_chain
from migrator.python.words.selector import Test


def reword_all(draft: Draft, module: Module, node: ast.expr, new: str) -> None:
    """The word in every text of an expression: an option's own help."""
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and not isinstance(module.parents.get(part), ast.JoinedStr):
            reword(draft, module, part, new)


def reword(draft: Draft, module: Module, node: ast.Constant | ast.JoinedStr, new: str) -> None:
    """The word in a text that people read."""
    if isinstance(node, ast.Constant) and not isinstance(node.value, str):
        return
    text = module.source(node)
    if re.search(rf"(?<![\w/-]){new}(?![\w:/-])", text):
        changed = without_word(text)
    else:
        changed = re.sub(r"(?:(?<![\w/.-])|(?<=stdio/))sse(?![\w/-])", new, text)
    if changed != text:
        draft.do(ReplaceExpr(module.at(node), changed))


def reword_messages(draft: Draft, test: Test, removed: Container[ast.AST], new: str) -> None:
    """What is said of a word that the test doesn't know: "unknown transport: use stdio or sse". removed: arms that go."""
    module, node = test.module, test.node
    body: list[ast.stmt] = []
    parent = module.parents.get(node)
    if isinstance(node, ast.match_case) and isinstance(parent, ast.Match):
        body = parent.cases[-1].body if isinstance(parent.cases[-1].pattern, ast.MatchAs) else []
    elif isinstance(parent, ast.If):
        body = parent.body if test.negative else if_chain(module, parent)[-1].orelse
    if parent in removed or node in removed:
        return
    for statement in body:
        if isinstance(statement, ast.Raise | ast.Expr):
            for part in ast.walk(statement):
                if isinstance(part, ast.JoinedStr | ast.Constant) and _lists_words(module, part):
                    reword(draft, module, part, new)


def without_word(text: str) -> str:
    """A help text's list of words without the old one: "stdio, sse or http" is "stdio or http"."""
    item = r"[`']?[\w-]+[`']?"
    for pattern, left in (
        # of three there are two left, and no comma between them
        (rf"(?<!, )(?<![\w`'-])({item}), (['`]?)sse\2(?: \([^()]*\))?,( or | and )", r"\1\3"),
        (rf"(?<!, )(?<![\w./`'-])(['`]?)sse\1(?: \([^()]*\))?, ({item}),( or | and )", r"\2\3"),
        (r", (['`]?)sse\1(?: \([^()]*\))?( or | and )", r"\2"),
        (r"(?<![\w./-])(['`]?)sse\1(?: \([^()]*\))?(?:, (?!or |and )|\||/| or | and )", ""),
        (
            r", ([`']?[\w-]+[`']?(?: \([^()]*\))?),?( or | and )(['`]?)sse\3(?![\w/-])(?: \((?![^()]*default)[^()]*\))?",
            r"\2\1",
        ),
        (r",?(?: or | and |\||/|, )(['`]?)sse\1(?![\w/-])(?: \((?![^()]*default)[^()]*\))?", ""),
    ):
        changed = re.sub(pattern, left, text, count=1)
        if changed != text:
            return changed
    return text


def _lists_words(module: Module, node: ast.JoinedStr | ast.Constant) -> bool:
    """True for a text that names the old word and another one, in its own letters."""
    if isinstance(module.parents.get(node), ast.JoinedStr | ast.FormattedValue):
        return False
    parts = [node] if isinstance(node, ast.Constant) else node.values
    computed = " ".join(ast.unparse(p.value) for p in parts if isinstance(p, ast.FormattedValue))
    said = " ".join(str(p.value) for p in parts if isinstance(p, ast.Constant))
    return bool(re.search(r"\bsse\b", said) and re.search(r"\b(?:stdio|http)\b", said) and "sse" not in computed)
