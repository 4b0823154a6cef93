"""Takes the message side of a hand-wired SSE server out: the mount or handler that clients post to.

Nothing that could refuse a message is lost: see lowlevel/checks.py.
"""

from __future__ import annotations

import ast

from migrator.python.functions import is_docstring
from migrator.python.lowlevel.around import Around
from migrator.python.lowlevel.checks import Check, Checks, missing
from migrator.python.lowlevel.facts import by_hand
from migrator.python.lowlevel.read import STREAM, Transport
from migrator.python.lowlevel.registrations import Called, Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditElements, RemoveArm, RemoveStmt, ReplaceExpr, Unused
from migrator.python.unit import Draft


class Messages:
    """Removes the message routes of transports."""

    def __init__(self, routes: Routes, checks: Checks, around: Around) -> None:
        self.routes = routes
        self.around = around
        self.checks = checks

    def remove(self, draft: Draft, transport: Transport, there: list[Check] | None) -> None:
        """Add the removals; blocks the draft where a route can't be taken out, or a check would go with it.

        there: the checks in front of the stream.
        """
        self._seen: set[ast.AST] = set()
        for module, post in transport.posts:
            draft.files.add(module.path)
            parent = module.parents.get(post)
            if isinstance(parent, ast.Call) and parent.func is post:
                self._wrapper(draft, module, parent, there)
                continue
            for found in self.routes.follow(module, post, post, ()):
                if isinstance(found, Registration) and found.via is not None:
                    self._function(draft, found.module, found.via, [post], there)
                elif isinstance(found, Registration):
                    self._registration(draft, found, self.checks.of_registration(found), there)
                elif isinstance(found, Called):
                    self._wrapper(draft, found.module, found.call, there)
                else:
                    self._block(
                        draft, found.module, found.node, "the message handler goes somewhere that can't be followed"
                    )
            if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name):
                draft.do(Unused(module.path, parent.targets[0].id))

    def _block(self, draft: Draft, module: Module, node: ast.AST, reason: str) -> None:
        draft.block(
            module.place(node),
            reason,
            "Take the message route out by hand: every request comes to the one new endpoint now. "
            + by_hand(draft, None),
            step="messages",
        )

    def _lose(self, draft: Draft, module: Module, node: ast.AST, lost: list[Check]) -> None:
        texts = ", ".join(dict.fromkeys(c.text for c in lost))
        draft.block(
            module.place(node),
            f"messages are checked here ({texts}), and the stream's handler doesn't make the same check",
            f"Make the same check in the handler of the stream (every request goes through it from now on): {texts}; "
            "then run mcp-migrate again.",
            step="authentication",
        )

    # -- wrappers

    def _wrapper(self, draft: Draft, module: Module, call: ast.Call, there: list[Check] | None) -> None:
        """A function that passes messages on to the transport."""
        function = module.function_of(call)
        if function is None:
            self._block(draft, module, call, "messages are passed on outside a function")
            return
        draft.files.add(module.path)
        arm = arm_of(module, call, function)
        if arm is not None:
            self._dispatch(draft, module, call, arm, there)
            return
        self._function(draft, module, function, [call], there)

    def _function(
        self, draft: Draft, module: Module, function: FunctionNode, passing: list[ast.AST], there: list[Check] | None
    ) -> None:
        """A function whose only purpose is to pass messages on (at the nodes `passing`)."""
        if function in self._seen:
            return
        self._seen.add(function)
        if any(isinstance(n, ast.Attribute) and n.attr == STREAM for n in ast.walk(function)):
            self._block(draft, module, function, "one handler answers both the stream and the messages")
            return
        own = self.checks.of_function(module, function, [*passing, *self._decorators(module, function)])
        cls = module.class_of(function) if function.name == "__call__" else self.routes.endpoint(module, function)
        found = self.routes.of_handler(module, function)
        others = [s for s in cls.body if isinstance(s, FunctionNode) and s is not function] if cls is not None else []
        if function.name != "__call__" and others:
            self._block(draft, module, others[0], "one class answers messages and something else")
            return
        for place in found:
            if isinstance(place, Registration):
                self._registration(draft, place, [*own, *self.checks.of_registration(place)], there)
            elif isinstance(place, Called):
                lost = missing(own, there)
                if lost:
                    self._lose(draft, module, function, lost)
                self._wrapper(draft, place.module, place.call, there)
            else:
                self._block(
                    draft, place.module, place.node, "the message handler goes somewhere that can't be followed"
                )
        if cls is not None:
            draft.do(Unused(module.path, cls.name))
        elif not found or function.decorator_list or module.class_of(function) is not None:
            draft.do(RemoveStmt(module.at(function)))
        else:
            draft.do(Unused(module.path, function.name))

    def _decorators(self, module: Module, function: FunctionNode) -> list[ast.expr]:
        """The decorators that register the function."""
        return [d for d in function.decorator_list if self.routes.decorator(module, d, function) is not None]

    def _dispatch(self, draft: Draft, module: Module, call: ast.AST, arm: ast.If, there: list[Check] | None) -> None:
        function = module.function_of(call)
        assert function is not None
        inside = {id(n) for s in arm.body for n in ast.walk(s)}
        outside = [n for n in ast.walk(function) if isinstance(n, ast.expr) and id(n) not in inside]
        own = [c for c in self.checks.of_function(module, function, [call, *outside]) if self._within(arm, c)]
        lost = missing(own, there)
        if lost:
            self._lose(draft, module, arm, lost)
        draft.do(RemoveArm(module.at(arm)))

    def _within(self, arm: ast.If, check: Check) -> bool:
        return arm.body[0].lineno <= check.line <= (arm.body[-1].end_lineno or arm.body[-1].lineno)

    # -- registrations

    def _registration(self, draft: Draft, found: Registration, own: list[Check], there: list[Check] | None) -> None:
        if there is not None:
            own = [*own, *self.around.of(found, self.routes.homes.of(found))]
        lost = missing(own, there)
        if lost:
            self._lose(draft, found.module, found.node, lost)
            return
        if isinstance(found.reference, ast.Name):
            draft.do(Unused(found.module.path, found.reference.id))
        route = found.module, found.node
        if found.handed is not None:  # the call that hands the handler over goes, where it does nothing else
            function = found.module.function_of(found.node)
            body = [s for s in function.body if not is_docstring(s)] if function is not None else []
            if len(body) != 1 or not isinstance(found.handed[0].parents.get(found.handed[1]), ast.Expr):
                self._block(
                    draft, found.module, found.node, "a function that is given the message handler routes to it"
                )
                return
            route = found.handed
        if found.kind != "decorator" and not remove_registration(draft, *route):
            self._block(draft, found.module, found.node, "this route can't be taken out mechanically")


