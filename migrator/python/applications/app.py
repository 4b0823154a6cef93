"""One expression that makes a server's ASGI application."""

from __future__ import annotations

import ast
from dataclasses import field

from migrator.python.module import Module
from migrator.python.sdk import Server
from migrator.python.starting.starts import Start
from migrator.records import record


@record(eq=False)
class App:
    """`mcp.sse_app()` and its relatives.

    node: the call, or the bare reference `mcp.sse_app` that somebody else calls.
    kind: "sse_app", "http_app" and "create_sse_app" speak SSE, "live" speaks Streamable HTTP already.
    families: of the servers it can be of, several where the import that succeeds decides.
    others: further servers that `receiver` can be.
    order: names of the call's positional arguments.
    """

    module: Module
    node: ast.expr
    call: ast.Call | None
    receiver: ast.expr
    server: Server
    kind: str
    families: tuple[str, ...] = ()
    others: tuple[Server, ...] = ()
    order: tuple[str, ...] = ()
    told: Start | None = None  # what the call is told of the transport, read as a start's
    entries: dict[str, tuple[Module, ast.expr]] = field(default_factory=dict)  # of dicts that it is given with `**`

    def keyword(self, name: str) -> ast.expr | None:
        """The value that the call gives an argument, by its name, by its position, or in a dict."""
        if self.call is None:
            return None
        named = next((k.value for k in self.call.keywords if k.arg == name), None)
        placed = (a for n, a in zip(self.order, self.call.args, strict=False) if n == name)
        held = self.entries.get(name)
        found = named if named is not None else next(placed, None)
        return held[1] if found is None and held is not None else found
