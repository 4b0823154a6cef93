"""Decides `sse_app()`, `http_app(transport="sse")` and `create_sse_app()`: served, mounted, or copied into a host."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from functools import cached_property

from migrator.python.applications.app import App
from migrator.python.applications.appcalls import AppCalls
from migrator.python.applications.appwords import AppWords
from migrator.python.applications.branches import choose_by_branch
from migrator.python.applications.collapse import Collapse
from migrator.python.applications.collisions import Collisions
from migrator.python.applications.dispatching import Dispatcher
from migrator.python.applications.halves import BESIDE, Halves
from migrator.python.applications.hosting import Hosting
from migrator.python.applications.hosts import Hosted
from migrator.python.applications.keepapps import keep_app
from migrator.python.applications.owners import Owner
from migrator.python.applications.wiring import Wiring
from migrator.python.legacy import (
    DISPATCHED,
    bound_name,
    gone,
    gone_beside,
    gone_by_hand,
    in_function_called,
    made_by_us,
)
from migrator.python.module import Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import Insert, RemoveStmt, ReplaceExpr, Unused
from migrator.python.sdk import Server
from migrator.python.serverpaths import address, hosted_at, selected_by, taken_over
from migrator.python.snippets import instruction
from migrator.python.starting.keepruns import KEEPING
from migrator.python.turns import given
from migrator.python.unit import Draft
from migrator.python.words.leaving import Leaving
from migrator.python.words.selection import Selection

FUNCTIONS = ("create_sse_app", "create_streamable_http_app")


class Apps:
    """Drafts for every application that speaks SSE."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.values = project.values
        self.hosting = Hosting(project.values, project.modules, project.asgi)
        self.wiring = Wiring(project.values, project.modules, project.asgi)
        self.leaving = Leaving(project)
        self.words = AppWords(project)
        self.selection = Selection(project)
        self.others: Callable[[Server], set[str]] = lambda server: set()  # half_paths of starts
        self.calls = AppCalls(project, self.wiring.spelling)
        self.halves = Halves(project, self.hosting)
        self.collapse = Collapse(project, self.hosting)
        self.collisions = Collisions(project, self.hosting)
        self._led: dict[ast.AST, Draft] = {}  # functions that hand lifespans on from now on

    def drafts(self) -> list[Draft]:
        """One draft for each application that serves SSE."""
        self.hosting.hosts.applications.update(a.node for a in self.apps if a.call is not None)
        out = []
        for app in self.apps:
            ctor = app.server.ctor
            if ctor is not None and self.project.guards.for_another(app.server.module, ctor):
                continue
            if app.kind != "live":
                out.append(self.draft(app, [a for a in self.live if a.server == app.server]))
        for draft in out:
            self.live_halves(draft)
        return out

    @cached_property
    def apps(self) -> list[App]:
        return list(self.all())

    @property
    def live(self) -> list[App]:
        return [a for a in self.apps if a.kind == "live"]

    def live_halves(self, draft: Draft) -> None:
        """The same server's applications that speak Streamable HTTP already become stateless too."""
        for app in self.live:
            if ("server", app.server.origin) in draft.keys:
                self.halves.stateless(draft, app)

    def half_paths(self, server: Server) -> set[str]:
        """Where the server's applications that speak Streamable HTTP already answer."""
        return {self.halves.path(app) for app in self.live if app.server == server}

    # -- finding

    def all(self) -> Iterator[App]:
        """Every place where an application of a server is made or handed on."""
        names = self.sdks.every_app_method
        for module in self.project.modules:
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and node.attr in names and isinstance(node.ctx, ast.Load):
                    yield from self._method(module, node)
                elif isinstance(node, ast.Call):
                    yield from self._function(module, node)

    def _method(self, module: Module, node: ast.Attribute) -> Iterator[App]:
        if isinstance(node.value, ast.Call) and dotted(node.value.func) == "super":
            return  # an override passes on what its caller chose
        if in_function_called(module, node, KEEPING):
            return  # what an earlier run put in
        parent = module.parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        servers = self.sdks.servers(module, node.value)
        families = tuple(dict.fromkeys(s.family for s in servers))
        whole: ast.expr = call if call is not None else node
        order = self._order(node.attr) if "fastmcp" in families else ()
        for server in servers if self._each(module, node.value) else servers[:1]:
            others = tuple(s for s in servers if s != server)
            if node.attr == "streamable_http_app":
                yield App(module, whole, call, node.value, server, "live", families, others, order)
            elif node.attr == "sse_app":
                yield App(module, whole, call, node.value, server, "sse_app", families, others, order)
            elif node.attr == "http_app" and server.family == "fastmcp":
                told = self.words.told(module, node, call, server)
                kind = "http_app" if self.words.speak_old(told) else "live"
                entries = self.words.entries(told)
                yield App(module, whole, call, node.value, server, kind, families, others, order, told, entries)

    def _order(self, name: str) -> tuple[str, ...]:
        return tuple(self.sdks.fastmcp["positional"].get(name, ()))

    @staticmethod
    def _each(module: Module, receiver: ast.expr) -> bool:
        """True for a parameter or a loop's variable: it is one server after the other."""
        if not isinstance(receiver, ast.Name):
            return False
        bindings = module.owner(receiver).bindings.get(receiver.id, ())
        return bool(bindings) and all(b.kind in ("param", "each") for b in bindings)

    def _function(self, module: Module, call: ast.Call) -> Iterator[App]:
        if not any(name in module.text for name in FUNCTIONS) or not dotted(call.func):
            return
        called = self.values.names(module, call.func)
        old = bool(called & self.sdks.sse_app_functions)
        if not old and not called & self.sdks.live_app_functions:
            return
        receiver = next((k.value for k in call.keywords if k.arg == "server"), call.args[0] if call.args else None)
        if receiver is not None:
            kind, order = ("create_sse_app" if old else "live"), self._order(FUNCTIONS[not old])
            for server in self.sdks.servers(module, receiver)[:1]:
                yield App(module, call, call, receiver, server, kind, (server.family,), order=order)

    # -- deciding

    def draft(self, app: App, live: list[App]) -> Draft:
        """What becomes of one application; `live` are those of the same server that speak Streamable HTTP."""
        project, module = self.project, app.module
        generation = project.generation(app.server, module)
        what = module.source(app.call.func if app.call else app.node)
        draft = Draft(
            name=self._name(app),
            generation=generation,
            place=module.place(app.node),
            module=module,
            rule="MCP103",
            message=f"{what} makes an application that speaks the deprecated SSE transport",
        )
        if made_by_us(module, app.node):  # whether it can be taken out again or not
            draft.rule, draft.message = BESIDE
        draft.keys |= {("server", app.server.origin), ("place", draft.place)}
        draft.files |= {module.path, app.server.module.path}
        project.stateless.decide(draft, app.server.module, app.server)
        transport = app.keyword("transport")
        sinks = app.told.words if app.told is not None else []
        keep = project.context.settings.legacy_sse == "keep"
        fixed = transport is None or isinstance(transport, ast.Constant) or project.words.is_member(module, transport)
        tests = project.guards.of(module, app.node)
        chooser = None
        if not keep:
            chooser = self.selection.choose(draft, sinks, tests, (module, app.node) if fixed else None)
            if fixed and not tests:
                chooser = choose_by_branch(project, self.selection, self.hosting, draft, module, app.node)
        draft.selected_by = selected_by(draft, fixed and not tests and chooser is None)
        address(project, draft, app.server, app.keyword, module)
        self.words.block_unread(draft, app)
        if self.leaving.goes(draft, module, app.node):
            draft.rule = "MCP105"
            inner_old, hosted = draft.old_path, self.hosting.of(module, app.node)
            hosted_at(project, draft, hosted)
            stays = self.half_paths(app.server) | self.others(app.server)
            if not stays and any(h.kind == "mounted" and h.prefix not in ("", "/") for h in hosted):
                draft.block(
                    draft.place,
                    "its branch would go, and what serves in its place is not mounted below the same prefix",
                    f"Serve the new word below that prefix, too. {self.by_hand(draft, app)}",
                )
            taken_over(draft, stays)
            if project.context.settings.legacy_sse == "gone":
                self.halves.gone(draft, app, hosted, None, inner_old)
            return draft
        if len(app.families) > 1:
            draft.block(
                draft.place,
                f"the server is of {' or '.join(app.families)}, whichever import succeeds, and each makes its application in its own way",
                "Decide for one SDK and import only that; then: " + instruction(generation, draft.rule),
            )
            return draft
        if self._monkeypatch(draft, app):
            return draft
        hosted = self.hosting.of(module, app.node)
        self._prefixes(app, hosted)
        if chooser is not None and not draft.path_code and all(h.kind == "served" for h in hosted):
            # the word may lead to the half that is there already: one address for both
            stays = self.half_paths(app.server) | self.others(app.server)
            if len(stays) == 1 and not any("{" in path for path in stays):
                taken_over(draft, stays)
        inner_old, inner_new = draft.old_path, draft.new_path
        twin = self.halves.twin(app, hosted, live)
        if twin is None and made_by_us(module, app.node):
            draft.block(
                draft.place,
                "an earlier run put Streamable HTTP beside it here",
                "Make the application without it, and run this again: then SSE goes.",
                step="keep",
            )
            return draft
        if twin is not None and not (keep and self.halves.choice(app, live)):
            hosted_at(self.project, draft, hosted)
            self._prefixes(app, [twin[1]] if twin[1] is not None else [])
            draft.new_path = self.halves.path(*twin)
            if keep:
                self.halves.keep(draft, app, inner_old)
                return draft
            self.halves.remove(draft, app, twin[0])
            if project.context.settings.legacy_sse == "gone":
                self.halves.gone(draft, app, hosted, twin[1], inner_old)
            return draft
        hosted_at(self.project, draft, hosted)
        if not self._gets_lifespans(draft, app, hosted):
            return draft
        if keep:
            self.collisions.look(draft, app, [h for h in hosted if h.kind in ("mounted", "flattened")])
            keep_app(draft, app, hosted, inner_old, inner_new, self.calls, self.wiring)
            return draft
        self.convert(draft, app, hosted, inner_old, inner_new)
        return draft

    def _name(self, app: App) -> str:
        """What the endpoint is called: by its server's own name where the receiver stands for several."""
        name = bound_name(app.server) if self._each(app.module, app.receiver) else ""
        if name.replace(".", "").isidentifier():
            return f"{app.server.module.path}:{name}"
        return self.project.name_of(app.module, app.receiver)

    def _prefixes(self, app: App, hosted: list[Hosted]) -> None:
        """Prefixes that only the call or the turn of the loop with this server gives."""
        names = given(self.project, app)
        for h in hosted if names else ():
            if h.prefix is None and h.inner is None and h.kind == "mounted":
                h.prefix = self.hosting.hosts.text(h.module, h.prefix_node, names)

    def _gets_lifespans(self, draft: Draft, app: App, hosted: list[Hosted]) -> bool:
        """False, and the draft is blocked, where nobody would run the application's lifespan."""
        for h in hosted:
            if h.withheld is not None and self._let_through(draft, h.withheld):
                continue
            if h.withheld is not None:
                draft.block(
                    h.withheld.module.place(h.withheld.function),
                    "this function hands requests on to the application, and no lifespans, which it needs from now on",
                    f"Let it hand lifespans on to it, too, or enter its lifespan in what gets them. {self.by_hand(draft, app)}",
                    step="wire",
                )
                return False
            if h.kind == "unknown":
                draft.block(
                    h.module.place(h.node),
                    "the application goes somewhere that can't be followed, so it is not known who would run its lifespan",
                    self.by_hand(draft, app),
                    step="wire",
                )
                return False
        return True

    def _let_through(self, draft: Draft, dispatcher: Dispatcher) -> bool:
        """Let a function hand lifespans on to the one application that needs them; False where it can't."""
        line = dispatcher.line(self.values, self.project.asgi.plain)
        if not line or self._led.setdefault(dispatcher.function, draft) is not draft:
            return False
        draft.do(Insert(dispatcher.module.at(dispatcher.function), line, where="top", order=1))
        draft.files.add(dispatcher.module.path)
        return True

    def convert(self, draft: Draft, app: App, hosted: list[Hosted], inner_old: str, inner: str) -> None:
        """The application becomes a Streamable HTTP one, and whatever hosts it runs its session manager."""
        policy = self.project.context.settings.legacy_sse
        old = draft.old_path
        mounted = [h for h in hosted if h.kind in ("mounted", "flattened")]
        collapsed = self.collapse.of(draft, app, mounted, inner)
        if collapsed is not None:
            inner = collapsed.inner
            draft.new_path = collapsed.path
        self.collisions.look(draft, app, mounted)
        owners = self.calls.rewrite(draft, app, mounted, inner)
        if draft.generation == "official-1" and not self._each(app.module, app.receiver):
            for other in app.others:
                draft.keys.add(("server", other.origin))
                self.project.stateless.constructor(draft, other, app.module, app.receiver)
        for h, owner in zip(mounted, owners, strict=True):
            several = app.others and not self._each(app.module, app.receiver)
            several = several or draft.generation.startswith("fastmcp")
            others = () if several else self._other_names(app, h)
            self.wiring.enter(draft, h, [owner, *others], self.calls.tail(draft))
            draft.files.add(h.module.path)
            if h.host_module is not None:
                draft.files.add(h.host_module.path)
            if h.host is not None:
                draft.keys.add(("app", id(h.host)))
        if collapsed is not None:
            self.collapse.carry_out(draft, collapsed)
        if policy == "gone":
            if collapsed is not None:
                gone_beside(draft, collapsed.hosted, old)
            elif any(h.behind is not None or (h.withheld is not None and h.withheld.leads) for h in hosted):
                gone_by_hand(draft, DISPATCHED)
            elif any(inner_old in h.only for h in hosted):
                gone_by_hand(draft)  # its route would not be among those that are copied
            else:
                gone(draft, app.server, inner_old, (app.module, app.node, app.receiver))

    def _other_names(self, app: App, h: Hosted) -> Iterator[Owner]:
        """Global names of the same server where the host is: a parameter's name means nothing there."""
        for module in dict.fromkeys(m for m in (h.host_module, h.module, app.server.module) if m is not None):
            for name, bindings in module.scope.bindings.items():
                node = bindings[0].node
                if bindings[0].kind in ("assign", "import") and any(
                    self.sdks.server(v) == app.server for v in self.values.member(module, name)
                ):
                    yield Owner(name, module, node)

    # -- sse_app replaced by a wrapper of the user's

    def _monkeypatch(self, draft: Draft, app: App) -> bool:
        """`original = mcp.sse_app; mcp.sse_app = wrapper`: the wrapper goes around the new application."""
        module = app.module
        if app.call is not None or app.kind != "sse_app" or draft.generation.startswith("fastmcp"):
            return False
        parent = module.parents.get(app.node)
        if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
            return False
        name = parent.targets[0].id
        stored = [n for n in module.nodes if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store)]
        stores = [n for n in stored if n.attr == "sse_app"]
        if not stores:
            return False
        self.project.stateless.constructor(draft, app.server, module, app.receiver)
        if any(n.attr == "streamable_http_app" for n in stored):
            for store in stores:  # the other application has a wrapper of its own
                statement = module.statement_of(store)
                draft.do(RemoveStmt(module.at(statement)))
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Name):
                    draft.do(Unused(module.path, statement.value.id))
            draft.do(Unused(module.path, name))
            return True
        receiver = module.source(app.receiver)
        draft.do(ReplaceExpr(module.at(app.node), f"{receiver}.streamable_http_app"))
        for store in stores:
            draft.do(ReplaceExpr(module.at(store), f"{module.source(store.value)}.streamable_http_app"))
        for call in module.calls:
            if isinstance(call.func, ast.Name) and call.func.id == name and (call.args or call.keywords):
                draft.do(ReplaceExpr(module.at(call), f"{name}()"))
        return True

    def by_hand(self, draft: Draft, app: App) -> str:
        """What to write, in the generation's own spelling."""
        receiver = app.module.source(app.receiver)
        if draft.generation.startswith("fastmcp"):
            name = f"{receiver.replace('.', '_')}_app"
            return (
                f"Write {name} = {receiver}.http_app(stateless_http=True), mount that, and pass "
                f"lifespan={name}.lifespan to the outermost Starlette or FastAPI application."
            )
        how = (
            f"{receiver}.streamable_http_app(stateless_http=True)"
            if draft.generation == "official-2"
            else f"{receiver}.streamable_http_app() (with FastMCP(..., stateless_http=True))"
        )
        return f"Use {how} and enter {receiver}.session_manager.run() in the lifespan of the outermost application."
