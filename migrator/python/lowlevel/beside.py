"""Puts a route beside a registration, in whatever way that one is registered."""

from __future__ import annotations

import ast

from migrator.python.flow.value import is_made_by
from migrator.python.lowlevel.registrations import Registration
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditElements, EnsureImport, Insert
from migrator.python.unit import Draft
from migrator.records import record


@record(frozen=True)
class New:
    """A route to put in: `expression` for a list of routes, `statement` for a place where one registers the other."""

    expression: str
    statement: str


def put_beside(draft: Draft, place: Registration, new: New) -> bool:
    """Add the edits. False, with nothing added, when there is no such place."""
    module, node = place.module, place.node
    if place.kind == "decorator":
        function = next((o for o in module.ancestors(node) if isinstance(o, FunctionNode)), None)
        if function is None or not new.statement:
            return False
        draft.do(Insert(module.at(function), new.statement, where="after", order=30))
    elif not _put(draft, module, node, new):
        return False
    draft.files.add(module.path)
    return True


def _put(draft: Draft, module: Module, node: ast.expr, new: New) -> bool:
    parent = module.parents.get(node)
    if isinstance(parent, ast.List | ast.Tuple | ast.Set) and new.expression:
        behind = parent.elts.index(node) + 1
        if behind < len(parent.elts):
            draft.do(EditElements(module.at(parent), put=((behind, new.expression),)))
        else:
            draft.do(EditElements(module.at(parent), append=(new.expression,)))
        return True
    if isinstance(parent, ast.Expr) and new.statement:
        draft.do(Insert(module.at(parent), new.statement, where="after", order=30))
        return True
    if isinstance(parent, ast.Call) and node in parent.args and isinstance(module.parents.get(parent), ast.Expr):
        if isinstance(parent.func, ast.Attribute) and parent.func.attr in ("append", "insert") and new.expression:
            others = [module.source(a) for a in parent.args if a is not node]
            code = f"{module.source(parent.func)}({', '.join([*others, new.expression])})"
            draft.do(Insert(module.at(module.statement_of(parent)), code, where="after", order=30))
            return True
    if isinstance(parent, ast.Assign) and isinstance(parent.targets[0], ast.Name) and new.expression:
        uses = [
            n
            for n in module.loads.get(parent.targets[0].id, ())
            if isinstance(n, ast.Name) and module.owner(n) is module.scope_of(parent)
        ]
        return len(uses) == 1 and _put(draft, module, uses[0], new)
    return False


def holder_of_routes(routes: Routes, place: Registration) -> str:
    """The expression whose `.routes` holds the registration of a method or decorator."""
    if place.receiver is None:
        return ""
    receiver = place.module.source(place.receiver)
    made = routes.values.of(place.module, place.receiver)
    is_router = any(is_made_by(v, routes.asgi.routers) for v in made)
    return receiver if is_router or receiver.endswith(".router") else f"{receiver}.router"


def needs_route(draft: Draft, module: Module) -> None:
    """The import of Route."""
    draft.do(EnsureImport(module.path, "starlette.routing", "Route"))
