"""Routes of the user's own that would answer on the new path first."""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Iterator

from migrator.python.applications.app import App
from migrator.python.applications.hosting import Hosting
from migrator.python.applications.hosts import Hosted
from migrator.python.flow.value import Obj, is_made_by
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.sdk import Server
from migrator.python.unit import Draft

PARAMETER = re.compile(r"\{[^{}:]+(?::([a-z]+))?\}")


def own_pages(project: Project, drafts: list[Draft]) -> None:
    """Block starts whose server has a page of its own at the new path."""
    look: Collisions | None = None
    for draft in drafts:
        found = next((k[1] for k in draft.keys if isinstance(k, tuple) and k[0] == "server"), None)
        if draft.rule in ("MCP101", "MCP102") and found is not None:
            server = project.sdks.server(found)
            look = look or Collisions(project, Hosting(project.values, project.modules, project.asgi))
            if server is not None:
                look.own(draft, server)


def one_each(drafts: list[Draft]) -> None:
    """Block servers of one application that would come to the same address: only the first would answer there."""
    moving = [d for d in drafts if not d.blocks and not d.leaves and d.hosts and "{" not in d.new_path]
    for first, second in itertools.combinations(moving, 2):
        same = {k for d in (first, second) for k in d.keys if isinstance(k, tuple) and k[0] == "server"}
        servers = [{k for k in d.keys if k in same} for d in (first, second)]
        if first.new_path != second.new_path or not first.hosts & second.hosts or servers[0] & servers[1]:
            continue
        if first.old_path != second.old_path:
            for one, other in ((first, second), (second, first)):
                one.block(
                    one.place,
                    f"two servers of one application would come to {one.new_path}: this one and {other.name}",
                    "Choose another path with --path, or mount one of them at a prefix of its own.",
                    step="collision",
                )


def served_already(draft: Draft, module: Module, call: ast.Call, path: str) -> None:
    """Block the draft: something else answers at its new path."""
    draft.block(
        module.place(call),
        f"{path} is served here already",
        "Choose another path with --path, or move that route first.",
        step="routes",
    )


