"""Refusals that come too late: code that hands a request on, and turns away what comes back.

    response = await call_next(request)
    if response.headers["content-type"].startswith("text/event-stream") and not allowed(request):
        return JSONResponse({}, status_code=401)

Over SSE nobody could call anything without the stream, and the stream is what was turned away. A call on the new path
has been carried out by then.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.python.access.known import Callee, is_request
from migrator.python.flow.value import Cls, Func, Obj
from migrator.python.flow.values import Values
from migrator.python.functions import last_name, walk_own
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.guards import leaves

TOO_LATE = "turns away what the server has answered already: a call on the new path is carried out by then"
IN_TIME = "Let it look at the credential before it hands the request on, whatever the path and the answer"
HANDS_ON = ("call_next", "send")  # a module that says neither hands no request on
_REFUSED = re.compile(r"\b40[13]\b|UNAUTHORIZED|FORBIDDEN")


def late(values: Values, modules: Iterable[Module]) -> Iterator[Callee]:
    """Functions that hand a request on and refuse it afterwards, by themselves or in the `send` that they hand on."""
    for module in modules:
        if not any(word in module.text for word in HANDS_ON) or not _REFUSED.search(module.text):
            continue
        for function in module.scopes:
            if isinstance(function, FunctionNode) and any(is_request(a) for a in function.args.args):
                for call in walk_own(function):
                    if isinstance(call, ast.Call) and _refused(values, module, function, call):
                        yield Callee(module, function, module.class_of(function))
                        break


def _refused(values: Values, module: Module, function: FunctionNode, call: ast.Call) -> bool:
    """True for a call that hands the request on, where what it gives is turned away."""
    sends = len(call.args) == 3 and [dotted(a) for a in call.args[:2]] == ["scope", "receive"]
    if not sends and last_name(call.func) != "call_next":
        return False
    if sends and any(map(_refuses, _sends(values, module, call.args[2]))):
        return True
    statement = module.statement_of(call)
    return not isinstance(statement, ast.Return) and any(map(_refuses, _behind(module, function, statement)))


def _sends(values: Values, module: Module, node: ast.expr) -> Iterator[ast.AST]:
    """The code of the project that stands for `send`."""
    for value in values.of(module, node):
        of = value.of if isinstance(value, Obj) else value
        if isinstance(of, Func | Cls):
            yield of.node


def _behind(module: Module, function: FunctionNode, statement: ast.stmt) -> Iterator[ast.stmt]:
    """The statements that may be come to after one, in order."""
    child: ast.AST = statement
    for outer in module.ancestors(statement):
        for _, block in ast.iter_fields(outer):
            if isinstance(block, list) and child in block and isinstance(child, ast.stmt):
                for later in block[block.index(child) + 1 :]:
                    yield later
                    if leaves(later):
                        return
        if outer is function:
            return
        child = outer


def _refuses(node: ast.AST) -> bool:
    """True for code that answers with 401 or 403 of its own; what is done about one that came back is no refusal."""
    if isinstance(node, ast.If) and any(isinstance(n, ast.Compare) and _names(n) for n in ast.walk(node.test)):
        return any(map(_refuses, node.orelse))
    if isinstance(node, ast.Compare):
        return False
    if isinstance(node, ast.Constant | ast.Name | ast.Attribute) and _names(node):
        return True
    return any(map(_refuses, ast.iter_child_nodes(node)))


def _names(node: ast.AST) -> bool:
    return _REFUSED.search(ast.unparse(node)) is not None
