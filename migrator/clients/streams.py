"""What is done with the streams that `sse_client(...)` gives: two there, three from Streamable HTTP's client in SDK 1.x.

    operations = Streams(values).of(module, call)

Every use is found, or ByHand is raised. What is written is right for two and for three.
"""

from __future__ import annotations

import ast

from migrator.clients.sites import ByHand
from migrator.python.flow.value import Func
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditElements, Operation, ReplaceExpr, WrapExpr

REST = "*_"
ENTERS = ("enter_async_context",)
LEAVES = ("__aexit__",)
WAITS = {"asyncio.wait_for", "asyncio.shield"}
DEEP = 6


class Streams:
    """Follows a client's context manager to where its streams get names."""

    def __init__(self, values: Values, takes: frozenset[str]) -> None:
        self.values = values
        self.takes = takes

    def of(self, module: Module, node: ast.expr, depth: int = 0) -> list[Operation]:
        """The edits on everything that takes the streams of the context manager `node`. Raises ByHand."""
        if depth > DEEP:
            raise ByHand("its streams go through too many hands")
        parent = module.parents[node]
        if isinstance(parent, ast.withitem):
            return self._entered(module, node, parent.optional_vars)
        if isinstance(parent, ast.Call) and node in parent.args:
            called = parent.func.attr if isinstance(parent.func, ast.Attribute) else ""
            if called in ENTERS:
                return self._awaited(module, parent)
            if self._takes(module, parent):
                return []
        if isinstance(parent, ast.keyword) and isinstance(module.parents[parent], ast.Call):
            if self._takes(module, module.parents[parent]):  # type: ignore[arg-type]
                return []
        if isinstance(parent, ast.Lambda):
            outer = module.parents[parent]
            call = module.parents[outer] if isinstance(outer, ast.keyword) else outer
            if isinstance(call, ast.Call) and self._takes(module, call):
                return []
        if isinstance(parent, ast.Assign | ast.AnnAssign):
            targets = parent.targets if isinstance(parent, ast.Assign) else [parent.target]
            if len(targets) == 1:
                return self._held(module, targets[0], depth)
        if isinstance(parent, ast.Return):
            return self._returned(module, parent, depth)
        raise ByHand("where its streams go can't be followed")

    def _takes(self, module: Module, call: ast.Call) -> bool:
        names = self.values.names(module, call.func)
        return bool(names) and names <= self.takes

    def _returned(self, module: Module, statement: ast.Return, depth: int) -> list[Operation]:
        function = module.function_of(statement)
        if function is None or function.decorator_list:
            raise ByHand("it is returned to callers that can't be followed")
        given = self._given(module, function)
        callers = self.values.callers.of(Func(module, function))
        if not callers and not given:
            raise ByHand("it is returned to callers that can't be followed")
        return [o for owner, call in callers for o in self.of(owner, call, depth + 1)]

    def _given(self, module: Module, function: FunctionNode) -> bool:
        """True when the function itself is handed to something that calls it and takes any streams."""
        given = False
        for node in module.loads.get(function.name, ()):
            parent = module.parents[node]
            if isinstance(parent, ast.Call) and parent.func is node:
                continue
            if isinstance(parent, ast.Call) and self._takes(module, parent):
                given = True
                continue
            raise ByHand(f"{function.name} is handed on to something that can't be followed")
        return given

    # -- the context manager has a name

    def _held(self, module: Module, target: ast.expr, depth: int) -> list[Operation]:
        out: list[Operation] = []
        entered = False
        for use in _uses(module, target):
            parent = module.parents[use]
            if isinstance(parent, ast.Attribute) and parent.attr == "__aenter__":
                call = module.parents[parent]
                if not isinstance(call, ast.Call):
                    raise ByHand("where its streams go can't be followed")
                out += self._awaited(module, call)
                entered = True
            elif (isinstance(parent, ast.Attribute) and parent.attr in LEAVES) or _harmless(parent):
                continue
            elif isinstance(parent, ast.Dict):
                continue  # kept, to be left later: it is entered where it has its name
            else:
                out += self.of(module, use, depth + 1)
                entered = True
        if not entered:
            raise ByHand("where its streams go can't be followed")
        return out

    # -- entered

    def _awaited(self, module: Module, call: ast.Call) -> list[Operation]:
        """`await stack.enter_async_context(...)` and `await cm.__aenter__()`, with a time-out around them too."""
        awaited = module.parents[call]
        if isinstance(awaited, ast.Call) and call in awaited.args[:1] and self._waits(module, awaited):
            awaited = module.parents[awaited]
        if not isinstance(awaited, ast.Await):
            raise ByHand("where its streams go can't be followed")
        parent = module.parents[awaited]
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
            return self._entered(module, awaited, parent.targets[0])
        if isinstance(parent, ast.AnnAssign):
            return self._entered(module, awaited, parent.target)
        if isinstance(parent, ast.Expr) or (isinstance(parent, ast.Subscript) and _one_of_two(parent)):
            return []
        if isinstance(parent, ast.Assign | ast.Attribute):
            raise ByHand("where its streams go can't be followed")
        return [WrapExpr(module.at(awaited), "(", ")[:2]")]

    def _waits(self, module: Module, call: ast.Call) -> bool:
        return bool(WAITS & self.values.names(module, call.func))

    def _entered(self, module: Module, node: ast.AST, target: ast.expr | None) -> list[Operation]:
        if target is None:
            return []
        if isinstance(target, ast.Tuple | ast.List):
            return self._unpacked(module, target)
        out: list[Operation] = []
        for use in _uses(module, target):
            if not _of_another(module, use, node, target):
                out += self._use(module, use)
        return out

    def _unpacked(self, module: Module, target: ast.Tuple | ast.List) -> list[Operation]:
        if any(isinstance(e, ast.Starred) for e in target.elts):
            return []
        if len(target.elts) != 2:
            raise ByHand("its streams are not taken apart as two")
        rest = "*_rest" if _speaks(module) else REST
        return [EditElements(module.at(target), append=(rest,))]

    def _use(self, module: Module, use: ast.expr) -> list[Operation]:
        """One use of the streams by their common name."""
        parent = module.parents[use]
        if isinstance(parent, ast.Subscript) and parent.value is use and _one_of_two(parent):
            return []
        if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.value is use:
            if isinstance(parent.targets[0], ast.Tuple | ast.List):
                return self._unpacked(module, parent.targets[0])
        if _harmless(parent):
            return []
        if isinstance(parent, ast.Attribute) or not isinstance(use.ctx, ast.Load):  # type: ignore[attr-defined]
            raise ByHand("what is done with its streams can't be followed")
        return [ReplaceExpr(module.at(use), f"{module.source(use)}[:2]")]  # the two that everything else knows


