"""`--legacy-sse keep` for run(): the server's own SSE application serves Streamable HTTP, too.

The start stays as it is, with all that it is given (host, path, middleware, options of uvicorn), whoever says its
transport: only what the SDK asks for the application is put in front of.
"""

from __future__ import annotations

import ast

from migrator.python.edits import EnsureImport, Helper, Insert, WrapExpr
from migrator.python.legacy import CLIENTS, both_by_hand, words_of
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.starts import Start
from migrator.python.unit import Draft

KEEPING = "_keeping_legacy_sse"  # begins the names of the helpers
IGNORE = "# mcp-transport: ignore[{rule}] -- --legacy-sse keep: clients that have not moved yet"

HEAD = '''def {name}(server):
    """Where the server serves the deprecated SSE transport, let it serve Streamable HTTP, too."""
'''
JOIN = """        app.router.routes[:0] = [route for route in legacy.routes if route not in app.router.routes]
        app.add_middleware(_LegacyClients, path={old})
        return app

    server.{made} = {made}
    return server
"""
OFFICIAL_1 = """    make = server.sse_app

    def sse_app(*args, **options):
        legacy = make(*args, **options)
{settings}        app = server.streamable_http_app()
"""
OFFICIAL_2 = """    make, make_new = server.sse_app, server.streamable_http_app
{stateless}
    def sse_app(*, sse_path="/sse", message_path="/messages/", **options):
        legacy = make(sse_path=sse_path, message_path=message_path, **options)
        app = make_new({given}**options)
"""
# the half that is there already, for a start that can be told to serve it
OFFICIAL_2_NEW = """    server.streamable_http_app = lambda **options: make_new(**{**options, "stateless_http": True})
"""
FASTMCP = """    make = server.http_app

    def http_app(**options):
        if options.get("transport") != "sse":
            return make({others})
        legacy = make(**options)
        app = make(**{{**options, "path": {new}, "transport": "http"{stateless}}})
"""
STATELESS = ', "stateless_http": True'


def keep_run(project: Project, draft: Draft, start: Start, said: ast.expr | None) -> None:
    """Serve both transports where SSE was served alone, chosen at run time or not.

    said: what the start itself is given for `stateless_http`, which holds for the other words.
    """
    module, receiver = start.module, start.receiver
    made = receiver.func.id if isinstance(receiver, ast.Call) and isinstance(receiver.func, ast.Name) else ""
    if made.startswith(KEEPING):
        draft.block(
            draft.place,
            f"an earlier run put Streamable HTTP beside SSE here ({made})",
            f"Take {made} out, and run this again: then SSE goes.",
            step="keep",
        )
        return
    if _one_path(draft):
        name = module.source(receiver)
        draft.block(
            draft.place,
            "one path can't serve both transports",
            "Give Streamable HTTP a path of its own:\n" + both_by_hand(draft, name, *_listening(start, name)),
            step="keep",
        )
        return
    if draft.generation == "official-1":
        project.stateless_constructor(draft, start.server, module, receiver)
    helper = _helper(project, draft, start, said)
    statement = module.at(module.statement_of(start.node))
    if made == "super":
        draft.do(Insert(statement, f"{helper}({_self(module, start)})", order=30))
    else:
        draft.do(WrapExpr(module.at(receiver), f"{helper}(", ")"))
    draft.do(Insert(statement, IGNORE.format(rule=draft.rule), order=40), EnsureImport(module.path, "sys"))
    draft.files.add(module.path)


def _one_path(draft: Draft) -> bool:
    """True when the new transport would be where the old one stays."""
    old = draft.old_path or draft.usual_old
    if draft.path_code:  # worked out when it starts, from the old one
        return not old.rstrip("/").endswith("/sse") and "/mcp" not in draft.path_code
    return old.rstrip("/") == draft.new_path.rstrip("/")


def _helper(project: Project, draft: Draft, start: Start, said: ast.expr | None) -> str:
    """Define what makes the server serve both; returns its name."""
    path = start.module.path
    computed = bool(draft.path_code)
    parts = ["computed" if computed else "" if draft.new_path == "/mcp" else words_of(draft.new_path)]
    others = draft.stateless and draft.generation != "official-1" and (said is None or isinstance(said, ast.Constant))
    others = others and bool(project.starts.possible(start) - project.words.old - {"stdio"})
    parts += [] if draft.stateless else ["stateful"]
    parts += ["stateless"] if others else []
    name = "_".join([KEEPING, *filter(None, parts)])
    tail = project.moved("/sse")

    def new(old: str) -> str:
        """The new path as code; `old`: the code of the old one, a name or an attribute."""
        return f"{old}.rstrip('/').removesuffix('/sse') + \"{tail}\"" if computed else f'"{draft.new_path}"'

    if draft.generation == "official-1":
        own = project.ctor_argument(start.server, "streamable_http_path") is not None
        plain = own or (draft.new_path == "/mcp" and not computed)
        old, made = "server.settings.sse_path", "sse_app"
        body = OFFICIAL_1.format(
            settings="" if plain else f"        server.settings.streamable_http_path = {new(old)}\n"
        )
    elif draft.generation == "official-2":
        old, made = "sse_path", "sse_app"
        given = "" if draft.new_path == "/mcp" and not computed else f"streamable_http_path={new(old)}, "
        given += "stateless_http=True, " if draft.stateless else ""
        body = OFFICIAL_2.format(stateless=OFFICIAL_2_NEW if others else "", given=given)
    else:
        old, made = "legacy.state.path", "http_app"
        body = FASTMCP.format(
            others=f"**{{**options{STATELESS}}}" if others else "**options",
            stateless=STATELESS if draft.stateless else "",
            new=new(old),
        )
    code = HEAD.format(name=name) + body + JOIN.format(old=old, made=made)
    draft.do(Helper(path, "_LegacyClients", CLIENTS), Helper(path, name, code))
    return name


def _self(module: Module, start: Start) -> str:
    """What `super()` stands for."""
    function = module.function_of(start.node)
    arguments = [*function.args.posonlyargs, *function.args.args] if function is not None else []
    return arguments[0].arg if arguments else "self"


def _listening(start: Start, receiver: str) -> tuple[str, str]:
    """Host and port as code, where the start says them."""
    host, port = start.keyword("host"), start.keyword("port")
    if start.server.family != "fastmcp" and host is port is None:
        return f"{receiver}.settings.host", f"{receiver}.settings.port"
    source = start.module.source
    return source(host) if host else "HOST", source(port) if port else "PORT"
