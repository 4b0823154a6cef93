"""What pytest hands to a test: the value that the fixture of a parameter's name gives."""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterator

from migrator.python.code import Code, is_test
from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module


def given(code: Code, module: Module, parameter: ast.arg) -> Iterator[tuple[Module, ast.expr]]:
    """The expressions that the nearest fixture returns or yields; nothing for a parameter that pytest doesn't fill."""
    function = module.parents.get(module.parents.get(parameter))  # type: ignore[arg-type]
    if not isinstance(function, FunctionNode) or not is_test(module.path):
        return
    if not function.name.startswith("test") and not _is_fixture(function):
        return
    for near in _modules(code, module):
        found = next((f for f in near.tree.body if _named(f, parameter.arg) and f is not function), None)
        if isinstance(found, FunctionNode):
            yield from ((near, value) for value in _values(near, found))
            return


def _modules(code: Code, module: Module) -> Iterator[Module]:
    """The module itself, and the conftest.py files that pytest reads for it, the nearest first."""
    yield module
    folder = posixpath.dirname(module.path)
    while True:
        path = posixpath.join(folder, "conftest.py")
        if path != module.path and code.tree.exists(path) and (found := code.load(path)) is not None:
            yield found
        if not folder:
            return
        folder = posixpath.dirname(folder)


def _is_fixture(function: FunctionNode) -> bool:
    return any(decorator_name(d).rpartition(".")[2] == "fixture" for d in function.decorator_list)


def _named(node: ast.stmt, name: str) -> bool:
    """True for the fixture that tests know as `name`."""
    if not isinstance(node, FunctionNode) or not _is_fixture(node):
        return False
    said = [k.value for d in node.decorator_list if isinstance(d, ast.Call) for k in d.keywords if k.arg == "name"]
    return (said[0].value if said and isinstance(said[0], ast.Constant) else node.name) == name


def _values(module: Module, function: FunctionNode) -> Iterator[ast.expr]:
    for node in ast.walk(function):
        if isinstance(node, ast.Return | ast.Yield) and node.value is not None and module.function_of(node) is function:
            yield node.value
