"""Functions of the project that read environment variables: which variable each of their calls reads."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.python.flow.value import Const, Ext, Func, Obj, Opaque, Value
from migrator.python.functions import argument
from migrator.python.module import FunctionNode, Module

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

READS = {"os.getenv", "os.environ.get", "environ.get", "getenv", "os.environ.pop"}


class Variables:
    """One a run. `name_of` says what variable a read is of, where its call alone doesn't tell."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.name_of: dict[ast.AST, str] = {}
        self._made: dict[tuple[int, int], Value] = {}

    def here(self, module: Module, call: ast.Call, function: Func, value: Value) -> Value:
        """A read inside `def env(name): return os.getenv(PREFIX + name)` as one of the call `env("TRANSPORT")`."""
        node = value.node if isinstance(value, Obj | Opaque) else None
        if node is None or value.module is not function.module:  # type: ignore[union-attr]
            return value
        name: ast.expr | None = None
        if isinstance(value, Obj) and isinstance(node, ast.Call):
            if isinstance(value.of, Ext) and value.of.name in READS and node.args:
                name = node.args[0]
        elif isinstance(node, ast.Subscript):
            if "os.environ" in self.values.names(value.module, node.value):  # type: ignore[union-attr]
                name = node.slice
        if name is None or function.module.function_of(node) is not function.node:
            return value
        text = self._text(module, call, function, name)
        if text is None:
            return value
        key = (id(call), id(node))
        if key not in self._made:
            self.name_of[call] = text
            self._made[key] = Obj(Ext("os.environ.get"), module, call)
        return self._made[key]

    def _text(self, module: Module, call: ast.Call, function: Func, name: ast.expr) -> str | None:
        """The variable's name, with what the call passes; None when it doesn't depend on that or can't be told."""
        node = function.node
        assert isinstance(node, FunctionNode)
        method = function.module.class_of(node) is not None
        used = False

        def text(part: ast.expr) -> str | None:
            nonlocal used
            if isinstance(part, ast.Constant):
                return str(part.value)
            if isinstance(part, ast.JoinedStr):
                texts = [text(v.value if isinstance(v, ast.FormattedValue) else v) for v in part.values]
                return None if None in texts else "".join(t for t in texts if t)
            if isinstance(part, ast.BinOp) and isinstance(part.op, ast.Add):
                left, right = text(part.left), text(part.right)
                return None if left is None or right is None else left + right
            if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and not part.args:
                inner = text(part.func.value)
                return getattr(inner, part.func.attr)() if inner and part.func.attr in ("upper", "lower") else None
            if isinstance(part, ast.Name):
                for arg in [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]:
                    if arg.arg == part.id:
                        passed = argument(call, node, arg, method)
                        used = True
                        return None if passed is None else constant(self.values, module, passed)
                return constant(self.values, function.module, part)
            return None

        found = text(name)
        return found if used else None


def constant(values: Values, module: Module, node: ast.expr) -> str | None:
    """The text that an expression always is."""
    found = values.of(module, node)
    texts = {v.value for v in found if isinstance(v, Const)}
    return str(texts.pop()) if len(found) == len(texts) == 1 else None


__all__ = ["READS", "Variables", "constant"]