class Collisions:
    """One run over one project."""

    def __init__(self, project: Project, hosting: Hosting) -> None:
        self.project = project
        self.values = project.values
        self.hosting = hosting
        self.asgi = project.asgi

    def look(self, draft: Draft, app: App, mounted: list[Hosted]) -> None:
        """Block the draft when another route stands before the new path."""
        self.before(draft, mounted)
        if not mounted and "{" not in draft.new_path:
            self.own(draft, app.server)

    def before(self, draft: Draft, mounted: list[Hosted]) -> None:
        """The same for the routes of its hosts alone."""
        if "{" in draft.new_path:
            return
        for h in mounted:
            for module, call, path in self._routes(h, draft.new_path):
                if not self._covers(path, draft.new_path) or not self._posts(draft, module, call):
                    continue
                if self._first(h, module, call):
                    draft.block(
                        module.place(call),
                        f"this route answers {draft.new_path} already, before the server would",
                        f"Choose another path with --path, or move this route away from {draft.new_path}.",
                        step="collision",
                    )
                    return

    def own(self, draft: Draft, server: Server) -> None:
        """The server's own custom routes; Streamable HTTP would take the page's place."""
        for module in self.project.modules:
            for call in module.calls_by_name.get("custom_route", ()):
                function = call.func
                if isinstance(function, ast.Attribute) and self._path(module, call) == draft.new_path:
                    if server in self.project.sdks.servers(module, function.value):
                        draft.block(
                            module.place(call),
                            f"the server has a page of its own at {draft.new_path}",
                            f"Choose another path with --path, or move this page away from {draft.new_path}.",
                            step="collision",
                        )

    def page(self, draft: Draft, h: Hosted, path: str, own: set[int]) -> bool:
        """Block the draft when another route of the host is at `path`, too. `own`: ids of the registrations that move."""
        for module, call, found in self._routes(h, path):
            if found == path and id(call) not in own:
                served_already(draft, module, call, path)
                return True
        return False

    def apart(self, ours: list[Hosted | None], module: Module, call: ast.Call) -> bool:
        """True when a route in a list is known to be of other applications than ours alone."""
        theirs = self.hosting.hosts.route_hosts(module, call) if self._registers(module, call) else []
        both = (ours, [y for h in theirs for y in (h, h.inner)])
        ways = [{x.host for x in hosted if x is not None} for hosted in both]
        return all(ways) and None not in ways[0] | ways[1] and not ways[0] & ways[1]

    # -- the routes of a host

    def _routes(self, h: Hosted, new: str) -> Iterator[tuple[Module, ast.Call, str]]:
        """(module, call, full path) of what is registered on the host, or on the one inside it, and could be at `new`."""
        hosts = {x.host: x for x in (h, h.inner) if x is not None and x.host is not None}
        if not hosts:
            return
        base = ""
        if h.inner is not None and h.prefix is not None and h.inner.prefix is not None:
            base = h.prefix.removesuffix(h.inner.prefix)
        named = [*self.asgi.decorators, *self.asgi.adders]
        pages = self.values.code.mentioning(new.rpartition("/")[2], tests=False)
        modules = {m.path: m for m in (*self.project.modules, h.module, h.host_module, *pages) if m is not None}
        for module in modules.values():
            for name in named:
                for call in module.calls_by_name.get(name, ()):
                    if name == "mount" or not isinstance(call.func, ast.Attribute):
                        continue
                    path = self._path(module, call)
                    if path is None:
                        continue
                    for prefix, host in self._receivers(module, call.func.value):
                        if host in hosts:
                            yield module, call, (base if hosts[host] is h.inner else "") + prefix + path
            for name in ("Route", "APIRoute"):
                for call in module.calls_by_name.get(name, ()):
                    if not self._registers(module, call):
                        continue
                    path = self._path(module, call)
                    for found in self.hosting.hosts.route_hosts(module, call) if path is not None else ():
                        if found.host in hosts and found.prefix is not None and path is not None:
                            yield module, call, found.prefix.rstrip("/") + path

    def _receivers(self, module: Module, receiver: ast.expr) -> Iterator[tuple[str, ast.Call | None]]:
        """(prefix, host) of what a route is registered on: the host itself, or a router that it includes."""
        for value in self.values.of(module, receiver):
            if not isinstance(value, Obj) or value.node is None:
                continue
            yield "", value.node
            if is_made_by(value, self.asgi.routers):
                own = next((k.value for k in value.node.keywords if k.arg == "prefix"), None)
                for other in self.values.code.mentioning("include_router"):
                    for call in other.calls_by_name.get("include_router", ()):
                        if not call.args or not isinstance(call.func, ast.Attribute):
                            continue
                        if not any(
                            isinstance(v, Obj) and v.node is value.node for v in self.values.of(other, call.args[0])
                        ):
                            continue
                        outer = next((k.value for k in call.keywords if k.arg == "prefix"), None)
                        texts = [self.hosting.hosts.text(other, outer), self.hosting.hosts.text(value.module, own)]
                        for host in self.values.of(other, call.func.value):
                            if isinstance(host, Obj) and None not in texts:
                                yield "".join(t for t in texts if t), host.node

    def _registers(self, module: Module, call: ast.Call) -> bool:
        return bool(self.asgi.routes & self.values.names(module, call.func))

    def _path(self, module: Module, call: ast.Call) -> str | None:
        node = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
        return self.hosting.hosts.text(module, node) if node is not None else None

    # -- does it take the requests?

    @staticmethod
    def _covers(path: str, new: str) -> bool:
        if path == new:
            return True
        pieces: list[str] = []
        end = 0
        for match in PARAMETER.finditer(path):
            pieces += [re.escape(path[end : match.start()]), ".*" if match[1] == "path" else "[^/]+"]
            end = match.end()
        return end > 0 and re.fullmatch("".join([*pieces, re.escape(path[end:])]), new) is not None

    def _posts(self, draft: Draft, module: Module, call: ast.Call) -> bool:
        """True unless the route leaves alone what the endpoint needs: POST, with a session GET and DELETE, too."""
        needed = {"POST"} if draft.stateless else set(self.asgi.methods)
        name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        given = next((k.value for k in call.keywords if k.arg == "methods"), None)
        if name.upper() in {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "POST"}:
            methods = {name.upper()}
        elif isinstance(given, ast.List | ast.Tuple | ast.Set):
            methods = {str(e.value).upper() for e in given.elts if isinstance(e, ast.Constant)}
        elif given is None and name in ("api_route", "add_api_route", "route", "add_route", ""):
            methods = {"GET"}  # of a function; an application answers every method
            endpoint = next((k.value for k in call.keywords if k.arg == "endpoint"), None)
            endpoint = endpoint or (call.args[1] if len(call.args) > 1 else None)
            if endpoint is not None and any(isinstance(v, Obj) for v in self.values.of(module, endpoint)):
                methods = needed
        else:
            return True
        return bool(methods & needed)

    @staticmethod
    def _first(h: Hosted, module: Module, call: ast.Call) -> bool:
        """True unless the route is known to come behind the server's."""
        ours = h.mount or h.node
        where = h.inner.module if h.inner is not None else h.module
        if where is not module or not isinstance(ours, ast.expr | ast.stmt):
            return True
        in_list = next((o for o in module.ancestors(ours) if o is h.host), None) is not None
        theirs_in_list = next((o for o in module.ancestors(call) if o is h.host), None) is not None
        if in_list != theirs_in_list:
            return theirs_in_list
        if module.scope_of(ours) is not module.scope_of(call) and not in_list:
            return True
        return (call.lineno, call.col_offset) < (ours.lineno, ours.col_offset)
