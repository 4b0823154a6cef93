"""Servers that hold a Streamable HTTP half beside the SSE half in one application: the SSE half goes."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.python.applications.hostcheck import newly_checked
from migrator.python.flow.value import Obj, Param
from migrator.python.lowlevel.facts import Facts
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.job import Job, chain
from migrator.python.lowlevel.messages import remove_registration
from migrator.python.lowlevel.place import Placing
from migrator.python.lowlevel.registrations import Called, Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditCall, RemoveStmt, ReplaceExpr, Unused, WrapExpr
from migrator.python.sdk import Server
from migrator.python.serverpaths import usual_path
from migrator.python.unit import Draft
from migrator.records import record


@record(eq=False)
class Half:
    """The half that stays: the call that makes its session manager or its application, and where it answers.

    server: of an application; None for a session manager made by hand.
    """

    module: Module
    call: ast.Call
    home: Home
    registration: Registration | None = None  # of a session manager's handler
    server: Server | None = None
    path: str | None = None  # below the home's prefix
    node: ast.AST | None = None  # where the session manager is called

    @property
    def mounted(self) -> bool:
        """True for a mount, which answers below its prefix only."""
        return self.registration is not None and "mount" in (self.registration.kind, self.registration.adder)

    @property
    def whole_path(self) -> str:
        """The path that clients name, "" where it can't be told."""
        if self.path is None or self.home.prefix is None:
            return ""
        return self.home.prefix.rstrip("/") + (f"{self.path.rstrip('/')}/" if self.mounted else self.path)

    @property
    def place(self) -> tuple[Module, ast.expr]:
        """Where it enters its application."""
        if self.registration is not None:
            return self.registration.module, self.registration.node
        return self.module, self.call


