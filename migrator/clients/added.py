"""What a dict of servers takes in after it is made, under whatever names: `servers[name] = {...}`, `servers |= {...}`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.module import Module


def added(module: Module, made: ast.expr) -> Iterator[tuple[ast.expr, str]]:
    """(expression, its shape) of each: "entry" for one server's, "servers" for another dict of them."""
    parent = module.parents.get(made)
    while isinstance(parent, ast.IfExp | ast.BoolOp):
        parent = module.parents.get(parent)
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    scope = module.scope_of(made).node
    of_class = isinstance(scope, ast.ClassDef)
    attributes = {t.attr for t in targets if isinstance(t, ast.Attribute)}
    attributes |= {t.id for t in targets if of_class and isinstance(t, ast.Name)}  # `Config.SERVERS`, `self.servers`
    names = {t.id for t in targets if isinstance(t, ast.Name)}

    def is_it(node: ast.expr) -> bool:
        return (isinstance(node, ast.Name) and node.id in names) or (
            isinstance(node, ast.Attribute) and node.attr in attributes
        )

    if names or attributes:
        for node in module.nodes if attributes else ast.walk(scope):
            yield from ((value, shape) for holder, value, shape in _puts(node) if is_it(holder))


def _puts(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr, str]]:
    """(dict, what it takes in, its shape) of a statement or a call."""
    if isinstance(node, ast.Assign):
        yield from ((t.value, node.value, "entry") for t in node.targets if isinstance(t, ast.Subscript))
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr):
        yield node.target, node.value, "servers"
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        holder = node.func.value
        if node.func.attr == "update":
            yield from ((holder, a, "servers") for a in node.args)
            yield from ((holder, k.value, "entry" if k.arg else "servers") for k in node.keywords)
        elif node.func.attr == "setdefault":
            yield from ((holder, a, "entry") for a in node.args[1:2])
