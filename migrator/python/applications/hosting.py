"""Where an ASGI app of a server ends up: served by itself, or mounted in a host whose lifespan must run it.

SSE needed no lifespan; Streamable HTTP answers 500 without one (rules/sdks, facts: "task group is not initialized").
"""

from __future__ import annotations

import ast

from migrator.python.applications.asgi import Asgi
from migrator.python.applications.hosts import Hosted, Hosts, application
from migrator.python.applications.wrappers import hands_all_on
from migrator.python.code import is_test
from migrator.python.flow.value import Cls, Ext, Func
from migrator.python.flow.values import Values
from migrator.python.functions import decorator_name, walk_own
from migrator.python.module import FunctionNode, Module, dotted

LOOKS = ("print", "len", "isinstance", "type", "id", "callable", "getattr", "hasattr")


class Hosting:
    """Follows an app expression to its hosts."""

    def __init__(self, values: Values, modules: list[Module], asgi: Asgi) -> None:
        self.values = values
        self.modules = modules
        self.asgi = asgi
        self.hosts = Hosts(values, asgi, self.of)

    def of(self, module: Module, node: ast.expr, depth: int = 0) -> list[Hosted]:
        """Every place that the value of an expression goes to."""
        if depth > 8:
            return [Hosted("unknown", module, node, None)]
        found = self._of(module, node, depth)
        for h in found:
            if h.app is None:
                h.app = (module, node)
        if depth:
            return found
        # where a test puts it is not where it is served: the user's tests follow, and hold nothing back
        known = [h for h in found if h.kind != "unknown" or not is_test(h.module.path)]
        served = known or [Hosted("served", module, node)]
        return [self.hosts.dispatched(h, module, node) if h.kind == "served" else h for h in served]

    def _of(self, module: Module, node: ast.expr, depth: int) -> list[Hosted]:
        parent = module.parents.get(node)
        if isinstance(parent, ast.keyword):
            call = module.parents[parent]
            if not isinstance(call, ast.Call):
                return [Hosted("unknown", module, node, None)]
            return self._argument(module, node, call, parent.arg, depth)
        if isinstance(parent, ast.Call) and node in parent.args:
            return self._argument(module, node, parent, None, depth)
        if isinstance(parent, ast.Call):
            return self._called(module, node, parent, depth)
        if isinstance(parent, ast.Assign) and parent.value is node:
            return self._assigned(module, parent.targets[0], depth)
        if isinstance(parent, ast.AnnAssign | ast.NamedExpr) and parent.value is node:
            out = self._assigned(module, parent.target, depth)
            if isinstance(parent, ast.NamedExpr):
                out += self.of(module, parent, depth + 1)
            return out
        if isinstance(parent, ast.Return | ast.Yield):
            return self._returned(module, parent, depth)
        if isinstance(parent, ast.Await | ast.IfExp | ast.BoolOp):
            return self.of(module, parent, depth + 1)
        if isinstance(parent, ast.Attribute) and parent.attr == "routes":
            if isinstance(module.parents.get(parent), ast.Attribute):
                return []  # app.routes.append(...): something goes into it
            return self.hosts.copied(module, parent)
        if isinstance(parent, ast.Dict):
            return self._listed(module, node, parent, depth) or self._options(module, parent)
        if isinstance(parent, ast.Lambda):  # {"sse": lambda: mcp.sse_app()}
            return self.of(module, parent, depth + 1)
        if isinstance(parent, ast.withitem):
            return [Hosted("served", module, node)]  # with TestClient(app) as client: it runs the app itself
        return [Hosted("unknown", module, node, None)]

    def _listed(self, module: Module, node: ast.expr, table: ast.Dict, depth: int) -> list[Hosted]:
        """Where what makes the app goes when a word picks it: `{"sse": mcp.sse_app}[kind]()`; [] for other dicts."""
        if not isinstance(node, ast.Attribute | ast.Lambda):
            return []
        statement = module.parents.get(table)
        uses: list[ast.expr] = [table]
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            name = dotted(statement.targets[0] if isinstance(statement, ast.Assign) else statement.target)
            uses = [u for u in module.loads.get(name, ()) if isinstance(u, ast.Name)]
        out: list[Hosted] = []
        for use in uses:
            look = module.parents.get(use)
            if isinstance(look, ast.Attribute) and look.attr == "get":
                look = module.parents.get(look)
            if isinstance(look, ast.Subscript | ast.Call) and not isinstance(
                getattr(look, "slice", None), ast.Constant
            ):
                if use not in getattr(look, "args", ()):
                    out += self.of(module, look, depth + 1)
        return out

    def _options(self, module: Module, holder: ast.expr) -> list[Hosted]:
        """The app is in a dict of options: `uvicorn.run(**{"app": app, "port": 8000})`, by a name of its own too."""
        statement = module.parents.get(holder)
        uses: list[ast.expr] = [holder]
        if isinstance(statement, ast.Assign | ast.AnnAssign):
            target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
            if not isinstance(target, ast.Name):
                return [Hosted("unknown", module, holder, None)]
            scope = module.scope_of(target)
            uses = [u for u in module.loads.get(target.id, ()) if isinstance(u, ast.Name) and module.owner(u) is scope]
        calls = []
        for use in uses:
            parent = module.parents.get(use)
            call = module.parents.get(parent) if isinstance(parent, ast.keyword) and parent.arg is None else None
            if isinstance(call, ast.Call):
                calls.append(call)
            elif not isinstance(parent, ast.Attribute | ast.Subscript):  # options.update(...), options["port"] = 1
                return [Hosted("unknown", module, use, None)]
        for call in calls:
            if not self.asgi.servers & self.values.names(module, call.func):
                return [Hosted("unknown", module, call, None)]
        return [Hosted("served", module, call) for call in calls] or [Hosted("unknown", module, holder, None)]

    def _called(self, module: Module, node: ast.expr, call: ast.Call, depth: int) -> list[Hosted]:
        """`await app(scope, receive, send)` in a function that is served in the app's place."""
        spread = any(isinstance(a, ast.Starred) for a in call.args)
        if len(call.args) < 2 and not spread and not isinstance(module.parents.get(call), ast.Await):
            return self.of(module, call, depth + 1)  # it is what makes the app: `make = mcp.sse_app`, `make()`
        function = module.function_of(call)
        if function is None or not (hands_all_on(function, call) or self.hosts.dispatching.is_one(module, function)):
            return [Hosted("unknown", module, node, None)]
        wanted = Func(module, function)
        out: list[Hosted] = []
        for other in self.modules:
            for use in other.loads.get(function.name, ()):
                if wanted in self.values.of(other, use):
                    out += self.of(other, use, depth + 1)
        for h in out:
            h.app = (module, node)
        return out or [Hosted("served", module, function)]

    def _wrapped(self, module: Module, node: ast.expr, call: ast.expr, depth: int) -> list[Hosted]:
        """Where a wrapper of the app goes. It passes the lifespan on when it is served itself."""
        found = self.of(module, call, depth + 1)
        for h in found:
            h.app = (module, node)
        return found

    def _argument(
        self, module: Module, node: ast.expr, call: ast.Call, keyword: str | None, depth: int
    ) -> list[Hosted]:
        targets = self.values.of(module, call.func)
        names = {t.name for t in targets if isinstance(t, Ext)}
        if names & self.asgi.servers:
            return [Hosted("served", module, call)]
        if names & self.asgi.holders:
            prefix = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
            return self.hosts.route(module, call, None if names & self.asgi.named else prefix)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "mount":
            prefix = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
            return self.hosts.on_host(module, call, application(call.func.value), prefix)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "get" and node in call.args[1:]:
            return self.of(module, call, depth + 1)  # APPS.get(kind, mcp.sse_app)
        if names == {"builtins.dict"}:
            return self._options(module, call)
        if names and all(n.rpartition(".")[2][:1].isupper() for n in names):
            return self._wrapped(module, node, call, depth)  # SomeMiddleware(app)
        for target in targets:
            if isinstance(target, Cls):
                return self._wrapped(module, node, call, depth)
            if isinstance(target, Func):
                if any(
                    isinstance(v, Func) and v.module.function_of(v.node) is target.node
                    for v in self.values.of(module, call)
                ):
                    return self._wrapped(module, node, call, depth)  # what it returns is a wrapper, made in it
                return self._into(target, call, node, keyword, depth)
        if isinstance(module.parents.get(call), ast.Expr | ast.Await) and not self._takes_routes(call):
            return [Hosted("served", module, call)]  # it serves the app, or looks at it: instrument(app)
        return [Hosted("unknown", module, call, None)]

    @staticmethod
    def _takes_routes(call: ast.Call) -> bool:
        """True for what puts the app into something, at a path maybe: the caller's lifespan counts then."""
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        told = [*call.args, *(k.value for k in call.keywords if k.arg in ("path", "prefix", "route"))]
        if any(isinstance(a, ast.Constant) and str(a.value).startswith("/") for a in told):
            return True
        return name in ("append", "insert", "extend", "add_route", "add_websocket_route", "host", "mount", "add", "put")

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
                parent = target.module.parents.get(use)
                if isinstance(parent, ast.Attribute) and parent.attr != "routes":
                    continue
                out += self.of(target.module, use, depth + 1)
        return out or [Hosted("served", target.module, call)]

    def _assigned(self, module: Module, target: ast.expr, depth: int) -> list[Hosted]:
        out: list[Hosted] = []
        if isinstance(target, ast.Name):
            scope = module.scope_of(target)
            again = self._bound_again(module, target)
            for use in module.within(scope):
                if isinstance(use, ast.Name) and use.id == target.id and isinstance(use.ctx, ast.Load):
                    if module.owner(use) is scope and self._reaches(module, target, use, again):
                        out += self._use(module, use, depth)
            if scope.parent is None and again is None:
                out += self._imported(module, target.id, depth)
        elif isinstance(target, ast.Attribute):
            for use in module.nodes:
                if isinstance(use, ast.Attribute) and use.attr == target.attr and isinstance(use.ctx, ast.Load):
                    out += self._use(module, use, depth)
        return out or [Hosted("served", module, target)]

    @staticmethod
    def _bound_again(module: Module, target: ast.Name) -> ast.Assign | None:
        """The next `app = Wrapper(app)` in the same block: from there on the name is something else."""
        block = module.parents.get(module.statement_of(target))
        later = [
            b.node
            for b in module.scope_of(target).bindings.get(target.id, ())
            if isinstance(b.node, ast.Assign)
            and b.node.lineno > target.lineno
            and module.parents.get(b.node) is block
            and _same_branch(block, b.node, module.statement_of(target))
        ]
        return min(later, key=lambda n: n.lineno, default=None)

    @staticmethod
    def _reaches(module: Module, target: ast.Name, use: ast.Name, again: ast.Assign | None) -> bool:
        """True for a use of the value from one binding: behind it, and no later than in the next one."""
        if module.scope_of(use) is not module.scope_of(target):
            return again is None  # a function looks the name up when it is called
        walrus = module.parents.get(target)
        bound: ast.AST = walrus if isinstance(walrus, ast.NamedExpr) else module.statement_of(target)
        behind = (use.lineno, use.col_offset) > (bound.end_lineno, bound.end_col_offset)  # type: ignore[attr-defined]
        return behind and (again is None or use.lineno <= (again.end_lineno or again.lineno))

    def _use(self, module: Module, use: ast.expr, depth: int) -> list[Hosted]:
        parent = module.parents.get(use)
        if isinstance(parent, ast.Attribute):
            above = module.parents.get(parent)
            if parent.attr == "router" and isinstance(above, ast.Attribute):
                parent = above
            if parent.attr == "routes" and isinstance(parent.ctx, ast.Load):
                if isinstance(module.parents.get(parent), ast.Attribute):
                    return []
                return self.hosts.copied(module, parent)
            return []  # app.add_middleware(...), app.state
        if isinstance(parent, ast.Dict):
            return self._options(module, parent)
        if isinstance(parent, ast.List | ast.Tuple | ast.Set | ast.Starred):
            return [Hosted("unknown", module, use, None)]
        if isinstance(parent, ast.IfExp) and parent.test is use:
            return []
        if isinstance(
            parent,
            ast.Call | ast.keyword | ast.Return | ast.Yield | ast.Assign | ast.AnnAssign | ast.IfExp | ast.BoolOp,
        ):
            if isinstance(parent, ast.Call) and decorator_name(parent) in LOOKS:
                named = [a.value for a in parent.args[1:2] if isinstance(a, ast.Constant)]
                return self.hosts.copied(module, parent) if named == ["routes"] else []
            return self.of(module, use, depth + 1)
        return []

    def _imported(self, module: Module, name: str, depth: int) -> list[Hosted]:
        return [h for other, use in self.hosts.loads_elsewhere(module, name) for h in self._use(other, use, depth)]

    def _returned(self, module: Module, node: ast.AST, depth: int) -> list[Hosted]:
        function = module.function_of(node)
        if function is None:
            return [Hosted("unknown", module, node, None)]
        out: list[Hosted] = []
        for caller, call in self.values.callers.of(Func(module, function)):
            out += self.of(caller, call, depth + 1)
        return out or [Hosted("served", module, function)]  # uvicorn --factory, or a caller outside


def _same_branch(block: ast.AST | None, first: ast.stmt, second: ast.stmt) -> bool:
    """True when two statements of a block stand in the same list of it: not one in `body`, one in `orelse`."""
    lists = [value for _, value in ast.iter_fields(block) if isinstance(value, list)] if block is not None else []
    return any(first in value and second in value for value in lists)
