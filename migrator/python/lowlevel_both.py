"""Servers that hold a Streamable HTTP half beside the SSE half in one application: the SSE half goes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from migrator.python.code import Module
from migrator.python.edits import EditCall, RemoveStmt, ReplaceExpr, Unused, WrapExpr
from migrator.python.lowlevel_messages import remove_registration
from migrator.python.lowlevel_read import Stream, Transport
from migrator.python.lowlevel_routes import Called, Home, Registration, Routes
from migrator.python.unit import Draft
from migrator.python.values import Cls, Ext, Obj, Param


@dataclass(eq=False)
class Half:
    """The half that stays: its session manager, and the route it answers on."""

    module: Module
    call: ast.Call
    registration: Registration
    home: Home


class Both:
    """Finds the half that stays, and takes the other one out."""

    def __init__(self, routes: Routes) -> None:
        self.routes = routes
        self.values = routes.values
        self.project = routes.project
        low = routes.project.sdks.official["lowlevel"]
        self.manager = str(low["manager"])
        self.manager_name = f"{low['manager_module']}.{self.manager}"

    def managers(self) -> Iterator[tuple[Module, ast.Call]]:
        """Every session manager that the project makes."""
        for module in self.project.modules:
            if self.manager not in module.text:
                continue
            for name in {self.manager} | module.aliases.get(self.manager, set()):
                for call in module.calls_by_name.get(name, ()):
                    if any(
                        isinstance(v, Ext) and v.name == self.manager_name for v in self.values.of(module, call.func)
                    ):
                        yield module, call

    def server_of(self, call: ast.Call) -> ast.expr | None:
        """The server that a session manager is made for."""
        return next((k.value for k in call.keywords if k.arg == "app"), call.args[0] if call.args else None)

    def halves(self, module: Module, call: ast.Call) -> Iterator[Half]:
        """Where a session manager answers."""
        for other in self.values.code.mentioning("handle_request"):
            for node in ast.walk(other.tree):
                if not isinstance(node, ast.Attribute) or node.attr not in ("handle_request", "asgi_app"):
                    continue
                if not any(isinstance(v, Obj) and v.node is call for v in self.values.of(other, node.value)):
                    continue
                for found in self._registrations(other, node, 0):
                    yield Half(module, call, found, self.routes.home(found))

    def _registrations(self, module: Module, node: ast.expr, depth: int) -> Iterator[Registration]:
        parent = module.parents.get(node)
        if isinstance(parent, ast.Call) and parent.func is node:
            function = module.function_of(node)
            if function is None or depth > 4:
                return
            cls = module.class_of(function) if function.name == "__call__" else None
            places = (
                self.routes.of_class(Cls(module, cls)) if cls is not None else self.routes.of_function(module, function)
            )
        else:
            places = list(self.routes.follow(module, node, node, ()))
        for place in places:
            if isinstance(place, Registration):
                yield place
            elif isinstance(place, Called):
                yield from self._registrations(place.module, place.call.func, depth + 1)

    def beside(self, place: Registration, home: Home, halves: list[Half]) -> Half | None:
        """The half in the same application."""
        for half in halves:
            if self._listed_together(place, half.registration) or self._same(home, half.home):
                return half
        return None

    def _listed_together(self, a: Registration, b: Registration) -> bool:
        """Both in one list of routes, or both on one application's name."""
        if a.module is not b.module:
            return False
        if a.module.parents.get(a.node) is b.module.parents.get(b.node) and "decorator" not in (a.kind, b.kind):
            return isinstance(a.module.parents.get(a.node), ast.List | ast.Tuple)
        if a.receiver is None or b.receiver is None or "route" in (a.kind, b.kind) or "mount" in (a.kind, b.kind):
            return False
        shared = self.values.of(a.module, a.receiver) & self.values.of(b.module, b.receiver)
        return any(isinstance(v, Obj | Param) for v in shared)

    def _same(self, a: Home, b: Home) -> bool:
        for x, y in ((a.inner, b.inner), (a.outer, b.outer)):
            if x is None or y is None:
                continue
            if x.host is not None and x.host is y.host:
                return True
            if x.host is None and y.host is None and x.module is y.module and x.host_name == y.host_name != "":
                return True
        return False

    # -- taking the SSE half out

    def stateless(self, draft: Draft, half: Half) -> None:
        """The half that stays needs no session either, unless the code does."""
        given = next((k.value for k in half.call.keywords if k.arg == "stateless"), None)
        draft.files.add(half.module.path)
        if isinstance(given, ast.Constant) and given.value is True:
            draft.stateless = True  # it is already: what needs a session doesn't work over this half today
            draft.session_reasons.clear()
        if not draft.stateless:
            return
        if given is None:
            if len(half.call.args) < 4:
                draft.do(EditCall(half.module.at(half.call), keywords=(("stateless", "True"),)))
        elif isinstance(given, ast.Constant):
            if given.value is False:
                draft.do(ReplaceExpr(half.module.at(given), "True"))
        else:
            draft.note(
                "MCP609",
                half.module.place(given),
                f"stateless comes from {half.module.source(given)}: kept as it is, so the server is stateless only when that is true",
                "Set it to true where the server is started, or write stateless=True here.",
            )

    def remove(
        self, draft: Draft, stream: Stream, transport: Transport, places: list[Registration], half: Half
    ) -> None:
        """Take the stream's routes, its handler and the transport out."""
        module, function = stream.module, stream.function
        cls = module.class_of(function) if function.name == "__call__" else None
        for place in places:
            if place.kind == "decorator":
                draft.do(RemoveStmt(module.at(function)))
            elif not remove_registration(draft, place.module, place.node):
                draft.block(
                    place.module.place(place.node),
                    "this SSE route can't be taken out mechanically",
                    "Remove it with its handler; the Streamable HTTP route beside it stays.",
                    step="rewrite",
                )
            self._guards(draft, place, half)
        if cls is not None:
            draft.do(Unused(module.path, cls.name))
        elif module.class_of(function) is not None:
            draft.do(RemoveStmt(module.at(function)))
        elif not any(p.kind == "decorator" for p in places):
            draft.do(Unused(module.path, function.name))

    def _guards(self, draft: Draft, place: Registration, half: Half) -> None:
        """The option that switched SSE on now switches Streamable HTTP on: a start that worked must not serve nothing."""
        mine = self._ifs(place.module, place.node)
        other = half.registration
        theirs = self._ifs(other.module, other.node) if other.module is place.module else []
        own = [i for i in mine if i not in theirs]
        rest = [i for i in theirs if i not in mine]
        if not rest:
            if own and all(self._only_sse(i, draft) for i in own[-1:]):
                draft.do(RemoveStmt(place.module.at(own[-1])))
            return
        if not own:
            draft.block(
                other.module.place(rest[0]),
                "SSE is always served here and Streamable HTTP only under a condition",
                f"Serve the Streamable HTTP route without the condition ({other.module.source(rest[0].test)}), and take the SSE routes out.",
                step="rewrite",
            )
            return
        if len(own) == 1 and len(rest) == 1 and not own[0].orelse:
            test = place.module.source(own[0].test)
            draft.do(WrapExpr(place.module.at(rest[0].test), "", f" or {test}"))
            if self._only_sse(own[0], draft):
                draft.do(RemoveStmt(place.module.at(own[0])))
            return
        draft.block(
            place.module.place(own[0]),
            "SSE and Streamable HTTP are switched on by conditions that can't be joined",
            "Let the condition that switched SSE on switch Streamable HTTP on, and take the SSE routes out.",
            step="rewrite",
        )

    def _ifs(self, module: Module, node: ast.AST) -> list[ast.If]:
        """The `if` statements around a node, inside its function, where it stands in the body."""
        out = []
        child = node
        for outer in module.ancestors(node):
            if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
                break
            if isinstance(outer, ast.If) and child in outer.body:
                out.append(outer)
            child = outer
        return out

    def _only_sse(self, arm: ast.If, draft: Draft) -> bool:
        """True when everything in the arm belongs to the half that goes."""
        if arm.orelse:
            return False
        for statement in arm.body:
            if isinstance(statement, ast.Import | ast.ImportFrom | ast.Pass):
                continue
            text = ast.dump(statement)
            if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                if "connect_sse" in text or "handle_post_message" in text:
                    continue
                return False
            if isinstance(statement, ast.Assign | ast.AnnAssign) and "SseServerTransport" in text:
                continue
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
                function = statement.value.func
                if isinstance(function, ast.Attribute) and function.attr in (
                    "append",
                    "extend",
                    "mount",
                    "add_route",
                    "add_api_route",
                ):
                    continue
            return False
        return True
