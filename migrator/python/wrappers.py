"""Wrappers that keep the lifespan from the application inside: harmless with SSE, status 500 with Streamable HTTP.

async def __call__(self, scope, receive, send):
    if scope["type"] != "http":
        return
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.asgi import Asgi
from migrator.python.edits import Insert
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.unit import Draft
from migrator.python.value import Ext, Obj, Value
from migrator.python.values import Values

APPLICATIONS = ("sse_app", "http_app", "streamable_http_app", "create_sse_app")
OF_REQUESTS = ("path", "headers", "method", "query_string")
ENDS, PASSES, GOES_ON = "ends", "passes", "goes on"


def lifespan_through(values: Values, asgi: Asgi, draft: Draft, module: Module) -> None:
    """Let the module's wrappers of whole applications hand the lifespan on to what they wrap."""
    for function in _swallowing(module):
        if not _around_application(values, asgi, module, function):
            continue
        inner = sorted({name for c in _handed(function) if (name := _wrapped(module, function, c))})
        arguments = [a.arg for a in function.args.args if a.arg != "self"]
        if len(inner) == 1 and len(arguments) == 3:
            scope, receive, send = arguments
            code = f'if {scope}["type"] == "lifespan":\n    await {inner[0]}({scope}, {receive}, {send})\n    return'
            draft.do(Insert(module.at(function), code, where="top", order=1))
            draft.files.add(module.path)


def hands_all_on(function: ast.AST, call: ast.Call) -> bool:
    """True for an ASGI function that does nothing else with requests and lifespans than hand them on by `call`.

    One that looks at the path may lead elsewhere.
    """
    if not isinstance(function, ast.AsyncFunctionDef) or function.decorator_list or len(function.args.args) != 3:
        return False
    paths = any(isinstance(n, ast.Constant) and n.value in ("path", "raw_path") for n in ast.walk(function))
    others = {ast.dump(c.func) for c in _handed(function)} - {ast.dump(call.func)}
    return call in _handed(function) and not paths and not others and _way(function.body) == PASSES


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
            if node in call.args and dotted(call.func).rpartition(".")[2] in ("add_middleware", "Middleware"):
                return True
            given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "app")] if call.func is node else []
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
        if isinstance(node, ast.AsyncFunctionDef) and "scope" in {a.arg for a in node.args.args}:
            says = any(isinstance(n, ast.Constant) and str(n.value).startswith("lifespan") for n in ast.walk(node))
            if not says and _handed(node) and _way(node.body) != PASSES:
                yield node


def _way(body: list[ast.stmt]) -> str:
    """What statements do with a lifespan."""
    for statement in body:
        if isinstance(statement, ast.If):
            holds = _holds(statement.test)
            if holds is not None:
                way = _way(statement.body if holds else statement.orelse)
            else:
                ways = {_way(statement.body), _way(statement.orelse)}
                way = PASSES if PASSES in ways else ENDS if ways == {ENDS} else GOES_ON
                way = ENDS if _fails(statement.test) else way
        elif isinstance(statement, FunctionNode | ast.ClassDef):
            continue
        elif _fails(statement):
            return ENDS
        else:
            way = PASSES if _handed(statement) else ENDS if isinstance(statement, ast.Return | ast.Raise) else GOES_ON
        if way != GOES_ON:
            return way
    return GOES_ON


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
    """Whether a test of the scope's type holds for a lifespan; None for another test."""
    if isinstance(test, ast.BoolOp):
        parts = [_holds(v) for v in test.values]
        decides = isinstance(test.op, ast.Or)  # one true operand decides an `or`, one false one an `and`
        return decides if decides in parts else None if None in parts else not decides
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not _is_type(test.left):
        return None
    other = test.comparators[0]
    parts_of = other.elts if isinstance(other, ast.Tuple | ast.List | ast.Set) else [other]
    if not all(isinstance(p, ast.Constant) for p in parts_of):
        return None
    return isinstance(test.ops[0], ast.NotEq | ast.NotIn)  # no wrapper that is looked at names "lifespan"


def _is_type(node: ast.expr) -> bool:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get" and node.args:
        key: ast.expr = node.args[0]
    elif isinstance(node, ast.Subscript):
        key = node.slice
    else:
        return False
    return isinstance(key, ast.Constant) and key.value == "type"


def _handed(node: ast.AST) -> list[ast.Call]:
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
