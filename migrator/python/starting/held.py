"""Starts that are held before they are called, or handed on: `go = partial(mcp.run, port=8000)`, `Thread(target=mcp.run)`."""

from __future__ import annotations

import ast

from migrator.python.functions import calls_under_its_name
from migrator.python.module import Module, dotted

# what decides how a start is moved: said where the held start is called, it is changed there
OPTIONS = {"transport", "path", "sse_path", "message_path", "mount_path", "stateless_http", "stateless"}
HANDED = ("target", "func", "fn", "function")  # keywords under which a function is handed on


def partial_of(module: Module, node: ast.expr) -> ast.Call | None:
    """The `partial(mcp.run, ...)` that a method stands in; None where it stands in nothing of the kind."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.Call) and node in parent.args[:1]:
        return parent if dotted(parent.func).rpartition(".")[2] == "partial" else None
    return None


def untold(held: ast.Call) -> bool:
    """True for `partial(mcp.run, port=8000)`, which leaves the transport to whoever calls it."""
    return len(held.args) == 1 and all(k.arg not in ("transport", None) for k in held.keywords)


def finishing(module: Module, node: ast.expr) -> list[ast.Call]:
    """The calls of what holds a start, all of them or none: `run = mcp.run`, then `run("sse")`, or `partial(...)("sse")`."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.Call) and parent.func is node:
        return [parent] if isinstance(node, ast.Call) else []
    return calls_under_its_name(module, node)


def given_to(module: Module, node: ast.expr) -> ast.Call | None:
    """The call that is handed a start together with its arguments: `Thread(target=mcp.run, args=("sse",))`."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.keyword):
        parent = module.parents.get(parent) if parent.arg in HANDED else None
    return parent if isinstance(parent, ast.Call) and parent.func is not node else None


__all__ = ["OPTIONS", "finishing", "given_to", "partial_of", "untold"]
