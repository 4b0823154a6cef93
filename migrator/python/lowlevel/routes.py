"""How a hand-written handler is registered: by which calls, through which wrappers.

Follows the handler's name (or the instance of its class) to Route(...), Mount(...), add_route(...), decorators,
wrappers, factories and calls. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.applications.hosting import Hosting
from migrator.python.flow.value import Cls, Ext, Field, Func, Obj, Param
from migrator.python.functions import LOGGING, decorator_name
from migrator.python.lowlevel.homes import Home, Homes
from migrator.python.lowlevel.registrations import Called, Found, Lost, Registration
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project

QUIET = {"print", "len", "isinstance", "type", "id", "repr", "str", "callable"}


class Routes:
    """Answers for one project."""

    def __init__(self, project: Project, hosting: Hosting) -> None:
        self.project = project
        self.values = project.values
        self.hosting = hosting
        self.asgi = project.asgi
        self.homes = Homes(project, hosting)

    # -- finding

    def of_handler(self, module: Module, function: FunctionNode) -> list[Found]:
        """Where a handler is registered, or called: of its class, when that is what a route is given."""
        cls = module.class_of(function)
        if cls is not None and function.name == "__call__":
            return self.of_class(Cls(module, cls))
        endpoint = self.endpoint(module, function)
        if endpoint is not None:
            return [f for m, n in self.references(Cls(module, endpoint)) for f in self.follow(m, n, n, ())]
        return self.of_function(module, function)

    def endpoint(self, module: Module, function: FunctionNode) -> ast.ClassDef | None:
        """The class around a method named for one of HTTP's, where routes are given the class itself: HTTPEndpoint."""
        cls = module.class_of(function)
        if cls is None or function.name.upper() not in self.asgi.methods:
            return None
        bases = self.values.classes.external_bases(Cls(module, cls))
        return cls if any(b.name in self.asgi.endpoints for b in bases) else None

    def through_callers(self, found: list[Found], seen: set[ast.AST]) -> list[tuple[Registration, Home]]:
        """The registrations of a handler and of the functions that call it."""
        out: list[tuple[Registration, Home]] = []
        for place in found:
            if isinstance(place, Registration):
                out.append((place, self.homes.of(place)))
            elif isinstance(place, Called):
                function = place.module.function_of(place.call)
                if function is not None and function not in seen:
                    seen.add(function)
                    out += self.through_callers(self.of_handler(place.module, function), seen)
        return out

    def of_function(self, module: Module, function: FunctionNode) -> list[Found]:
        """Every registration and call of a function."""
        out: list[Found] = []
        for decorator in function.decorator_list:
            found = self.decorator(module, decorator, function)
            if found is not None:
                out.append(found)
        for other, node in self.references(Func(module, function)):
            out += self.follow(other, node, node, ())
        return out

    def of_class(self, cls: Cls) -> list[Found]:
        """Every registration of the class's instances."""
        out: list[Found] = []
        for module, call in self.values.callers.of(cls):
            out += self.follow(module, call, call, ())
        return out

    def decorator(self, module: Module, decorator: ast.expr, function: FunctionNode) -> Registration | None:
        """The registration that a decorator is; None for any other decorator."""
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            return None
        if decorator.func.attr not in self.asgi.decorators:
            return None
        path = _path(decorator)
        if path is None or not self._may_be_app(module, decorator.func):
            return None
        return Registration("decorator", module, decorator, path, decorator, decorator)

    def _may_be_app(self, module: Module, method: ast.Attribute) -> bool:
        """True for a method of something that can be an application or a router, and isn't written in the project."""
        if any(isinstance(v, Func) for v in self.values.of(module, method)):
            return False
        node = method.value
        for value in self.values.of(module, node):
            if isinstance(value, Obj) and isinstance(value.of, Ext):
                if value.of.name.partition(".")[0] in ("starlette", "fastapi", "mcp", "fastmcp"):
                    return True
                continue
            if isinstance(value, Obj | Param | Field | Ext):
                return True
        return not self.values.of(module, node)

    def references(self, wanted: Func | Cls) -> Iterator[tuple[Module, ast.expr]]:
        """Expressions that name a function or class, in the whole project."""
        own: str = wanted.node.name  # type: ignore[attr-defined]
        for other in self.values.code.mentioning(own):
            for name in {own} | other.aliases.get(own, set()):
                for node in other.loads.get(name, ()):
                    if wanted in self.values.of(other, node):
                        yield other, node

    def follow(
        self, module: Module, node: ast.expr, reference: ast.expr, wrappers: tuple[ast.Call, ...], depth: int = 0
    ) -> Iterator[Found]:
        """Where an expression that is the handler goes."""
        parent = module.parents.get(node)
        if depth > 10:
            yield Lost(module, node)
        elif isinstance(parent, ast.keyword):
            call = module.parents[parent]
            assert isinstance(call, ast.Call)
            yield from self._argument(module, node, call, parent.arg, reference, wrappers, depth)
        elif isinstance(parent, ast.Call) and parent.func is node:
            yield Called(module, parent)
        elif isinstance(parent, ast.Call):
            yield from self._argument(module, node, parent, None, reference, wrappers, depth)
        elif isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is node:
            target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
            for other, use in self.uses(module, target):
                yield from self.follow(other, use, reference if wrappers else use, wrappers, depth + 1)
        elif isinstance(parent, ast.Return):
            function = module.function_of(parent)
            for place in self.of_function(module, function) if function is not None else ():
                if isinstance(place, Called):
                    yield from self.follow(place.module, place.call, reference, wrappers, depth + 1)
                elif isinstance(place, Registration):
                    place.via = place.via or function
                    yield place
        elif isinstance(parent, ast.Await | ast.IfExp | ast.BoolOp):
            yield from self.follow(module, parent, reference, wrappers, depth + 1)
        elif not self._is_export(module, node):
            yield Lost(module, node)

    def _is_export(self, module: Module, node: ast.expr) -> bool:
        """A name in a statement that only names it: `__all__`, a bare expression, a comparison."""
        parent = module.parents.get(node)
        return isinstance(parent, ast.Expr | ast.Compare | ast.FormattedValue | ast.Attribute)

    def uses(self, module: Module, target: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
        """Where what is assigned to a name or attribute is read, in other files too."""
        if isinstance(target, ast.Name):
            scope = module.scope_of(target)
            for use in module.loads.get(target.id, ()):
                if isinstance(use, ast.Name) and module.owner(use) is scope:
                    yield module, use
            if scope.parent is None:
                for other in self.values.code.importing(target.id, module):
                    yield from self._imported(module, target.id, other)
        elif isinstance(target, ast.Attribute):
            for use in module.loads.get(target.attr, ()):
                if isinstance(use, ast.Attribute) and (dotted(use) == dotted(target) or self._is_self(module, use)):
                    yield module, use

    def _is_self(self, module: Module, node: ast.Attribute) -> bool:
        return isinstance(node.value, ast.Name) and node.value.id == "self"

    def _imported(self, module: Module, name: str, other: Module) -> Iterator[tuple[Module, ast.expr]]:
        for alias in other.aliases.get(name, ()):
            for use in other.loads.get(alias, ()):
                if isinstance(use, ast.Name):
                    bindings = other.owner(use).bindings.get(alias, [])
                    if any(
                        b.kind == "import" and b.name == name and self.values.code.find(b.module, other) is module
                        for b in bindings
                    ):
                        yield other, use

    def _argument(
        self,
        module: Module,
        node: ast.expr,
        call: ast.Call,
        keyword: str | None,
        reference: ast.expr,
        wrappers: tuple[ast.Call, ...],
        depth: int,
    ) -> Iterator[Found]:
        targets = self.values.of(module, call.func)
        names = {t.name for t in targets if isinstance(t, Ext)}
        attribute = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if names & self.asgi.routes:
            yield Registration("route", module, call, _path(call), reference, node, wrappers)
        elif names & self.asgi.mounts:
            yield Registration("mount", module, call, _path(call), reference, node, wrappers)
        elif attribute in self.asgi.adders and self._may_be_app(module, call.func):  # type: ignore[arg-type]
            yield Registration("method", module, call, _path(call), reference, node, wrappers)
        elif isinstance(call.func, ast.Call) and isinstance(call.func.func, ast.Attribute):  # app.get("/sse")(handler)
            if call.func.func.attr in self.asgi.decorators:
                yield Lost(module, call)
        elif decorator_name(call).rpartition(".")[2] in QUIET or _logs(call):
            return
        elif any(isinstance(t, Func) for t in targets):
            for target in targets:
                if isinstance(target, Func):
                    yield from self._into(target, call, node, keyword, reference, wrappers, depth)
        else:
            yield from self.follow(module, call, reference, (*wrappers, call), depth + 1)

    def _into(
        self,
        target: Func,
        call: ast.Call,
        node: ast.expr,
        keyword: str | None,
        reference: ast.expr,
        wrappers: tuple[ast.Call, ...],
        depth: int,
    ) -> Iterator[Found]:
        """The handler is handed to a function of the project."""
        function = target.node
        assert isinstance(function, FunctionNode)
        positional = [*function.args.posonlyargs, *function.args.args]
        if target.module.class_of(function) is not None and positional:
            positional = positional[1:]
        name = keyword or ""
        if not name and node in call.args and call.args.index(node) < len(positional):
            name = positional[call.args.index(node)].arg
        uses = [
            n for n in ast.walk(function) if isinstance(n, ast.Name) and n.id == name and isinstance(n.ctx, ast.Load)
        ]
        returned = any(
            isinstance(v, Func) and v.node is not function for v in self.values.returns(target.module, function)
        )
        if returned or not uses:  # a decorator of the project, or one that only keeps it
            yield from self.follow(self._module_of(call, target), call, reference, (*wrappers, call), depth + 1)
            return
        if len(self.values.callers.of(target)) > 1:  # it makes routes of others' handlers, too
            yield Lost(self._module_of(call, target), call)
            return
        for use in uses:
            for found in self.follow(target.module, use, reference, wrappers, depth + 1):
                if isinstance(found, Registration):
                    found.handed = (self._module_of(call, target), call)
                yield found

    def _module_of(self, call: ast.Call, target: Func) -> Module:
        for module in (target.module, *self.project.modules):
            if call in module.parents:
                return module
        return target.module


def _path(call: ast.Call) -> ast.expr | None:
    if call.args and not isinstance(call.args[0], ast.Starred):
        return call.args[0]
    return next((k.value for k in call.keywords if k.arg == "path"), None)


def _logs(call: ast.Call) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr in LOGGING