def arm_of(module: Module, call: ast.AST, function: FunctionNode) -> ast.If | None:
    """The branch on the path that a node stands in, in a function that dispatches paths itself."""
    child = call
    for outer in module.ancestors(call):
        if outer is function:
            return None
        if isinstance(outer, ast.If) and child is not outer.test and tests_path(outer.test):
            return outer if child in outer.body else None
        child = outer
    return None


def tests_path(test: ast.expr) -> bool:
    """True for a test of a request's path."""
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.startswith("/") for n in ast.walk(test)
    )


def remove_registration(draft: Draft, module: Module, node: ast.expr) -> bool:
    """Take a Route(...), Mount(...) or app.mount(...) out of its list, or its statement. False when it can't be."""
    parent = module.parents.get(node)
    draft.files.add(module.path)
    if isinstance(parent, ast.List | ast.Tuple | ast.Set):
        draft.do(EditElements(module.at(parent), replace=((parent.elts.index(node), None),)))
        return True
    if isinstance(parent, ast.Expr):
        draft.do(RemoveStmt(module.at(parent)))
        return True
    if isinstance(parent, ast.Call) and node in parent.args and isinstance(module.parents.get(parent), ast.Expr):
        if isinstance(parent.func, ast.Attribute) and parent.func.attr in ("append", "insert"):
            draft.do(RemoveStmt(module.at(module.statement_of(parent))))
            return True
    if isinstance(parent, ast.BinOp) and isinstance(parent.op, ast.Add):
        rest = parent.right if parent.left is node else parent.left
        draft.do(ReplaceExpr(module.at(parent), module.source(rest)))
        return True
    if isinstance(parent, ast.Assign | ast.AnnAssign):
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        if isinstance(target, ast.Name):
            uses = [
                n
                for n in module.within(module.scope_of(target))
                if isinstance(n, ast.Name) and n.id == target.id and isinstance(n.ctx, ast.Load)
            ]
            draft.do(RemoveStmt(module.at(parent)))
            done = [remove_registration(draft, module, use) for use in uses]
            return all(done)
    return False
