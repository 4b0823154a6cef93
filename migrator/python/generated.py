"""Code of servers that a project writes out rather than runs: its templates, and texts in its Python; told by hand."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.code import is_test
from migrator.python.module import Module
from migrator.python.project import IMPORTS_MCP, Project
from migrator.text import Undecodable
from migrator.tree import Unreadable

# mcp.run(transport="sse"), mcp.run_sse_async(), mcp.sse_app(), SseServerTransport("/messages/"): escaped quotes, too
SERVES = re.compile(
    r"[A-Za-z_][\w.]*\.(?:run(?:_async)?\([^()\n]*?\\*[\"']sse\\*[\"']\)?|run_sse_async\(\)?|sse_app\(\)?)|\bSseServerTransport\("
)
WORD = re.compile(r"[\"']sse[\"']")  # in a template, where a start's word may be a hole: {% if kind == "sse" %}
TODO = (
    'Write transport="streamable-http" there ("http" for fastmcp; streamable_http_app() or http_app() for an '
    "application), and make the server stateless where it is constructed: FastMCP(..., stateless_http=True)."
)


def generated(project: Project) -> Iterator[Finding]:
    """The lines of templates and of texts in Python that start, or are, a server over SSE once they are written out."""
    tree = project.code.tree
    for path in tree.hits.get("python", ()):
        try:
            if is_test(path):
                continue
            text = tree.text(path).text
        except (Unreadable, Undecodable):
            continue
        if not path.endswith((".py", ".pyw")):  # server.py.j2
            yield from _found(path, text.splitlines(), 1, "template") if IMPORTS_MCP.search(text.encode()) else ()
            continue
        module = project.code.load(path) if SERVES.search(text) else None
        for node, held in _texts(module) if module is not None else ():
            if SERVES.search(held) and IMPORTS_MCP.search(held.encode()):  # else it is prose about a server
                lines = module.text.splitlines()[node.lineno - 1 : node.end_lineno]  # type: ignore[union-attr]
                yield from _found(path, lines, node.lineno, "text that holds code")


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


__all__ = ["generated"]
