"""A mount whose prefix is the endpoint's own path: one exact route instead.

`Mount("/mcp", ...)` would serve /mcp/mcp, and a prefix /sse makes clients guess SSE from the URL.
"""

from __future__ import annotations

import ast

from migrator.python.applications.app import App
from migrator.python.applications.hosting import Hosting
from migrator.python.applications.hosts import Hosted, application
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edited import edited
from migrator.python.rewrite.edits import EditCall, EnsureImport, ReplaceExpr
from migrator.python.unit import Draft
from migrator.records import record


@record(eq=False)
class Collapsed:
    """A mount that becomes a route."""

    hosted: Hosted
    path: str  # of the endpoint, as clients see it
    inner: str  # of the route, and of the application itself
    code: str  # the route's path as it is written


class Collapse:
    """One run over one project."""

    def __init__(self, project: Project, hosting: Hosting) -> None:
        self.project = project
        self.hosting = hosting

    def of(self, draft: Draft, app: App, mounted: list[Hosted], inner: str) -> Collapsed | None:
        """The mount, when the application is nowhere else and answers nothing else."""
        if (
            len(mounted) != 1
            or mounted[0].kind != "mounted"
            or mounted[0].mount is None
            or inner.count("/") != 1
            or draft.path_code
        ):
            return None
        h = mounted[0]
        own = self._own_prefix(h)
        if own is None or h.prefix is None or app.call is None or self._has_own_routes(app):
            return None
        bare, new = own.rstrip("/"), self.project.new_path
        if not bare.endswith((new, "/sse")):
            return None
        path = self.project.moved(bare)
        node = h.prefix_node
        kept = node is not None and not isinstance(node, ast.Constant) and own == path
        where = h.inner.module if h.inner is not None else h.module
        code = where.source(node) if kept and node is not None else f'"{path}"'
        return Collapsed(h, h.prefix.rstrip("/").removesuffix(bare) + path, path, code)

    def _own_prefix(self, h: Hosted) -> str | None:
        """The text of the mount's own prefix, without those of mounts around it."""
        if h.prefix_node is None:
            return None
        module = h.inner.module if h.inner is not None else h.module
        return self.hosting.hosts.text(module, h.prefix_node)

    def _has_own_routes(self, app: App) -> bool:
        """True when the application answers more than MCP: authentication metadata, custom routes, middleware."""
        if app.server.ctor is not None and any(
            k.arg in ("auth", "auth_server_provider", "token_verifier", "auth_provider", "custom_starlette_routes")
            for k in app.server.ctor.keywords
        ):
            return True
        for module in self.project.modules:
            if "custom_route" in module.text:
                for call in module.calls:
                    if isinstance(call.func, ast.Attribute) and call.func.attr == "custom_route":
                        if app.server in self.project.sdks.servers(module, call.func.value):
                            return True
        return False

    def carry_out(self, draft: Draft, collapsed: Collapsed) -> None:
        """Turn the mount into a route. Comes behind the edits of the application itself."""
        h, mount = collapsed.hosted, collapsed.hosted.mount
        module = h.inner.module if h.inner is not None else h.module
        assert mount is not None
        argument = next(
            (k.value for k in mount.keywords if k.arg == "app"), mount.args[1] if len(mount.args) > 1 else None
        )
        if argument is None or h.prefix_node is None:
            draft.block(
                module.place(mount),
                "this mount can't be read",
                f'Write Route("{collapsed.path}", endpoint=...) instead.',
            )
            return
        # older releases answer "/mcp" with a redirect to "/mcp/", which an exact route doesn't take
        exact = self.project.context.rules.toml("sdks/http.toml")["exact_since"]
        draft.needs_exact = exact["fastmcp" if draft.generation.startswith("fastmcp") else "mcp"]
        draft.do(EnsureImport(module.path, "starlette.routing", "Route"))
        if not (isinstance(mount.func, ast.Attribute) and mount.func.attr == "mount"):
            if module.source(h.prefix_node) != collapsed.code:
                draft.do(ReplaceExpr(module.at(h.prefix_node), collapsed.code))
            keywords: tuple[tuple[str, str | None], ...] = ()
            if argument not in mount.args:
                keywords = (("app", None), ("endpoint", edited(draft.operations, module, argument)))
                self._drop(draft, module, argument)
            draft.do(EditCall(module.at(mount), function="Route", keywords=keywords))
            return
        receiver = module.source(application(mount.func.value))
        parts = [collapsed.code, f"endpoint={edited(draft.operations, module, argument)}"]
        parts += [f"name={module.source(k.value)}" for k in mount.keywords if k.arg == "name"]
        self._drop(draft, module, argument)
        draft.do(ReplaceExpr(module.at(mount), f"{receiver}.router.routes.append(Route({', '.join(parts)}))"))

    @staticmethod
    def _drop(draft: Draft, module: Module, node: ast.expr) -> None:
        """The node's edits are part of other code now."""
        inside = {module.at(n) for n in ast.walk(node) if isinstance(n, ast.expr)}
        draft.operations[:] = [o for o in draft.operations if getattr(o, "at", None) not in inside]
