"""Code that reads a server's path back from its settings: a log line, a function that says where it is.

    log.info("on http://%s:%s%s", mcp.settings.host, mcp.settings.port, mcp.settings.sse_path)

The setting stays there and keeps its value, so nothing would fail: the text would go on telling the old path.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.functions import last_name
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.python.sdk import Server
from migrator.python.unit import Draft

CHECKS = ("startswith", "endswith", "match", "fullmatch")
OLD, NEW = "sse_path", "streamable_http_path"


def read_new_path(project: Project, draft: Draft, server: Server) -> None:
    """`mcp.settings.sse_path` is read as `mcp.settings.streamable_http_path`: official SDK 1.x, which has both."""
    if project.context.settings.legacy_sse == "keep":
        return
    for module, read in _reads(project, server):
        draft.path_reads.append(read)
        at, inside = module.at(read), _f_string(module, read)
        if inside is None:
            draft.do(ReplaceExpr(at, f"{module.source(read.value)}.{NEW}"))
        else:  # the places inside of one are not told alike by every interpreter
            source, text = module.source(inside), ast.unparse(read)
            edit = ReplaceExpr(module.at(inside), source.replace(text, f"{text.removesuffix(OLD)}{NEW}"))
            if edit.code == source or edit in draft.operations:
                continue
            draft.do(edit)
        draft.files.add(module.path)


def _reads(project: Project, server: Server) -> Iterator[tuple[Module, ast.Attribute]]:
    """Where the setting of the server is read; what compares it with a request's path is not meant."""
    for module in project.modules:
        for node in module.nodes if f".settings.{OLD}" in module.text else ():
            if isinstance(node, ast.Attribute) and node.attr == OLD and isinstance(node.ctx, ast.Load):
                held = node.value
                if isinstance(held, ast.Attribute) and held.attr == "settings" and not _compared(module, node):
                    if server in project.sdks.servers(module, held.value):
                        yield module, node


def _compared(module: Module, node: ast.AST) -> bool:
    """True inside a comparison, a list of paths, and a call of a text's method: whoever checks paths knows several."""
    inner = node
    for outer in module.ancestors(node):
        if isinstance(outer, ast.stmt):
            return False
        if isinstance(outer, ast.Compare | ast.Tuple | ast.List | ast.Set):
            return True
        if isinstance(outer, ast.Call) and inner in outer.args and last_name(outer.func) in CHECKS:
            return True
        inner = outer
    return False


def _f_string(module: Module, node: ast.AST) -> ast.JoinedStr | None:
    """The f-string that it stands in, the outermost."""
    return next((n for n in reversed(list(module.ancestors(node))) if isinstance(n, ast.JoinedStr)), None)
