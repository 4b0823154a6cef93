"""Where an ASGI app of a server ends up: served by itself, or mounted in a host whose lifespan must run it.

SSE needed no lifespan; Streamable HTTP answers 500 without one (rules/sdks, facts: "task group is not initialized").
"""

from __future__ import annotations

import ast
from dataclasses import dataclass

from migrator.python.code import FunctionNode, Module
from migrator.python.edits import EditCall, EnsureImport, Insert, Operation, ReplaceStmt
from migrator.python.unit import Draft
from migrator.python.values import Cls, Ext, Func, Obj, Param, Value, Values, decorator_name, walk_own

HOSTS = {
    "starlette.applications.Starlette",
    "fastapi.FastAPI",
    "fastapi.applications.FastAPI",
}
ROUTES = {"starlette.routing.Mount", "starlette.routing.Host", "fastapi.routing.Mount"}
SERVED = {"uvicorn.run", "uvicorn.Config", "hypercorn.asyncio.serve", "hypercorn.run", "granian.Granian", "mangum.Mangum"}


@dataclass(eq=False)
class Hosted:
    """One place where an app goes.

    kind: served (its own lifespan runs), mounted, flattened (its routes are copied), unknown.
    """

    kind: str
    module: Module
    node: ast.AST  # the place that mounts or serves it
    prefix: str | None = ""  # path prefix; None when it can't be told
    prefix_node: ast.expr | None = None
    host: ast.Call | None = None  # the call that makes the host application
    host_module: Module | None = None
    host_name: str = ""  # how the host is called at `node`: "app", "self.app"; "" for an anonymous one
    mount: ast.Call | None = None  # Mount(...) or host.mount(...)
    inner: Hosted | None = None  # the application next to the route, when `host` is one around it
    levels: int = 0  # how many applications `host` is above `inner`


