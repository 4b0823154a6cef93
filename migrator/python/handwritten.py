"""SSE transports that a project wrote itself, or copied from an SDK: found and explained, never rewritten (MCP110).

What tells them is the first event that HTTP+SSE asks of a server: `endpoint`, with the address to post messages to
(MCP specification 2024-11-05, Transports, HTTP with SSE).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.code import is_test
from migrator.python.functions import last_name
from migrator.python.module import FunctionNode, Module
from migrator.python.products import distribution
from migrator.python.project import Project

EVENT = "event: endpoint"
STREAM, POST = "connect_sse", "handle_post_message"  # the two halves of the official SDK's transport class
QUOTED = re.compile(rb"[\"']endpoint|event: endpoint")  # the event's name, in quotes of its own or in EVENT
READS = ("startswith", "endswith", "find", "index", "split", "count", "removeprefix", "partition")


def handwritten(project: Project, table: dict[str, Any]) -> Iterator[Finding]:
    """What the project serves over an SSE transport of its own. `table`: rules/sdks/products.toml."""
    names = frozenset(table["distributions"])
    for path in project.context.tree.hits.get("python", ()):
        if is_test(path):
            continue
        data = project.context.tree.read(path)
        if not QUOTED.search(data) and not all(f"def {name}".encode() in data for name in (STREAM, POST)):
            continue
        if b"jsonrpc" not in data.lower() and b"mcp" not in data.lower():
            continue
        module = project.code.load(path)
        place = _place(module) if module is not None else None
        if place is None:
            continue
        published = distribution(project.context, path)
        if published in names:
            message = f"{place[1]} speaks HTTP+SSE; {published} offers SSE to its own users, so it is left alone"
            yield Finding("MCP107", Severity.NOTE, Outcome.INFO, place[0], message)
            continue
        yield Finding(
            "MCP110",
            Severity.WARNING,
            Outcome.BY_HAND,
            place[0],
            f"{place[1]} speaks the deprecated HTTP+SSE transport without an SDK's help",
            "Serve the same server through the SDK's Streamable HTTP application, or answer each POST on /mcp with the "
            "JSON-RPC response itself and a GET with 405: no stream, no session and no endpoint event are needed.",
        )


def _place(module: Module) -> tuple[Place, str] | None:
    for node in module.nodes:
        if isinstance(node, ast.ClassDef):
            names = {n.name for n in node.body if isinstance(n, FunctionNode)}
            if {STREAM, POST} <= names:
                return module.place(node), f"class {node.name}"
    for node in module.nodes:
        if _sends(module, node):
            function = module.function_of(node)
            return module.place(node), getattr(function, "name", "") or "this module"
    return None


def _sends(module: Module, node: ast.AST) -> bool:
    """True for what writes the event; not for what reads or compares one."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
        text = node.value if isinstance(node.value, str) else node.value.decode("latin-1")
        return text.startswith(EVENT) and _goes_out(module, node)
    if isinstance(node, ast.Dict):
        pairs = zip(node.keys, node.values, strict=True)
        return any(_is(key, "event") and _is(value, "endpoint") for key, value in pairs)
    if isinstance(node, ast.Call):
        name = last_name(node.func)
        if any(k.arg == "event" and _is(k.value, "endpoint") for k in node.keywords):
            return name[:1].isupper() or "send" in name  # ServerSentEvent(event="endpoint", ...): made, not handled
        return "send" in name.lower() and "event" in name.lower() and bool(node.args) and _is(node.args[0], "endpoint")
    return False


def _is(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text


def _goes_out(module: Module, node: ast.AST) -> bool:
    parent = module.parents.get(node)
    while isinstance(parent, ast.JoinedStr | ast.BinOp | ast.FormattedValue):
        parent = module.parents.get(parent)
    if isinstance(parent, ast.Call) and isinstance(parent.func, ast.Attribute):
        return parent.func.attr not in READS
    return not isinstance(parent, ast.Compare | ast.Expr)
