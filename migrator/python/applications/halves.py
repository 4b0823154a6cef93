"""A server that offers Streamable HTTP beside SSE: the SSE half goes, the other becomes stateless."""

from __future__ import annotations

import ast

from migrator.python.applications.app import App
from migrator.python.applications.hosting import Hosting
from migrator.python.applications.hosts import Hosted
from migrator.python.legacy import beside, gone, gone_by_hand
from migrator.python.module import Module, dotted
from migrator.python.paths import joined_path
from migrator.python.project import Project
from migrator.python.rewrite.edited import edited
from migrator.python.rewrite.edits import (
    EditCall,
    EditElements,
    EnsureImport,
    Helper,
    RemoveStmt,
    ReplaceExpr,
    UnrollIf,
)
from migrator.python.serverpaths import selected_by, staying_path
from migrator.python.unit import Draft

BESIDE = ("MCP105", "SSE is served beside Streamable HTTP")
IGNORE = "# mcp-transport: ignore[MCP105] -- --legacy-sse keep: clients that have not moved yet"
Twin = tuple[App, Hosted | None]  # the other half, and where it is (None: it is what hosts or replaces this one)


class Halves:
    """One run over one project."""

    def __init__(self, project: Project, hosting: Hosting) -> None:
        self.project = project
        self.hosting = hosting

    # -- finding

    def twin(self, app: App, hosted: list[Hosted], live: list[App]) -> Twin | None:
        """The Streamable HTTP application of the same server in the same host."""
        arm = self.choice(app, live)
        if arm is not None:
            return arm, None
        live = [other for other in live if not _apart(app, other)]
        for other in live:
            for h in hosted:
                if h.host is not None and h.host is other.call:  # http_app.router.routes.extend(sse_app.routes)
                    return other, None
        for other in live:
            for place in self.hosting.of(other.module, other.node):
                for h in hosted:
                    if h.host is not None and h.host is place.host:
                        return other, place
        return None

    def choice(self, app: App, live: list[App]) -> App | None:
        """The other arm of `mcp.sse_app() if ... else mcp.streamable_http_app()`."""
        parent = app.module.parents.get(app.node)
        if not isinstance(parent, ast.IfExp) or parent.test is app.node:
            return None
        other = parent.orelse if parent.body is app.node else parent.body
        return next((a for a in live if a.node is other), None)

    def path(self, other: App, place: Hosted | None = None) -> str:
        """Where the half that stays answers."""
        own = staying_path(self.project, other.server, other.keyword, other.module)
        if place is None:
            served = self.hosting.of(other.module, other.node)
            place = next((h for h in served if h.kind == "mounted"), None)
        if place is None or place.kind != "mounted":
            return own
        return joined_path(place.prefix, own) if place.prefix is not None else "{prefix}" + own

    # -- keeping

    def keep(self, draft: Draft, app: App, inner_old: str) -> None:
        """`--legacy-sse keep`: the SSE half stays as it is, and says which clients use it."""
        draft.rule, draft.message = BESIDE
        module, call = app.module, app.call
        given = [*call.args, *(k.value for k in call.keywords)] if call is not None else []
        if call is None or app.kind == "create_sse_app" or not all(isinstance(a, ast.Constant) for a in given):
            draft.block(
                module.place(app.node),
                "SSE is served beside Streamable HTTP, by an application that can't be made elsewhere",
                f"Write {IGNORE} above it, and make the Streamable HTTP application stateless.",
                step="keep",
            )
            return
        receiver = module.source(app.receiver)
        name = beside(draft, module, inner_old, module.source(call).removeprefix(receiver))
        draft.do(ReplaceExpr(module.at(call), f"{name}({receiver})"))

    # -- removing

    def gone(self, draft: Draft, app: App, hosted: list[Hosted], place: Hosted | None, inner_old: str) -> None:
        """410 on the old path, where the half that stays answers below the same prefix."""
        here = next((h.prefix for h in hosted if h.kind in ("mounted", "flattened")), "")
        there = place.prefix if place is not None else ""
        if here is not None and there is not None and here.strip("/") == there.strip("/"):
            gone(draft, app.server, inner_old)
        else:
            gone_by_hand(draft)

    def remove(self, draft: Draft, app: App, other: App) -> None:
        """Take the SSE half out."""
        module = app.module
        draft.rule, draft.message = BESIDE
        parent = module.parents.get(app.node)
        if isinstance(parent, ast.IfExp):
            self._choose(draft, module, parent, other)
            return
        if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
            if self._remove_name(draft, module, parent):
                return
            name = parent.targets[0].id
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

    def _choose(self, draft: Draft, module: Module, choice: ast.IfExp, other: App) -> None:
        """Both arms would be the same now: the other one alone."""
        self.stateless(draft, other)
        code = edited(draft.operations, module, other.node)
        inside = {module.at(n) for n in ast.walk(choice) if isinstance(n, ast.expr)}
        draft.operations[:] = [o for o in draft.operations if getattr(o, "at", None) not in inside]
        rest = [repr(o) for o in draft.operations if not isinstance(o, Helper)]
        if not any(isinstance(o, Helper) and any(o.name in text for text in rest) for o in draft.operations):
            draft.operations[:] = [o for o in draft.operations if not isinstance(o, Helper | EnsureImport)]
        first, last = module.at(choice), (choice.end_lineno or choice.lineno)
        draft.selectors[:] = [
            s for s in draft.selectors if s.place.path != module.path or not first.line <= s.place.line <= last
        ]
        draft.selected_by = selected_by(draft, not draft.selectors)
        draft.do(ReplaceExpr(first, code))
        self._chosen.add(other.node)

    @property
    def _chosen(self) -> set[ast.AST]:
        return self.__dict__.setdefault("_chosen_nodes", set())

    def _remove_name(self, draft: Draft, module: Module, binding: ast.Assign) -> bool:
        """Take out what is bound to a name, and everything that uses it."""
        name = module.source(binding.targets[0])
        for use in module.within(module.scope_of(binding)):
            if isinstance(use, ast.Name) and use.id == name and isinstance(use.ctx, ast.Load):
                if not self._remove_use(draft, module, use):
                    return False
        draft.do(RemoveStmt(module.at(binding)))
        return True

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
            if isinstance(outer, ast.For) and outer.iter is node:
                draft.do(RemoveStmt(module.at(outer)))
                return True
            if isinstance(outer, ast.Assign) and isinstance(outer.targets[0], ast.Name):
                value = outer.value  # [r for r in app.routes if ...], list(app.routes)
                copied = isinstance(value, ast.Call) and dotted(value.func) in ("list", "tuple")
                routes = copied or isinstance(value, ast.ListComp | ast.Attribute)
                return routes and self._remove_name(draft, module, outer)
            if isinstance(outer, ast.With | ast.AsyncWith) and [i.context_expr for i in outer.items] == [node]:
                draft.do(UnrollIf(module.at(outer), "body"))  # app.router.lifespan_context(app)
                return True
            if isinstance(outer, ast.stmt):
                return False
            if not isinstance(outer, ast.withitem):
                node = outer
        return False

    # -- the half that stays

    def stateless(self, draft: Draft, app: App) -> None:
        """Make an application that speaks Streamable HTTP already stateless by the same rules."""
        if not draft.stateless or app.node in self._chosen:
            return
        if draft.generation == "official-1":
            self.project.stateless.constructor(draft, app.server, app.module, app.receiver)
        elif app.call is not None:
            given = next((k for k in app.call.keywords if k.arg in ("stateless_http", "stateless", None)), None)
            if given is None:
                draft.do(EditCall(app.module.at(app.call), keywords=(("stateless_http", "True"),)))
            elif given.arg:
                self.project.stateless.said(draft, app.module, given.value)
        draft.files.add(app.module.path)


def _apart(first: App, second: App) -> bool:
    """True for applications in two arms of one `if`: one of them is made, never both."""
    if first.module is not second.module:
        return False
    module = first.module
    ways = [{node, *module.ancestors(node)} for node in (first.node, second.node)]
    return any(
        any(s in ways[0] for s in outer.body) != any(s in ways[1] for s in outer.body)
        for outer in ways[0] & ways[1]
        if isinstance(outer, ast.If) and not any(outer.test in way for way in ways)
    )
