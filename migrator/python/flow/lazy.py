"""Names that a module makes when they are first asked for: its own `__getattr__` (PEP 562)."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.python.flow.value import Mod, Value
from migrator.python.module import FunctionNode, Module

if TYPE_CHECKING:
    from migrator.python.flow.values import Values


def given(values: Values, module: Module, name: str) -> list[Value]:
    """What `module.name` is where its `__getattr__` says so: an `if name == "x":`, or a table of modules; [] if not."""
    bindings = module.scope.bindings.get("__getattr__", ())
    functions = [b.node for b in bindings if isinstance(b.node, FunctionNode)]
    if not functions or name.startswith("__"):
        return []
    found: list[Value] = []
    for node in ast.walk(functions[0]):
        if isinstance(node, ast.If) and _asks(node.test, name):
            for statement in node.body:
                for inner in ast.walk(statement):
                    if isinstance(inner, ast.Return):
                        found += values.of(module, inner.value)
    return found or _from_tables(values, module, name)


def _asks(test: ast.expr, name: str) -> bool:
    return isinstance(test, ast.Compare) and any(
        isinstance(n, ast.Constant) and n.value == name for side in test.comparators for n in ast.walk(side)
    )


def _from_tables(values: Values, module: Module, name: str) -> list[Value]:
    """The name in a table of the module: {"server": ".core"}, {"server": (".core", "mcp")}."""
    for node in module.nodes:
        if isinstance(node, ast.Dict):
            for key, value in zip(node.keys, node.values, strict=True):
                if isinstance(key, ast.Constant) and key.value == name:
                    parts = value.elts if isinstance(value, ast.Tuple) else [value]
                    texts = [p.value for p in parts if isinstance(p, ast.Constant) and isinstance(p.value, str)]
                    source = _module(values, module, texts[0]) if texts else None
                    if source is not None:
                        wanted = texts[1] if len(texts) > 1 else name
                        return values.member(source, wanted) or [Mod(source)]
    return []


def _module(values: Values, module: Module, text: str) -> Module | None:
    package = module.name if module.is_package else module.name.rpartition(".")[0]
    return values.code.find(f"{package}{text}" if text.startswith(".") else text, module)


__all__ = ["given"]
