"""Dicts whose keys aren't written down, given to a start: `mcp.run(**vars(args))`, `mcp.run(**settings.model_dump())`.

Such a dict stands for the transport's word in it, and takes its place among what the start is told.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable

from migrator.python.flow.value import Cls, Display, Obj, Value
from migrator.python.flow.values import Values
from migrator.python.module import Module, dotted
from migrator.python.words.traces import Trace, Traced

KEY = "transport"


def is_spread(module: Module, node: ast.AST) -> bool:
    """True for what stands behind `**`, or is copied into a dict: `{**x}`, `dict(x)`, `d.update(x)`, `d |= x`."""
    parent = module.parents.get(node)
    if isinstance(parent, ast.keyword):
        return parent.arg is None
    if isinstance(parent, ast.Dict):
        return any(k is None and v is node for k, v in zip(parent.keys, parent.values, strict=True))
    if isinstance(parent, ast.AugAssign):
        return parent.value is node
    last = dotted(parent.func).rpartition(".")[2] if isinstance(parent, ast.Call) else ""
    return isinstance(parent, ast.Call) and parent.args[:1] == [node] and last in ("dict", "update")


def merged(values: Values, module: Module, node: ast.expr) -> list[Value]:
    """What stands behind `**` can be; of `DEFAULTS | {"port": 8000}` all the dicts."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        return [*merged(values, module, node.left), *merged(values, module, node.right)]
    return list(values.of(module, node))


def spread_words(
    words: Traced, module: Module, node: ast.expr, held: Iterable[Value]
) -> list[tuple[Module, ast.expr, Trace]]:
    """The word in dicts that hold an object's attributes: the dict itself, or what the code says, where nothing else does.

    held: what the expression can be.
    """
    values = words.values
    owners = [o for h in held if not _without(h) for o in values.dicts.namespace(h)]
    found = [v for o in owners if _has(values, o) for v in values.attribute(o, KEY, module, node)]
    trace = words.gather(found, module)
    for source in [s for s in trace.sources if s.kind == "field"]:  # of something that has no such attribute
        del trace.sources[source]
    if trace.sources or trace.members or trace.enums:
        return [(module, node, trace)]
    return [(c.module, c.node, words.trace(c.module, c.node)) for c in trace.consts]  # type: ignore[arg-type, misc]


def _has(values: Values, owner: Value) -> bool:
    """False for an instance of a class of the project that has no such field."""
    if not isinstance(owner, Obj) or not isinstance(owner.of, Cls):
        return True
    return values.classes.is_namespace(owner.of) or bool(values.classes.attribute(owner.of, KEY))


def _without(held: Value) -> bool:
    """True for `settings.model_dump(exclude={"transport"})`, and for one that includes others only."""
    call = held.node if isinstance(held, Obj | Display) else None
    for keyword in call.keywords if isinstance(call, ast.Call) else ():
        named = {n.value for n in ast.walk(keyword.value) if isinstance(n, ast.Constant)}
        if (keyword.arg == "exclude" and KEY in named) or (keyword.arg == "include" and KEY not in named):
            return True
    return False


__all__ = ["KEY", "is_spread", "merged", "spread_words"]