class Both:
    """Finds the half that stays, and takes the other one out."""

    def __init__(self, routes: Routes, placing: Placing) -> None:
        self.routes = routes
        self.placing = placing
        self.values = routes.values
        self.project = routes.project
        low = routes.project.sdks.official["lowlevel"]
        self.manager = str(low["manager"])
        # with another policy a route stays where the stream's was: in its arm
        self.empties = self.project.context.settings.legacy_sse == "remove"
        self.manager_name = f"{low['manager_module']}.{self.manager}"

    def managers(self, modules: Iterable[Module] | None = None) -> Iterator[tuple[Module, ast.Call]]:
        """Every session manager that the project makes; `modules`: where to look beside those that matter for SSE."""
        for module in self.project.modules if modules is None else modules:
            if self.manager not in module.text:
                continue
            for name in {self.manager} | module.aliases.get(self.manager, set()):
                for call in module.calls_by_name.get(name, ()):
                    if self.manager_name in self.values.names(module, call.func):
                        yield module, call

    def server_of(self, call: ast.Call) -> ast.expr | None:
        """The server that a session manager is made for."""
        return next((k.value for k in call.keywords if k.arg == "app"), call.args[0] if call.args else None)

    def halves(self, module: Module, call: ast.Call) -> Iterator[Half]:
        """Where a session manager answers."""
        for attribute in ("handle_request", "asgi_app"):
            for other in self.values.code.mentioning(attribute):
                for node in other.loads.get(attribute, ()):
                    if not isinstance(node, ast.Attribute):
                        continue
                    if not any(isinstance(v, Obj) and v.node is call for v in self.values.of(other, node.value)):
                        continue
                    for found in self._registrations(other, node, 0):
                        path = self.project.text(found.module, found.path) or self._usual(found)
                        yield Half(module, call, self.routes.homes.of(found), found, path=path, node=node)

    def _usual(self, place: Registration) -> str | None:
        """The path that a route has where nothing outside says another: os.getenv("RPC_PATH", "/rpc")."""
        if place.path is None:
            return None
        usual = usual_path(self.project, (place.module, place.path), "{path}")
        return None if "{" in usual else usual

    def _registrations(self, module: Module, node: ast.expr, depth: int) -> Iterator[Registration]:
        parent = module.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            function = module.function_of(node)
            if function is None or depth > 4:
                return
            places = self.routes.of_handler(module, function)
        else:
            places = list(self.routes.follow(module, node, node, ()))
        for place in places:
            if isinstance(place, Registration):
                yield place
            elif isinstance(place, Called):
                yield from self._registrations(place.module, place.call.func, depth + 1)

    def applications(self, keys: set[object]) -> Iterator[Half]:
        """Streamable HTTP applications of the same server, where they are mounted."""
        for module in self.project.modules:
            for name in ("streamable_http_app", "http_app"):
                for call in module.calls_by_name.get(name, ()):
                    if not isinstance(call.func, ast.Attribute) or self._speaks_sse(module, call):
                        continue
                    for server in self.project.sdks.servers(module, call.func.value)[:1]:
                        if ("server", server.origin) in keys:
                            for hosted in self.routes.hosting.of(module, call):
                                home = Home(hosted.prefix, hosted.inner or hosted, hosted)
                                yield Half(module, call, home, server=server, path=self._app_path(module, call, server))

    def _speaks_sse(self, module: Module, call: ast.Call) -> bool:
        given = next((k.value for k in call.keywords if k.arg == "transport"), None)
        return given is not None and self.project.text(module, given) in self.project.words.old

    def _app_path(self, module: Module, call: ast.Call, server: Server) -> str | None:
        for name in ("path", "streamable_http_path"):
            node = next((k.value for k in call.keywords if k.arg == name), None)
            if node is not None:
                return self.project.text(module, node)
        custom = self.project.ctor_argument(server, "streamable_http_path")
        return self.project.text(server.module, custom) if custom is not None else "/mcp"

    def of(self, job: Job, keys: set[object], facts: Facts) -> Half | None:
        """The Streamable HTTP half of the stream's server in the same application."""
        halves = self.anywhere(job, keys, facts)
        for place, home in job.ways:
            for half in halves:
                together = half.registration is not None and self._listed_together(place, half.registration)
                if together or self._same(home, half.home):
                    return half
        return None

    def taking_over(self, job: Job, keys: set[object], facts: Facts) -> None:
        """What else serves the stream's server takes its place, when the code of the stream goes with its branch."""
        for module, call in self._managers_of(job, keys, facts):
            self._stateless(job.draft, module, call, None)
        for half in self.anywhere(job, keys, facts)[:1]:
            self.make_stateless(job.draft, half)

    def elsewhere(self, job: Job, keys: set[object], facts: Facts) -> bool:
        """The Streamable HTTP halves in other applications, which the old word may lead to now, become stateless, too.

        False where there is none.
        """
        managers = list(self._managers_of(job, keys, facts))
        for module, call in managers:
            if not self._said_stateless(call, "stateless"):
                self._stateless(job.draft, module, call, None)
        own = [
            (module, call)
            for module in self.project.modules
            for call in module.calls_by_name.get("streamable_http_app", ())  # a method of the low-level server, too
            if isinstance(call.func, ast.Attribute)
            and facts.same_server(keys, job.run, module, call.func.value)
            and not self.project.sdks.servers(module, call.func.value)
        ]
        for module, call in own:
            if not self._said_stateless(call, "stateless_http"):
                self._stateless(job.draft, module, call, None, "stateless_http")
            note = newly_checked(self.project, module, call)
            if note is not None and not any(k.arg == "security_settings" for k in job.transport.call.keywords):
                job.draft.findings.append(note)
        halves = list(self.applications(keys))
        for half in halves:
            if not self._said_stateless(half.call, "stateless_http"):
                self._stateless(job.draft, half.module, half.call, half.server)
        return bool(managers or own or halves)

    @staticmethod
    def _said_stateless(call: ast.Call, word: str) -> bool:
        given = next((k.value for k in call.keywords if k.arg == word), None)
        return isinstance(given, ast.Constant) and given.value is True

    def anywhere(self, job: Job, keys: set[object], facts: Facts) -> list[Half]:
        """Every Streamable HTTP half of the stream's server."""
        halves = [h for module, call in self._managers_of(job, keys, facts) for h in self.halves(module, call)]
        halves.sort(key=lambda h: h.mounted)  # an exact route first
        return [*halves, *self.applications(keys)]

    def _managers_of(self, job: Job, keys: set[object], facts: Facts) -> Iterator[tuple[Module, ast.Call]]:
        for module, call in self.managers():
            server = self.server_of(call)
            if server is not None and (
                facts.same_server(keys, job.run, module, server) or self._spelled(job, module, server)
            ):
                yield module, call

    def _spelled(self, job: Job, module: Module, server: ast.expr) -> bool:
        """True for the same expression, once the handler's own names are replaced by what they stand for."""
        run = job.run
        return module is run.module and self.placing.outside(module, run.receiver, run.function) == module.source(
            server
        )

    def _listed_together(self, a: Registration, b: Registration) -> bool:
        """Both in one list of routes, or both on one application's name."""
        if a.module is not b.module:
            return False
        if a.module.parents.get(a.node) is b.module.parents.get(b.node) and "decorator" not in (a.kind, b.kind):
            return isinstance(a.module.parents.get(a.node), ast.List | ast.Tuple)
        if a.receiver is None or b.receiver is None or "route" in (a.kind, b.kind) or "mount" in (a.kind, b.kind):
            return False
        shared = self.values.of(a.module, a.receiver) & self.values.of(b.module, b.receiver)
        return any(isinstance(v, Obj | Param) for v in shared)

    def _same(self, a: Home, b: Home) -> bool:
        for x, y in ((a.inner, b.inner), (a.outer, b.outer)):
            if x is None or y is None:
                continue
            if x.host is not None and x.host is y.host:
                return True
            if x.host is None and y.host is None and x.module is y.module and x.host_name == y.host_name != "":
                return True
        return False

    def one_handler(self, job: Job, half: Half) -> bool:
        """Blocks the draft when one handler answers both transports (by the request's method, say)."""
        roots = [root for _, root in chain(self.routes, job)]
        if half.node is None or not any(half.node in ast.walk(root) for root in roots):
            return False
        job.draft.block(
            job.stream.module.place(job.stream.node),
            "one handler answers both transports",
            "Let every request of this handler go to the session manager (await ....handle_request(scope, receive, send)), "
            "allow GET, POST and DELETE on its route, and take the SSE branch, the transport and its message route out.",
            step="rewrite",
        )
        return True

    # -- taking the SSE half out

    def take_out(self, job: Job, half: Half) -> None:
        """Take the stream's routes and its handler out."""
        draft = job.draft
        decorated: set[FunctionNode] = set()
        for place, _ in job.ways:
            if place.kind == "decorator":
                decorated |= {o for o in place.module.ancestors(place.node) if isinstance(o, FunctionNode)}
            elif not remove_registration(draft, place.module, place.node):
                draft.block(
                    place.module.place(place.node),
                    "this SSE route can't be taken out mechanically",
                    "Remove it with its handler; the Streamable HTTP route beside it stays.",
                    step="rewrite",
                )
            self.guards(draft, place, half, stays=False)
        for module, root in chain(self.routes, job):
            if root in decorated or (isinstance(root, FunctionNode) and module.class_of(root) is not None):
                draft.do(RemoveStmt(module.at(root)))
            else:
                draft.do(Unused(module.path, root.name))

    def make_stateless(self, draft: Draft, half: Half) -> None:
        """The half that stays is the endpoint from now on; it needs no session either, unless the code does."""
        module = half.module
        draft.rule = "MCP105"
        draft.message = "SSE is served beside Streamable HTTP"
        draft.new_path = half.whole_path or "{path}"
        self._stateless(draft, module, half.call, half.server)

    def _stateless(self, draft: Draft, module: Module, call: ast.Call, server: Server | None, word: str = "") -> None:
        """A session manager, or an application of a server, that needs no session; `word`: the argument that says so."""
        word = word or ("stateless" if server is None else "stateless_http")
        given = next((k.value for k in call.keywords if k.arg == word), None)
        draft.files.add(module.path)
        if self._said_stateless(call, word):
            draft.keeps_none_already()
        if not draft.stateless:
            return
        if given is None and server is not None and draft.generation == "official-1":
            assert isinstance(call.func, ast.Attribute)
            self.project.stateless.constructor(draft, server, module, call.func.value)
        elif given is None:
            if len(call.args) < 4:
                draft.do(EditCall(module.at(call), keywords=((word, "True"),)))
        elif isinstance(given, ast.Constant):
            if given.value is False:
                draft.do(ReplaceExpr(module.at(given), "True"))
        else:
            draft.decided_by(module, given, word)

    def guards(self, draft: Draft, place: Registration, half: Half, stays: bool) -> None:
        """The option that switched SSE on now switches Streamable HTTP on: a start that worked must not serve nothing.

        stays: the SSE half goes on serving.
        """
        mine = self._ifs(place.module, place.node)
        module, node = half.place
        theirs = self._ifs(module, node) if module is place.module else []
        own = [i for i in mine if i not in theirs]
        rest = [i for i in theirs if i not in mine]
        if not rest:
            if own and self.empties and all(self._only_sse(i, draft) for i in own[-1:]):
                draft.do(RemoveStmt(place.module.at(own[-1])))
            return
        out = "." if stays else ", and take the SSE routes out."
        if not own:
            draft.block(
                module.place(rest[0]),
                "SSE is always served here and Streamable HTTP only under a condition",
                f"Serve the Streamable HTTP route without the condition ({module.source(rest[0].test)}){out}",
                step="rewrite",
            )
            return
        if len(own) == 1 and len(rest) == 1 and not own[0].orelse:
            test = place.module.source(own[0].test)
            draft.do(WrapExpr(place.module.at(rest[0].test), "", f" or {test}"))
            if self.empties and self._only_sse(own[0], draft):
                draft.do(RemoveStmt(place.module.at(own[0])))
            return
        draft.block(
            place.module.place(own[0]),
            "SSE and Streamable HTTP are switched on by conditions that can't be joined",
            f"Let the condition that switched SSE on switch Streamable HTTP on{out}",
            step="rewrite",
        )

    def _ifs(self, module: Module, node: ast.AST) -> list[ast.If]:
        """The `if` statements around a node, inside its function, where it stands in the body."""
        out = []
        child = node
        for outer in module.ancestors(node):
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                break
            if isinstance(outer, ast.If) and child in outer.body:
                out.append(outer)
            child = outer
        return out

    def _only_sse(self, arm: ast.If, draft: Draft) -> bool:
        """True when everything in the arm belongs to the half that goes."""
        if arm.orelse:
            return False
        for statement in arm.body:
            if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
                continue
            text = ast.dump(statement)
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if "connect_sse" in text or "handle_post_message" in text:
                    continue
                return False
            if isinstance(statement, ast.Assign | ast.AnnAssign) and "SseServerTransport" in text:
                continue
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                function = statement.value.func
                if isinstance(function, ast.Attribute) and function.attr in (
                    "append",
                    "extend",
                    "mount",
                    "add_route",
                    "add_api_route",
                ):
                    continue
            return False
        return True
