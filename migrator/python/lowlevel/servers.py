"""Decides servers that are wired by hand with the SDK's SseServerTransport: each stream becomes one exact route.

    SseServerTransport, GET /sse, POST /messages/   ->   StreamableHTTPSessionManager, one route for all methods

The after-code is the same for every SDK since 1.8 (rules/sdks: lowlevel).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.applications.hosting import Hosting
from migrator.python.applications.wiring import Wiring
from migrator.python.flow.value import Obj
from migrator.python.legacy import gone_by_hand
from migrator.python.lowlevel.both import Both, Half
from migrator.python.lowlevel.facts import Facts, by_hand
from migrator.python.lowlevel.job import Job
from migrator.python.lowlevel.move import Moving
from migrator.python.lowlevel.read import POST, STREAM, Reader, Stream, Transport, drop, state_name
from migrator.python.lowlevel.registrations import Found, Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import Unused
from migrator.python.serverpaths import selected_by
from migrator.python.unit import Draft
from migrator.python.words.leaving import Leaving
from migrator.python.words.selection import Selection

KEYWORDS = {"endpoint", "security_settings", "max_request_body_size"}  # what SseServerTransport takes
# the usual reason to look there: who belongs to a session
PER_SESSION = (
    "What is kept by session id here has to come with each request from now on: a tool reads it from the request "
    "(server.request_context.request.headers), or the handler sets a context variable before it hands the request on. "
)
OWN_KIND = (
    "What this class does itself (a check, a log line) belongs in front of handle_request: it runs for each request. "
)


class LowLevel:
    """Drafts for every stream of every transport."""

    def __init__(self, project: Project, wiring: Wiring) -> None:
        """`wiring`: of the applications in the same run, which may be hosts of these servers, too."""
        self.project = project
        self.values = project.values
        self.reader = Reader(project)
        self.hosting = Hosting(project.values, project.modules, project.asgi)
        self.routes = Routes(project, self.hosting)
        self.facts = Facts(project)
        self.moving = Moving(project, self.reader, self.routes, wiring)
        self.both = Both(self.routes, self.moving.placing)
        self.leaving = Leaving(project)
        self.selection = Selection(project)

    def drafts(self) -> list[Draft]:
        """One draft for each stream, or for each transport that can't be read."""
        out: list[Draft] = []
        for transport in self.reader.transports():
            self._handed_on(transport)
            if not transport.streams:
                out += self._without_stream(transport)
                continue
            for stream in transport.streams:
                out.append(self._draft(transport, stream))
        return out

    # -- transports that can't be moved

    def _handed_on(self, transport: Transport) -> None:
        """Uses of the transport's name beside its two methods."""
        target, module = transport.target, transport.module
        giving = self.moving.giving
        for other, use in self._read_from_state(transport):
            if not any(other.statement_of(use) in s.carriers for s in transport.streams):
                transport.others.append((other, use, f"{other.source(use)} is handed on"))
        if target is None:
            given = giving.of(module, transport.call)
            if given is not None:
                transport.given.append(given)
            elif not isinstance(module.parents.get(transport.call), ast.Attribute):
                transport.others.append(
                    (module, transport.call, "the transport is made in the middle of an expression")
                )
            return
        stores = self.reader.kept(transport)
        for other, use in self.routes.uses(module, target):
            parent = other.parents.get(use)
            if isinstance(parent, ast.Attribute) and parent.attr in (STREAM, POST):
                continue
            if any(parent is s for s in stores) or isinstance(parent, ast.Attribute):
                continue
            if other.function_of(use) is not None and self._harmless_use(other, use):
                continue
            if any(other.statement_of(use) in s.carriers for s in transport.streams):
                continue  # another name for it in the handler
            given = giving.of(other, use)
            if given is not None:
                transport.given.append(given)
                continue
            transport.others.append((other, use, f"{other.source(use)} is handed on"))

    def _read_from_state(self, transport: Transport) -> Iterator[tuple[Module, ast.expr]]:
        """Where what `app.state.sse = transport` keeps is read, other than to call one of its two methods."""
        for store in self.reader.in_state(transport):
            name = state_name(store.targets[0])
            for module in self.values.code.mentioning(name) if name else ():
                for use in module.loads.get(name, ()):
                    parent = module.parents.get(use)
                    if state_name(use) and not (isinstance(parent, ast.Attribute) and parent.attr in (STREAM, POST)):
                        yield module, use
                for call in module.calls_by_name.get("getattr", ()):
                    if any(isinstance(a, ast.Constant) and a.value == name for a in call.args[1:2]):
                        yield module, call

    def _harmless_use(self, module: Module, use: ast.expr) -> bool:
        parent = module.parents.get(use)
        return isinstance(parent, ast.FormattedValue)

    def _without_stream(self, transport: Transport) -> list[Draft]:
        module = transport.module
        names = {k.arg for k in transport.call.keywords if k.arg}
        own_kind = any(isinstance(node, ast.ClassDef) for _, node, _ in transport.others)
        invented = set() if own_kind else names - KEYWORDS
        unseen = self.reader.opened_unseen()
        if not transport.others and not transport.posts and not invented and unseen is None:
            return []  # made and never used: it serves nothing
        draft = self._base(transport, module, transport.call)
        where, reason = module, "no place was found that opens the stream of this transport"
        node: ast.AST = transport.call
        if invented:
            draft.rule = "MCP106"
            reason = f"SseServerTransport takes no {', '.join(sorted(invented))}: this code has never worked"
        elif transport.others:
            where, node, reason = transport.others[0]
        elif unseen is not None:
            where, node = unseen
            reason = f"{where.source(unseen[1].value)} can't be followed to the transport that it is"
        draft.block(where.place(node), reason, by_hand(draft, None))
        return [draft]

    def _base(self, transport: Transport, module: Module, node: ast.AST, name: str = "") -> Draft:
        target = transport.target
        draft = Draft(
            name=name or f"{module.path}:{(dotted(target) if target is not None else '') or 'sse'}",
            generation=self.facts.generation(module, None),
            place=transport.module.place(transport.call),
            module=module,
            rule="MCP104",
            message="an SSE transport is wired by hand with its own routes",
        )
        draft.files |= {module.path, transport.module.path}
        draft.message_path = self.project.text(transport.module, transport.endpoint) or ""
        draft.new_path = self.project.new_path
        return draft

    # -- one stream

    def _draft(self, transport: Transport, stream: Stream) -> Draft:
        project, module, run = self.project, stream.module, stream.run
        name = f"{module.path}:{dotted(run.receiver) or 'server'}" if run is not None else ""
        draft = self._base(transport, module, stream.node, name)
        draft.keys.add(("sse-transport", id(transport.call)))
        if run is None:
            draft.block(
                module.place(stream.node),
                "what happens with the two streams here can't be followed",
                by_hand(draft, None),
            )
            return draft
        keys, server_module = self.facts.server(run.module, run.receiver)
        draft.keys |= keys
        draft.files.add(server_module.path)
        draft.generation = self.facts.generation(module, (run.module, run.receiver))
        project.stateless.decide(draft, server_module)
        draft.keys.add(("handler", id(stream.function)))  # one class may serve several transports
        found = self._own_routes(transport, self.routes.of_handler(module, stream.function))
        homes = [(f, self.routes.homes.of(f)) for f in found if isinstance(f, Registration)]
        ways = homes if len(homes) == len(found) else self.routes.through_callers(found, set())
        job = Job(draft, transport, stream, run, found, homes, ways)
        self._select(job)
        self.moving.serving.address(draft, homes or ways)
        for place, home in (homes or ways)[:1]:
            self.facts.listening(draft, home, place)
        draft.hosts |= {h.host for _, home in ways for h in (home.inner, home.outer) if h is not None and h.host}
        if any(self.leaving.goes(draft, m, n) for m, n in ((module, stream.node), (transport.module, transport.call))):
            self.both.taking_over(job, keys, self.facts)
            self._removed(job)
            return draft
        for other_module, node, reason in transport.others:
            more = PER_SESSION if "private" in reason else OWN_KIND if isinstance(node, ast.ClassDef) else ""
            draft.block(other_module.place(node), reason, more + by_hand(draft, run))
        half = self.both.of(job, keys, self.facts)
        if half is not None:
            self._beside(job, half)
        elif not draft.blocks:
            self.moving.move(job)
            others = self.both.elsewhere(job, keys, self.facts)
            if self.moving.gone.active and draft.selectors and others:
                gone_by_hand(draft, "where the old word leads to the other application, the old path answers 404")
        return draft

    def _own_routes(self, transport: Transport, found: list[Found]) -> list[Found]:
        """The routes of the instances that got this transport, where the handler's class got others too."""
        calls = {g.call for g in transport.given}
        own = [
            f
            for f in found
            if not isinstance(f, Registration)
            or any(isinstance(v, Obj) and v.node in calls for v in self.values.of(f.module, f.reference))
        ]
        return own if calls and any(isinstance(f, Registration) for f in own) else found

    def _beside(self, job: Job, half: Half) -> None:
        """The new transport is served here already."""
        draft, moving = job.draft, self.moving
        self.both.make_stateless(draft, half)
        if moving.keeping.active:
            for place, _ in job.ways:
                self.both.guards(draft, place, half, stays=True)
            moving.keeping.mark(job)
            return
        if self.both.one_handler(job, half):
            return
        self.both.take_out(job, half)
        moving.messages.remove(draft, job.transport, None)
        drop(draft, self.reader, job.transport)
        moving.gone.add(draft, job.ways)

    # -- selectors

    def _select(self, job: Job) -> None:
        """Move what chooses this server, where something does."""
        draft, stream, transport = job.draft, job.stream, job.transport
        if self.moving.keeping.active:
            draft.selected_by = selected_by(draft, True)
            return
        guards = self.project.guards
        tests = [*guards.of(stream.module, stream.node), *guards.of(transport.module, transport.call)]
        for place, home in job.ways:
            tests += guards.of(place.module, place.node)
            for hosted in (home.inner, home.outer):
                if hosted is not None and hosted.host is not None and hosted.host_module is not None:
                    for h in self.hosting.of(hosted.host_module, hosted.host, 3):
                        if h.kind == "served":
                            tests += guards.of(h.module, h.node)
        self.selection.choose(draft, [], list(dict.fromkeys(tests)), (stream.module, stream.node))
        draft.selected_by = selected_by(draft, not tests)

    def _removed(self, job: Job) -> None:
        """The SSE arm goes as a whole: what only it used goes with it."""
        draft, stream, transport = job.draft, job.stream, job.transport
        draft.rule = "MCP105"
        draft.message = "SSE is offered beside Streamable HTTP"
        drop(draft, self.reader, transport)
        draft.do(Unused(stream.module.path, stream.function.name))
        for module, post in transport.posts:
            function = module.function_of(post)
            if function is not None and not function.decorator_list:
                draft.do(Unused(module.path, function.name))
        self.moving.gone.add(draft, [])


__all__ = ["LowLevel"]
