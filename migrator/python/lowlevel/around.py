"""What stands around a route and may refuse its requests: middleware and dependencies of the mounts, routers and
applications that hold it."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.applications.hosts import Hosted
from migrator.python.flow.value import Ext, Obj
from migrator.python.lowlevel.checks import Check
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.registrations import Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import Module, dotted

HARMLESS = ("CORSMiddleware", "GZipMiddleware")  # these refuse nobody
HOLDERS = ("Mount", "Host", "Router", "Starlette", "FastAPI", "APIRouter")


class Around:
    """Answers for one project."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.values = routes.values

    def of(self, place: Registration, home: Home) -> list[Check]:
        """The checks of everything that holds the route. The same application gives the same keys."""
        out: list[Check] = []
        operation = place.kind == "decorator" or place.adder == "add_api_route"
        for module, call in self._holders(place, home):
            out += self._keywords(module, call, ("middleware", "dependencies") if operation else ("middleware",))
            out += self._added(call)
        for router in home.routers if operation else ():
            out += self._included(router)
        return out

    def _holders(self, place: Registration, home: Home) -> Iterator[tuple[Module, ast.Call]]:
        seen: set[ast.Call] = {place.node}
        found = [(place.module, outer) for outer in place.module.ancestors(place.node)]
        found += [
            (module, node)
            for hosted in (home.inner, home.outer)
            if hosted is not None
            for module, node in self._nodes(hosted)
        ]
        found += [(router.module, router.node) for router in home.routers if router.node is not None]
        for module, node in found:
            if isinstance(node, ast.Call) and node not in seen and self._is_holder(module, node):
                seen.add(node)
                yield module, node

    def _nodes(self, hosted: Hosted) -> Iterator[tuple[Module, ast.AST]]:
        if hosted.host is not None and hosted.host_module is not None:
            yield hosted.host_module, hosted.host
        if hosted.mount is not None:
            yield (hosted.inner.module if hosted.inner is not None else hosted.module), hosted.mount
        yield hosted.module, hosted.node

    def _is_holder(self, module: Module, call: ast.Call) -> bool:
        if self.routes.hosting.hosts.is_host(module, call):
            return True
        names = {v.name.rpartition(".")[2] for v in self.values.of(module, call.func) if isinstance(v, Ext)}
        return bool(names & set(HOLDERS)) or dotted(call.func).rpartition(".")[2] in HOLDERS

    def _keywords(self, module: Module, call: ast.Call, names: tuple[str, ...]) -> Iterator[Check]:
        for keyword in call.keywords:
            if keyword.arg not in names:
                continue
            elements = keyword.value.elts if isinstance(keyword.value, ast.List | ast.Tuple) else [keyword.value]
            for element in elements:
                if not (isinstance(element, ast.Constant) or self._harmless(module, element)):
                    yield Check(f"{keyword.arg} {ast.dump(element)}", module.source(element), element.lineno)

    def _harmless(self, module: Module, element: ast.expr) -> bool:
        first = element.args[0] if isinstance(element, ast.Call) and element.args else None
        return first is not None and dotted(first).rpartition(".")[2] in HARMLESS

    def _added(self, call: ast.Call) -> Iterator[Check]:
        """`app.add_middleware(...)` and `@app.middleware("http")` of the application that a call makes."""
        for name in ("add_middleware", "middleware"):
            for module in self.values.code.mentioning(name):
                for node in module.loads.get(name, ()):
                    use = module.parents.get(node)
                    if not isinstance(node, ast.Attribute) or not isinstance(use, ast.Call) or use.func is not node:
                        continue
                    if not any(isinstance(v, Obj) and v.node is call for v in self.values.of(module, node.value)):
                        continue
                    if not (use.args and dotted(use.args[0]).rpartition(".")[2] in HARMLESS):
                        yield Check(f"{module.path}:{use.lineno}", module.source(use), use.lineno)

    def _included(self, router: Obj) -> Iterator[Check]:
        for module in self.values.code.mentioning("include_router"):
            for call in module.calls_by_name.get("include_router", ()):
                given = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "router"), None)
                if given is not None and router in self.values.of(module, given):
                    yield from self._keywords(module, call, ("dependencies",))
