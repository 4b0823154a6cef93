"""Starts and applications that speak SSE, of servers that can't be followed: told, and left to the user."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.model import Finding, Outcome, Severity
from migrator.python.code import is_test
from migrator.python.flow.value import Cls, Const, Ext, Field, Obj, Opaque, Param, Value
from migrator.python.module import Module, dotted
from migrator.python.project import IMPORTS_MCP, Project

APPLICATIONS = ("sse_app", "http_app", "create_sse_app")
STARTS = ("run", "run_async", "run_sse_async")
TELLING = ("run_sse_async", "sse_app")  # nothing else is called so
NAMED = re.compile(rb"mcp", re.I)
HOLDERS = ("partial", "partialmethod")  # functools'


def unseen(project: Project) -> Iterator[Finding]:
    """Calls of `sse_app()`, `run(transport="sse")` and their like on something unknown, where they are about MCP."""
    code, tree = project.code, project.code.tree
    about = {*tree.hits.get("python", ()), *tree.mcp_python}
    for paths, names, own in (
        ({path for name in APPLICATIONS for path in code.mentioned(name, about)}, APPLICATIONS, IMPORTS_MCP),
        # a server that a file looks up, or is handed, is not imported there
        ({*code.mentioned("sse", about), *code.mentioned("run_sse_async", about)}, STARTS, NAMED),
    ):
        for path in sorted(paths):
            module = None if is_test(path) else code.load(path)
            named = bool(own.search(tree.read(path)))
            if module is None or not (named or tree.mcp_python):
                continue
            yield from _looked_up(project, module, set(names) & set(TELLING))
            for call in module.calls:
                if not named and not _says_transport(call):
                    continue  # `run("sse")` may be about anything; plug-ins are started in files that don't name MCP
                server = _server(project, module, call, names)
                if server is None or project.sdks.servers(module, server):
                    continue
                if all(map(_unknown, project.values.of(module, server))):
                    yield _finding(module, call, server)


def _looked_up(project: Project, module: Module, names: set[str]) -> Iterator[Finding]:
    """`getattr(mcp, "sse_app")`: the method is named by text. A start of a known server is told as that server's."""
    for call in module.calls_by_name.get("getattr", ()):
        if len(call.args) < 2:
            continue
        texts = {v.value for v in project.values.of(module, call.args[1]) if isinstance(v, Const)}
        for name in sorted(names & texts):
            if name not in STARTS or not project.sdks.servers(module, call.args[0]):
                yield _finding(module, call, call.args[0], name)


def _server(project: Project, module: Module, call: ast.Call, names: tuple[str, ...]) -> ast.expr | None:
    """What is served over SSE by a call, None for other calls."""
    function = _called(call)
    if _called_name(call) not in names:
        return None
    given = {k.arg: k.value for k in call.keywords}
    if project.sdks.sse_app_functions & project.values.names(module, function):
        return given.get("server", call.args[0] if call.args else None)
    if not isinstance(function, ast.Attribute):
        return None
    behind = call.args if function is call.func else call.args[1:]
    receiver, word = function.value, given.get("transport", behind[0] if behind else None)
    if dotted(receiver) in ("super", "self") or dotted(getattr(receiver, "func", receiver)) == "super":
        return None
    sse = isinstance(word, ast.Constant) and word.value == "sse"
    return receiver if sse or function.attr in TELLING else None


def _says_transport(call: ast.Call) -> bool:
    """True for a call that by its own words is about a transport, whatever else its file is about."""
    return _called_name(call) in TELLING or any(k.arg == "transport" for k in call.keywords)


def _called_name(call: ast.Call) -> str:
    function = _called(call)
    return function.attr if isinstance(function, ast.Attribute) else dotted(function)


def _called(call: ast.Call) -> ast.expr:
    """What a call calls, or holds to be called later: `partialmethod(FastMCP.run, transport="sse")`."""
    held = dotted(call.func).rpartition(".")[2] in HOLDERS and bool(call.args)
    return call.args[0] if held else call.func


def _unknown(value: Value) -> bool:
    """True unless the value is something of the project's own, or an instance of another library's class."""
    if isinstance(value, Obj):
        made = isinstance(value.of, Ext) and value.of.name.rpartition(".")[2][:1].isupper()
        return not made and not isinstance(value.of, Cls)
    return isinstance(value, Opaque | Param | Ext | Field)


def _finding(module: Module, call: ast.Call, server: ast.expr, method: str = "") -> Finding:
    """`method`: the one that getattr() is given; else it is the one that is called."""
    source, name = module.source(call if method else _called(call)), module.source(server)
    starts = (method or source.rpartition(".")[2]) in STARTS
    ends = "" if method else "()"
    does = (
        "serves the deprecated SSE transport"
        if starts
        else "makes an application that speaks the deprecated SSE transport"
    )
    todo = (
        f'Start it with transport="streamable-http" ("http" for fastmcp), and make {name} stateless where it is constructed.'
        if starts
        else f"Write {name}.streamable_http_app{ends} here ({name}.http_app{ends} for fastmcp), make {name} stateless "
        f"where it is constructed, and enter {name}.session_manager.run() in the lifespan of the outermost application."
    )
    held = dotted(server).rpartition(".")[2][:1].isupper()  # FastMCP.run, of a class
    lost = f"which {name} that is" if held else f"where {name} is made"
    lost = f"what is done with {method} there" if method else lost
    return Finding(
        "MCP101" if starts else "MCP103",
        Severity.WARNING,
        Outcome.BY_HAND,
        module.place(call),
        f"{source} {does}; {lost} can't be followed",
        todo,
    )
