"""Code of servers that a project writes out rather than runs: its templates, and texts in its Python; told by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.code import is_test
from migrator.python.module import Module
from migrator.python.project import IMPORTS_MCP, Project

# mcp.run(transport="sse"), mcp.run_sse_async(), mcp.sse_app(), SseServerTransport("/messages/"): escaped quotes, too
SERVES = re.compile(
    r"[A-Za-z_][\w.]*\.(?:run(?:_async)?\([^()\n]*?\\*[\"']sse\\*[\"']\)?|run_sse_async\(\)?|sse_app\(\)?)|\bSseServerTransport\("
)
WORD = re.compile(r"[\"']sse[\"']")  # in a template, where a start's word may be a hole: {% if kind == "sse" %}
QUESTIONS = re.compile(r"(?:^|/)(?:cookiecutter\.json|copier\.ya?ml)$")
# mcp.run(transport="{{ cookiecutter.transport }}")
ANSWER = re.compile(
    r"[A-Za-z_][\w.]*\.run(?:_async)?\([^()\n]*?[\"']\{\{-?\s*(?:cookiecutter\.)?(?P<name>\w+)[^{}\n]*\}\}[\"']"
)
ASKED = (
    'Offer "streamable-http" there ("http" for fastmcp) in the place of "sse", and make the server stateless where it '
    "is constructed: FastMCP(..., stateless_http=True)."
)
TODO = (
    'Write transport="streamable-http" there ("http" for fastmcp; streamable_http_app() or http_app() for an '
    "application), and make the server stateless where it is constructed: FastMCP(..., stateless_http=True)."
)


def generated(project: Project) -> Iterator[Finding]:
    """The lines of templates and of texts in Python that start, or are, a server over SSE once they are written out."""
    tree = project.code.tree
    for path in tree.hits.get("python", ()):
        text = tree.source(path) if not is_test(path) else ""
        if not path.endswith((".py", ".pyw")):  # server.py.j2
            yield from _found(path, text.splitlines(), 1, "template") if IMPORTS_MCP.search(text.encode()) else ()
            continue
        module = project.code.load(path) if SERVES.search(text) else None
        for node, held in _texts(module) if module is not None else ():
            if SERVES.search(held) and IMPORTS_MCP.search(held.encode()):  # else it is prose about a server
                lines = module.text.splitlines()[node.lineno - 1 : node.end_lineno]  # type: ignore[union-attr]
                yield from _found(path, lines, node.lineno, "text that holds code")


def answered(project: Project) -> Iterator[Finding]:
    """Starts of templates whose word is an answer that the template's own questions take: cookiecutter, copier."""
    tree = project.code.tree
    paths = [p for p in (*tree.hits.get("json", ()), *tree.hits.get("yaml", ())) if QUESTIONS.search(p)]
    questions = [(p, tree.source(p)) for p in paths]
    for path in tree.mcp_python if questions else ():
        for match in ANSWER.finditer(text := tree.source(path)):
            asked = re.compile(
                rf"(?:^|[{{,])\s*[\"']?{match['name']}[\"']?\s*:.{{0,400}}?(?<![\w/-])sse(?![\w/-])", re.M | re.S | re.I
            )
            found = next(((p, m) for p, t in questions if (m := asked.search(t))), None)
            if found is not None:
                place = Place(found[0], found[1].string.count("\n", 0, found[1].end()) + 1)
                message = f"{match[0]}) in a template: what is made from it may serve the deprecated SSE transport, as {place} offers"
                line = text.count("\n", 0, match.start()) + 1
                yield Finding("MCP102", Severity.WARNING, Outcome.BY_HAND, Place(path, line), message, ASKED)


def _texts(module: Module) -> Iterator[tuple[ast.expr, str]]:
    """The texts of more than one line that are not documentation."""
    for node in module.nodes:
        if not isinstance(node, ast.Constant | ast.JoinedStr) or node.lineno == node.end_lineno:
            continue
        if isinstance(module.parents[node], ast.Expr | ast.JoinedStr):
            continue
        parts = node.values if isinstance(node, ast.JoinedStr) else [node]
        yield node, "".join(str(p.value) if isinstance(p, ast.Constant) else "{}" for p in parts)


def _found(path: str, lines: list[str], first: int, what: str) -> Iterator[Finding]:
    for number, line in enumerate(lines, first):
        match = None if line.lstrip().startswith("#") else SERVES.search(line)
        serves = "serves" if match is not None else "may serve"
        if match is None and what == "template" and not line.lstrip().startswith("#"):
            match = WORD.search(line)
        if match is not None:
            yield Finding(
                "MCP101",
                Severity.WARNING,
                Outcome.BY_HAND,
                Place(path, number),
                f"{match[0]} in a {what}: what is made from it {serves} the deprecated SSE transport",
                TODO,
            )


__all__ = ["answered", "generated"]