class Hosting:
    """Follows an app expression to its hosts."""

    def __init__(self, values: Values, modules: list[Module]) -> None:
        self.values = values
        self.modules = modules
        self._rising: set[ast.AST] = set()  # hosts whose own hosts are being looked for

    # -- following

    def of(self, module: Module, node: ast.expr, depth: int = 0) -> list[Hosted]:
        """Every place that the value of an expression goes to."""
        if depth > 8:
            return [Hosted("unknown", module, node, None)]
        parent = module.parents.get(node)
        if isinstance(parent, ast.keyword):
            call = module.parents[parent]
            assert isinstance(call, ast.Call)
            return self._argument(module, node, call, parent.arg, depth)
        if isinstance(parent, ast.Call) and node in parent.args:
            return self._argument(module, node, parent, None, depth)
        if isinstance(parent, ast.Assign) and parent.value is node:
            return self._assigned(module, parent.targets[0], depth)
        if isinstance(parent, ast.AnnAssign) and parent.value is node:
            return self._assigned(module, parent.target, depth)
        if isinstance(parent, ast.Return | ast.Yield):
            return self._returned(module, parent, depth)
        if isinstance(parent, ast.Await | ast.IfExp | ast.BoolOp):
            return self.of(module, parent, depth + 1)
        if isinstance(parent, ast.Attribute) and parent.attr == "routes":
            if isinstance(module.parents.get(parent), ast.Attribute):
                return []  # app.routes.append(...): something goes into it
            return self._flattened(module, parent)
        return [Hosted("unknown", module, node, None)]

    def _argument(self, module: Module, node: ast.expr, call: ast.Call, keyword: str | None, depth: int) -> list[Hosted]:
        targets = self.values.of(module, call.func)
        names = {t.name for t in targets if isinstance(t, Ext)}
        if names & SERVED:
            return [Hosted("served", module, call)]
        if names & ROUTES:
            prefix = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
            return self._route(module, call, prefix)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "mount":
            prefix = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
            return self._on_host(module, call, call.func.value, prefix)
        if names and all(n.rpartition(".")[2][:1].isupper() for n in names):
            return self.of(module, call, depth + 1)  # SomeMiddleware(app): passes the lifespan on
        for target in targets:
            if isinstance(target, Cls):
                return self.of(module, call, depth + 1)
            if isinstance(target, Func):
                return self._into(target, call, node, keyword, depth)
        return [Hosted("unknown", module, call, None)]

    def _into(self, target: Func, call: ast.Call, node: ast.expr, keyword: str | None, depth: int) -> list[Hosted]:
        """The app is handed to a function of the project: look at what it does with the parameter."""
        function = target.node
        assert isinstance(function, FunctionNode)
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        if keyword is not None:
            found = next((a for a in arguments if a.arg == keyword), None)
        else:
            offset = 1 if target.module.class_of(function) is not None else 0
            index = call.args.index(node) + offset
            found = arguments[index] if index < len(arguments) else None
        if found is None:
            return [Hosted("unknown", target.module, call, None)]
        out: list[Hosted] = []
        for use in walk_own(function):
            if isinstance(use, ast.Name) and use.id == found.arg and isinstance(use.ctx, ast.Load):
                if isinstance(target.module.parents.get(use), ast.Attribute) and target.module.parents[use].attr != "routes":  # type: ignore[attr-defined]
                    continue
                out += self.of(target.module, use, depth + 1)
        return out or [Hosted("served", target.module, call)]

    def _assigned(self, module: Module, target: ast.expr, depth: int) -> list[Hosted]:
        out: list[Hosted] = []
        if isinstance(target, ast.Name):
            scope = module.scope_of(target)
            for use in ast.walk(scope.node):
                if isinstance(use, ast.Name) and use.id == target.id and isinstance(use.ctx, ast.Load):
                    if module.owner(use) is scope:  # not another function's variable of the same name
                        out += self._use(module, use, depth)
            if scope.parent is None:
                out += self._imported(module, target.id, depth)
        elif isinstance(target, ast.Attribute):
            for use in ast.walk(module.tree):
                if isinstance(use, ast.Attribute) and use.attr == target.attr and isinstance(use.ctx, ast.Load):
                    out += self._use(module, use, depth)
        return out or [Hosted("served", module, target)]

    def _use(self, module: Module, use: ast.expr, depth: int) -> list[Hosted]:
        parent = module.parents.get(use)
        if isinstance(parent, ast.Attribute):
            if parent.attr == "routes" and isinstance(parent.ctx, ast.Load):
                grand = module.parents.get(parent)
                if isinstance(grand, ast.Attribute) or (isinstance(grand, ast.For | ast.comprehension)):
                    return []
                return self._flattened(module, parent)
            return []  # app.add_middleware(...), app.state
        if isinstance(parent, ast.Call | ast.keyword | ast.Return | ast.Assign):
            if isinstance(parent, ast.Call) and decorator_name(parent) in ("print", "len", "isinstance", "type", "id"):
                return []
            return self.of(module, use, depth + 1)
        return []

    def _imported(self, module: Module, name: str, depth: int) -> list[Hosted]:
        out: list[Hosted] = []
        for other in self.values.code.mentioning(name):  # the file that mounts an app may hold no word of ours
            if other is module:
                continue
            for scope in other.scopes.values():
                for alias, bindings in scope.bindings.items():
                    for b in bindings:
                        if b.kind == "import" and b.name == name and self.values.code.find(b.module, other) is module:
                            for use in ast.walk(scope.node):
                                if isinstance(use, ast.Name) and use.id == alias and isinstance(use.ctx, ast.Load):
                                    out += self._use(other, use, depth)
        return out

    def _returned(self, module: Module, node: ast.AST, depth: int) -> list[Hosted]:
        function = module.function_of(node)
        if function is None:
            return [Hosted("unknown", module, node, None)]
        out: list[Hosted] = []
        for caller, call in self.values.callers(Func(module, function)):
            out += self.of(caller, call, depth + 1)
        return out or [Hosted("served", module, function)]  # uvicorn --factory, or a caller outside

    def _flattened(self, module: Module, routes: ast.expr) -> list[Hosted]:
        """`[*app.routes, ...]` or `host.routes.extend(app.routes)`."""
        for outer in module.ancestors(routes):
            if isinstance(outer, ast.Call):
                if self.is_host(module, outer):
                    hosted = Hosted("flattened", module, outer, "", host=outer, host_module=module)
                    hosted.host_name = self._name_of(module, outer)
                    return [hosted]
                if isinstance(outer.func, ast.Attribute) and outer.func.attr in ("extend", "append", "insert"):
                    base = outer.func.value
                    while isinstance(base, ast.Attribute) and base.attr in ("routes", "router"):
                        base = base.value
                    found = self._on_host(module, outer, base, ast.Constant(value=""))
                    for h in found:
                        h.kind = "flattened"
                    return found
            if isinstance(outer, ast.Assign) and isinstance(outer.targets[0], ast.Name):
                return [
                    Hosted("flattened", module, outer, h.prefix, None, h.host, h.host_module, h.host_name)
                    for h in self._list(module, outer.targets[0])
                ]
            if isinstance(outer, ast.stmt):
                break
        return [Hosted("unknown", module, routes, None)]

    def is_host(self, module: Module, call: ast.Call) -> bool:
        return any(isinstance(v, Obj) and self._is_host_value(v) for v in self.values.of(module, call))

    def _is_host_value(self, value: Value) -> bool:
        if not isinstance(value, Obj):
            return False
        if isinstance(value.of, Ext):
            return value.of.name in HOSTS
        return isinstance(value.of, Cls) and any(b.name in HOSTS for b in self.values.external_bases(value.of))

    def _prefix(self, module: Module, node: ast.expr | None) -> str | None:
        if node is None:
            return ""
        if isinstance(node, ast.Constant):
            return str(node.value)
        from migrator.python.starts import constant

        return constant(self.values.of(module, node))

    def _route(self, module: Module, mount: ast.Call, prefix: ast.expr | None) -> list[Hosted]:
        """`Mount(prefix, app=...)`: which application's routes is it in?"""
        text = self._prefix(module, prefix)
        for hosted in self.route_hosts(module, mount):
            hosted.prefix = None if text is None or hosted.prefix is None else hosted.prefix.rstrip("/") + text
            hosted.prefix_node = prefix
            hosted.mount = mount
            return [hosted]
        return [Hosted("unknown", module, mount, None)]

    def route_hosts(self, module: Module, route: ast.expr) -> list[Hosted]:
        """The hosts of a Route(...) or Mount(...) expression."""
        for outer in module.ancestors(route):
            if isinstance(outer, ast.Call):
                if self.is_host(module, outer):
                    hosted = Hosted("mounted", module, outer, "", host=outer, host_module=module)
                    hosted.host_name = self._name_of(module, outer)
                    return self._outer(hosted)
                targets = {t.name for t in self.values.of(module, outer.func) if isinstance(t, Ext)}
                if targets & ROUTES:
                    prefix = self._prefix(module, outer.args[0] if outer.args else None)
                    found = self.route_hosts(module, outer)
                    for h in found:
                        h.prefix = None if prefix is None or h.prefix is None else h.prefix.rstrip("/") + prefix
                    return found
                if any(t.rpartition(".")[2] in ("Router",) for t in targets):
                    return self.of(module, outer)
                if isinstance(outer.func, ast.Attribute) and outer.func.attr in ("append", "insert", "extend"):
                    base = outer.func.value
                    attributes = []
                    while isinstance(base, ast.Attribute) and base.attr in ("routes", "router"):
                        attributes.append(base.attr)
                        base = base.value
                    if attributes:
                        return self._on_host(module, outer, base, ast.Constant(value=""))
                    if isinstance(base, ast.Name):
                        return self._list(module, base)
            elif isinstance(outer, ast.Assign | ast.AnnAssign):
                target = outer.targets[0] if isinstance(outer, ast.Assign) else outer.target
                if isinstance(target, ast.Name):
                    return self._list(module, target)
            elif isinstance(outer, ast.AugAssign) and isinstance(outer.target, ast.Name):
                return self._list(module, outer.target)
            elif isinstance(outer, ast.Return):
                return self._returned_routes(module, outer)
            elif isinstance(outer, ast.stmt):
                break
        return []

    def _returned_routes(self, module: Module, node: ast.Return) -> list[Hosted]:
        function = module.function_of(node)
        out: list[Hosted] = []
        if function is not None:
            for caller, call in self.values.callers(Func(module, function)):
                out += self.route_hosts(caller, call)
        return out

    def _list(self, module: Module, name: ast.Name) -> list[Hosted]:
        """A list of routes with a name: the application it is given to."""
        scope = module.scope_of(name)
        for use in ast.walk(scope.node):
            if isinstance(use, ast.Name) and use.id == name.id and isinstance(use.ctx, ast.Load):
                if module.owner(use) is not scope:
                    continue
                for outer in module.ancestors(use):
                    if isinstance(outer, ast.Call) and self.is_host(module, outer):
                        hosted = Hosted("mounted", module, outer, "", host=outer, host_module=module)
                        hosted.host_name = self._name_of(module, outer)
                        return self._outer(hosted)
                    if isinstance(outer, ast.Return):
                        found = self._returned_routes(module, outer)
                        if found:
                            return found
                    if isinstance(outer, ast.stmt):
                        break
        return []

    def _on_host(self, module: Module, call: ast.Call, host: ast.expr, prefix: ast.expr | None) -> list[Hosted]:
        """`host.mount(prefix, app)`."""
        text = self._prefix(module, prefix)
        for value in self.values.of(module, host):
            if isinstance(value, Obj) and self._is_host_value(value):
                hosted = Hosted("mounted", module, call, text, prefix, value.node, value.module, module.source(host), call)
                return self._outer(hosted)
            if isinstance(value, Param):
                annotation = value.node.annotation  # type: ignore[attr-defined]
                ok = annotation is None or any(
                    isinstance(v, Ext) and v.name in HOSTS for v in self.values.of(value.module, annotation)
                )
                if ok:
                    return [Hosted("mounted", module, call, text, prefix, None, None, module.source(host), call)]
        return [Hosted("unknown", module, call, None)]

    def _outer(self, hosted: Hosted) -> list[Hosted]:
        """A host that is itself mounted: the outermost one runs the lifespan."""
        if hosted.host is None or hosted.host_module is None:
            return [hosted]
        if hosted.host in self._rising:
            return [hosted]
        self._rising.add(hosted.host)
        try:
            above = [h for h in self.of(hosted.host_module, hosted.host, 3) if h.kind == "mounted"]
        finally:
            self._rising.discard(hosted.host)
        if not above:
            return [hosted]
        outer = above[0]
        prefix = None if outer.prefix is None or hosted.prefix is None else outer.prefix.rstrip("/") + hosted.prefix
        return [
            Hosted(
                "mounted",
                outer.module,
                outer.node,
                prefix,
                hosted.prefix_node,
                outer.host,
                outer.host_module,
                outer.host_name,
                hosted.mount,
                hosted,
                outer.levels + 1,
            )
        ]

    def _name_of(self, module: Module, call: ast.Call) -> str:
        parent = module.parents.get(call)
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
            return module.source(parent.targets[0])
        if isinstance(parent, ast.AnnAssign):
            return module.source(parent.target)
        return ""


