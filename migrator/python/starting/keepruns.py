"""`--legacy-sse keep` for run(): the server's own SSE application serves Streamable HTTP, too.

The start stays as it is, with all that it is given (host, path, middleware, options of uvicorn), whoever says its
transport: only what the SDK asks for the application is put in front of.
"""

from __future__ import annotations

import ast

from migrator.python.applications.halves import BESIDE
from migrator.python.legacy import CLIENTS, both_by_hand, called, words_of
from migrator.python.module import dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import EnsureImport, Helper, Insert, WrapExpr
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft

OLD = {  # where the old path is, and what makes the application; fastmcp's are the others
    "official-1": ("server.settings.sse_path", "sse_app"),
    "official-2": ("sse_path", "sse_app"),
}
KEEPING = "_keeping_legacy_sse"  # begins the names of the helpers
IGNORE = "# mcp-transport: ignore[MCP105] -- --legacy-sse keep: clients that have not moved yet"

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
{path}{settings}        app = server.streamable_http_app()
"""
OFFICIAL_2 = """    make, make_new = server.sse_app, server.streamable_http_app
{stateless}
    def sse_app(*, sse_path="/sse", message_path="/messages/", **options):
        legacy = make(sse_path=sse_path, message_path=message_path, **options)
{path}        app = make_new({given}**options)
"""
# the half that is there already, for a start that can be told to serve it
OFFICIAL_2_NEW = """    server.streamable_http_app = lambda **options: make_new(**{**options, "stateless_http": True})
"""
FASTMCP = """    make = server.http_app

    def http_app(**options):
        if options.get("transport") != "sse":
            return make({others})
        legacy = make(**options)
{path}        app = make(**{{**options, "path": {new}, "transport": "http"{stateless}}})
"""
# below the old one, which only the start knows
COMPUTED = """        path = {old}.rstrip("/").removesuffix("/sse") + "{tail}"
"""
STATELESS = ', "stateless_http": True'


def keep_run(project: Project, draft: Draft, start: Start, said: ast.expr | None) -> None:
    """Serve both transports where SSE was served alone, chosen at run time or not.

    said: what the start itself is given for `stateless_http`, which holds for the other words.
    """
    module, receiver = start.module, start.receiver
    inherited = isinstance(receiver, ast.Call) and dotted(receiver.func) == "super"
    if _one_path(draft):
        name = module.source(receiver)
        draft.block(
            draft.place,
            "one path can't serve both transports",
            "Serve both, by what a request asks for:\n" + both_by_hand(draft, name, *_listening(start)),
            step="keep",
        )
        return
    if draft.generation == "official-1":
        project.stateless.constructor(draft, start.server, module, receiver)
    helper = _helper(project, draft, start, said)
    statement = module.at(module.statement_of(start.node))
    if inherited:
        draft.do(Insert(statement, f"{helper}({called(module, start.node, start.receiver)})", order=30))
    else:
        draft.do(WrapExpr(module.at(receiver), f"{helper}(", ")"))
    draft.do(Insert(statement, IGNORE, order=40), EnsureImport(module.path, "sys"))
    draft.files.add(module.path)


def stays_kept(draft: Draft, start: Start) -> bool:
    """True for a start that an earlier run kept: it is blocked, unless the comment that accepts it is there."""
    module, function = start.module, start.module.function_of(start.node)
    ours = [c for c in module.calls if isinstance(c.func, ast.Name) and c.func.id.startswith(KEEPING)]
    inherited = isinstance(start.receiver, ast.Call) and dotted(start.receiver.func) == "super"
    made = next((c for c in ours if c is start.receiver or (inherited and module.function_of(c) is function)), None)
    if made is None:
        return False
    draft.rule, draft.message = BESIDE
    if made is start.receiver:
        draft.name = f"{module.path}:{module.source(made.args[0])}"
    draft.block(
        draft.place,
        f"an earlier run put Streamable HTTP beside SSE here ({module.source(made.func)})",
        f"Write {'super()' if inherited else module.source(made.args[0])} instead, take {module.source(made.func)} out "
        "and run this again: then SSE goes.",
        step="keep",
    )
    return True


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
    old, made = OLD.get(draft.generation, ("legacy.state.path", "http_app"))
    new = "path" if computed else f'"{draft.new_path}"'
    line = COMPUTED.format(old=old, tail=project.moved("/sse")) if computed else ""
    plain = draft.new_path == "/mcp" and not computed
    if draft.generation == "official-1":
        own = project.ctor_argument(start.server, "streamable_http_path") is not None
        settings = "" if plain or own else f"        server.settings.streamable_http_path = {new}\n"
        body = OFFICIAL_1.format(path=line if settings else "", settings=settings)
    elif draft.generation == "official-2":
        given = "" if plain else f"streamable_http_path={new}, "
        given += "stateless_http=True, " if draft.stateless else ""
        body = OFFICIAL_2.format(stateless=OFFICIAL_2_NEW if others else "", path=line, given=given)
    else:
        body = FASTMCP.format(
            others=f"**{{**options{STATELESS}}}" if others else "**options",
            stateless=STATELESS if draft.stateless else "",
            path=line,
            new=new,
        )
    code = HEAD.format(name=name) + body + JOIN.format(old=old, made=made)
    draft.do(Helper(path, "_LegacyClients", CLIENTS), Helper(path, name, code))
    return name


def _listening(start: Start) -> tuple[str, str]:
    """Host and port as code, where the start says them."""
    host, port = start.keyword("host"), start.keyword("port")
    source = start.module.source
    return source(host) if host else "", source(port) if port else ""
