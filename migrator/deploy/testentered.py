"""Tests that run the lifespan of one application more than once: that of a moved server can be entered only once.

`with TestClient(app):` in two tests worked over SSE, which needs no lifespan. The session manager of Streamable HTTP
ends the second with a RuntimeError.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.context import Context
from migrator.model import Endpoint, Finding, Outcome, Part, Place, Severity
from migrator.python.code import is_test
from migrator.python.flow.value import Obj
from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module, Scope

_SERVES = (b"sse_app", b"http_app", b"create_sse_app", b"SseServerTransport")
_OWN = ("session", "package", "module", "class")  # scopes of a fixture that isn't made anew for every test
TODO = (
    "Make the application in a function, and enter what it returns here (with TestClient(create_app()) as client), "
    'so that each test has its own; or enter it once, in a fixture with scope="session".'
)


def entered_often(context: Context) -> Iterator[Part]:
    """One finding for each test file that does."""
    table = context.rules.toml("sdks/lifespans.toml")["once"]
    moved = [e for e in context.endpoints if e.moved and e.generation in table["generations"]]
    moved = [e for e in moved if any(_serves(context, path) for path in e.files)]
    entries: dict[str, list[tuple[Module, ast.Call, int]]] = {}
    for name in table["enter"] if moved else ():
        for module in context.code.mentioning(name):
            for call in module.calls_by_name.get(name, ()) if is_test(module.path) else ():
                if isinstance(module.parents[call], ast.withitem) and (e := _server(context, module, call, moved)):
                    entries.setdefault(e.name, []).append((module, call, _times(context, module, call)))
    for e in moved:
        found = entries.get(e.name, [])
        if sum(times for _, _, times in found) > 1:
            first = {module.path: (module, call) for module, call, _ in reversed(found)}
            for module, call in (first[path] for path in sorted(first)):
                yield _part(e, module.place(call), module.source(call))


def _serves(context: Context, path: str) -> bool:
    data = context.tree.read(path) if context.tree.exists(path) else b""
    return any(name in data for name in _SERVES)


def _server(context: Context, module: Module, call: ast.Call, moved: list[Endpoint]) -> Endpoint | None:
    """The moved endpoint of the application that is entered, where it is one and the same every time."""
    if not call.args or not _is_shared(module, call.args[0]):
        return None
    for value in context.code.values.of(module, call.args[0]):
        if isinstance(value, Obj):
            for e in moved:
                if value.module.path in e.files and _serves(context, value.module.path):
                    return e
    return None


def _is_shared(module: Module, node: ast.expr) -> bool:
    """True for what is imported, or made once for the whole file."""
    while isinstance(node, ast.Attribute):
        node = node.value
    scope: Scope | None = module.scope_of(node) if isinstance(node, ast.Name) else None
    while scope is not None and isinstance(node, ast.Name):
        if bindings := scope.bindings.get(node.id):
            return all(b.kind == "import" or scope.parent is None for b in bindings)
        scope = scope.parent
    return False


def _times(context: Context, module: Module, call: ast.Call) -> int:
    """How often a run of all tests comes by, as far as it can be told; at most 2."""
    function = module.function_of(call)
    if function is None:
        return 1
    for decorator in function.decorator_list:
        name = decorator_name(decorator).rpartition(".")[2]
        given = {k.arg: k.value for k in decorator.keywords} if isinstance(decorator, ast.Call) else {}
        if name == "fixture":
            scope = given.get("scope")
            users = [] if isinstance(scope, ast.Constant) and scope.value in _OWN else _users(context, function.name)
            return min(2, max(1, len(users)))
        if name == "parametrize":
            return 2
    return 1 if function.name.startswith("test") else min(2, len(module.calls_by_name.get(function.name, ())))


def _users(context: Context, fixture: str) -> list[FunctionNode]:
    """The functions that take a fixture by its name."""
    return [
        scope
        for module in context.code.mentioning(fixture)
        if is_test(module.path)
        for scope in module.scopes
        if isinstance(scope, FunctionNode) and any(a.arg == fixture for a in (*scope.args.args, *scope.args.kwonlyargs))
    ]


def _part(e: Endpoint, place: Place, shown: str) -> Part:
    message = (
        f"{shown} runs the application's lifespan more than once: with {e.name} over Streamable HTTP it can be run "
        "once for each application, and the next test ends with a RuntimeError"
    )
    return Part((Finding("MCP506", Severity.WARNING, Outcome.BY_HAND, place, message, TODO, e.unit),), (), e.unit)
