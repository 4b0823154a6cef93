"""What the code of a function, a class or a call says by itself."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.module import FunctionNode, Module, dotted

CONTEXTS = {"contextmanager", "asynccontextmanager"}  # contextlib's decorators
LOGGING = {"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "print"}


def walk_own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's own body, without those of functions and classes inside it."""
    stack = list(ast.iter_child_nodes(function))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def default_of(function: FunctionNode | ast.Lambda, arg: ast.arg) -> ast.expr | None:
    """A parameter's default."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    if arg in positional:
        index = positional.index(arg) - (len(positional) - len(a.defaults))
        return a.defaults[index] if index >= 0 else None
    if arg in a.kwonlyargs:
        return a.kw_defaults[a.kwonlyargs.index(arg)]
    return None


def argument(call: ast.Call, function: FunctionNode, arg: ast.arg, method: bool) -> ast.expr | None:
    """The expression a call passes for a parameter."""
    for keyword in call.keywords:
        if keyword.arg == arg.arg:
            return keyword.value
    positional = [*function.args.posonlyargs, *function.args.args]
    if arg in positional:
        index = positional.index(arg) - (1 if method else 0)
        if 0 <= index < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: index + 1]):
            return call.args[index]
    return None


def calls_under_its_name(module: Module, node: ast.expr) -> list[ast.Call]:
    """The calls of an expression by the one name that it is given, where only calls use the name: `run = mcp.run`."""
    parent = module.parents.get(node)
    target = parent.targets[0] if isinstance(parent, ast.Assign) and len(parent.targets) == 1 else None
    if not isinstance(target, ast.Name):
        return []
    scope = module.scope_of(target)
    uses = [u for u in module.loads.get(target.id, ()) if isinstance(u, ast.Name) and module.owner(u) is scope]
    calls = [c for u in uses if isinstance(c := module.parents.get(u), ast.Call) and c.func is u]
    return calls if len(calls) == len(uses) and len(scope.bindings[target.id]) == 1 else []


def self_assignments(cls: ast.ClassDef) -> dict[str, list[ast.expr]]:
    """The right sides of `self.name = ...` in the class's methods, by name."""
    found: dict[str, list[ast.expr]] = {}
    for method in cls.body:
        if not isinstance(method, FunctionNode) or not method.args.args:
            continue
        me = method.args.args[0].arg
        for node in ast.walk(method):
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                targets, value = [node.target], node.value
            else:
                continue
            pairs = [(target, value) for target in targets]
            for target in targets:  # self.a, self.b = a, b
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs += zip(target.elts, value.elts, strict=False)
            for target, each in pairs:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == me:
                    found.setdefault(target.attr, []).append(each)
    return found


def decorator_name(node: ast.expr) -> str:
    """The dotted name of a decorator, or of what a call calls; "" for anything else."""
    return dotted(node.func if isinstance(node, ast.Call) else node)


def last_name(node: ast.AST) -> str:
    """A name by itself, or the last of those that dots join: `print` of `Console().print`; "" for anything else."""
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def names_of(node: ast.AST) -> set[str]:
    """The names that a piece of code has anywhere in it, attributes not counted."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def is_docstring(node: ast.stmt) -> bool:
    """True for a string that stands alone."""
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def is_super(node: ast.Call) -> bool:
    """True for `super()`."""
    return isinstance(node.func, ast.Name) and node.func.id == "super"
