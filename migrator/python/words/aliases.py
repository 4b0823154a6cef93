"""Code that already gives the old word its new meaning: our helper, and what people write by hand."""

from __future__ import annotations

import ast

from migrator.python.flow.value import Func
from migrator.python.flow.values import Values
from migrator.python.functions import walk_own
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.declared import Source, in_dict
from migrator.python.words.optioncalls import is_flag
from migrator.python.words.selector import Words
from migrator.python.words.traces import Trace


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
    if isinstance(node, ast.BoolOp):
        return all(excludes(values, words, module, inner, depth + 1) for inner in node.values)
    if isinstance(node, ast.NamedExpr):
        return excludes(values, words, module, node.value, depth + 1)
    if isinstance(node, ast.Call):
        for value in values.of(module, node.func):
            if isinstance(value, Func) and renames(words, value):
                return True
        if isinstance(node.func, ast.Attribute) and not node.args:
            return excludes(values, words, module, node.func.value, depth + 1)
        if dotted(node.func).rpartition(".")[2] == "cast" and len(node.args) == 2:
            return excludes(values, words, module, node.args[1], depth + 1)
        trace = words.trace(module, node)
        return not trace.words() & words.old and not trace.enums and _entered(values, words, trace)
    if isinstance(node, ast.Attribute) and node.attr == "value":
        return excludes(values, words, module, node.value, depth + 1)
    if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
        return _rebound(values, words, module, node, depth)
    return False


def excludes_spread(values: Values, words: Words, trace: Trace) -> bool:
    """The same for a dict that holds the word: `**vars(args)` of an option that is renamed."""
    return not trace.words() & words.old and not trace.enums and _entered(values, words, trace)


def renames_entries(values: Values, words: Words, module: Module, node: ast.expr) -> bool:
    """True for a dict whose entries are renamed: `{k: current(v) if k == "transport" else v for k, v in d.items()}`."""
    calls = [n for n in ast.walk(node.value) if isinstance(n, ast.Call)] if isinstance(node, ast.DictComp) else []
    return any(isinstance(v, Func) and renames(words, v) for call in calls for v in values.of(module, call.func))


def renames(words: Words, function: Func) -> bool:
    """True for `def f(name): if name == "sse": ... return "streamable-http" ... return name`, or one that raises there."""
    node = function.node
    assert isinstance(node, FunctionNode)
    if not node.args.args:
        return False
    for statement in walk_own(node):
        if isinstance(statement, ast.If) and _asks_old(words, statement.test):
            if any(
                isinstance(s, ast.Raise)
                or (isinstance(s, ast.Return) and s.value is not None and not _names_old(words, s.value))
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
    for other in module.within(scope):
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
    return _entered(values, words, trace)


def _entered(values: Values, words: Words, trace: Trace) -> bool:
    """True when every source of the word is renamed where the word enters; False without one."""
    return bool(trace.sources) and all(_renamed_source(values, words, source) for source in trace.sources)


def _renamed_source(values: Values, words: Words, source: Source) -> bool:
    module, node = source.module, source.node
    if source.kind == "option":
        calls = words.declarations(source)
        # what flags can say is written out, and is no old word
        flags = bool(calls) and all(is_flag(c) for _, c in calls)
        return flags or _renamed_option(values, words, calls)
    if source.kind in ("command", "param"):
        return _renamed_at_top(values, words, source)
    if source.kind in ("env", "argv", "opaque") and isinstance(node, ast.expr):
        child: ast.AST = node
        for outer in module.ancestors(node):
            if isinstance(outer, ast.Call) and outer.func is not child:
                if child not in outer.args:  # the default of an option with such a type
                    return _renamed_option(values, words, [(module, outer)])
                return any(isinstance(v, Func) and renames(words, v) for v in values.of(module, outer.func))
            if not isinstance(outer, ast.Call | ast.Attribute | ast.BoolOp | ast.IfExp | ast.keyword):
                return False
            child = outer
    return False


def _renamed_option(values: Values, words: Words, calls: list[tuple[Module, ast.Call]]) -> bool:
    kinds = [(m, k.value) for m, c in calls for k in c.keywords if k.arg == "type"]
    return bool(kinds) and all(
        any(isinstance(v, Func) and renames(words, v) for v in values.of(m, kind)) for m, kind in kinds
    )


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


def _renamed_at_top(values: Values, words: Words, source: Source) -> bool:
    module, arg = source.module, source.node
    function = module.parents.get(module.parents.get(arg))  # type: ignore[arg-type]
    name = f"{arg.arg}['{source.name}']" if in_dict(source) else source.name  # type: ignore[attr-defined]
    if not isinstance(function, FunctionNode):
        return False
    for statement in function.body[:4]:
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
            if any(ast.unparse(t) == name for t in statement.targets):
                return any(isinstance(v, Func) and renames(words, v) for v in values.of(module, statement.value.func))
    return False


def _same(target: ast.expr, text: str) -> bool:
    return ast.dump(target).replace("Store()", "Load()") == text
