"""The `async with` statement that opens a stream: by itself, of a name, or on a stack that nothing else is put on.

async with AsyncExitStack() as stack:
    read, write = await stack.enter_async_context(sse.connect_sse(scope, receive, send))
"""

from __future__ import annotations

import ast

from migrator.python.module import Module, dotted
from migrator.records import record

ENTER = "enter_async_context"
STACK = "AsyncExitStack"


@record(eq=False)
class Opened:
    """names: of the streams. carriers: other statements that only open the stream or name the streams."""

    node: ast.AsyncWith
    names: set[str]
    carriers: list[ast.stmt]


def opened(module: Module, call: ast.Call) -> Opened | None:
    """How `connect_sse(...)` is opened; None when that can't be followed."""
    node: ast.expr = call
    carriers: list[ast.stmt] = []
    if (named := _only_use(module, call)) is not None:
        carriers.append(module.statement_of(call))
        node = named
    item = module.parents.get(node)
    if isinstance(item, ast.withitem):
        holder = module.parents.get(item)
        found = holder if isinstance(holder, ast.AsyncWith) and item.context_expr is node else None
        return Opened(found, _names(item.optional_vars), carriers) if found is not None else None
    if not isinstance(item, ast.Call) or dotted(item.func).rpartition(".")[2] != ENTER or item.args != [node]:
        return None
    stack, statement = item.func.value, module.statement_of(item)  # type: ignore[attr-defined]
    if not isinstance(statement, ast.Assign) or statement.value is not module.parents.get(item):
        return None
    around = [w for w in module.ancestors(statement) if isinstance(w, ast.AsyncWith)]
    if not around or not _is_own_stack(module, around[0], stack):
        return None
    names = set().union(*map(_names, statement.targets))
    return Opened(around[0], names, [*carriers, statement])


def _is_own_stack(module: Module, node: ast.AsyncWith, stack: ast.expr) -> bool:
    """True for `async with AsyncExitStack() as stack` where the name is used this once."""
    target, made = node.items[0].optional_vars, node.items[0].context_expr
    if not isinstance(stack, ast.Name) or not isinstance(target, ast.Name) or target.id != stack.id:
        return False
    scope = module.scope_of(target)
    uses = [n for n in module.loads.get(stack.id, ()) if isinstance(n, ast.Name) and module.owner(n) is scope]
    made_here = isinstance(made, ast.Call) and dotted(made.func).rpartition(".")[2] == STACK
    return made_here and uses == [stack] and len(scope.bindings.get(stack.id, ())) == 1


def _only_use(module: Module, call: ast.Call) -> ast.Name | None:
    """The only use of the name that the opened stream is assigned to."""
    statement = module.parents.get(call)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Name) or len(module.scope_of(target).bindings.get(target.id, [])) != 1:
        return None
    uses = [
        n
        for n in module.loads.get(target.id, ())
        if isinstance(n, ast.Name) and module.owner(n) is module.scope_of(target)
    ]
    return uses[0] if len(uses) == 1 else None


def _names(node: ast.expr | None) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)} if node is not None else set()
