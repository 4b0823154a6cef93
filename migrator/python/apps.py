"""Decides `sse_app()`, `http_app(transport="sse")` and `create_sse_app()`: served, mounted, or copied into a host."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.python.code import Module, Scope, dotted
from migrator.python.edits import EditCall, EditElements, EnsureImport, Insert, Operation, RemoveStmt, ReplaceExpr
from migrator.python.hosting import Hosted, Hosting
from migrator.python.legacy import both, gone
from migrator.python.paths import joined_path
from migrator.python.project import Project
from migrator.python.runs import Runs
from migrator.python.sdk import Server
from migrator.python.serverpaths import address, constructor_paths, selected_by
from migrator.python.unit import Draft
from migrator.python.values import Ext
from migrator.python.wiring import Wiring


@dataclass(eq=False)
class App:
    """One expression that makes a server's ASGI application.

    node: the call, or the bare reference `mcp.sse_app` that somebody else calls.
    """

    module: Module
    node: ast.expr
    call: ast.Call | None
    receiver: ast.expr
    server: Server
    kind: str  # "sse_app" | "http_app" | "create_sse_app" | "live"

    def keyword(self, name: str) -> ast.expr | None:
        if self.call is None:
            return None
        return next((k.value for k in self.call.keywords if k.arg == name), None)


class Apps:
    """Drafts for every application that speaks SSE."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.values = project.values
        self.hosting = Hosting(project.values, project.modules)
        self.wiring = Wiring(project.values, project.modules)
        self.runs = Runs(project)

    def drafts(self) -> list[Draft]:
        apps = list(self.all())
        live = [a for a in apps if a.kind == "live"]
        out = []
        for app in apps:
            if app.kind != "live":
                out.append(self.draft(app, [a for a in live if a.server == app.server]))
        for draft in out:
            for app in live:
                if ("server", app.server.origin) in draft.keys:
                    self.live_half(draft, app)
        return out

    # -- finding

    def all(self) -> Iterator[App]:
        names = self.sdks.app_methods | {"streamable_http_app"}
        for module in self.project.modules:
            for node in ast.walk(module.tree):
                if isinstance(node, ast.Attribute) and node.attr in names and isinstance(node.ctx, ast.Load):
                    yield from self._method(module, node)
                elif isinstance(node, ast.Call):
                    yield from self._function(module, node)

    def _method(self, module: Module, node: ast.Attribute) -> Iterator[App]:
        if isinstance(node.value, ast.Call) and dotted(node.value.func) == "super":
            return  # an override passes on what its caller chose
        parent = module.parents.get(node)
        call = parent if isinstance(parent, ast.Call) and parent.func is node else None
        for server in self.sdks.servers(module, node.value)[:1]:
            whole: ast.expr = call if call is not None else node
            fast = server.family == "fastmcp"
            if node.attr == "streamable_http_app":
                yield App(module, whole, call, node.value, server, "live")
            elif node.attr == "sse_app":
                yield App(module, whole, call, node.value, server, "sse_app")
            elif node.attr == "http_app" and fast:
                transport = next((k.value for k in call.keywords if k.arg == "transport"), None) if call else None
                words: set[str] = set()
                if transport is not None:
                    trace = self.project.words.trace(module, transport)
                    words = trace.words()
                    for source in trace.sources:
                        words |= self.project.words.accepted(source) or set()
                old = bool(words & self.project.words.old) and not self.runs.excludes_old(module, transport)  # type: ignore[arg-type]
                yield App(module, whole, call, node.value, server, "http_app" if old else "live")

    def _function(self, module: Module, call: ast.Call) -> Iterator[App]:
        name = dotted(call.func).rpartition(".")[2]
        if not name or not any(
            isinstance(v, Ext) and v.name in self.sdks.sse_app_functions for v in self._called(module, call)
        ):
            return
        given = next((k.value for k in call.keywords if k.arg == "server"), call.args[0] if call.args else None)
        if given is not None:
            for server in self.sdks.servers(module, given)[:1]:
                yield App(module, call, call, given, server, "create_sse_app")

    def _called(self, module: Module, call: ast.Call) -> frozenset[object]:
        if "sse_app" not in module.text:
            return frozenset()
        return self.values.of(module, call.func)

    # -- deciding

    def draft(self, app: App, live: list[App]) -> Draft:
        project, module = self.project, app.module
        generation = project.generation(app.server, module)
        draft = Draft(
            name=project.name_of(module, app.receiver),
            generation=generation,
            place=module.place(app.node),
            module=module,
            rule="MCP103",
            message=f"{module.source(app.call.func if app.call else app.node)} makes an application that speaks the deprecated SSE transport",
        )
        draft.keys.add(("server", app.server.origin))
        draft.files |= {module.path, app.server.module.path}
        project.decide_sessions(draft, app.server.module, app.server)
        tests = project.guards.of(module, app.node)
        transport = app.keyword("transport")
        sinks = [(module, transport, project.words.trace(module, transport))] if transport is not None else []
        policy = project.context.settings.legacy_sse
        if policy != "keep":
            project.choose(draft, sinks, tests, passthrough=bool(sinks) and not isinstance(transport, ast.Constant))
        draft.selected_by = selected_by(draft, not draft.selectors)
        address(project, draft, app.server, app.keyword, module)
        if any(self.runs._call_removed(draft, module, app.node) for _ in (0,)):
            draft.rule = "MCP105"
            return draft
        if self._monkeypatch(draft, app):
            return draft
        hosted = self.hosting.of(module, app.node)
        twins = [(t, h) for t in live for h in self.hosting.of(t.module, t.node)]
        if self._has_twin(hosted, twins):
            self.remove_half(draft, app)
            return draft
        inner_old = draft.old_path
        self.addresses(draft, app, hosted)
        if policy == "keep":
            self.keep(draft, app, hosted, inner_old)
            return draft
        self.convert(draft, app, hosted)
        if policy == "gone":
            gone(draft, app.server, inner_old)
        return draft

    def keep(self, draft: Draft, app: App, hosted: list[Hosted], inner_old: str) -> None:
        """One application with both transports takes the place of the SSE one."""
        module = app.module
        mounted = [h for h in hosted if h.kind == "mounted"]
        extra = (
            {k.arg for k in app.call.keywords} - {"transport", "path", "sse_path", "message_path", "mount_path"}
            if app.call
            else {"?"}
        )
        if app.call is None or extra or len(mounted) != len([h for h in hosted if h.kind != "served"]):
            draft.block(
                module.place(app.node),
                "both transports can't be put side by side here mechanically",
                "app = <Streamable HTTP app>; app.router.routes.extend(<SSE app>.routes); enter the lifespan of both.",
                step="keep",
            )
            return
        self._collapses(draft, app, [])
        inner_new = self._own_path(draft, mounted) if mounted else self.project.new_path
        helper = both(draft, module, inner_old, inner_new)
        receiver = module.source(app.receiver)
        if draft.generation == "official-1":
            self.project.stateless_constructor(draft, app.server, module, app.receiver)
        code = f"{helper}({receiver})"
        running, name = f"{receiver}.session_manager.run()", ""
        if draft.generation.startswith("fastmcp") and mounted:
            parent = module.parents.get(app.node)
            if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
                name = parent.targets[0].id
            else:
                name = f"{receiver.replace('.', '_')}_app"
                anchor = (
                    mounted[0].host if mounted[0].host is not None and mounted[0].host_module is module else app.node
                )
                draft.do(Insert(module.at(module.statement_of(anchor)), f"{name} = {code}", order=10))
                self._hoisted = self._hoisted | {name}
                code = name
            running = f"{name}.lifespan({{app}})"
        draft.do(ReplaceExpr(module.at(app.node), code))
        for h in mounted:
            visible = None if name in self._hoisted else self._binding(h, name or receiver)
            self.wiring.wire(draft, h, running, visible)
            draft.files.add(h.module.path)

    def addresses(self, draft: Draft, app: App, hosted: list[Hosted]) -> None:
        """Prefixes of the mounts in front of both paths."""
        inner = draft.new_path
        for h in hosted:
            if h.kind in ("mounted",) and h.prefix is not None and h.prefix.strip("/"):
                draft.old_path = joined_path(h.prefix, draft.old_path)
                draft.message_path = joined_path(h.prefix, draft.message_path)
                draft.new_path = joined_path(h.prefix, inner)
            elif h.prefix is None:
                draft.old_path = ""
                draft.new_path = "{prefix}" + inner
            self._listening(draft, h)
            return

    def _listening(self, draft: Draft, hosted: Hosted) -> None:
        """Host and port of the uvicorn call in the same file, when it is the only one."""
        module = hosted.host_module or hosted.module
        runs = [
            c
            for c in module.calls
            if any(
                isinstance(v, Ext) and v.name in ("uvicorn.run", "uvicorn.Config")
                for v in self.values.of(module, c.func)
            )
        ]
        if len(runs) != 1:
            draft.old_base, draft.port = "http://{host}:{port}", ""
            return
        host = next((self.project.text(module, k.value) for k in runs[0].keywords if k.arg == "host"), "127.0.0.1")
        ports = [k.value for k in runs[0].keywords if k.arg == "port"]
        port = self.project.text(module, ports[0]) if ports else "8000"
        from migrator.python.serverpaths import shown_host

        draft.port = port or ""
        draft.old_base = f"http://{shown_host(host)}:{port or '{port}'}"

    def convert(self, draft: Draft, app: App, hosted: list[Hosted]) -> None:
        unknown = [h for h in hosted if h.kind == "unknown"]
        if unknown:
            h = unknown[0]
            draft.block(
                h.module.place(h.node),
                "the application goes somewhere that can't be followed, so it is not known who would run its lifespan",
                self.by_hand(draft, app),
                step="wire",
            )
            return
        mounted = [h for h in hosted if h.kind in ("mounted", "flattened")]
        collapse = self._collapses(draft, app, mounted)
        name = ""
        if draft.generation.startswith("fastmcp"):
            name = self.fastmcp(draft, app, mounted)
            running = f"{name}.lifespan({{app}})"
        else:
            self.official(draft, app)
            running = f"{app.module.source(app.receiver)}.session_manager.run()"
        for h in mounted:
            hoisted = bool(name) and name in self._hoisted
            visible = None if hoisted else self._binding(h, name or app.module.source(app.receiver))
            self.wiring.wire(draft, h, running, visible)
            draft.files.add(h.module.path)
            if h.host_module is not None:
                draft.files.add(h.host_module.path)
            if h.host is not None:
                draft.keys.add(("app", id(h.host)))
        if collapse is not None:
            self._collapse(draft, app, collapse)

    _hoisted: frozenset[str] = frozenset()

    def _binding(self, h: Hosted, text: str) -> ast.AST | None:
        """The statement that binds the first name of `text` in the scope of the host's statement."""
        module = h.host_module or h.module
        root = text.split(".", maxsplit=1)[0].split("(", maxsplit=1)[0]
        anchor = h.host if h.host is not None else h.node
        scope: Scope | None = module.scope_of(anchor)
        while scope is not None:
            if root in scope.bindings:
                node = scope.bindings[root][0].node
                return None if isinstance(node, ast.arg | ast.alias) else node
            scope = scope.parent
        return None

    # -- official SDK

    def official(self, draft: Draft, app: App) -> None:
        project, module = self.project, app.module
        second = draft.generation == "official-2"
        keywords: list[tuple[str, str | None]] = []
        positional: tuple[tuple[int, str | None], ...] = ()
        if app.call is not None:
            names = {k.arg for k in app.call.keywords}
            keywords += [(n, None) for n in ("mount_path", "sse_path", "message_path") if n in names]
            positional = tuple((i, None) for i in range(len(app.call.args)))
        if second:
            inner = self._inner_path(draft)
            if inner != "/mcp":
                keywords.append(("streamable_http_path", f'"{inner}"'))
            if draft.stateless:
                keywords.append(("stateless_http", "True"))
            if app.call is None:
                given = ", ".join(f"{k}={v}" for k, v in keywords if v is not None)
                receiver = module.source(app.receiver)
                draft.do(ReplaceExpr(module.at(app.node), f"lambda: {receiver}.streamable_http_app({given})"))
                return
        else:
            project.stateless_constructor(draft, app.server, module, app.receiver)
            prefix = draft.new_path
            draft.new_path = self._inner_path(draft)
            constructor_paths(project, draft, app.server, "streamable_http_path")
            draft.new_path = prefix
        if app.call is not None:
            draft.do(
                EditCall(
                    module.at(app.call), method="streamable_http_app", keywords=tuple(keywords), positional=positional
                )
            )
        else:
            draft.do(ReplaceExpr(module.at(app.node), f"{module.source(app.receiver)}.streamable_http_app"))

    def _inner_path(self, draft: Draft) -> str:
        """The path inside the application itself, without mount prefixes."""
        return self._inner.get(id(draft), self.project.new_path)

    @property
    def _inner(self) -> dict[int, str]:
        return self.__dict__.setdefault("_inner_paths", {})

    # -- fastmcp

    def fastmcp(self, draft: Draft, app: App, mounted: list[Hosted]) -> str:
        """Rewrite the call; give its result a name when a lifespan has to enter it. Returns that name."""
        module = app.module
        constructor_paths(self.project, draft, app.server, "")
        code, operations = self._fastmcp_call(draft, app)
        if not mounted:
            draft.do(*operations)
            return ""
        parent = module.parents.get(app.node)
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name | ast.Attribute):
            draft.do(*operations)
            return module.source(parent.targets[0])
        receiver = module.source(app.receiver).replace(".", "_")
        name = f"{receiver}_app" if receiver.isidentifier() else "mcp_app"
        taken = {n for s in module.scopes.values() for n in s.bindings}
        while name in taken:
            name += "_"
        h = mounted[0]
        statement = module.statement_of(app.node)
        if h.host is not None and h.host_module is module and module.scope_of(h.host) is module.scope_of(app.node):
            host_statement = module.statement_of(h.host)
            binding = self._binding(h, module.source(app.receiver))
            if host_statement.lineno < statement.lineno and (
                binding is None or module.statement_of(binding).lineno < host_statement.lineno
            ):
                if self.values.of(module, app.receiver) and module.parents.get(host_statement) is module.parents.get(
                    statement
                ):
                    statement = host_statement
        draft.do(Insert(module.at(statement), f"{name} = {code}", order=10), ReplaceExpr(module.at(app.node), name))
        draft.do(*(o for o in operations if isinstance(o, EnsureImport)))
        self._hoisted = self._hoisted | {name}
        return name

    def _fastmcp_call(self, draft: Draft, app: App) -> tuple[str, list[Operation]]:
        """The new call as code, and as operations on the old one."""
        module, call = app.module, app.call
        keywords: list[tuple[str, str | None]] = []
        receiver = module.source(app.receiver)
        if call is None:
            given = "stateless_http=True" if draft.stateless else ""
            code = f"lambda: {receiver}.http_app({given})"
            return code, [ReplaceExpr(module.at(app.node), code)]
        names = {k.arg for k in call.keywords}
        inner = self._inner_path(draft)
        operations: list[Operation] = []
        if app.kind == "create_sse_app":
            table = self.sdks.fastmcp["functions"]
            keywords += [(n, None) for n in ("message_path", "sse_path") if n in names]
            keywords.append(("streamable_http_path", f'"{inner}"'))
            function = table["http_app"]
            source = module.source(call.func)
            if "." in source:
                function = f"{source.rpartition('.')[0]}.{function}"
            else:
                operations.append(
                    EnsureImport(
                        module.path,
                        table["http_app_module"],
                        table["http_app"],
                        f"{self._import_of(module, source)}:{source}",
                    )
                )
            positional: tuple[tuple[int, str | None], ...] = tuple((i, None) for i in range(1, len(call.args)))
            edit = EditCall(module.at(call), function=function)
        else:
            function = f"{receiver}.http_app"
            positional = tuple((i, None) for i in range(len(call.args))) if app.kind == "sse_app" else ()
            edit = EditCall(module.at(call), method="http_app")
            if app.kind == "http_app":
                path = next((k.value for k in call.keywords if k.arg == "path"), call.args[0] if call.args else None)
                if path is not None:
                    text = self.project.text(module, path)
                    if text != inner and text is not None:
                        if call.args and path is call.args[0]:
                            positional = ((0, f'"{inner}"'),)
                        else:
                            keywords.append(("path", f'"{inner}"'))
                transport = next((k.value for k in call.keywords if k.arg == "transport"), None)
                if isinstance(transport, ast.Constant):
                    keywords.append(("transport", '"http"'))
            else:
                keywords += [(n, None) for n in ("path", "message_path", "sse_path") if n in names]
            if inner != "/mcp" and not any(k == "path" for k, _ in keywords) and not positional:
                keywords.append(("path", f'"{inner}"'))
        if draft.stateless and "stateless_http" not in names:
            keywords.append(("stateless_http", "True"))
        edit = EditCall(edit.at, edit.function, edit.method, tuple(keywords), positional)
        operations.append(edit)
        changed = dict(keywords)
        dropped = dict(positional)
        parts = [dropped[i] if i in dropped else module.source(a) for i, a in enumerate(call.args)]
        parts = [p for p in parts if p]
        for k in call.keywords:
            if k.arg is None:
                parts.append(f"**{module.source(k.value)}")
            elif k.arg in changed:
                value = changed.pop(k.arg)
                if value is not None:
                    parts.append(f"{k.arg}={value}")
            else:
                parts.append(f"{k.arg}={module.source(k.value)}")
        parts += [f"{k}={v}" for k, v in changed.items() if v is not None]
        return f"{function}({', '.join(p for p in parts if p)})", operations

    def _import_of(self, module: Module, name: str) -> str:
        for b in module.scope.bindings.get(name, []):
            if b.kind == "import":
                return b.module
        return str(self.sdks.fastmcp["functions"]["http_app_module"])

    # -- a mount whose prefix is the endpoint's own path

    def _collapses(self, draft: Draft, app: App, mounted: list[Hosted]) -> Hosted | None:
        """`Mount("/mcp", ...)` would serve /mcp/mcp, and a prefix /sse makes clients guess SSE: one route instead."""
        inner = self.project.new_path
        self._inner[id(draft)] = inner if not mounted else self._own_path(draft, mounted)
        if len(mounted) != 1 or mounted[0].kind != "mounted" or mounted[0].mount is None:
            return None
        h = mounted[0]
        prefix = h.prefix_node
        if not isinstance(prefix, ast.Constant) or not isinstance(prefix.value, str):
            return None
        bare = prefix.value.rstrip("/")
        if not (bare.endswith(inner) or bare.endswith("/sse")):
            return None
        if self._has_own_routes(app):
            return None
        base = bare.removesuffix(inner) if bare.endswith(inner) else bare.removesuffix("/sse")
        outer = (h.prefix or "").removesuffix(prefix.value).rstrip("/")
        draft.new_path = outer + base + inner
        self._inner[id(draft)] = base + inner
        return h

    def _own_path(self, draft: Draft, mounted: list[Hosted]) -> str:
        """The application's own new path: what the endpoint's path is below the mounts' prefix."""
        prefix = (mounted[0].prefix or "").rstrip("/") if mounted else ""
        if prefix and draft.new_path.startswith(prefix + "/"):
            return draft.new_path.removeprefix(prefix)
        return self.project.new_path

    def _has_own_routes(self, app: App) -> bool:
        """True when the application answers more than MCP: authentication metadata, custom routes."""
        if app.server.ctor is not None and any(
            k.arg in ("auth", "auth_server_provider", "token_verifier") for k in app.server.ctor.keywords
        ):
            return True
        for module in self.project.modules:
            if "custom_route" in module.text:
                for call in module.calls:
                    if isinstance(call.func, ast.Attribute) and call.func.attr == "custom_route":
                        if app.server in self.sdks.servers(module, call.func.value):
                            return True
        return False

    def _collapse(self, draft: Draft, app: App, h: Hosted) -> None:
        mount, module = h.mount, h.module
        assert mount is not None
        path = self._inner_path(draft)
        argument = next(
            (k.value for k in mount.keywords if k.arg == "app"), mount.args[1] if len(mount.args) > 1 else None
        )
        if argument is None:
            return
        index = mount.args.index(argument) if argument in mount.args else -1
        is_route = not (isinstance(mount.func, ast.Attribute) and mount.func.attr == "mount")
        draft.do(EnsureImport(module.path, "starlette.routing", "Route"))
        draft.do(ReplaceExpr(module.at(h.prefix_node), f'"{path}"'))  # type: ignore[arg-type]
        if is_route:
            keywords: list[tuple[str, str | None]] = []
            positional: tuple[tuple[int, str | None], ...] = ()
            if index < 0:
                new = self._argument_code(draft, module, argument)
                keywords = [("app", None), ("endpoint", new)]
                draft.operations[:] = [o for o in draft.operations if getattr(o, "at", None) != module.at(argument)]
            draft.do(EditCall(module.at(mount), function="Route", keywords=tuple(keywords), positional=positional))
            return
        receiver = module.source(mount.func.value)  # type: ignore[attr-defined]
        new = self._argument_code(draft, module, argument)
        at = module.at(argument)
        draft.operations[:] = [
            o
            for o in draft.operations
            if getattr(o, "at", None) not in (at, module.at(h.prefix_node))  # type: ignore[arg-type]
        ]
        draft.do(ReplaceExpr(module.at(mount), f'{receiver}.router.routes.append(Route("{path}", endpoint={new}))'))

    def _argument_code(self, draft: Draft, module: Module, argument: ast.expr) -> str:
        """The mounted expression's code after this draft's edits of it."""
        at = module.at(argument)
        for o in draft.operations:
            if isinstance(o, ReplaceExpr) and o.at == at:
                return o.code
            if isinstance(o, EditCall) and o.at == at and isinstance(argument, ast.Call):
                function = module.source(argument.func)
                if o.method:
                    function = f"{function.rpartition('.')[0]}.{o.method}"
                dropped = {i for i, v in o.positional if v is None}
                changed = dict(o.keywords)
                parts = [module.source(a) for i, a in enumerate(argument.args) if i not in dropped]
                parts += [
                    f"{k.arg}={module.source(k.value)}" for k in argument.keywords if k.arg and k.arg not in changed
                ]
                parts += [f"{k}={v}" for k, v in o.keywords if v is not None]
                return f"{function}({', '.join(parts)})"
        return module.source(argument)

    # -- both halves in one host

    def _has_twin(self, hosted: list[Hosted], twins: list[tuple[App, Hosted]]) -> bool:
        for h in hosted:
            for _, other in twins:
                if (
                    h.host is not None
                    and h.host is other.host
                    and (h.prefix == other.prefix or "flattened" in (h.kind, other.kind))
                ):
                    return True
        return False

    def remove_half(self, draft: Draft, app: App) -> None:
        """The application offers Streamable HTTP beside it: the SSE half goes."""
        module = app.module
        draft.rule = "MCP105"
        draft.message = "SSE is served beside Streamable HTTP"
        parent = module.parents.get(app.node)
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            name = parent.targets[0].id
            scope = module.scope_of(parent)
            uses = [
                n
                for n in ast.walk(scope.node)
                if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
            ]
            if all(self._remove_use(draft, module, use) for use in uses):
                draft.do(RemoveStmt(module.at(parent)))
                return
            draft.block(
                module.place(parent),
                f"{name} is used in a way that can't be taken out mechanically",
                f"Remove {name} and its routes; the Streamable HTTP application beside it stays.",
                step="rewrite",
            )
            return
        if not self._remove_use(draft, module, app.node):
            draft.block(
                module.place(app.node),
                "this SSE application can't be taken out mechanically",
                "Remove it; the Streamable HTTP application beside it stays.",
                step="rewrite",
            )

    def _remove_use(self, draft: Draft, module: Module, use: ast.expr) -> bool:
        """Take out the route, mount, list part or context that holds the application."""
        node: ast.AST = use
        for outer in module.ancestors(use):
            if isinstance(outer, ast.List | ast.Tuple) and isinstance(node, ast.expr):
                index = outer.elts.index(node)
                draft.do(EditElements(module.at(outer), replace=((index, None),)))
                return True
            if isinstance(outer, ast.BinOp) and isinstance(outer.op, ast.Add):
                rest = outer.right if outer.left is node else outer.left
                draft.do(ReplaceExpr(module.at(outer), module.source(rest)))
                return True
            if isinstance(outer, ast.Expr):
                draft.do(RemoveStmt(module.at(outer)))
                return True
            if isinstance(outer, ast.withitem):
                return False
            if isinstance(outer, ast.For) and outer.iter is node:
                draft.do(RemoveStmt(module.at(outer)))
                return True
            if isinstance(outer, ast.stmt):
                return False
            node = outer
        return False

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
        stores = [
            n
            for n in ast.walk(module.tree)
            if isinstance(n, ast.Attribute) and n.attr == "sse_app" and isinstance(n.ctx, ast.Store)
        ]
        if not stores:
            return False
        receiver = module.source(app.receiver)
        draft.do(ReplaceExpr(module.at(app.node), f"{receiver}.streamable_http_app"))
        for store in stores:
            draft.do(ReplaceExpr(module.at(store), f"{module.source(store.value)}.streamable_http_app"))
        for call in module.calls:
            if isinstance(call.func, ast.Name) and call.func.id == name and (call.args or call.keywords):
                draft.do(
                    EditCall(
                        module.at(call),
                        positional=tuple((i, None) for i in range(len(call.args))),
                        keywords=tuple((k.arg, None) for k in call.keywords if k.arg),
                    )
                )
        self.project.stateless_constructor(draft, app.server, module, app.receiver)
        return True

    def live_half(self, draft: Draft, app: App) -> None:
        """An application of the same server that speaks Streamable HTTP already."""
        if not draft.stateless:
            return
        if draft.generation == "official-1":
            self.project.stateless_constructor(draft, app.server, app.module, app.receiver)
        elif app.call is not None and not any(
            k.arg in ("stateless_http", "stateless", None) for k in app.call.keywords
        ):
            draft.do(EditCall(app.module.at(app.call), keywords=(("stateless_http", "True"),)))
        draft.files.add(app.module.path)

    def by_hand(self, draft: Draft, app: App) -> str:
        """What to write, in the generation's own spelling."""
        receiver = app.module.source(app.receiver)
        if draft.generation.startswith("fastmcp"):
            return (
                f"Write {receiver.replace('.', '_')}_app = {receiver}.http_app(stateless_http=True), mount that, and pass "
                f"lifespan={receiver.replace('.', '_')}_app.lifespan to the outermost Starlette or FastAPI application."
            )
        how = (
            f"{receiver}.streamable_http_app(stateless_http=True)"
            if draft.generation == "official-2"
            else f"{receiver}.streamable_http_app() (with FastMCP(..., stateless_http=True))"
        )
        return f"Use {how} and enter {receiver}.session_manager.run() in the lifespan of the outermost application."
