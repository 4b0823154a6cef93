"""Applications that speak SSE, of servers that can't be followed: told, and left to the user."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.model import Finding, Outcome, Severity
from migrator.python.module import Module, dotted
from migrator.python.project import Project
from migrator.python.value import Ext, Field, Obj, Opaque, Param, Value

METHODS = ("sse_app", "http_app")
IMPORTS = re.compile(r"^\s*(?:from|import)\s+(?:fast)?mcp\b", re.M)


def unseen(project: Project) -> Iterator[Finding]:
    """Calls of `sse_app()` and `http_app(transport="sse")` on something unknown, in files that import MCP."""
    tree = project.code.tree
    about = {*tree.hits.get("python", ()), *tree.mcp_python}
    modules = {m.path: m for name in METHODS for m in project.code.mentioning(name, tests=False, within=about)}
    for module in modules.values():
        if not IMPORTS.search(module.text):
            continue
        for call in module.calls:
            function = call.func
            if not isinstance(function, ast.Attribute) or not _serves(call, function):
                continue
            unknown = all(map(_unknown, project.values.of(module, function.value)))
            if unknown and not project.sdks.servers(module, function.value):
                yield _finding(module, call, function)


def _serves(call: ast.Call, function: ast.Attribute) -> bool:
    receiver = function.value
    if dotted(receiver) in ("super", "self") or dotted(getattr(receiver, "func", receiver)) == "super":
        return False
    word = next((k.value for k in call.keywords if k.arg == "transport"), None)
    sse = isinstance(word, ast.Constant) and word.value == "sse"
    return function.attr == "sse_app" or (function.attr == "http_app" and sse)


def _unknown(value: Value) -> bool:
    """True unless the value is something of the project's own, or an instance of another library's class."""
    if isinstance(value, Obj):
        return isinstance(value.of, Ext) and not value.of.name.rpartition(".")[2][:1].isupper()
    return isinstance(value, Opaque | Param | Ext | Field)


def _finding(module: Module, call: ast.Call, function: ast.Attribute) -> Finding:
    receiver = module.source(function.value)
    return Finding(
        "MCP103",
        Severity.WARNING,
        Outcome.BY_HAND,
        module.place(call),
        f"{module.source(function)} makes an application that speaks the deprecated SSE transport; where {receiver} "
        "is made can't be followed",
        f"Write {receiver}.streamable_http_app() here ({receiver}.http_app() for fastmcp), make {receiver} stateless "
        f"where it is constructed, and enter {receiver}.session_manager.run() in the lifespan of the outermost application.",
    )
