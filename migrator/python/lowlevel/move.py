"""Puts a session manager in a transport's place, and takes the message side out."""

from __future__ import annotations

from dataclasses import replace

from migrator.python.applications.wiring import Wiring
from migrator.python.lowlevel.around import Around
from migrator.python.lowlevel.checks import Check, Checks
from migrator.python.lowlevel.facts import by_hand
from migrator.python.lowlevel.given import Giving
from migrator.python.lowlevel.gone import Gone
from migrator.python.lowlevel.handlers import Handlers
from migrator.python.lowlevel.job import Job
from migrator.python.lowlevel.keep import Keeping
from migrator.python.lowlevel.messages import Messages, arm_of
from migrator.python.lowlevel.options import Options, outdented
from migrator.python.lowlevel.place import Manager, Placing, Served
from migrator.python.lowlevel.read import Reader, drop
from migrator.python.lowlevel.registrations import Called, Lost, Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.lowlevel.serve import Serving
from migrator.python.lowlevel.state import HANDED, State
from migrator.python.lowlevel.wire import Wires
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import EnsureImport, Insert, RemoveStmt, ReplaceStmt
from migrator.python.unit import Draft


class Moving:
    """Moves streams of one project."""

    def __init__(self, project: Project, reader: Reader, routes: Routes, wiring: Wiring) -> None:
        self.project = project
        self.reader = reader
        self.routes = routes
        self.checks = Checks(project.values)
        self.handlers = Handlers(routes)
        self.around = Around(routes)
        self.messages = Messages(routes, self.checks, self.around)
        self.placing = Placing(project)
        self.serving = Serving(routes, self.handlers, self.placing)
        self.options = Options(project)
        self.state = State(project)
        self.giving = Giving(routes, self.placing)
        self.gone = Gone(self.handlers)
        self.keeping = Keeping(self.serving)
        self.wires = Wires(project, wiring)
        low = project.sdks.official["lowlevel"]
        self.manager_module, self.manager = str(low["manager_module"]), str(low["manager"])
        self.old = sorted(project.sdks.sse_transports)[0]

    def move(self, job: Job) -> None:
        """Add all edits of one stream; blocks its draft where one of them can't be made."""
        draft, stream, run = job.draft, job.stream, job.run
        module = stream.module
        if stream.arguments is None or stream.site is None or len(stream.node.items) != 1:
            draft.block(
                module.place(stream.node),
                "the stream is opened together with something else, or with arguments that can't be read",
                by_hand(draft, run),
            )
            return
        direct = self.handlers.is_asgi(stream) and arm_of(module, stream.node, stream.function) is not None
        if not direct and not self._reachable(job):
            return
        handed = replace(draft, operations=[])
        served = self.placing.served(stream, run)
        manager = None
        if job.transport.given:
            manager = self.giving.place(job)
            served = Served(manager.server, "", manager.module) if manager is not None else None
        elif served is not None:
            manager = self.placing.place(stream, served, job.transport, job.handlers)
        if manager is not None and not self._runs(job, manager):
            manager = None
        if manager is None and job.transport.given:
            self._given_in_vain(job)
            return
        if draft.blocks or not self.options.keep(draft, stream, served, manager):
            return
        if not self.options.reachable(draft, job.transport, manager, stream):
            return
        if manager is None:
            if not draft.stateless:
                draft.block(
                    module.place(stream.node),
                    "this server needs sessions, and no place was found where its session manager could live",
                    by_hand(draft, run),
                    step="wire",
                )
                return
            if run.module is not module and (served is None or served.imported):
                draft.block(
                    run.module.place(run.receiver),
                    f"{run.module.source(run.receiver)} can't be seen from {module.path}, where the requests arrive",
                    by_hand(draft, run),
                    step="wire",
                )
                return
            if served is None and not self._same_each_time(job):
                return
            code = self._each(job, served)
        else:
            self._make(job, manager, served)
            if job.transport.given:
                self.giving.hand_on(handed, job, manager)
                manager = replace(manager, name=module.source(stream.call.func.value))  # type: ignore[attr-defined]
            code = f"await {manager.name}.handle_request({job.arguments})"
        checks = self._checks(job)
        if self.keeping.active:
            self.messages.remove(replace(draft, operations=[]), job.transport, checks)  # for what it blocks
            if self.giving.to_handlers(job):
                self.keeping.serve(job, manager, code, handed.operations)
            else:
                self._given_in_vain(job)
            return
        draft.do(*handed.operations)
        self.messages.remove(draft, job.transport, checks)
        if manager is None or manager.how != "replace" or manager.anchor is not job.transport.statement:
            drop(draft, self.reader, job.transport)
        else:
            draft.do(*(RemoveStmt(job.transport.module.at(s)) for s in self.reader.kept(job.transport)))
        self.serving.handle(job, manager, code)
        self.gone.add(draft, [] if self.keeping.dispatched(job) else job.ways)

    def _given_in_vain(self, job: Job) -> None:
        given = job.transport.given[0]
        job.draft.block(
            given.module.place(given.use),
            f"{given.module.source(given.use)} is handed on, and no session manager can be handed on in its place",
            by_hand(job.draft, job.run),
            step="wire",
        )

    def _runs(self, job: Job, manager: Manager) -> bool:
        """Let the applications' lifespans run the manager. False, with nothing added, when nobody can."""
        draft = job.draft
        for i, (place, home) in enumerate(job.ways):
            if not self.wires.wire(draft, place, home, manager):
                if i:
                    draft.block(
                        place.module.place(place.node),
                        "this route is in an application that can't run the session manager of the other routes",
                        by_hand(draft, job.run),
                        step="wire",
                    )
                return False
        return bool(job.ways)

    def _same_each_time(self, job: Job) -> bool:
        """False, and blocked, when the connection's own server keeps something that a request's could not."""
        draft, run = job.draft, job.run
        function = run.function if run.function is not None else job.stream.function
        if self.state.of_application(run.module, run.receiver, function):
            return True
        kept = self.state.kept(run.module, run.receiver, function)
        if kept is not None:
            where, node, reason = kept
            message = f"the server is made for each connection, and {reason}: a server for each request would lose it"
            todo = "Keep it outside the connection (by user or session, in a store), then make the server once. "
            if reason == HANDED:
                message, todo = reason, "Make the session manager where the server is made, and give the handler that. "
            draft.block(
                where.place(node),
                message,
                todo + by_hand(draft, None),
                step="state",
            )
            return False
        draft.note(
            "MCP605",
            run.module.place(run.receiver),
            "this server was made for each connection; from now on it is made for each request",
        )
        return True

    def _reachable(self, job: Job) -> bool:
        """False, and blocked, when the handler's routes are not all known."""
        draft, function = job.draft, job.stream.function
        for place in job.found:
            if isinstance(place, Lost):
                draft.block(
                    place.module.place(place.node),
                    f"{function.name} goes somewhere that can't be followed",
                    by_hand(draft, job.run),
                    step="routes",
                )
                return False
        if not job.found:
            draft.block(
                job.stream.module.place(function),
                f"no route for {function.name} was found",
                by_hand(draft, job.run),
                step="routes",
            )
            return False
        return True

    def _make(self, job: Job, manager: Manager, served: Served | None) -> None:
        draft = job.draft
        stateless = ", stateless=True" if draft.stateless else ""
        more = "".join(
            f", {k}={outdented(manager.module, v)}" for k, v in self.options.of_transport(job.transport).items()
        )
        code = f"{manager.name} = {self.manager}(app={manager.server}{stateless}{more})"
        code = "\n".join([*self.options.lines(draft), code])
        at = manager.module.at(manager.anchor)
        if manager.how == "replace" and self.keeping.active:
            draft.do(Insert(at, code, where="after", order=20))
        elif manager.how == "replace":
            draft.do(ReplaceStmt(at, code))
        else:
            draft.do(Insert(at, code, where=manager.how, order=20))
        self._import(draft, manager.module)
        if served is not None and served.imported:
            draft.do(EnsureImport(manager.module.path, served.imported, served.root))
        draft.files.add(manager.module.path)

    def _import(self, draft: Draft, module: Module) -> None:
        package, _, name = self.old.rpartition(".")
        draft.do(EnsureImport(module.path, self.manager_module, self.manager, f"{package}:{name}"))

    def _each(self, job: Job, served: Served | None) -> str:
        """A manager for each request, where none can be made once."""
        draft, stream, run = job.draft, job.stream, job.run
        self._import(draft, stream.module)
        name = self.placing.local(stream.module, stream.function)
        server = served.text if served is not None else run.module.source(run.receiver)
        given = self.options.of_transport(job.transport)
        more = "".join(f", {k}={outdented(job.transport.module, v)}" for k, v in given.items())
        lines = [
            *self.options.lines(draft),
            f"{name} = {self.manager}(app={server}, stateless=True{more})",
            f"async with {name}.run():",
            f"    await {name}.handle_request({job.arguments})",
        ]
        return "\n".join(lines)

    def _checks(self, job: Job) -> list[Check]:
        """What stands in front of the stream, on every way to it."""
        stream = job.stream
        own = self.checks.of_function(stream.module, stream.function, [stream.node])
        ways: list[list[Check]] = []
        for place in job.found:
            if isinstance(place, Registration):
                via = self.checks.of_function(place.module, place.via) if place.via is not None else []
                ways.append([*own, *via, *self.checks.of_registration(place)])
            elif isinstance(place, Called):
                holder = place.module.function_of(place.call)
                if holder is not None:
                    ways.append([*own, *self.checks.of_function(place.module, holder, [place.call])])
        around = [self.around.of(place, home) for place, home in job.ways]
        return [*(_common(ways) if ways else own), *_common(around)]


def _common(ways: list[list[Check]]) -> list[Check]:
    """The checks that every way makes."""
    if not ways:
        return []
    keys = {c.key for c in ways[0]}
    for way in ways[1:]:
        keys &= {c.key for c in way}
    return [c for c in ways[0] if c.key in keys]
