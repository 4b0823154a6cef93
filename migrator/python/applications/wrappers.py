"""Wrappers that keep the lifespan from the application inside: harmless with SSE, status 500 with Streamable HTTP.

async def __call__(self, scope, receive, send):
    if scope["type"] != "http":
        return
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.applications.asgi import Asgi
from migrator.python.flow.callers import MIDDLEWARE
from migrator.python.flow.value import Ext, Obj, Value
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import Insert
from migrator.python.unit import Draft

APPLICATIONS = ("sse_app", "http_app", "streamable_http_app", "create_sse_app")
OF_REQUESTS = ("path", "headers", "method", "query_string")
LIFESPAN = "lifespan"


def lifespan_through(values: Values, asgi: Asgi, draft: Draft, module: Module) -> None:
    """Let the module's wrappers of whole applications hand the lifespan on to what they wrap."""
    for function in _swallowing(module):
        inner = _inner(module, function)
        if inner and _around_application(values, asgi, module, function):
            scope, receive, send = [a.arg for a in function.args.args][-3:]
            code = f'if {scope}["type"] == "lifespan":\n    await {inner}({scope}, {receive}, {send})\n    return'
            draft.do(Insert(module.at(function), code, where="top", order=1))
            draft.files.add(module.path)


def mended(module: Module, function: ast.AsyncFunctionDef) -> bool:
    """True for a wrapper that is given the line for lifespans, where it is around an application."""
    return _swallows(function) and bool(_inner(module, function))


def _inner(module: Module, function: ast.AsyncFunctionDef) -> str:
    """How a wrapper calls the one application that it was given; "" where there are several, or none."""
    inner = {name for c in handed(function) if (name := _wrapped(module, function, c))}
    return inner.pop() if len(inner) == 1 and len([a for a in function.args.args if a.arg != "self"]) == 3 else ""


def hands_all_on(function: ast.AST, call: ast.Call) -> bool:
    """True for an ASGI function that does nothing else with requests and lifespans than hand them on by `call`.

    One that looks at the path may lead elsewhere.
    """
    if not isinstance(function, ast.AsyncFunctionDef) or function.decorator_list or len(function.args.args) != 3:
        return False
    paths = any(isinstance(n, ast.Constant) and n.value in ("path", "raw_path") for n in ast.walk(function))
    others = {ast.dump(c.func) for c in handed(function)} - {ast.dump(call.func)}
    return call in handed(function) and not paths and not others and bool(reached(function.body)[0])


def _around_application(values: Values, asgi: Asgi, module: Module, function: ast.AsyncFunctionDef) -> bool:
    """True where the wrapper is given an application, or to one as a middleware; a route's gets no lifespan."""
    holder = module.class_of(function) or module.function_of(function)
    if holder is None:
        return False
    for other in (module, *(m for m in values.code.mentioning(holder.name, tests=False) if m is not module)):
        for node in other.loads.get(holder.name, ()):
            call = other.parents.get(node)
            if not isinstance(call, ast.Call):
                continue
            if node in call.args and dotted(call.func).rpartition(".")[2] in MIDDLEWARE:
                return True
            given = [*call.args, *(k.value for k in call.keywords)] if call.func is node else []
            if any(_is_application(v, asgi) for g in given for v in values.of(other, g)):
                return True
    return False


def _is_application(value: Value, asgi: Asgi) -> bool:
    if not isinstance(value, Obj):
        return False
    made = dotted(value.node.func).rpartition(".")[2] if value.node is not None else ""
    return made in APPLICATIONS or (isinstance(value.of, Ext) and value.of.name in asgi.applications)


def _swallowing(module: Module) -> Iterator[ast.AsyncFunctionDef]:
    """ASGI functions that answer a lifespan with nothing."""
    for node in module.nodes:
        if isinstance(node, ast.AsyncFunctionDef) and _swallows(node):
            yield node


def _swallows(function: ast.AsyncFunctionDef) -> bool:
    if "scope" not in {a.arg for a in function.args.args}:
        return False
    says = any(isinstance(n, ast.Constant) and str(n.value).startswith(LIFESPAN) for n in ast.walk(function))
    return not says and bool(handed(function)) and not reached(function.body)[0]


def reached(body: list[ast.stmt]) -> tuple[list[ast.Call], bool]:
    """The calls that hand a lifespan on, and whether statements let it go on to what stands behind them."""
    calls: list[ast.Call] = []
    for statement in body:
        found, on = _reached(statement)
        calls += found
        if not on:
            return calls, False
    return calls, True