class Wiring:
    """Makes a host's lifespan run a server's session manager."""

    def __init__(self, values: Values, modules: list[Module]) -> None:
        self.values = values
        self.modules = modules
        # several servers in one host: its lifespan enters all of them, and the last draft carries the edit
        self._entered: dict[object, list[str]] = {}
        self._carrier: dict[object, Draft] = {}
        self._last: dict[object, ast.stmt] = {}
        self._made: dict[object, tuple[Operation, ...]] = {}

    def _gather(self, draft: Draft, key: object, running: str) -> list[str]:
        contexts = self._entered.setdefault(key, [])
        if running not in contexts:
            contexts.append(running)
        draft.keys.add(("host", key))
        return contexts

    def _only(self, draft: Draft, key: object, *operations: Operation) -> None:
        carrier = self._carrier.get(key)
        if carrier is not None:
            previous, draft_operations = self._made[key], carrier.operations
            carrier.operations[:] = [o for o in draft_operations if o not in previous]
        self._carrier[key] = draft
        self._made[key] = operations
        draft.do(*operations)

    def wire(self, draft: Draft, hosted: Hosted, running: str, visible_from: ast.AST | None, tag: str = "") -> None:
        """Add the edits. `running`: the expression to enter ("mcp.session_manager.run()"; {app}: the lifespan's argument).

        visible_from: a node of the statement that binds what `running` names (None: bound at module level or by an
        enclosing function before the host). Blocks the draft when no safe place is found.
        """
        module, host = hosted.host_module, hosted.host
        if host is not None and module is not None and module is hosted.module:
            statement = module.statement_of(host)
            before = visible_from is None or self._bound_before(module, visible_from, statement)
            lifespan = next((k.value for k in host.keywords if k.arg == "lifespan"), None)
            startup = any(k.arg in ("on_startup", "on_shutdown") for k in host.keywords) or self._has_events(module, hosted)
            splat = any(k.arg is None for k in host.keywords)
            if lifespan is not None and not startup and self._nest(draft, module, lifespan, running, visible_from):
                return
            if lifespan is None and not startup and not splat and before and self._own_init(host, module):
                self._new_lifespan(draft, module, statement, host, running, tag)
                return
        self._wrap(draft, hosted, running, tag)

    def _own_init(self, host: ast.Call, module: Module) -> bool:
        for value in self.values.of(module, host):
            if isinstance(value, Obj) and isinstance(value.of, Cls):
                return False
        return True

    def _bound_before(self, module: Module, node: ast.AST, statement: ast.stmt) -> bool:
        bound = module.statement_of(node)
        if module.scope_of(bound) is not module.scope_of(statement):
            scope = module.scope_of(statement)
            above = module.scope_of(bound)
            current = scope.parent
            while current is not None:
                if current is above:
                    return True
                current = current.parent
            return False
        return bound.lineno <= statement.lineno

    def _has_events(self, module: Module, hosted: Hosted) -> bool:
        name = hosted.host_name
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in ("on_event", "add_event_handler"):
                if not name or module.source(node.value) in (name, f"{name}.router"):
                    return True
        return False

    def _nest(self, draft: Draft, module: Module, lifespan: ast.expr, running: str, visible: ast.AST | None) -> bool:
        """Wrap the `yield` of the host's own lifespan."""
        for value in self.values.of(module, lifespan):
            if not isinstance(value, Func) or value.module is not module:
                continue
            function = value.node
            assert isinstance(function, FunctionNode)
            yields = [n for n in walk_own(function) if isinstance(n, ast.Yield)]
            if not isinstance(function, ast.AsyncFunctionDef) or len(yields) != 1:
                return False
            if not any(decorator_name(d).rpartition(".")[2] == "asynccontextmanager" for d in function.decorator_list):
                return False
            root = running.split(".", maxsplit=1)[0].split("(", maxsplit=1)[0]
            if not self._sees(module, function, root, visible):
                return False
            statement = module.statement_of(yields[0])
            if not isinstance(statement, ast.Expr) or statement.value is not yields[0]:
                return False
            text = module.source(statement)
            if "\n" in text:
                return False
            key = ("yield", module.path, statement.lineno)
            first = function.args.args[0].arg if function.args.args else "None"
            contexts = self._gather(draft, key, running.replace("{app}", first))
            self._only(draft, key, ReplaceStmt(module.at(statement), f"async with {', '.join(contexts)}:\n    {text}"))
            return True
        return False

    def _sees(self, module: Module, function: ast.AST, root: str, visible: ast.AST | None) -> bool:
        scope = module.scopes.get(function)
        while scope is not None:
            if root in scope.bindings:
                return True
            scope = scope.parent
        if visible is None:
            return True
        above, scope = module.scope_of(visible), module.scopes.get(function)
        while scope is not None and scope is not above:
            scope = scope.parent
        return scope is not None

    def _new_lifespan(self, draft: Draft, module: Module, statement: ast.stmt, host: ast.Call, running: str, tag: str) -> None:
        key = ("lifespan", module.path, host.lineno, host.col_offset)
        name = f"mcp_lifespan{tag}"
        contexts = self._gather(draft, key, running.replace("{app}", "app"))
        code = f"@contextlib.asynccontextmanager\nasync def {name}(app):\n    async with {', '.join(contexts)}:\n        yield"
        self._only(
            draft,
            key,
            Insert(module.at(statement), code, order=50),
            EditCall(module.at(host), keywords=(("lifespan", name),)),
            EnsureImport(module.path, "contextlib"),
        )

    def _wrap(self, draft: Draft, hosted: Hosted, running: str, tag: str) -> None:
        """The form that works for every host: put our context around the lifespan it has."""
        module = hosted.module
        statement = module.statement_of(hosted.node)
        name = hosted.host_name
        if not name or not all(part.isidentifier() for part in name.split(".")):
            draft.block(
                module.place(hosted.node),
                "the application that this server is mounted in has no name here, so its lifespan can't be extended",
                "Enter " + running.replace("{app}", "app") + " in the lifespan of the outermost application (async with ...: yield).",
                step="wire",
            )
            return
        plain = name.replace(".", "_")
        previous, new = f"_{plain}_lifespan{tag}", f"_{plain}_mcp_lifespan{tag}"
        key = ("wrapped", module.path, id(module.scope_of(statement).node), name)
        contexts = self._gather(draft, key, running.replace("{app}", "app"))
        # behind the last mount that needs it: everything that `contexts` names is bound there
        last = self._last.get(key)
        if last is None or statement.lineno > last.lineno:
            self._last[key] = statement
        code = (
            f"{previous} = {name}.router.lifespan_context\n\n\n"
            "@contextlib.asynccontextmanager\n"
            f"async def {new}(app):\n"
            f"    async with {previous}(app) as state, {', '.join(contexts)}:\n"
            "        yield state\n\n\n"
            f"{name}.router.lifespan_context = {new}"
        )
        self._only(
            draft,
            key,
            Insert(module.at(self._last[key]), code, where="after", order=60),
            EnsureImport(module.path, "contextlib"),
        )
