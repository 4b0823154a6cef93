"""Decides servers that are wired by hand with the SDK's SseServerTransport: each stream becomes one exact route.

    SseServerTransport, GET /sse, POST /messages/   ->   StreamableHTTPSessionManager, one route for all methods

The after-code is the same for every SDK since 1.8 (rules/sdks: lowlevel).
"""

from __future__ import annotations

import ast
from types import SimpleNamespace

from migrator.python.code import FunctionNode, Module, dotted
from migrator.python.edits import EnsureImport, Helper, Insert, RemoveStmt, ReplaceExpr, ReplaceStmt, Unused
from migrator.python.hosting import Hosting
from migrator.python.lowlevel_both import Both
from migrator.python.lowlevel_checks import Check, Checks
from migrator.python.lowlevel_handlers import ADAPTER, ADAPTER_CODE, ENDPOINT, SENT, Handlers, Path, methods_of_test
from migrator.python.lowlevel_messages import Messages
from migrator.python.lowlevel_options import Options
from migrator.python.lowlevel_place import Manager, Placing, Served
from migrator.python.lowlevel_read import POST, STREAM, Reader, Stream, Transport
from migrator.python.lowlevel_routes import Called, Found, Home, Lost, Registration, Routes
from migrator.python.lowlevel_state import State
from migrator.python.lowlevel_wire import Wires
from migrator.python.project import Project
from migrator.python.runs import Runs
from migrator.python.serverpaths import selected_by, shown_host
from migrator.python.unit import Draft
from migrator.python.values import Cls, Ext, Field, Func, Obj, Param
from migrator.python.wiring import Wiring

BY_HAND = (
    "Write: session_manager = StreamableHTTPSessionManager(app={server}, stateless=True)  "
    "# from mcp.server.streamable_http_manager\n"
    "class StreamableHTTPEndpoint:\n"
    "    async def __call__(self, scope, receive, send):\n"
    "        await session_manager.handle_request(scope, receive, send)\n"
    'Serve it as Route("{path}", endpoint=StreamableHTTPEndpoint()), and enter "async with session_manager.run(): yield" '
    "in the application's lifespan. Then take the SSE transport and its routes out."
)


