"""Hands requests over to the session manager: in the handler, on its routes, and in the functions that call it."""

from __future__ import annotations

import ast

from migrator.python.applications.collisions import Collisions, served_already
from migrator.python.lowlevel.facts import by_hand
from migrator.python.lowlevel.handlers import ADAPTER, ADAPTER_CODE, ENDPOINT, SENT, Handlers, Path, methods_of_test
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.job import Job
from migrator.python.lowlevel.messages import arm_of
from migrator.python.lowlevel.place import Manager, Placing
from migrator.python.lowlevel.registrations import Called, Lost, Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.paths import joined_path
from migrator.python.rewrite.edits import Helper, Insert, ReplaceExpr
from migrator.python.serverpaths import below_usual
from migrator.python.unit import Draft

Homes = list[tuple[Registration, Home]]


class Serving:
    """Makes the edits of one project's handlers and routes."""

    def __init__(self, routes: Routes, handlers: Handlers, placing: Placing) -> None:
        self.routes = routes
        self.handlers = handlers
        self.placing = placing
        self.project = routes.project
        self.collisions = Collisions(routes.project, routes.hosting)

    def address(self, draft: Draft, homes: Homes) -> None:
        """The old paths, as far as the first route tells."""
        for place, home in homes[:1]:
            text = self.project.text(place.module, place.path)
            if text is None and place.path is not None:
                text = self.handlers.path(place, home, set()).old
            if text is not None and home.prefix is not None:
                prefix = home.prefix.rstrip("/")
                draft.old_path = prefix + text
                if draft.message_path and not draft.message_path.startswith(f"{prefix}/"):
                    draft.message_path = joined_path(prefix, draft.message_path)
            elif text is not None and home.outer is not None and not home.routers:
                below_usual(self.project, draft, home.outer, text)

    def handle(self, job: Job, manager: Manager | None, code: str) -> None:
        """Rewrite the stream's handler and everything that leads to it. `code`: what stands for the stream."""
        draft, stream, found, homes = job.draft, job.stream, job.found, job.homes
        module, function = stream.module, stream.function
        handlers = self.handlers
        asgi = handlers.is_asgi(stream)
        method = function.name == "__call__" and module.class_of(function) is not None
        paths = self.paths(homes)
        self._new_path(draft, homes or job.ways, self.paths(homes or job.ways))
        if self._collides(draft, homes, paths):
            return
        if manager is not None and self._as_class(job):
            name = self.placing.free(module, ENDPOINT)
            handlers.endpoint_class(draft, stream, manager.name, name)
            for place, _ in homes:
                handlers.register(draft, place, paths[id(place)], True, f"{name}()")
            return
        handlers.in_place(draft, stream, code, "" if asgi else f"{SENT}()")
        if asgi and arm_of(module, stream.node, function) is not None:
            self._dispatch(draft, module, stream.node, function)
        if not asgi:
            assert stream.site is not None
            self._answer(draft, module, function, stream.site)
            self._all_methods(draft, module, function)
        for place, _ in homes:
            endpoint = ""
            if asgi and place.via is None and not method and not place.wrappers:
                endpoint = self._adapted(draft, place)
            is_object = asgi and place.via is None and place.kind != "decorator"
            handlers.register(draft, place, paths[id(place)], is_object, endpoint)
        for call in found:
            if isinstance(call, Called):
                self._caller(draft, call, asgi, set())

    def _all_methods(self, draft: Draft, module: Module, function: FunctionNode) -> None:
        """A class with a method for each of HTTP's answers all of them as it answers GET."""
        cls = self.routes.endpoint(module, function)
        if cls is None:
            return
        names = [m.lower() for m in self.routes.asgi.methods if m.lower() != function.name]
        own = next((s for s in cls.body if isinstance(s, FunctionNode) and s.name in names), None)
        if own is not None:
            draft.block(module.place(own), f"{cls.name} answers {own.name.upper()} itself", by_hand(draft, None))
            return
        draft.do(Insert(module.at(function), f"{' = '.join(names)} = {function.name}", where="after", order=90))

    def _adapted(self, draft: Draft, place: Registration) -> str:
        """An ASGI function as an object, which is what Route serves as it is."""
        draft.do(Helper(place.module.path, ADAPTER, ADAPTER_CODE))
        return f"{ADAPTER}({place.module.source(place.reference)})"

    def _as_class(self, job: Job) -> bool:
        """True when the handler can become a class: nothing is lost, and all its routes are in its own file."""
        stream, homes = job.stream, job.homes
        if len(job.found) != len(homes) or not self.handlers.is_plain(stream):
            return False
        asgi = self.handlers.is_asgi(stream)
        for place, _ in homes:
            if (
                place.kind == "decorator"
                or place.via is not None
                or place.module is not stream.module
                or place.wrappers
            ):
                return False
            if place.adder == "add_api_route" or ((place.kind == "mount" or place.adder == "mount") and not asgi):
                return False
            if not isinstance(place.reference, ast.Name):
                return False
        return True

    def _answer(self, draft: Draft, module: Module, function: FunctionNode, site: ast.stmt) -> None:
        if not self.handlers.answered(draft, module, function, site):
            draft.block(
                module.place(site),
                "the stream is opened in a loop",
                "Take the loop out: a handler answers one request. " + by_hand(draft, None),
            )

    def _caller(self, draft: Draft, called: Called, asgi: bool, seen: set[ast.AST]) -> None:
        """A function that calls the handler: it answers through it, so its own routes move."""
        module, call = called.module, called.call
        function = module.function_of(call)
        if function is None or function in seen:
            draft.block(module.place(call), "the handler is called outside a function", by_hand(draft, None))
            return
        seen.add(function)
        draft.files.add(module.path)
        statement = module.statement_of(call)
        if arm_of(module, call, function) is not None:
            self._dispatch(draft, module, call, function)
            return
        places = self.routes.of_handler(module, function)
        cls = module.class_of(function)
        parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        raw = len(call.args) >= 3 and all(isinstance(a, ast.Name) and a.id in parameters for a in call.args[:3])
        if not raw and not (isinstance(statement, ast.Return) and not asgi):
            self._answer(draft, module, function, statement)
        lost = [p for p in places if isinstance(p, Lost)]
        if lost or not places:
            draft.block(
                module.place(function),
                f"the routes of {function.name} can't be followed",
                by_hand(draft, None),
                step="routes",
            )
            return
        homes = [(p, self.routes.homes.of(p)) for p in places if isinstance(p, Registration)]
        paths = self.paths(homes)
        if homes and not draft.old_path:
            self.address(draft, homes)
            self._new_path(draft, homes, paths)
        for place, _ in homes:
            is_object = cls is not None and function.name == "__call__"
            endpoint = ""
            if raw and not is_object and not place.wrappers:
                endpoint = self._adapted(draft, place)
            self.handlers.register(draft, place, paths[id(place)], raw, endpoint)
        for further in places:
            if isinstance(further, Called):
                self._caller(draft, further, asgi, seen)

    def paths(self, homes: Homes) -> dict[int, Path]:
        """The new path of each registration, by its id()."""
        taken = {p.path.value for p, _ in homes if isinstance(p.path, ast.Constant) and isinstance(p.path.value, str)}
        return {id(p): self.handlers.path(p, h, taken) for p, h in homes}

    def _new_path(self, draft: Draft, homes: Homes, paths: dict[int, Path]) -> None:
        for place, _ in homes:
            path = paths[id(place)]
            if path.new is not None:
                draft.new_path = ("{prefix}" if path.prefix is None else path.prefix.rstrip("/")) + path.new
            return

    def _collides(self, draft: Draft, homes: Homes, paths: dict[int, Path]) -> bool:
        """Blocks the draft when the new path is served by something else already."""
        own = {id(place.node) for place, _ in homes}
        names = ("Route", *self.routes.asgi.adders, *self.routes.asgi.decorators)
        for place, home in homes:
            new, hosted = paths[id(place)].new, home.outer
            if not new or not isinstance(place.path, ast.Constant) or place.path.value == new:
                continue
            if hosted is not None and home.prefix is not None:
                if self.collisions.page(draft, hosted, home.prefix.rstrip("/") + new, own):
                    return True
            for call in place.module.calls:
                first = call.args[0] if call.args else None
                if id(call) not in own and dotted(call.func).rpartition(".")[2] in names:
                    if self.collisions.apart([home.inner, home.outer], place.module, call):
                        continue  # on another application
                    if isinstance(first, ast.Constant) and first.value == new:
                        served_already(draft, place.module, call, new)
                        return True
        return False

    def _dispatch(self, draft: Draft, module: Module, call: ast.AST, function: FunctionNode) -> None:
        arm = arm_of(module, call, function)
        assert arm is not None
        gone = list(methods_of_test(arm.test))
        if isinstance(arm.test, ast.BoolOp) and isinstance(arm.test.op, ast.And):
            rest = [v for v in arm.test.values if v not in gone]
            text = " and ".join(module.source(v) for v in rest)
        else:
            text = module.source(arm.test)
            if gone:
                draft.block(module.place(arm), "this test of the method can't be taken out", by_hand(draft, None))
                return
        first = True
        for node in ast.walk(arm.test):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
                new = self.project.moved(node.value)
                if first:  # the application that looks at paths may be mounted itself
                    mount = draft.old_path.rstrip("/")
                    above = "" if node.value.startswith(f"{mount}/") else mount
                    draft.old_path, draft.new_path = above + node.value, above + new
                first = False
                if node.value.endswith("/"):
                    new += "/"
                text = text.replace(module.source(node), f'"{new}"')
        draft.do(ReplaceExpr(module.at(arm.test), text))
