"""Applications that hold others: which they are, and which of them a route, a list of routes or a mount belongs to."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator, Set

from migrator.python.applications.asgi import Asgi
from migrator.python.applications.dispatching import Dispatcher, Dispatching
from migrator.python.flow.value import Cls, Const, Expr, Ext, Func, Obj, Param, Value
from migrator.python.flow.values import Values
from migrator.python.module import Module, dotted
from migrator.records import record

TAKEN = ("app", "endpoint")  # of a route: what it serves; a server over the new transport has other routes


@record(eq=False)
class Hosted:
    """One place where an app goes.

    kind: served (its own lifespan runs), mounted, flattened (its routes are copied), unknown.
    app: the expression that is the app itself where it ends up; wrappers around it are not.
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
    app: tuple[Module, ast.expr] | None = None
    made: bool = False  # the application is made whether or not its route is there: a lifespan may always run it
    withheld: Dispatcher | None = None  # what serves it in the end, and hands no lifespan on to it
    behind: Dispatcher | None = None  # what hands requests on to it, and lifespans to `host`
    unsaid: Module | None = None  # of prefix_node, when that alone is what can't be told of the prefix
    only: frozenset[str] = frozenset()  # words that the copied routes are asked for: their paths


class Hosts:
    """Answers for one project."""

    def __init__(self, values: Values, asgi: Asgi, follow: Callable[[Module, ast.expr, int], list[Hosted]]) -> None:
        """`follow`: where the value of an expression goes to (hosting.py): a host can be in another one."""
        self.values = values
        self.asgi = asgi
        self.follow = follow
        self.dispatching = Dispatching(values)
        self._rising: set[ast.AST] = set()  # hosts whose own hosts are being looked for
        self._spelling: set[ast.expr] = set()  # expressions whose text is being put together
        self.applications: set[ast.AST] = set()  # calls that make an application of a server: hosts, too

    def is_host(self, module: Module, call: ast.Call) -> bool:
        """True for a call that makes an application which can hold others."""
        return any(isinstance(v, Obj) and self._is_host_value(v) for v in self.values.of(module, call))

    def _is_host_value(self, value: Value) -> bool:
        if not isinstance(value, Obj):
            return False
        if value.node is not None and value.node in self.applications:
            return True
        if isinstance(value.of, Ext):
            return value.of.name in self.asgi.applications
        bases = self.values.classes.external_bases(value.of) if isinstance(value.of, Cls) else ()
        return any(base.name in self.asgi.applications for base in bases)

    def text(
        self, module: Module, node: ast.expr | None, given: dict[str, tuple[Module, ast.expr]] | None = None
    ) -> str | None:
        """The text that an expression always is; None when it can't be told. `given`: what some names are."""
        if node is None:
            return ""
        if isinstance(node, ast.Constant):
            return str(node.value)
        if isinstance(node, ast.Name) and given and node.id in given:
            return self.text(*given[node.id])
        if isinstance(node, ast.FormattedValue):
            plain = node.conversion < 0 and node.format_spec is None
            return self.text(module, node.value, given) if plain else None
        if isinstance(node, ast.JoinedStr | ast.BinOp):
            if isinstance(node, ast.BinOp) and not isinstance(node.op, ast.Add):
                return None
            parts = node.values if isinstance(node, ast.JoinedStr) else [node.left, node.right]
            texts = [self.text(module, part, given) for part in parts]
            return None if None in texts else "".join(t for t in texts if t is not None)
        if node in self._spelling:
            return None  # made of itself: `prefix = f"{prefix}/{part}"`
        self._spelling.add(node)
        values = self.values.of(module, node)
        texts = [
            self.text(v.module, v.node)
            if isinstance(v, Expr) and isinstance(v.node, ast.JoinedStr | ast.BinOp)
            else (str(v.value) if isinstance(v, Const) else None)
            for v in values
        ]
        self._spelling.discard(node)
        return texts[0] if len(set(texts)) == 1 else None

    # -- what is put into a host

    def on_host(self, module: Module, call: ast.Call, host: ast.expr, prefix: ast.expr | None) -> list[Hosted]:
        """`host.mount(prefix, app)`: at least one place, of the kind "unknown" where `host` can't be followed."""
        text = self.text(module, prefix)
        for value in self.values.of(module, host):
            if isinstance(value, Obj) and self._is_host_value(value):
                hosted = Hosted(
                    "mounted", module, call, text, prefix, value.node, value.module, module.source(host), call
                )
                hosted.unsaid = module if text is None else None
                return self._outer(hosted)
            if isinstance(value, Param):
                annotation = value.node.annotation  # type: ignore[attr-defined]
                if annotation is None or self.asgi.applications & self.values.names(value.module, annotation):
                    return [Hosted("mounted", module, call, text, prefix, None, None, module.source(host), call)]
        return [Hosted("unknown", module, call, None)]

    def route(self, module: Module, mount: ast.Call, prefix: ast.expr | None) -> list[Hosted]:
        """`Mount(prefix, app=...)`: which application's routes is it in?"""
        text = self.text(module, prefix)
        for hosted in self.route_hosts(module, mount):
            hosted.unsaid = module if text is None and hosted.prefix == "" else None
            hosted.prefix = None if text is None or hosted.prefix is None else hosted.prefix.rstrip("/") + text
            hosted.prefix_node = prefix
            hosted.mount = mount
            hosted.app = None  # what was followed so far was a router around the route
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
                targets = self.values.names(module, outer.func)
                if targets & self.asgi.holders:
                    prefix = (
                        "" if targets & self.asgi.named else self.text(module, outer.args[0] if outer.args else None)
                    )
                    found = self.route_hosts(module, outer)
                    for h in found:
                        h.unsaid = module if prefix is None and h.prefix == "" else None
                        h.prefix_node = outer.args[0] if h.unsaid and outer.args else h.prefix_node
                        h.prefix = None if prefix is None or h.prefix is None else h.prefix.rstrip("/") + prefix
                    return found
                if any(t.rpartition(".")[2] in ("Router",) for t in targets):
                    return self.follow(module, outer, 0)
                if isinstance(outer.func, ast.Attribute) and outer.func.attr in ("append", "insert", "extend"):
                    base = application(outer.func.value)
                    if base is not outer.func.value:
                        return self.on_host(module, outer, base, ast.Constant(value=""))
                    if isinstance(base, ast.Name | ast.Attribute):
                        return self._list(module, base)
            elif isinstance(outer, ast.Assign | ast.AnnAssign | ast.AugAssign):
                target = outer.targets[0] if isinstance(outer, ast.Assign) else outer.target
                if isinstance(target, ast.Name | ast.Attribute):
                    return self._list(module, target)
            elif isinstance(outer, ast.Return):
                return self._returned_routes(module, outer)
            elif isinstance(outer, ast.stmt):
                break
        return []

    def _returned_routes(self, module: Module, node: ast.Return) -> list[Hosted]:
        function = module.function_of(node)
        out: list[Hosted] = []
        if function is not None:
            for caller, call in self.values.callers.of(Func(module, function)):
                out += self.route_hosts(caller, call)
        return out

    def _list(self, module: Module, name: ast.Name | ast.Attribute) -> list[Hosted]:
        """A list of routes with a name: the application it is given to, or whose routes it is put into."""
        uses: list[tuple[Module, ast.expr]] = []
        if isinstance(name, ast.Attribute):
            uses += [(module, u) for u in module.loads.get(name.attr, ()) if isinstance(u, ast.Attribute)]
        else:
            scope = module.owner(name) if isinstance(name.ctx, ast.Load) else module.scope_of(name)
            uses += [
                (module, use)
                for use in module.within(scope)
                if isinstance(use, ast.Name)
                and use.id == name.id
                and isinstance(use.ctx, ast.Load)
                and module.owner(use) is scope
            ]
            if scope.parent is None:
                uses += self.loads_elsewhere(module, name.id)
        for where, use in uses:
            if isinstance(where.parents.get(use), ast.For | ast.comprehension):
                found = self._each_route(where, use)
                if found:
                    return found
            for outer in where.ancestors(use):
                if isinstance(outer, ast.Call) and isinstance(outer.func, ast.Attribute) and use in outer.args:
                    base = application(outer.func.value)
                    if outer.func.attr == "extend" and base is not outer.func.value:
                        return self.on_host(where, outer, base, ast.Constant(value=""))
                if isinstance(outer, ast.Call) and self.is_host(where, outer):
                    hosted = Hosted("mounted", where, outer, "", host=outer, host_module=where)
                    hosted.host_name = self._name_of(where, outer)
                    return self._outer(hosted)
                if isinstance(outer, ast.Return):
                    found = self._returned_routes(where, outer)
                    if found:
                        return found
                if isinstance(outer, ast.stmt):
                    break
        return []

    def loads_elsewhere(self, module: Module, name: str) -> Iterator[tuple[Module, ast.Name]]:
        """Uses in other files of a module's global name; they may hold no word of ours."""
        for other in self.values.code.importing(name, module):
            for scope in other.scopes.values():
                for alias, bindings in scope.bindings.items():
                    for b in bindings:
                        if b.kind == "import" and b.name == name and self.values.code.find(b.module, other) is module:
                            for use in other.within(scope):
                                if isinstance(use, ast.Name) and use.id == alias and isinstance(use.ctx, ast.Load):
                                    yield other, use

    # -- routes that are copied

    def copied(self, module: Module, routes: ast.expr) -> list[Hosted]:
        """`[*app.routes, ...]` or `host.routes.extend(app.routes)`."""
        parent = module.parents.get(routes)
        if isinstance(parent, ast.For | ast.comprehension):
            return self._each_route(module, routes)
        if isinstance(parent, ast.Subscript):
            return [Hosted("unknown", module, parent, None)]  # app.routes[1].app: there may be no such route now
        for outer in module.ancestors(routes):
            if isinstance(outer, ast.Call):
                if self.is_host(module, outer):
                    hosted = Hosted("flattened", module, outer, "", host=outer, host_module=module)
                    hosted.host_name = self._name_of(module, outer)
                    return [hosted]
                if isinstance(outer.func, ast.Attribute) and outer.func.attr in ("extend", "append", "insert"):
                    base = application(outer.func.value)
                    if base is outer.func.value and isinstance(base, ast.Name | ast.Attribute):
                        listed = self._flattened(module, outer, base)
                        if listed:
                            return listed
                    found = self.on_host(module, outer, base, ast.Constant(value=""))
                    for h in found:
                        h.kind = "flattened"
                    return found
            if isinstance(outer, ast.Assign) and isinstance(outer.targets[0], ast.Name):
                return self._flattened(module, outer, outer.targets[0])
            if isinstance(outer, ast.stmt):
                break
        return [Hosted("unknown", module, routes, None)]

    def _flattened(self, module: Module, node: ast.AST, name: ast.Name | ast.Attribute) -> list[Hosted]:
        """Routes that are copied into a list with a name, at `node`."""
        return [
            Hosted("flattened", module, node, h.prefix, None, h.host, h.host_module, h.host_name)
            for h in self._list(module, name)
        ]

    def _each_route(self, module: Module, routes: ast.expr) -> list[Hosted]:
        """`for route in app.routes: host.routes.append(route)`, `[r for r in app.routes if ...]`; nothing for a look."""
        parent = module.parents.get(routes)
        assert isinstance(parent, ast.For | ast.comprehension)
        loop = parent if isinstance(parent, ast.For) else module.parents[parent]
        inside = [n for s in parent.body for n in ast.walk(s)] if isinstance(parent, ast.For) else [loop.elt]  # type: ignore[attr-defined]
        name = parent.target.id if isinstance(parent.target, ast.Name) else ""
        taken = [n for n in inside if isinstance(n, ast.Attribute) and n.attr in TAKEN and dotted(n.value) == name]
        read = [n for n in taken if isinstance(n.ctx, ast.Load)]
        if read and (len(read) == len(taken) or any(n.attr == "endpoint" for n in read)):
            return [Hosted("unknown", module, loop, None)]  # route.app = Guard(route.app) stays there
        if isinstance(outer := module.parents.get(loop), ast.Call) and dotted(outer.func) == "next":
            return [Hosted("unknown", module, outer, None)]  # one of them is picked: there may be no such route now
        wrapped = {n for n in taken if isinstance(n.ctx, ast.Store)}
        if isinstance(parent, ast.For) and any(_wraps_some(s, wrapped) for s in parent.body):
            return [Hosted("unknown", module, loop, None)]
        for node in inside:
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                if isinstance(parent, ast.comprehension) or isinstance(module.parents.get(node), ast.Call | ast.List):
                    found = self.copied(module, node)
                    if found and found[0].kind == "flattened":
                        for h in found:
                            h.only = _asked(module, node, parent)
                        for h in found if isinstance(parent, ast.For) else ():
                            h.node, h.mount = parent, None  # all of them, when the loop has ended
                        return found
        return []

    # -- hosts in hosts

    def _outer(self, hosted: Hosted) -> list[Hosted]:
        """A host that is itself mounted: the outermost one runs the lifespan."""
        if hosted.host is None or hosted.host_module is None:
            return [hosted]
        if hosted.host in self._rising:
            return [hosted]
        self._rising.add(hosted.host)
        try:
            above = [h for h in self.follow(hosted.host_module, hosted.host, 3) if h.kind == "mounted"]
        finally:
            self._rising.discard(hosted.host)
        if not above:
            return [self.dispatched(hosted, hosted.host_module, hosted.host)]
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
                unsaid=hosted.unsaid if outer.prefix == "" else None,
            )
        ]

    def dispatched(self, hosted: Hosted, module: Module, application: ast.expr) -> Hosted:
        """Where a function of the project serves the application: in what this function hands lifespans on to."""
        dispatcher = self.dispatching.without(module, application)
        if dispatcher is None:
            return hosted
        hosted.withheld = dispatcher
        if not dispatcher.bare:
            hosted.prefix = None
            return hosted
        values = [v for target in dispatcher.to for v in self.values.of(dispatcher.module, target)]
        if len(values) == 1 and isinstance(value := values[0], Obj) and self._is_host_value(value) and value.node:
            name = self._name_of(value.module, value.node)
            outer = Hosted("mounted", value.module, value.node, hosted.prefix, hosted.prefix_node, value.node)
            outer.host_module, outer.host_name, outer.app = value.module, name, hosted.app
            outer.unsaid, outer.behind = hosted.unsaid, dispatcher
            outer.mount, outer.inner, outer.levels = hosted.mount, hosted if hosted.host else None, hosted.levels + 1
            return outer
        return hosted

    def _name_of(self, module: Module, call: ast.Call) -> str:
        parent = module.parents.get(call)
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
            return module.source(parent.targets[0])
        if isinstance(parent, ast.AnnAssign):
            return module.source(parent.target)
        return ""