def _of_another(module: Module, use: ast.expr, node: ast.AST, target: ast.expr) -> bool:
    """True for a use within another `with ... as` that gives the same name to something else."""
    for outer in module.ancestors(use):
        for item in outer.items if isinstance(outer, ast.With | ast.AsyncWith) else ():
            if item.optional_vars is not None and ast.dump(item.optional_vars) == ast.dump(target):
                return item.context_expr is not node
    return False


def _one_of_two(node: ast.Subscript) -> bool:
    index = node.slice
    if isinstance(index, ast.Constant):
        return index.value in (0, 1)
    return isinstance(index, ast.Slice) and isinstance(index.upper, ast.Constant) and index.upper.value in (1, 2)


def _harmless(parent: ast.AST) -> bool:
    """A test of a name, which says nothing about how many streams there are."""
    tests = ast.If | ast.While | ast.BoolOp | ast.UnaryOp
    return isinstance(parent, tests) or (
        isinstance(parent, ast.Compare) and all(isinstance(o, ast.Is | ast.IsNot) for o in parent.ops)
    )


def _uses(module: Module, target: ast.expr) -> list[ast.expr]:
    """Where a name, or an attribute of `self`, is read. Raises ByHand for any other target."""
    if isinstance(target, ast.Name):
        owner = module.owner(target)
        return [n for n in module.loads.get(target.id, ()) if isinstance(n, ast.Name) and module.owner(n) is owner]
    if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
        cls = next((a for a in module.ancestors(target) if isinstance(a, ast.ClassDef)), None)
        if cls is not None:
            uses = [n for n in module.loads.get(target.attr, ()) if isinstance(n, ast.Attribute)]
            if all(any(a is cls for a in module.ancestors(n)) for n in uses):
                return list(uses)
    raise ByHand("where its streams go can't be followed")


def _speaks(module: Module) -> bool:
    """True where `_` means something (gettext), so that it must not be bound."""
    return bool(module.loads.get("_"))
