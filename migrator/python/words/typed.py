"""The words that type annotations admit on the way of a transport's word: `def serve(kind: Literal["stdio", "sse"])`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.flow.results import STRING_METHODS
from migrator.python.flow.value import Cls, Func, Obj, Opaque
from migrator.python.functions import argument, decorator_name
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.selector import Words

DEPTH = 6


def admitted(words: Words, module: Module, node: ast.expr, depth: int = 0) -> set[str]:
    """The words that the annotations of a name's parameter or variable admit; empty when none says."""
    if depth > DEPTH:
        return set()
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STRING_METHODS:
        return admitted(words, module, node.func.value, depth + 1)
    if isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] == "cast" and len(node.args) == 2:
        return words.annotated(module, node.args[0]) or set()
    if isinstance(node, ast.BoolOp):
        return set().union(*(admitted(words, module, n, depth + 1) for n in node.values))
    found: set[str] = set()
    if isinstance(node, ast.Attribute):  # a field: `config.transport`
        for value in words.values.of(module, node.value):
            if isinstance(value, Obj) and isinstance(value.of, Cls):
                for b in words.values.classes.scope_of(value.of).bindings.get(node.attr, ()):
                    if isinstance(b.node, ast.AnnAssign):
                        found |= words.annotated(value.of.module, b.node.annotation) or set()
    if not isinstance(node, ast.Name):
        return found
    scope = module.scope_of(node)
    while scope.parent is not None and node.id not in scope.bindings:
        scope = scope.parent
    for b in scope.bindings.get(node.id, ()):
        annotation = getattr(b.node, "annotation", None)
        if annotation is not None:
            found |= words.annotated(module, annotation) or set()
        elif b.kind == "assign" and b.value is not None:
            found |= admitted(words, module, b.value, depth + 1)
        elif b.kind == "param" and isinstance(scope.node, FunctionNode):
            found |= _passed(words, module, scope.node, b.node, depth + 1)
    return found


def _passed(words: Words, module: Module, function: FunctionNode, arg: ast.AST, depth: int) -> set[str]:
    """What the annotations of all that callers pass admit, for a parameter that has none itself."""
    assert isinstance(arg, ast.arg)
    bound = module.class_of(function) is not None and "staticmethod" not in map(decorator_name, function.decorator_list)
    calls = words.values.callers.of(Func(module, function))
    passed = ((caller, argument(call, function, arg, bound)) for caller, call in calls)
    said = [admitted(words, caller, node, depth) for caller, node in passed if node is not None]
    return set().union(*said) if all(said) else set()


def aliases(words: Words, module: Module) -> Iterator[Module]:
    """Other modules whose `Name = Literal[...]` this one imports."""
    for scope in module.scopes.values():
        for bindings in scope.bindings.values():
            for b in bindings:
                if b.kind != "import" or not b.name or not b.name[:1].isupper():
                    continue
                for value in words.values.binding(module, scope, b):
                    node = value.node if isinstance(value, Opaque) else None
                    if isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] == "Literal":
                        yield value.module  # type: ignore[union-attr]


__all__ = ["admitted", "aliases"]