def application(node: ast.expr) -> ast.expr:
    """The application in `app.routes` or `app.router.routes`; any other expression is itself."""
    while isinstance(node, ast.Attribute) and node.attr in ("routes", "router"):
        node = node.value
    return node


def _wraps_some(statement: ast.stmt, wrapped: Set[ast.AST]) -> bool:
    """True where routes are wrapped by what they are, not by their paths: that of Streamable HTTP is no Mount.

    wrapped: what the loop puts into routes.
    """
    if wrapped.isdisjoint(ast.walk(statement)):
        return False
    if not isinstance(statement, ast.If):
        return any(_wraps_some(s, wrapped) for s in getattr(statement, "body", ()))
    every = [
        not wrapped.isdisjoint(n for s in part for n in ast.walk(s)) for part in (statement.body, statement.orelse)
    ]
    inner = any(_wraps_some(s, wrapped) for s in (*statement.body, *statement.orelse))
    return inner or ("path" not in ast.unparse(statement.test) and not all(every))


def _asked(module: Module, node: ast.AST, loop: ast.For | ast.comprehension) -> frozenset[str]:
    """The words in the conditions under which a loop takes a route."""
    tests = list(loop.ifs) if isinstance(loop, ast.comprehension) else []
    for outer in module.ancestors(node):
        if outer is loop:
            break
        tests += [outer.test] if isinstance(outer, ast.If) else []
    words = (n.value for test in tests for n in ast.walk(test) if isinstance(n, ast.Constant))
    return frozenset(w for w in words if isinstance(w, str))
