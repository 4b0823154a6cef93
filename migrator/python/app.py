"""One expression that makes a server's ASGI application."""

from __future__ import annotations

import ast
from dataclasses import dataclass

from migrator.python.code import Module
from migrator.python.sdk import Server


@dataclass(eq=False)
class App:
    """`mcp.sse_app()` and its relatives.

    node: the call, or the bare reference `mcp.sse_app` that somebody else calls.
    kind: "sse_app", "http_app" and "create_sse_app" speak SSE, "live" speaks Streamable HTTP already.
    families: of the servers it can be of, several where the import that succeeds decides.
    """

    module: Module
    node: ast.expr
    call: ast.Call | None
    receiver: ast.expr
    server: Server
    kind: str
    families: tuple[str, ...] = ()

    def keyword(self, name: str) -> ast.expr | None:
        """The value that the call gives a keyword argument."""
        if self.call is None:
            return None
        return next((k.value for k in self.call.keywords if k.arg == name), None)