def _reached(statement: ast.stmt) -> tuple[list[ast.Call], bool]:
    if isinstance(statement, FunctionNode | ast.ClassDef):
        return [], True
    if isinstance(statement, ast.If):
        holds = _holds(statement.test)
        if holds is not None:
            return reached(statement.body if holds else statement.orelse)
        if _fails(statement.test):
            return [], False
        return _either(statement.body, statement.orelse)
    if isinstance(statement, ast.Match):
        if _fails(statement.subject):
            return [], False
        return _either(*_cases(statement))
    if isinstance(statement, ast.For | ast.AsyncFor | ast.While):
        if _fails(statement.iter if not isinstance(statement, ast.While) else statement.test):
            return [], False
        return _either(statement.body, statement.orelse)
    if isinstance(statement, ast.With | ast.AsyncWith):
        return reached(statement.body)
    if isinstance(statement, ast.Try):
        calls, on = _either(statement.body, *(h.body for h in statement.handlers))
        last, goes = reached([*(statement.orelse if on else []), *statement.finalbody])
        return calls + last, on and goes
    if _fails(statement):
        return [], False
    return handed(statement), not isinstance(statement, ast.Return | ast.Raise)


def _either(*ways: list[ast.stmt]) -> tuple[list[ast.Call], bool]:
    found = [reached(way) for way in ways]
    return [c for calls, _ in found for c in calls], any(on for _, on in found)


def _cases(statement: ast.Match) -> list[list[ast.stmt]]:
    """The bodies that a lifespan may come to: one of them where the type is asked for and it is named."""
    bodies: list[list[ast.stmt]] = []
    for case in statement.cases:
        patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
        named = [p.value.value for p in patterns if isinstance(p, ast.MatchValue) and isinstance(p.value, ast.Constant)]
        if _is_type(statement.subject) and len(named) == len(patterns):
            if LIFESPAN in named:
                return [*bodies, case.body]
            continue
        bodies.append(case.body)
        if isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None and case.guard is None:
            return bodies
    return [*bodies, []]


def _fails(node: ast.AST) -> bool:
    """True for code that asks a scope for what only requests have."""
    for n in ast.walk(node):
        if isinstance(n, ast.Subscript) and isinstance(n.value, ast.Name) and n.value.id == "scope":
            if isinstance(n.slice, ast.Constant) and n.slice.value in OF_REQUESTS:
                return True
        elif isinstance(n, ast.Call) and dotted(n.func).rpartition(".")[2] in ("Request", "HTTPConnection", "Headers"):
            given = [*n.args, *(k.value for k in n.keywords)]
            if any(isinstance(a, ast.Name) and a.id == "scope" for a in given):
                return True
    return False


def _holds(test: ast.expr) -> bool | None:
    """Whether a test of the scope's type, or of a path, holds for a lifespan, which has none; None for another test."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _holds(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        parts = [_holds(v) for v in test.values]
        decides = isinstance(test.op, ast.Or)  # one true operand decides an `or`, one false one an `and`
        return decides if decides in parts else None if None in parts else not decides
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Attribute) and test.func.attr == "startswith":
        return False if _is_path(test.func.value) else None
    if not isinstance(test, ast.Compare) or len(test.ops) != 1:
        return None
    positive = isinstance(test.ops[0], ast.Eq | ast.In)
    if _is_path(test.left) and isinstance(test.ops[0], ast.Eq | ast.In | ast.NotEq | ast.NotIn):
        return not positive
    if not _is_type(test.left):
        return None
    other = test.comparators[0]
    parts_of = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else [other]
    if not all(isinstance(p, ast.Constant) for p in parts_of):
        return None
    named = any(isinstance(p, ast.Constant) and p.value == LIFESPAN for p in parts_of)
    return named == positive


def _is_path(node: ast.expr) -> bool:
    """True for `scope.get("path", "")`, and for a variable called path: it is read so, where lifespans come by."""
    if isinstance(node, ast.Name):
        return node.id == "path"
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "get"
        and any(isinstance(a, ast.Constant) and a.value == "path" for a in node.args[:1])
    )


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        key: ast.expr = node.args[0]
    elif isinstance(node, ast.Subscript):
        key = node.slice
    else:
        return False
    return isinstance(key, ast.Constant) and key.value == "type"


def handed(node: ast.AST) -> list[ast.Call]:
    """Calls that hand the three arguments of ASGI on."""
    return [
        n.value
        for n in ast.walk(node)
        if isinstance(n, ast.Await) and isinstance(n.value, ast.Call) and len(n.value.args) == 3
    ]


def _wrapped(module: Module, function: ast.AsyncFunctionDef, call: ast.Call) -> str:
    """The name of the application that a wrapper was given; "" for a response and for what is no application."""
    name = dotted(call.func)
    first, _, rest = name.partition(".")
    if first == "self" and rest.isidentifier():
        return name
    above = module.function_of(function)
    given = isinstance(above, FunctionNode) and any(a.arg == name for a in above.args.args)
    return name if given else ""
