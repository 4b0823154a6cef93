"""One stream on its way: what was found out about it."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.python.code import FunctionNode
from migrator.python.lowlevel_read import Run, Stream, Transport
from migrator.python.lowlevel_routes import Found, Home, Registration
from migrator.python.unit import Draft


@dataclass(eq=False)
class Job:
    """A stream, its draft, and where it is served.

    found: every registration and call of its handler. homes: the registrations, with their applications.
    ways: these and the registrations of the functions that call the handler.
    """

    draft: Draft
    transport: Transport
    stream: Stream
    run: Run
    found: list[Found]
    homes: list[tuple[Registration, Home]]
    ways: list[tuple[Registration, Home]]

    @property
    def handlers(self) -> set[FunctionNode]:
        """The functions around the stream that run for every request."""
        vias = {f.via for f in self.found if isinstance(f, Registration) and f.via is not None}
        return {self.stream.function} | vias

    @property
    def arguments(self) -> str:
        """scope, receive and send, as the handler calls them."""
        assert self.stream.arguments is not None
        return ", ".join(self.stream.module.source(a) for a in self.stream.arguments)
