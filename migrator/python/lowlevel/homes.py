"""In which application a handler is registered, under which prefix, and whose lifespan runs there."""

from __future__ import annotations

import ast
from dataclasses import field

from migrator.python.applications.hosting import Hosting
from migrator.python.applications.hosts import Hosted
from migrator.python.flow.value import Obj, is_made_by
from migrator.python.lowlevel.registrations import Registration
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.records import record


@record(eq=False)
class Home:
    """Where a registration's application is.

    prefix: the path in front of the registration's own; None when it can't be told.
    inner: the application that holds the route. outer: the one that runs the lifespan. None: not found.
    unseen: the inner application is handed to somebody outside the project's code.
    """

    prefix: str | None = ""
    inner: Hosted | None = None
    outer: Hosted | None = None
    unseen: bool = False
    routers: list[Obj] = field(default_factory=list)  # FastAPI routers in between
    prefix_node: ast.expr | None = None  # the innermost prefix, and its module
    prefix_module: Module | None = None


class Homes:
    """Answers for one project."""

    def __init__(self, project: Project, hosting: Hosting) -> None:
        self.project = project
        self.values = project.values
        self.hosting = hosting
        self.asgi = project.asgi

    def of(self, registration: Registration) -> Home:
        """The applications around a registration."""
        module, node = registration.module, registration.node
        if registration.kind in ("route", "mount"):
            router = self._router_around(module, node)
            if router is not None:
                return self._bare_router(module, router)
            hosts = self.hosting.hosts.route_hosts(module, node)
            return self._settled(hosts[0]) if hosts else Home()
        receiver = registration.receiver
        assert receiver is not None
        return self._of_receiver(module, node, receiver, 0)

    def _settled(self, hosted: Hosted) -> Home:
        inner = hosted.inner or hosted
        home = Home(hosted.prefix, inner, hosted)
        home.prefix_node, home.prefix_module = hosted.prefix_node, hosted.module
        if hosted.kind == "unknown":
            return Home(hosted.prefix)
        if hosted.inner is None and hosted.host is not None and hosted.host_module is not None:
            flows = self.hosting.of(hosted.host_module, hosted.host, 3)
            served = [h for h in flows if h.kind == "served"]
            home.unseen = bool(served) and all(isinstance(h.node, FunctionNode) for h in served)
        home.unseen |= hosted.withheld is not None
        return home

    def _router_around(self, module: Module, route: ast.expr) -> ast.Call | None:
        """Starlette's `Router(routes=[...])` that holds the route directly."""
        for outer in module.ancestors(route):
            if isinstance(outer, ast.Call):
                if self.asgi.plain_router in self.values.names(module, outer.func):
                    return outer
                if not isinstance(outer.func, ast.Name | ast.Attribute):
                    return None
            if isinstance(outer, ast.stmt):
                return None
        return None

    def _bare_router(self, module: Module, router: ast.Call) -> Home:
        flows = self.hosting.of(module, router)
        mounted = [h for h in flows if h.kind == "mounted"]
        if mounted:
            return self._settled(mounted[0])
        if all(h.kind == "served" and not isinstance(h.node, FunctionNode) for h in flows):
            hosted = Hosted("mounted", module, router, "", host=router, host_module=module)
            return Home("", hosted, hosted)
        return Home()

    def _of_receiver(self, module: Module, node: ast.AST, receiver: ast.expr, depth: int) -> Home:
        base = receiver
        while isinstance(base, ast.Attribute) and base.attr in ("router", "routes"):
            base = base.value
        for value in self.values.of(module, base):
            if depth < 6 and is_made_by(value, self.asgi.routers):
                return self._included(value, depth)
        assert isinstance(node, ast.Call)
        for hosted in self.hosting.hosts.on_host(module, node, base, None):
            if hosted.kind == "mounted":
                hosted.prefix = hosted.prefix or ""
                return self._settled(hosted)
        return Home()

    def _included(self, router: Obj, depth: int) -> Home:
        """`app.include_router(router, prefix=...)`, through routers in between."""
        own = self._keyword_text(router.module, router.node, "prefix")
        for module in self.values.code.mentioning("include_router"):
            for call in module.calls_by_name.get("include_router", ()):
                given = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "router"), None)
                if (
                    given is None
                    or router not in self.values.of(module, given)
                    or not isinstance(call.func, ast.Attribute)
                ):
                    continue
                home = self._of_receiver(module, call, call.func.value, depth + 1)
                added = self._keyword_text(module, call, "prefix")
                parts = (home.prefix, added, own)
                home.prefix = None if None in parts else "".join(str(p).rstrip("/") for p in parts)
                home.routers.append(router)
                return self._prefixed(home, router)
        return self._prefixed(Home(own, routers=[router]), router)

    def _prefixed(self, home: Home, router: Obj) -> Home:
        keywords = router.node.keywords if router.node is not None else []
        home.prefix_node = next((k.value for k in keywords if k.arg == "prefix"), None)
        home.prefix_module = router.module
        return home

    def _keyword_text(self, module: Module, call: ast.Call | None, name: str) -> str | None:
        node = next((k.value for k in call.keywords if k.arg == name), None) if call is not None else None
        return "" if node is None else self.project.text(module, node)
