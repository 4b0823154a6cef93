"""Code that already gives the old word its new meaning: our helper, and what people write by hand."""

from __future__ import annotations

import ast

from migrator.python.code import FunctionNode, Module
from migrator.python.selector import Words
from migrator.python.values import Func, Values, walk_own


def excludes(values: Values, words: Words, module: Module, node: ast.expr, depth: int = 0) -> bool:
    """True when the expression can't be the old word although its sources can."""
    if depth > 6:
        return False
    if isinstance(node, ast.Constant):
        return not (isinstance(node.value, str) and node.value.lower() in words.old)
    if isinstance(node, ast.IfExp):
        return excludes(values, words, module, node.body, depth + 1) and excludes(
            values, words, module, node.orelse, depth + 1
        )
    if isinstance(node, ast.Call):
        for value in values.of(module, node.func):
            if isinstance(value, Func) and renames(words, value):
                return True
        if isinstance(node.func, ast.Attribute) and not node.args:
            return excludes(values, words, module, node.func.value, depth + 1)
        return False
    if isinstance(node, ast.Attribute) and node.attr == "value":
        return excludes(values, words, module, node.value, depth + 1)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return _rebound(values, words, module, node, depth)
    return False


def renames(words: Words, function: Func) -> bool:
    """True for `def f(name): if name == "sse": ... return "streamable-http" ... return name`."""
    node = function.node
    assert isinstance(node, FunctionNode)
    if not node.args.args:
        return False
    for statement in walk_own(node):
        if isinstance(statement, ast.If) and _asks_old(words, statement.test):
            if any(
                isinstance(s, ast.Return) and s.value is not None and not _names_old(words, s.value)
                for s in statement.body
            ):
                return True
    return False


def _asks_old(words: Words, test: ast.expr) -> bool:
    """True for a test that holds for the old word and for no other transport."""
    for node in ast.walk(test):
        if isinstance(node, ast.Compare) and len(node.ops) == 1 and isinstance(node.ops[0], ast.Eq | ast.In):
            named = {
                n.value.lower() for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)
            }
            if named & words.old and not named & words.all - words.old:
                return True
    return False


def _names_old(words: Words, node: ast.AST) -> bool:
    return any(
        isinstance(n, ast.Constant) and isinstance(n.value, str) and n.value.lower() in words.old
        for n in ast.walk(node)
    )


def _rebound(values: Values, words: Words, module: Module, node: ast.expr, depth: int) -> bool:
    """The value was renamed on the way: `t = current(t)` in between, or an argparse `type=` that renames."""
    text = ast.dump(node)
    scope = module.scope_of(node)
    line = getattr(node, "lineno", 0)
    for other in ast.walk(scope.node):
        if not isinstance(other, ast.Assign) or other.lineno >= line:
            continue
        if not any(_same(target, text) for target in other.targets):
            continue
        guard = module.parents.get(other)
        if isinstance(guard, ast.If) and other in guard.body and _asks_old(words, guard.test):
            if not _names_old(words, other.value):
                return True
        if isinstance(other.value, ast.Call) and excludes(values, words, module, other.value, depth + 1):
            return True
    trace = words.trace(module, node)
    if trace.words() & words.old:
        return _assigned_clean(values, words, module, node, depth)
    if trace.sources:
        for source in trace.sources:
            if source.kind == "option":
                calls = words.declarations(source)
                kinds = [(m, k.value) for m, c in calls for k in c.keywords if k.arg == "type"]
                if kinds and all(
                    any(isinstance(v, Func) and renames(words, v) for v in values.of(m, kind)) for m, kind in kinds
                ):
                    continue
            if source.kind in ("command", "param") and _renamed_at_top(values, words, source.module, source.node):
                continue
            if source.kind in ("env", "argv", "opaque") and isinstance(source.node, ast.expr):
                holder = source.module.parents.get(source.node)
                if isinstance(holder, ast.Call) and source.node in holder.args:
                    if any(isinstance(v, Func) and renames(words, v) for v in values.of(source.module, holder.func)):
                        continue
            return False
        return True
    return False


def _assigned_clean(values: Values, words: Words, module: Module, node: ast.expr, depth: int) -> bool:
    if not isinstance(node, ast.Name):
        return False
    scope = module.scope_of(node)
    found = False
    for b in scope.bindings.get(node.id, []):
        found = True
        if b.kind != "assign" or b.value is None or not excludes(values, words, module, b.value, depth + 1):
            return False
    return found


def _renamed_at_top(values: Values, words: Words, module: Module, arg: ast.AST) -> bool:
    function = module.parents.get(module.parents.get(arg))  # type: ignore[arg-type]
    name = arg.arg  # type: ignore[attr-defined]
    if not isinstance(function, FunctionNode):
        return False
    for statement in function.body[:4]:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            if any(isinstance(t, ast.Name) and t.id == name for t in statement.targets):
                return any(isinstance(v, Func) and renames(words, v) for v in values.of(module, statement.value.func))
    return False


def _same(target: ast.expr, text: str) -> bool:
    return ast.dump(target).replace("Store()", "Load()") == text
