"""What a test serves of a moved server itself: `uvicorn.Config(server.sse_app())`, `server.run("sse")` in a thread.

Its clients move, so what they reach moves with them. An app that no server is given, a test only looks at: it stays.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.context import Context
from migrator.deploy.callers import Use
from migrator.deploy.expected import OLD, named
from migrator.model import Endpoint, Selector
from migrator.python.functions import last_name
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditCall
from migrator.python.sdk import Sdks

_SERVERS = {"Config", "run", "serve", "Server"}  # uvicorn's and hypercorn's: what they are given is served
_MARKS = (b"sse_app", b"sse_async", b"'sse'", b'"sse"')
_PATHS = ("sse_path", "message_path")


class Serving:
    """Reads the tests of one project."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.sdks = Sdks.read(context.rules, context.code.values, context.versions)

    def may_serve(self, path: str) -> bool:
        """False for a file that has nothing to do with it. Cheap."""
        data = self.context.tree.read(path)
        return any(m in data for m in _MARKS)

    def uses(self, module: Module) -> Iterator[Use]:
        """Every call of a test file that serves a moved server over SSE."""
        for call in module.calls:
            function = call.func
            if not isinstance(function, ast.Attribute) or not self._speaks_sse(call, function.attr):
                continue
            endpoint = self._server(module, function.value)
            if endpoint is None or (function.attr.endswith("_app") and not _served(module, call)):
                continue
            around = module.function_of(call)
            if around is not None and any(
                isinstance(n, ast.Call) and named(n, function.attr) for n in ast.walk(around)
            ):
                continue  # a mock's: what the test expects of it is told of by itself
            family = "fastmcp" if endpoint.generation.startswith("fastmcp") else ""
            new = self.sdks.instead(function.attr, family)
            edit = _edit(module, call, new, endpoint)
            selector = Selector("code", (), OLD, "Streamable HTTP", False, endpoint.place)
            reason = "" if edit is not None else "its arguments are not those of Streamable HTTP"
            yield Use(call, edit, f"{module.source(function)}(...), which a test serves,", endpoint, selector, reason)

    def _speaks_sse(self, call: ast.Call, method: str) -> bool:
        known = self.sdks.run_methods | self.sdks.run_http_methods | self.sdks.app_methods
        return bool(self.sdks.instead(method, "")) or (method in known and _word(call) is not None)

    def _server(self, module: Module, node: ast.expr) -> Endpoint | None:
        """The moved endpoint whose server the expression is; None where one of that file stays."""
        for server in self.sdks.servers(module, node):
            mine = [e for e in self.context.endpoints if server.module.path in e.files]
            if server.ctor is not None and server.module is not module and mine and all(e.moved for e in mine):
                return mine[0]
        return None


def _word(call: ast.Call) -> ast.Constant | None:
    """The old word among the arguments."""
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "transport")]
    return next((a for a in given if isinstance(a, ast.Constant) and a.value == OLD), None)


def _edit(module: Module, call: ast.Call, renamed: str, endpoint: Endpoint) -> EditCall | None:
    """The call as Streamable HTTP has it, with another method's name unless "" is given; None where its arguments can't be kept."""
    fastmcp = endpoint.generation.startswith("fastmcp")
    given = {k.arg: k.value for k in call.keywords}
    paths = [given[n] for n in (*_PATHS, "path", "mount_path") if n in given]
    if None in given or any(not isinstance(p, ast.Constant) for p in paths) or "path" in given or "mount_path" in given:
        return None
    if renamed and (call.args or (fastmcp and given)):
        return None
    word = _word(call)
    keywords: list[tuple[str, str | None]] = [(n, None) for n in _PATHS if n in given]
    new = "http" if fastmcp else "streamable-http"
    code = module.source(word).replace(OLD, new) if word is not None else ""
    if word is not None and word not in call.args:
        keywords.append(("transport", code))
    if endpoint.generation != "official-1" and endpoint.stateless:
        keywords.append(("stateless_http", "True"))
    positional = ((0, code),) if word is not None and word in call.args else ()
    return EditCall(module.at(call), method=renamed or None, keywords=tuple(keywords), positional=positional)


def _served(module: Module, call: ast.Call) -> bool:
    """True for an app that is handed to uvicorn or its like: at once, or by a name of the same function."""
    parent = module.parents[call]
    if isinstance(parent, ast.keyword):
        parent = module.parents[parent]
    if isinstance(parent, ast.Call):
        return parent.func is not call and last_name(parent.func) in _SERVERS
    if not isinstance(parent, ast.Assign) or not isinstance(parent.targets[0], ast.Name):
        return False
    scope: ast.AST = next((a for a in module.ancestors(call) if isinstance(a, FunctionNode)), module.tree)
    name = parent.targets[0].id
    return any(
        isinstance(n, ast.Call)
        and last_name(n.func) in _SERVERS
        and any(isinstance(a, ast.Name) and a.id == name for a in (*n.args, *(k.value for k in n.keywords)))
        for n in ast.walk(scope)
    )
