"""What a handler checks before it serves: authentication and other gates that must not get lost.

The message handler of an SSE server goes away. Whatever could refuse a message there must also stand in front of
the stream's handler, which answers every request from now on; else nothing moves.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator

from migrator.python.flow.value import Cls, Ext, Func, Obj
from migrator.python.flow.values import Values
from migrator.python.functions import LOGGING, decorator_name, last_name, walk_own
from migrator.python.lowlevel.registrations import Registration
from migrator.python.module import FunctionNode, Module, dotted
from migrator.records import record

READING = {
    "get",
    "body",
    "json",
    "decode",
    "split",
    "strip",
    "lower",
    "items",
    "keys",
    "values",
    "startswith",
    "endswith",
}
KEEPING = {
    "append",
    "pop",
    "setdefault",
    "update",
    "discard",
    "remove",
    "add",
    "format",
    "encode",
    "rstrip",
    "isoformat",
}
HARMLESS_MODULES = {
    "json",
    "uuid",
    "time",
    "datetime",
    "asyncio",
    "anyio",
    "contextlib",
    "urllib",
    "logging",
}
STATUS_OF_REFUSAL = {401, 403}


@record(frozen=True)
class Check:
    """One thing that may refuse a request. Equal keys are the same check."""

    key: str
    text: str  # for people
    line: int


class Checks:
    """Collects them."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def of_function(self, module: Module, function: FunctionNode, without: Iterable[ast.AST] = ()) -> list[Check]:
        """Everything in a handler that may refuse a request, apart from the nodes `without` and what they hold."""
        skipped = {id(n) for root in without for n in ast.walk(root)}
        out = list(self._parameters(module, function))
        for decorator in function.decorator_list:
            if id(decorator) not in skipped and dotted(decorator) not in ("staticmethod", "classmethod"):
                out.append(Check(f"@{self._called(module, decorator)}", module.source(decorator), decorator.lineno))
        for node in walk_own(function):
            if id(node) in skipped:
                continue
            if isinstance(node, ast.Call):
                if not self._harmless(module, node, function):
                    out.append(Check(self._called(module, node), module.source(node.func), node.lineno))
            elif isinstance(node, ast.If) and self._refuses(node):
                out.append(Check(self._test(node.test, function), f"if {module.source(node.test)}", node.lineno))
            elif isinstance(node, ast.Raise) and not self._in_handler(module, node):
                out.append(Check("raise", module.source(node), node.lineno))
            elif isinstance(node, ast.Assert):
                out.append(Check(self._test(node.test, function), module.source(node), node.lineno))
        return out

    def of_registration(self, registration: Registration) -> list[Check]:
        """Wrappers around the handler, and FastAPI dependencies of its route."""
        module = registration.module
        out = [
            Check(f"wrapper {self._called(module, w)}", f"{module.source(w.func)}(...) around it", w.lineno)
            for w in registration.wrappers
        ]
        for name in ("dependencies", "middleware"):
            node = registration.keyword(name)
            if isinstance(node, ast.List | ast.Tuple):
                out += [Check(ast.dump(e), module.source(e), e.lineno) for e in node.elts]
            elif node is not None:
                out.append(Check(ast.dump(node), module.source(node), node.lineno))
        return out

    def _parameters(self, module: Module, function: FunctionNode) -> Iterator[Check]:
        a = function.args
        for arg in (*a.posonlyargs, *a.args, *a.kwonlyargs):
            if arg.annotation is not None:
                for node in ast.walk(arg.annotation):
                    if isinstance(node, ast.Call) and decorator_name(node).rpartition(".")[2] in (
                        "Depends",
                        "Security",
                    ):
                        yield Check(ast.dump(node), module.source(node), node.lineno)
        for default in (*a.defaults, *a.kw_defaults):
            for node in ast.walk(default) if default is not None else ():
                if isinstance(node, ast.Call) and decorator_name(node).rpartition(".")[2] in (
                    "Depends",
                    "Security",
                    "Header",
                ):
                    yield Check(ast.dump(node), module.source(node), node.lineno)

    def _called(self, module: Module, node: ast.expr) -> str:
        function = node.func if isinstance(node, ast.Call) else node
        for value in self.values.of(module, function):
            if isinstance(value, Func | Cls):
                return f"{value.module.path}:{value.node.name}"  # type: ignore[attr-defined]
            if isinstance(value, Ext):
                return value.name
        return dotted(function) or ast.dump(function)

    def _harmless(self, module: Module, call: ast.Call, function: FunctionNode) -> bool:
        """True for a call that can't refuse: logging, reading the request, building a response, bookkeeping."""
        name = last_name(call.func)
        if name in LOGGING:
            return True
        found = self.values.of(module, call.func)
        local = {n.name for n in ast.walk(function) if isinstance(n, FunctionNode) and n is not function}
        if name in local:
            return True
        for value in found:
            if isinstance(value, Ext):
                root, last = value.name.partition(".")[0], value.name.rpartition(".")[2]
                if (
                    root in HARMLESS_MODULES
                    or (root == "builtins" and hasattr(builtins, last))  # else a name that nothing here defines
                    or last.endswith("Response")
                    or last in ("Request", "Headers", "URL", "HTTPException")
                ):
                    continue
                return False
            if isinstance(value, Func | Cls):
                return False
            if isinstance(value, Obj) and isinstance(value.of, Cls):
                return False
        if isinstance(call.func, ast.Attribute):
            base = call.func.value
            if isinstance(base, ast.Call) and name in (*READING, *KEEPING):
                return True
            if name in READING or name in KEEPING:
                return True
            return bool(found) and all(isinstance(v, Ext) for v in found)
        parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        if name in parameters:  # send(...), call_next(...)
            return True
        return bool(found) and all(isinstance(v, Ext) or _is_response(v) for v in found)

    def _refuses(self, node: ast.If) -> bool:
        """True when a branch leaves the function, unless it only looks for the session."""
        leaves = [
            n for s in (*node.body, *node.orelse) for n in (s, *walk_own(s)) if isinstance(n, ast.Return | ast.Raise)
        ]
        if not leaves:
            return False
        statuses = {
            n.value
            for s in (*node.body, *node.orelse)
            for n in ast.walk(s)
            if isinstance(n, ast.Constant) and isinstance(n.value, int)
        }
        if statuses & STATUS_OF_REFUSAL:
            return True
        names = {n.id for n in ast.walk(node.test) if isinstance(n, ast.Name)}
        names |= {n.attr for n in ast.walk(node.test) if isinstance(n, ast.Attribute)}
        session = any("session" in n.lower() or n in ("sid", "transport", "method", "writer") for n in names)
        return not session

    def _test(self, node: ast.expr, function: FunctionNode) -> str:
        """A test's shape, whatever the request and what is read from it are called there."""
        parameters = {a.arg for a in ast.walk(function.args) if isinstance(a, ast.arg)}
        parameters |= {n.id for n in walk_own(function) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        copy = ast.parse(ast.unparse(node), mode="eval")
        for inner in ast.walk(copy):
            if isinstance(inner, ast.Name) and inner.id in parameters:
                inner.id = "_"
        return ast.dump(copy)

    def _in_handler(self, module: Module, node: ast.AST) -> bool:
        return any(isinstance(outer, ast.ExceptHandler | ast.If) for outer in module.ancestors(node))


def _is_response(value: object) -> bool:
    return isinstance(value, Obj) and isinstance(value.of, Ext) and value.of.name.endswith("Response")


def missing(needed: list[Check], there: list[Check] | None) -> list[Check]:
    """The checks that the stream's handler doesn't make (`there` None: nothing has to be kept)."""
    if there is None:
        return []
    keys = {c.key for c in there}
    return [c for c in needed if c.key not in keys]
