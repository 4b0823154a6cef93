"""What a program prints and logs just before it serves: "Starting SSE server" would be said of Streamable HTTP."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.python.code import is_test
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import At, ReplaceExpr
from migrator.python.said import ASKED, READ, Called
from migrator.python.unit import Draft
from migrator.python.words.flags import said_anew

_NAMES_OTHERS = re.compile(r"(?i)stdio|streamable|deprecated|legacy|(?<![\w/])https?(?!://)")
_COMPUTED = re.compile(r"(?i)\{[^{}]*(?<![a-z])sse(?![a-z])[^{}]*\}")


def banners(project: Project, draft: Draft, called: Called) -> None:
    """Rewrite the texts about SSE that are shown above a start, in its own arm of what chooses it.

    One that a test knows stays, and so does one that names other transports: it may list them.
    """
    removed = {id(node) for _, node in draft.removed}
    for module, start in [*draft.starts, *draft.serving]:
        above = list(module.ancestors(start))
        serves = isinstance(start, ast.Call) or isinstance(module.parents.get(start), ast.Call)
        if isinstance(start, ast.Constant) or not serves or any(id(node) in removed for node in above):
            continue
        for call in _above(module, start):
            for text in [n for a in call.args for n in ast.walk(a)] if called.prints(call) else ():
                if isinstance(text, ast.JoinedStr | ast.Constant) and not isinstance(
                    module.parents[text], ast.JoinedStr | ast.FormattedValue
                ):
                    at = module.at(text)
                    before = edited(draft, at)
                    source = before.code if before is not None else module.source(text)
                    changed = _said(source)
                    if changed != source and not _expected(project, module, text):
                        draft.operations = [o for o in draft.operations if o is not before]
                        draft.do(ReplaceExpr(at, changed))


def edited(draft: Draft, at: At) -> ReplaceExpr | None:
    """What replaces an expression already."""
    return next((o for o in draft.operations if isinstance(o, ReplaceExpr) and o.at == at), None)


def _above(module: Module, start: ast.AST) -> Iterator[ast.Call]:
    """The calls that stand as statements above a start, up to the branch or the function that holds it."""
    node = start
    while True:
        holder = module.parents.get(node)
        if holder is None:
            return
        for block in (getattr(holder, name, None) for name in ("body", "orelse")):
            if isinstance(block, list) and node in block:
                for statement in block[: block.index(node)]:
                    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                        yield statement.value
        branch = isinstance(holder, ast.If | ast.match_case) and not _is_main(holder)
        if branch or isinstance(holder, FunctionNode):
            return
        node = holder


def _is_main(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and any(dotted(n) == "__name__" for n in ast.walk(node.test))


def _said(source: str) -> str:
    """The text for the new transport; as it is where a program may read it, or where it says more than the transport."""
    if _NAMES_OTHERS.search(source) or _COMPUTED.search(source) or READ.search(source) or ASKED.search(source):
        return source
    return re.sub(r"\b([Aa])n (?=Streamable)", r"\1 ", said_anew(source))


def _expected(project: Project, module: Module, text: ast.JoinedStr | ast.Constant) -> bool:
    """True for a text that another file, a test, looks for, by the words around the transport's name."""
    parts = [text] if isinstance(text, ast.Constant) else text.values
    said = [str(p.value).strip() for p in parts if isinstance(p, ast.Constant) and re.search(r"(?i)sse", str(p.value))]
    tree = project.context.tree
    tests = [path for path in tree.hits.get("python", ()) if is_test(path) and path != module.path]
    return any(words.encode() in tree.read(path) for words in said for path in tests)
