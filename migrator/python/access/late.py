"""Refusals that come too late: code that hands a request on, and turns away what comes back.

    response = await call_next(request)
    if response.headers["content-type"].startswith("text/event-stream") and not allowed(request):
        return JSONResponse({}, status_code=401)

Over SSE nobody could call anything without the stream, and the stream is what was turned away. A call on the new path
has been carried out by then. Whoever gives nothing back, or something else, to those without a credential refuses them, too.
So does who gives the server nothing to read of their requests: the stream of the new path opens without reading.
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
STARVED = "gives the server something else to read where a credential is missing: the stream of the new path opens all the same"
IN_TIME = "Let it look at the credential before it hands the request on, whatever the path and the answer"
HANDS_ON = ("call_next", "send")  # a module that says neither hands no request on
_REFUSED = re.compile(r"\b40[13]\b|UNAUTHORIZED|FORBIDDEN")


def late(values: Values, modules: Iterable[Module], words: Iterable[str]) -> Iterator[tuple[Callee, str]]:
    """Functions that hand a request on and refuse it afterwards, by themselves or in what they hand on, and how they do.

    words: what code says that asks for a credential.
    """
    asks = re.compile("|".join(map(re.escape, words)), re.I)
    for module in modules:
        if not any(word in module.text for word in HANDS_ON):
            continue
        for function in module.scopes:
            if isinstance(function, FunctionNode) and any(is_request(a) for a in function.args.args):
                for call in walk_own(function):
                    if not isinstance(call, ast.Call):
                        continue
                    receive = call.args[1] if _is_asgi(call) else _received(call)
                    starved = receive is not None and _starved(values, module, function, receive, asks)
                    if starved or _refused(values, module, function, call, asks):
                        yield Callee(module, function, module.class_of(function)), STARVED if starved else TOO_LATE
                        break


def _is_asgi(call: ast.Call) -> bool:
    return len(call.args) == 3 and dotted(call.args[0]) == "scope"


def _received(call: ast.Call) -> ast.expr | None:
    """What a request that is handed on is read with: Starlette asks its `_receive`; None for another call."""
    request = call.args[0] if last_name(call.func) == "call_next" and call.args else None
    return ast.Attribute(request, "_receive", ast.Load()) if isinstance(request, ast.Name) else None


def _starved(values: Values, module: Module, function: FunctionNode, receive: ast.expr, asks: re.Pattern[str]) -> bool:
    """True where a credential decides what stands for `receive`, or what that gives."""
    plain = dotted(receive) == "receive" or dotted(receive).endswith("._receive")  # nothing of the project's by itself
    handed = [receive, *(() if plain else _stands_for(values, module, receive))]
    choices = [n for code in handed for n in ast.walk(code) if isinstance(n, ast.If | ast.IfExp)]
    bound = [s for s in walk_own(function) if isinstance(s, ast.Assign) and dotted(s.targets[0]) == dotted(receive)]
    for statement in bound:
        around = [n for n in module.ancestors(statement) if isinstance(n, ast.If)]
        # one that turns requests away itself hands on a body that it has read
        choices += [n for n in around if not any(isinstance(x, ast.Return | ast.Raise) for x in walk_own(n))]
        choices += [n for n in ast.walk(statement.value) if isinstance(n, ast.IfExp)]
    return any(_asks(module, choice.test, asks) for choice in choices)


def _refused(values: Values, module: Module, function: FunctionNode, call: ast.Call, asks: re.Pattern[str]) -> bool:
    """True for a call that hands the request on, where what it gives is turned away."""
    sends = _is_asgi(call)
    if not sends and last_name(call.func) != "call_next":
        return False
    if sends:
        for handed in _stands_for(values, module, call.args[2]):
            if _refuses(handed) or any(_drops(handed, n) for n in _by_credential(module, handed, asks)):
                return True
    statement = module.statement_of(call)
    if isinstance(statement, ast.Return):
        return False
    behind = list(_behind(module, function, statement))
    kept = dotted(statement.targets[0]) if isinstance(statement, ast.Assign) else ""
    return any(map(_refuses, behind)) or any(
        _replaces(n, kept) for b in behind for n in _by_credential(module, b, asks) if kept
    )


def _by_credential(module: Module, root: ast.AST, asks: re.Pattern[str]) -> Iterator[ast.If]:
    """The branches that a credential decides."""
    for node in ast.walk(root):
        if isinstance(node, ast.If) and _asks(module, node.test, asks):
            yield node


def _replaces(choice: ast.If, response: str) -> bool:
    """True where a branch raises, or gives back something that is not made of what came back."""
    for n in ast.walk(choice):
        if isinstance(n, ast.Raise):
            return True
        gives = isinstance(n, ast.Return) or _puts(n, response, f"{response}.body_iterator")
        given = getattr(n, "value", None) if gives else None
        if given is not None and not _within(given, response):
            return True
    return False


def _drops(send: ast.AST, choice: ast.If) -> bool:
    """True where a branch of what stands for `send` leaves a message out, or puts one in its place."""
    beside = [n for n in ast.walk(send) if _is_send(n) and n not in set(ast.walk(choice))]
    for branch, other in ((choice.body, choice.orelse), (choice.orelse, choice.body)):
        nodes = [n for s in branch for n in ast.walk(s)]
        if any(isinstance(n, ast.Return | ast.Raise) for n in nodes) and not any(map(_is_send, nodes)):
            return True
        if any(map(_is_send, nodes)) and not beside and not any(_is_send(n) for s in other for n in ast.walk(s)):
            return True
        if any(_puts(n, "message") and not _within(n.value, "message") for n in nodes if isinstance(n, ast.Assign)):
            return True
    return False


def _is_send(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == "send"


def _puts(node: ast.AST, *names: str) -> bool:
    return isinstance(node, ast.Assign) and dotted(node.targets[0]) in names


def _within(node: ast.AST, name: str) -> bool:
    return any(isinstance(n, ast.Name) and n.id == name for n in ast.walk(node))


def _asks(module: Module, test: ast.expr, asks: re.Pattern[str]) -> bool:
    """True for a test of a credential, or of a name that is said of one."""
    if asks.search(ast.unparse(test)):
        return True
    for name in (n for n in ast.walk(test) if isinstance(n, ast.Name)):
        for binding in module.owner(name).bindings.get(name.id, ()):
            if binding.value is not None and asks.search(ast.unparse(binding.value)):
                return True
    return False


def _stands_for(values: Values, module: Module, node: ast.expr) -> Iterator[ast.AST]:
    """The code of the project that stands for `send` or `receive`."""
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