class LowLevel:
    """Drafts for every stream of every transport."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.values = project.values
        self.reader = Reader(project)
        hosting = Hosting(project.values, project.modules)
        self.routes = Routes(project, hosting)
        self.hosting = hosting
        self.checks = Checks(project.values)
        self.handlers = Handlers(self.routes)
        self.messages = Messages(self.routes, self.checks)
        self.placing = Placing(project)
        self.options = Options(project)
        self.state = State(project)
        self.both = Both(self.routes)
        self.wires = Wires(project, Wiring(project.values, project.modules))
        self.runs = Runs(project)
        low = self.sdks.official["lowlevel"]
        self.manager_module, self.manager = str(low["manager_module"]), str(low["manager"])

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
        if target is None:
            if not isinstance(module.parents.get(transport.call), ast.Attribute):
                transport.others.append(
                    (module, transport.call, "the transport is made in the middle of an expression")
                )
            return
        stores = list(self.reader.stores(transport))
        for other, use in self.routes.uses(module, target):
            parent = other.parents.get(use)
            if isinstance(parent, ast.Attribute) and parent.attr in (STREAM, POST):
                continue
            if any(parent is s for s in stores) or isinstance(parent, ast.Attribute):
                continue
            if other.function_of(use) is not None and self._harmless_use(other, use):
                continue
            transport.others.append((other, use, f"{other.source(use)} is handed on"))

    def _harmless_use(self, module: Module, use: ast.expr) -> bool:
        parent = module.parents.get(use)
        return isinstance(parent, ast.FormattedValue)

    def _without_stream(self, transport: Transport) -> list[Draft]:
        module = transport.module
        names = {k.arg for k in transport.call.keywords if k.arg}
        invented = names - {"endpoint", "security_settings", "max_request_body_size"}
        if not transport.others and not transport.posts and not invented:
            return []  # made and never used: it serves nothing
        draft = self._base(transport, module, transport.call, "MCP104")
        if invented:
            draft.rule = "MCP106"
            draft.block(
                module.place(transport.call),
                f"SseServerTransport takes no {', '.join(sorted(invented))}: this code has never worked",
                BY_HAND.format(server="server", path=self.project.new_path),
            )
            return [draft]
        place_module, node, reason = (
            transport.others[0]
            if transport.others
            else (module, transport.call, "nothing opens the stream of this transport")
        )
        draft.block(place_module.place(node), reason, BY_HAND.format(server="server", path=self.project.new_path))
        return [draft]

    def _base(self, transport: Transport, module: Module, node: ast.AST, rule: str, name: str = "") -> Draft:
        draft = Draft(
            name=name or f"{module.path}:{dotted(transport.target) if transport.target is not None else 'sse'}",
            generation=self._generation(module, None),
            place=transport.module.place(transport.call),
            module=module,
            rule=rule,
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
        draft = self._base(transport, module, stream.node, "MCP104", name)
        draft.keys.add(("sse-transport", id(transport.call)))
        if run is None:
            draft.block(
                module.place(stream.node),
                "what happens with the two streams here can't be followed",
                BY_HAND.format(server="server", path=project.new_path),
            )
            return draft
        keys, server_module = self._server(run.module, run.receiver)
        draft.keys |= keys
        draft.files.add(server_module.path)
        draft.generation = self._generation(module, (run.module, run.receiver))
        project.decide_sessions(draft, server_module)
        found = self._found_of(module, stream.function)
        places = [f for f in found if isinstance(f, Registration)]
        homes = [(p, self.routes.home(p)) for p in places]
        self._all = self._through_callers(found, set()) if len(places) < len(found) else homes
        self._select(draft, transport, stream, places, homes)
        if self._goes(draft, module, stream.node) or self._goes(draft, transport.module, transport.call):
            self._removed(draft, transport, stream)
            return draft
        for other_module, node, reason in transport.others:
            draft.block(other_module.place(node), reason, self._by_hand(draft, run))
        halves = [
            h
            for m, c in self.both.managers()
            if (argument := self.both.server_of(c)) is not None and self._same_server(keys, run, m, argument)
            for h in self.both.halves(m, c)
        ]
        halves.sort(key=lambda h: "mount" in (h.registration.kind, h.registration.adder))  # an exact route first
        half = next((h for place, home in homes if (h := self.both.beside(place, home, halves)) is not None), None)
        self._address(draft, homes)
        if half is not None:
            draft.rule = "MCP105"
            draft.message = "SSE is served beside Streamable HTTP"
            path = self.project.text(half.registration.module, half.registration.path)
            if path is not None and half.home.prefix is not None:
                exact = half.registration.kind != "mount" and half.registration.adder != "mount"
                draft.new_path = half.home.prefix.rstrip("/") + (path if exact else f"{path.rstrip('/')}/")
            self.both.stateless(draft, half)
            self.both.remove(draft, stream, transport, places, half)
            self.messages.remove(draft, transport, None)
            self._drop(draft, transport)
            return draft
        if not draft.blocks:
            self._move(draft, transport, stream, found, homes)
        return draft

    def _by_hand(self, draft: Draft, run: object) -> str:
        receiver = getattr(run, "receiver", None)
        module = getattr(run, "module", None)
        text = module.source(receiver) if isinstance(module, Module) and isinstance(receiver, ast.expr) else "server"
        return BY_HAND.format(server=text, path=draft.new_path or self.project.new_path)

    # -- facts about the server

    def _server(self, module: Module, receiver: ast.expr) -> tuple[set[object], Module]:
        """The keys of the server that an expression is, and the module that makes it."""
        keys: set[object] = set()
        where = module
        for value in self.values.of(module, receiver):
            if isinstance(value, Field) and value.name in self.sdks.inner:
                server = self.sdks.server(value.of)
                keys.add(("server", server.origin if server is not None else value.of))
                if server is not None:
                    where = server.module
            elif isinstance(value, Obj | Param):
                keys.add(("server", value))
                where = value.module
        if not keys:
            keys.add(("server", (module.path, module.source(receiver))))
        return keys, where

    def _same_server(self, keys: set[object], run: object, module: Module, argument: ast.expr) -> bool:
        other, _ = self._server(module, argument)
        if keys & other:
            return True
        receiver, home = run.receiver, run.module  # type: ignore[attr-defined]
        return module is home and module.source(argument) == home.source(receiver)

    def _generation(self, module: Module, server: tuple[Module, ast.expr] | None) -> str:
        """Which SDK the server is written for: its own API decides, then the versions of its project."""
        if server is not None:
            for value in self.values.of(*server):
                if isinstance(value, Field) and value.name in self.sdks.inner:
                    found = self.sdks.server(value.of)
                    if found is not None:
                        return self.sdks.generation(found, module.path)
                if isinstance(value, Obj) and value.node is not None:
                    if any((k.arg or "").startswith("on_") for k in value.node.keywords):
                        return "official-2"
        reach = [self.project.code.load(p) for p in self.project.reachable(module)]
        texts = [m.text for m in reach if m is not None]
        if any(
            f".{name}()" in text
            for text in texts
            for name in ("list_tools", "call_tool", "list_resources", "list_prompts")
        ):
            return "official-1"
        if any("mcp.server.fastmcp" in text for text in texts):
            return "official-1"
        if any("mcp.server.mcpserver" in text for text in texts):
            return "official-2"
        installed = self.project.context.versions.of(module.path)
        version = installed.version("mcp") or installed.lowest("mcp")
        return "official-2" if version is not None and version.major >= 2 else "official-1"

    # -- selectors

    def _select(
        self,
        draft: Draft,
        transport: Transport,
        stream: Stream,
        places: list[Registration],
        homes: list[tuple[Registration, Home]],
    ) -> None:
        """Move what chooses this server, where something does."""
        guards = self.project.guards
        tests = [*guards.of(stream.module, stream.node), *guards.of(transport.module, transport.call)]
        for place in places:
            tests += guards.of(place.module, place.node)
        for _, home in homes:
            for hosted in (home.inner, home.outer):
                if hosted is not None and hosted.host is not None and hosted.host_module is not None:
                    for h in self.hosting.of(hosted.host_module, hosted.host, 3):
                        if h.kind == "served":
                            tests += guards.of(h.module, h.node)
        self.project.choose(draft, [], list(dict.fromkeys(tests)), passthrough=False)
        draft.selected_by = selected_by(draft, not tests)

    def _goes(self, draft: Draft, module: Module, node: ast.AST, depth: int = 0) -> bool:
        """True when a node stands in an arm that goes, or in a function that only such arms reach."""
        if not draft.removed:
            return False
        if self.runs._call_removed(draft, module, node):
            return True
        if depth > 6:
            return False
        for outer in module.ancestors(node):
            if isinstance(outer, FunctionNode) and not outer.decorator_list:
                uses = [(m, n) for m, n in self.routes.references(module, outer)]
                uses = [(m, n) for m, n in uses if not (m is module and outer in module.ancestors(n))]
                if uses and all(self._goes(draft, m, n, depth + 1) for m, n in uses):
                    draft.do(Unused(module.path, outer.name))
                    return True
        return False

    def _removed(self, draft: Draft, transport: Transport, stream: Stream) -> None:
        """The SSE arm goes as a whole: what only it used goes with it."""
        draft.rule = "MCP105"
        draft.message = "SSE is offered beside Streamable HTTP"
        self.runs.unused_callers(draft, SimpleNamespace())  # type: ignore[arg-type]
        self._drop(draft, transport)
        draft.do(Unused(stream.module.path, stream.function.name))
        for module, post in transport.posts:
            function = module.function_of(post)
            if function is not None and not function.decorator_list:
                draft.do(Unused(module.path, function.name))

    def _drop(self, draft: Draft, transport: Transport) -> None:
        """Take the transport object out, once nothing uses it."""
        target, module = transport.target, transport.module
        stores = list(self.reader.stores(transport))
        draft.do(*(RemoveStmt(module.at(store)) for store in stores))
        holder = module.parents.get(transport.statement)
        if isinstance(holder, ast.Try) and not holder.orelse and not holder.finalbody:
            if all(s is transport.statement or s in stores for s in holder.body):
                draft.do(RemoveStmt(module.at(holder)))
        if isinstance(target, ast.Name):
            draft.do(Unused(module.path, target.id))
        elif target is not None:
            draft.do(RemoveStmt(module.at(transport.statement)))
        if isinstance(transport.endpoint, ast.Name):
            draft.do(Unused(module.path, transport.endpoint.id))

    # -- addresses

    def _address(self, draft: Draft, homes: list[tuple[Registration, Home]]) -> None:
        for place, home in homes:
            text = self.project.text(place.module, place.path)
            if text is None and place.path is not None:
                text = self.handlers.path(place, home, set()).old
            if text is not None and home.prefix is not None:
                draft.old_path = home.prefix.rstrip("/") + text
            self._listening(draft, home, place)
            return

    def _listening(self, draft: Draft, home: Home, place: Registration) -> None:
        """Host and port of the only uvicorn call near the application."""
        modules = [place.module]
        if home.outer is not None:
            modules.insert(0, home.outer.host_module or home.outer.module)
        for module in modules:
            calls = [
                c
                for name in ("run", "Config")
                for c in module.calls_by_name.get(name, ())
                if any(
                    isinstance(v, Ext) and v.name in ("uvicorn.run", "uvicorn.Config")
                    for v in self.values.of(module, c.func)
                )
            ]
            if len(calls) != 1:
                continue
            given = {k.arg: k.value for k in calls[0].keywords if k.arg}
            host = self.project.text(module, given["host"]) if "host" in given else "127.0.0.1"
            port = self.project.text(module, given["port"]) if "port" in given else "8000"
            draft.port = port or ""
            draft.old_base = f"http://{shown_host(host)}:{port or '{port}'}"
            return

    # -- moving

    def _move(
        self,
        draft: Draft,
        transport: Transport,
        stream: Stream,
        found: list[Found],
        homes: list[tuple[Registration, Home]],
    ) -> None:
        module, run = stream.module, stream.run
        assert run is not None
        if stream.arguments is None or stream.site is None or len(stream.node.items) != 1:
            draft.block(
                module.place(stream.node),
                "the stream is opened together with something else, or with arguments that can't be read",
                self._by_hand(draft, run),
            )
            return
        direct = self.handlers.is_asgi(stream) and self.messages.arm(module, stream.node, stream.function) is not None
        if not direct and not self._reachable(draft, stream, found):
            return
        served = self.placing.served(stream, run)
        manager = (
            self.placing.place(stream, served, transport, self._handlers(stream, found)) if served is not None else None
        )
        if manager is not None and not self._runs(draft, manager):
            manager = None
        if not self.options.keep(draft, stream, served, manager):
            return
        if manager is None:
            if not draft.stateless:
                draft.block(
                    module.place(stream.node),
                    "this server needs sessions, and no place was found where its session manager could live",
                    self._by_hand(draft, run),
                    step="wire",
                )
                return
            if served is None and not self._same_each_time(draft, stream):
                return
            code = self._each(draft, stream)
        else:
            self._make(draft, transport, manager)
            code = f"await {manager.name}.handle_request({self._asgi_arguments(stream)})"
        there = self._checks(stream, found)
        self.messages.remove(draft, transport, there)
        self._drop_unless_replaced(draft, transport, manager)
        self._handle(draft, stream, found, homes, manager, code)

    def _same_each_time(self, draft: Draft, stream: Stream) -> bool:
        """False, and blocked, when the connection's own server keeps something that a request's could not."""
        run = stream.run
        assert run is not None
        function = run.function if run.function is not None else stream.function
        kept = self.state.kept(run.module, run.receiver, function)
        if kept is not None:
            where, node, reason = kept
            draft.block(
                where.place(node),
                f"the server is made for each connection, and {reason}: a server for each request would lose it",
                "Keep it outside the connection (by user or session, in a store), then make the server once: "
                + BY_HAND.format(server="server", path=draft.new_path),
                step="state",
            )
            return False
        draft.note(
            "MCP605",
            run.module.place(run.receiver),
            "this server was made for each connection; from now on it is made for each request",
        )
        return True

    def _handlers(self, stream: Stream, found: list[Found]) -> set[FunctionNode]:
        """The functions around the stream that run for every request."""
        return {stream.function} | {f.via for f in found if isinstance(f, Registration) and f.via is not None}

    def _asgi_arguments(self, stream: Stream) -> str:
        assert stream.arguments is not None
        return ", ".join(stream.module.source(a) for a in stream.arguments)

    def _reachable(self, draft: Draft, stream: Stream, found: list[Found]) -> bool:
        """False, and blocked, when the handler's routes are not all known."""
        module = stream.module
        for place in found:
            if isinstance(place, Lost):
                draft.block(
                    place.module.place(place.node),
                    f"{stream.function.name} goes somewhere that can't be followed",
                    self._by_hand(draft, stream.run),
                    step="routes",
                )
                return False
        if not found:
            draft.block(
                module.place(stream.function),
                f"no route for {stream.function.name} was found",
                self._by_hand(draft, stream.run),
                step="routes",
            )
            return False
        return True

    def _runs(self, draft: Draft, manager: Manager) -> bool:
        """Let the application's lifespan run the manager. False when nobody can."""
        return bool(self._all) and all(self.wires.wire(draft, place, home, manager) for place, home in self._all)

    def _through_callers(self, found: list[Found], seen: set[ast.AST]) -> list[tuple[Registration, Home]]:
        """The registrations of a handler and of the functions that call it."""
        out: list[tuple[Registration, Home]] = []
        for place in found:
            if isinstance(place, Registration):
                out.append((place, self.routes.home(place)))
            elif isinstance(place, Called):
                function = place.module.function_of(place.call)
                if function is not None and function not in seen:
                    seen.add(function)
                    out += self._through_callers(self._found_of(place.module, function), seen)
        return out

    def _found_of(self, module: Module, function: FunctionNode) -> list[Found]:
        """Where a handler is registered, or called."""
        cls = module.class_of(function)
        if cls is not None and function.name == "__call__":
            return self.routes.of_class(Cls(module, cls))
        return self.routes.of_function(module, function)

    def _make(self, draft: Draft, transport: Transport, manager: Manager) -> None:
        stateless = ", stateless=True" if draft.stateless else ""
        code = f"{manager.name} = {self.manager}(app={manager.server}{stateless})"
        code = "\n".join([*self.options.lines(draft), code])
        at = manager.module.at(manager.anchor)
        if manager.how == "replace":
            draft.do(ReplaceStmt(at, code))
        else:
            draft.do(Insert(at, code, where=manager.how, order=20))
        self._import(draft, manager.module)
        draft.files.add(manager.module.path)

    def _import(self, draft: Draft, module: Module) -> None:
        old = next(iter(sorted(self.sdks.sse_transports)))
        package, _, name = old.rpartition(".")
        draft.do(EnsureImport(module.path, self.manager_module, self.manager, f"{package}:{name}"))

    def _each(self, draft: Draft, stream: Stream) -> str:
        """A manager for each request, where none can be made once."""
        module, run = stream.module, stream.run
        assert run is not None
        self._import(draft, module)
        name = self.placing.local(module, stream.function)
        server = self.placing.outside(run.module, run.receiver, run.function)
        text = server if server is not None else module.source(run.receiver)
        lines = [
            *self.options.lines(draft),
            f"{name} = {self.manager}(app={text}, stateless=True)",
            f"async with {name}.run():",
            f"    await {name}.handle_request({self._asgi_arguments(stream)})",
        ]
        return "\n".join(lines)

    def _drop_unless_replaced(self, draft: Draft, transport: Transport, manager: Manager | None) -> None:
        if manager is not None and manager.how == "replace" and manager.anchor is transport.statement:
            return
        self._drop(draft, transport)

    def _checks(self, stream: Stream, found: list[Found]) -> list[Check]:
        """What stands in front of the stream, on every way to it."""
        module, function = stream.module, stream.function
        own = self.checks.of_function(module, function, [stream.node])
        ways: list[list[Check]] = []
        for place in found:
            if isinstance(place, Registration):
                via = self.checks.of_function(place.module, place.via) if place.via is not None else []
                ways.append([*own, *via, *self.checks.of_registration(place)])
            elif isinstance(place, Called):
                holder = place.module.function_of(place.call)
                if holder is not None:
                    ways.append([*own, *self.checks.of_function(place.module, holder, [place.call])])
        common = {c.key for c in ways[0]} if ways else set()
        for way in ways[1:]:
            common &= {c.key for c in way}
        return [c for c in ways[0] if c.key in common] if ways else own

    # -- handlers

    def _handle(
        self,
        draft: Draft,
        stream: Stream,
        found: list[Found],
        homes: list[tuple[Registration, Home]],
        manager: Manager | None,
        code: str,
    ) -> None:
        module, function = stream.module, stream.function
        handlers = self.handlers
        asgi = handlers.is_asgi(stream)
        method = function.name == "__call__" and module.class_of(function) is not None
        paths = self._paths(homes)
        self._new_path(draft, homes, paths)
        if self._collides(draft, homes, paths):
            return
        if manager is not None and self._as_class(stream, found, homes):
            name = self.placing.free(module, ENDPOINT)
            handlers.endpoint_class(draft, stream, manager.name, name)
            for place, _ in homes:
                handlers.register(draft, place, paths[id(place)], True, f"{name}()")
            return
        handlers.in_place(draft, stream, code, "" if asgi else f"{SENT}()")
        if asgi and self.messages.arm(module, stream.node, function) is not None:
            self._dispatch(draft, module, stream.node, function)
        if not asgi:
            assert stream.site is not None
            self._answer(draft, module, function, stream.site)
        for place, _ in homes:
            endpoint = ""
            if asgi and place.via is None and not method and not place.wrappers:
                endpoint = self._adapted(draft, place)
            is_object = asgi and place.via is None and place.kind != "decorator"
            handlers.register(draft, place, paths[id(place)], is_object, endpoint)
        for call in found:
            if isinstance(call, Called):
                self._caller(draft, call, asgi, set())

    def _adapted(self, draft: Draft, place: Registration) -> str:
        """An ASGI function as an object, which is what Route serves as it is."""
        draft.do(Helper(place.module.path, ADAPTER, ADAPTER_CODE))
        return f"{ADAPTER}({place.module.source(place.reference)})"

    def _as_class(self, stream: Stream, found: list[Found], homes: list[tuple[Registration, Home]]) -> bool:
        """True when the handler can become a class: nothing is lost, and all its routes are in its own file."""
        if len(found) != len(homes) or not self.handlers.is_plain(stream):
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
                "Take the loop out: a handler answers one request.",
            )

    def _caller(self, draft: Draft, called: Called, asgi: bool, seen: set[ast.AST]) -> None:
        """A function that calls the handler: it answers through it, so its own routes move."""
        module, call = called.module, called.call
        function = module.function_of(call)
        if function is None or function in seen:
            draft.block(module.place(call), "the handler is called outside a function", self._by_hand(draft, None))
            return
        seen.add(function)
        draft.files.add(module.path)
        statement = module.statement_of(call)
        if self._is_dispatch(module, call, function):
            self._dispatch(draft, module, call, function)
            return
        places = self._found_of(module, function)
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
                self._by_hand(draft, None),
                step="routes",
            )
            return
        homes = [(p, self.routes.home(p)) for p in places if isinstance(p, Registration)]
        paths = self._paths(homes)
        if homes and not draft.old_path:
            self._address(draft, homes)
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

    # -- paths

    def _paths(self, homes: list[tuple[Registration, Home]]) -> dict[int, Path]:
        taken = {p.path.value for p, _ in homes if isinstance(p.path, ast.Constant) and isinstance(p.path.value, str)}
        return {id(p): self.handlers.path(p, h, taken) for p, h in homes}

    def _new_path(self, draft: Draft, homes: list[tuple[Registration, Home]], paths: dict[int, Path]) -> None:
        for place, _ in homes:
            path = paths[id(place)]
            if path.new is not None:
                draft.new_path = ("{prefix}" if path.prefix is None else path.prefix.rstrip("/")) + path.new
            return

    def _collides(self, draft: Draft, homes: list[tuple[Registration, Home]], paths: dict[int, Path]) -> bool:
        """Blocks the draft when the new path is served by something else already."""
        own = {id(place.node) for place, _ in homes}
        for place, _ in homes:
            new = paths[id(place)].new
            if not new:
                continue
            for call in place.module.calls:
                last = dotted(call.func).rpartition(".")[2]
                if id(call) in own or last not in (
                    "Route",
                    *self.routes.table["adders"],
                    *self.routes.table["decorators"],
                ):
                    continue
                first = call.args[0] if call.args else None
                if isinstance(first, ast.Constant) and first.value == new and isinstance(place.path, ast.Constant):
                    if place.path.value != new:
                        draft.block(
                            place.module.place(call),
                            f"{new} is served here already",
                            "Choose another path with --path, or move that route first.",
                            step="routes",
                        )
                        return True
        return False

    # -- dispatch on the path in an ASGI function

    def _is_dispatch(self, module: Module, call: ast.AST, function: FunctionNode) -> bool:
        return self.messages.arm(module, call, function) is not None

    def _dispatch(self, draft: Draft, module: Module, call: ast.AST, function: FunctionNode) -> None:
        arm = self.messages.arm(module, call, function)
        assert arm is not None
        gone = list(methods_of_test(arm.test))
        if isinstance(arm.test, ast.BoolOp) and isinstance(arm.test.op, ast.And):
            rest = [v for v in arm.test.values if v not in gone]
            text = " and ".join(module.source(v) for v in rest)
        else:
            text = module.source(arm.test)
            if gone:
                draft.block(module.place(arm), "this test of the method can't be taken out", self._by_hand(draft, None))
                return
        for node in ast.walk(arm.test):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("/"):
                new = self.project.moved(node.value)
                if not draft.old_path:
                    draft.old_path, draft.new_path = node.value, new
                if node.value.endswith("/"):
                    new += "/"
                text = text.replace(module.source(node), f'"{new}"')
        draft.do(ReplaceExpr(module.at(arm.test), text))


__all__ = ["LowLevel"]
_ = (Func, Served)
