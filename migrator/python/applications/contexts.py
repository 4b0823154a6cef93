"""The context that a host's lifespan enters, as each place has to write it; None where it can't be seen from there."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.python.applications.owners import Owner, Spelled, Spelling
from migrator.python.module import FunctionNode, Module


class Fixed:
    """A context that is written the same everywhere. `visible`: a node of the statement that binds its first name."""

    def __init__(self, running: str, visible: ast.AST | None) -> None:
        self.running, self.visible = running, visible
        self.root = running.split(".", maxsplit=1)[0].split("(", maxsplit=1)[0]

    def at_host(self, module: Module, statement: ast.stmt) -> Spelled | None:
        """Above the statement that makes the host."""
        seen = self.visible is None or _bound_before(module, self.visible, statement)
        return Spelled(self.running) if seen else None

    def inside(self, module: Module, function: FunctionNode) -> Spelled | None:
        """In the body of a lifespan."""
        scope = module.scopes.get(function)
        while scope is not None:
            if self.root in scope.bindings:
                return Spelled(self.running)
            scope = scope.parent
        if self.visible is None:
            return Spelled(self.running)
        above, scope = module.scope_of(self.visible), module.scopes.get(function)
        while scope is not None and scope is not above:
            scope = scope.parent
        return Spelled(self.running) if scope is not None else None

    def behind(self, module: Module, node: ast.AST) -> Spelled | None:
        """Behind the statement that mounts."""
        return Spelled(self.running)

    def plain(self, module: Module, statement: ast.stmt) -> str:
        """A lifespan that can be handed on as it is; "" for none."""
        return ""


class Owned:
    """A context of an object that each place may write differently: `{owner}.session_manager.run()`."""

    def __init__(self, spelling: Spelling, owners: Sequence[Owner], tail: str) -> None:
        self.spelling, self.owners, self.tail = spelling, owners, tail

    def _spelled(self, module: Module, node: ast.AST) -> Spelled | None:
        for owner in self.owners:
            found = self.spelling.of(owner, module, node)
            if found is not None:
                return Spelled(found.text + self.tail, found.operations)
        return None

    at_host = inside = behind = _spelled

    def plain(self, module: Module, statement: ast.stmt) -> str:
        """`mcp_app.lifespan`, where it can be handed on as it is: a name bound above the host."""
        if not self.tail.startswith(".lifespan("):
            return ""
        for owner in self.owners:
            found = self.spelling.of(owner, module, statement)
            if found is not None:
                early = not found.operations and self.spelling.before(owner, module, statement)
                return f"{found.text}.lifespan" if early else ""
        return ""


Context = Fixed | Owned


def _bound_before(module: Module, node: ast.AST, statement: ast.stmt) -> bool:
    bound = module.statement_of(node)
    if module.scope_of(bound) is not module.scope_of(statement):
        above = module.scope_of(bound)
        current = module.scope_of(statement).parent
        while current is not None:
            if current is above:
                return True
            current = current.parent
        return False
    return bound.lineno <= statement.lineno
