"""One stream on its way: what was found out about it."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.read import Run, Stream, Transport
from migrator.python.lowlevel.registrations import Called, Found, Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module
from migrator.python.unit import Draft
from migrator.records import record

Root = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@record(eq=False)
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


def chain(routes: Routes, job: Job) -> list[tuple[Module, Root]]:
    """The functions, or classes that routes are given, that a request goes through to the stream; none inside another."""
    found = [_root(routes, job.stream.module, job.stream.function)]
    _through(routes, job.found, found, set())
    found = list({id(root): (module, root) for module, root in found}.values())
    return [(m, r) for m, r in found if not any(r is not other and r in ast.walk(other) for _, other in found)]


def _through(routes: Routes, places: Iterable[Found], out: list[tuple[Module, Root]], seen: set[ast.AST]) -> None:
    for place in places:
        if isinstance(place, Registration):
            out += _makers(routes, place)
        elif isinstance(place, Called):
            function = place.module.function_of(place.call)
            if function is not None and function not in seen:
                seen.add(function)
                out.append(_root(routes, place.module, function))
                _through(routes, routes.of_handler(place.module, function), out, seen)


def _makers(routes: Routes, place: Registration) -> list[tuple[Module, Root]]:
    """The function that is registered in the handler's place, or that makes the handler: `Route(p, make(server))`."""
    if place.via is not None:
        return [_root(routes, place.module, place.via)]
    if any(node is place.reference for node in ast.walk(place.node)):
        return []
    function = place.module.function_of(place.reference) if place.reference in place.module.parents else None
    if function is None or any(node is place.node for node in ast.walk(function)):
        return []
    return [_root(routes, place.module, function)]


def _root(routes: Routes, module: Module, function: FunctionNode) -> tuple[Module, Root]:
    cls = module.class_of(function)
    whole = (cls is not None and function.name == "__call__") or routes.endpoint(module, function) is not None
    return (module, cls) if cls is not None and whole else (module, function)
