"""The old path after the move: `--legacy-sse gone` answers 410, `--legacy-sse keep` serves both transports."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence

from migrator.python.applications.hosts import Hosted, application
from migrator.python.flow.value import Obj
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.rewrite.edits import EditElements, EnsureImport, Helper, Insert
from migrator.python.sdk import Server
from migrator.python.unit import Draft

DISPATCHED = "requests for the old path go to another application from now on, and are answered there"
WITH, ONLY = "_with_legacy_sse", "_legacy_sse"  # begin the names of the helpers

ANSWER = """        return JSONResponse(
            {
                "error": "gone",
                "message": f"The HTTP+SSE transport was retired. Use Streamable HTTP: POST to {endpoint}.",
                "endpoint": endpoint,
            },
            status_code=410,
        )

    return gone
"""
GONE = f'''def _sse_gone(endpoint):
    """Tell a client of the retired SSE transport where to go."""

    async def gone(request):
{ANSWER}'''
# for paths that only the request knows: with parameters, or under a prefix from elsewhere
GONE_UNDER = f'''def _sse_gone_under(old, new):
    """Tell a client of the retired SSE transport where to go: `new` stands where `old` was in the path."""

    async def gone(request):
        endpoint = new.join(request.url.path.rsplit(old, 1))
{ANSWER}'''

# Both applications in one: the routes join the Streamable HTTP application, so its lifespan and its middleware
# (authentication) hold for both; flat copies of the routes would lose the middleware and answer 401 to everybody.
CLIENTS = '''class _LegacyClients:
    """Say which clients still use the deprecated SSE transport."""

    def __init__(self, app, path):
        self.app = app
        self.path = path

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"].endswith(self.path):
            agent = dict(scope["headers"]).get(b"user-agent", b"unknown").decode("latin-1")
            print(f"legacy SSE client: {agent}", file=sys.stderr)
        await self.app(scope, receive, send)
'''
BOTH = '''def {name}(server{more}):
    """Streamable HTTP, and beside it the deprecated SSE transport for clients that have not moved."""
    app = {http}
    # mcp-transport: ignore[MCP105] -- --legacy-sse keep: clients that have not moved yet
    legacy = {sse}
    {join}
    app.add_middleware(_LegacyClients, path="{old}")
    return app
'''
BEHIND = "app.router.routes.extend(legacy.routes)"
# where the server has pages of its own: one for every path would answer in their place
BEFORE = "app.router.routes[:0] = [route for route in legacy.routes if route not in app.router.routes]"


# Beside Streamable HTTP that is there already: the SSE application, as its host knows it. The host may copy its routes.
BESIDE = '''def {name}(server):
    """The deprecated SSE transport, for clients that have not moved."""
    # mcp-transport: ignore[MCP105] -- --legacy-sse keep: clients that have not moved yet
    app = server{call}
    for route in app.routes:
        route.app = _LegacyClients(route.app, "{old}")
    return app
'''


def gone(draft: Draft, server: Server, inner_old: str, used: tuple[Module, ast.AST, ast.expr] | None = None) -> None:
    """GET on the old path answers 410 with the new address.

    used: where the server is started or makes its application, for one that has no name where it is made; and what it
    is there.
    """
    if inner_old == draft.new_path:
        return  # it is the new one
    name = bound_name(server)
    made = _made(server) if name else None
    module = server.module
    node: ast.AST | None = made
    if made is None and used is not None:
        module, node = used[:2]
        name = called(*used)
    if node is None or not name or not inner_old:
        why = "the old path is computed" if name else "the server has no name where it is made"
        path = f'"{inner_old}"' if inner_old else "the old path"
        draft.note(
            "MCP608",
            draft.place,
            f"the old path answers 404: {why}, so no route for 410 could be written",
            f'Add @{name or "server"}.custom_route({path}, methods=["GET"]) that answers 410 with the new address.',
        )
        return
    paths = (draft.old_path, draft.new_path) if draft.old_path else (inner_old, draft.new_path.removeprefix("{prefix}"))
    found = answer(module, draft, *paths)
    if found is None:
        gone_by_hand(draft)
        return
    code, helper = found
    draft.do(
        Insert(
            module.at(module.statement_of(node)),
            f'{name}.custom_route("{inner_old}", methods=["GET"])({code})',
            where="before" if made is None else "after",
            order=5,
        ),
        helper,
        EnsureImport(module.path, "starlette.responses", "JSONResponse"),
    )
    draft.files.add(module.path)


def called(module: Module, node: ast.AST, receiver: ast.expr) -> str:
    """What a server is called in front of the statement that uses it; "" where no name holds it there."""
    if isinstance(receiver, ast.Call):
        function = module.function_of(node)
        arguments = [*function.args.posonlyargs, *function.args.args] if function is not None else []
        if dotted(receiver.func) != "super":
            return ""
        return arguments[0].arg if arguments else "self"
    statement = module.statement_of(node)
    for outer in module.ancestors(node):
        if outer is statement:
            break
        if isinstance(outer, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
            return ""  # the name may be one of its own
    return dotted(receiver)


def answer(module: Module, draft: Draft, old: str, new: str) -> tuple[str, Helper] | None:
    """The endpoint that answers 410 on the path `old`, as code, and the function that it calls.

    None where only the server's own code knows the new path.
    """
    if "{" not in draft.new_path:
        return f'_sse_gone("{draft.new_path}")', Helper(module.path, "_sse_gone", GONE)
    before, after = _difference(old, new)
    if "{" in after:
        return None
    return f'_sse_gone_under("{before}", "{after}")', Helper(module.path, "_sse_gone_under", GONE_UNDER)


def _difference(old: str, new: str) -> tuple[str, str]:
    """The parts of two path templates that differ, with the slash in front: "/a/sse/{x}", "/a/mcp/{x}" -> "/sse", "/mcp"."""
    first, second = old.split("/"), new.split("/")
    while len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:
        first.pop()
        second.pop()
    while len(first) > 1 and len(second) > 1 and first[1] == second[1]:
        del first[1], second[1]
    return "/".join(first), "/".join(second)


def gone_beside(draft: Draft, hosted: Hosted, old: str) -> None:
    """As gone(), with a route of the host's own: for a server that is itself one exact route there.

    hosted: where that route is (`mount`: the call that makes it); old: the full old path.
    """
    module = hosted.inner.module if hosted.inner is not None else hosted.module
    mount = hosted.mount
    route = f'Route("{old}", endpoint=_sse_gone("{draft.new_path}"), methods=["GET"])'
    if mount is None or not old or "{" in old:
        draft.note("MCP608", draft.place, "the old path answers 404", f"Add {route} to the application's routes.")
        return
    if isinstance(mount.func, ast.Attribute) and mount.func.attr == "mount":
        receiver = module.source(application(mount.func.value))
        statement = module.statement_of(mount)
        draft.do(Insert(module.at(statement), f"{receiver}.router.routes.append({route})", order=20))
    else:
        parent = module.parents.get(mount)
        if not isinstance(parent, ast.List):
            draft.note("MCP608", draft.place, "the old path answers 404", f"Add {route} to the application's routes.")
            return
        behind = parent.elts.index(mount) + 1  # a catch-all further down must not answer in its place
        put = EditElements(module.at(parent), put=((behind, route),))
        draft.do(put if behind < len(parent.elts) else EditElements(module.at(parent), append=(route,)))
    draft.do(
        Helper(module.path, "_sse_gone", GONE),
        EnsureImport(module.path, "starlette.responses", "JSONResponse"),
        EnsureImport(module.path, "starlette.routing", "Route"),
    )
    draft.files.add(module.path)


def gone_by_hand(draft: Draft, what: str = "the old path answers 404") -> None:
    """Tell which route makes the old path answer 410, where none could be written."""
    route = f'Route("{draft.old_path or "/sse"}", endpoint=gone, methods=["GET"])'
    draft.note(
        "MCP608",
        draft.place,
        what,
        f"Add {route} to the application's routes, where gone answers status 410 and names {draft.new_path}.",
    )


def bound_name(server: Server) -> str:
    """The name that the constructor's result gets: "mcp", "self.mcp"; "" for none."""
    made = _made(server)
    parent = server.module.parents.get(made) if made is not None else None
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1:
        return server.module.source(parent.targets[0])
    if isinstance(parent, ast.AnnAssign):
        return server.module.source(parent.target)
    return ""


def _made(server: Server) -> ast.AST | None:
    """The call that makes the server: of its class, or of what makes one of something else, such as `from_fastapi`."""
    return server.ctor or (server.origin.node if isinstance(server.origin, Obj) else None)


def in_function_called(module: Module, node: ast.AST, *beginnings: str) -> bool:
    """True inside a function whose name begins in one of these ways."""
    return any(isinstance(f, FunctionNode) and f.name.startswith(beginnings) for f in module.ancestors(node))


def made_by_us(module: Module, node: ast.AST) -> bool:
    """True for the SSE application that an earlier run made beside another."""
    return in_function_called(module, node, WITH, ONLY)


def both(
    draft: Draft,
    module: Module,
    old: str,
    inner_new: str,
    behind: bool = False,
    only_old: Sequence[str] = (),
    options: bool = False,
    pages: bool = False,
) -> str:
    """The helper that makes one application of both transports; returns its name.

    behind: it takes middleware. only_old: what it takes for the SSE application. options: it takes more for both.
    pages: the project adds pages of its own to servers.
    """
    rest = ["**options"] if options else []
    more = [*(["middleware=middleware"] if behind else []), *rest]
    http, sse = applications(draft, "server", old, inner_new, more, [*(f"{n}={n}" for n in only_old), *rest])
    parts = ["" if (old, inner_new) == ("/sse", "/mcp") else words_of(old), *(["behind"] if behind else [])]
    parts += [*only_old, *(["given"] if options else []), *([] if draft.stateless else ["stateful"])]
    name = "_".join([WITH, *filter(None, parts)])
    taken = "".join(f", {n}" for n in [*(["middleware"] if behind else []), *only_old, *rest])
    join = BEFORE if pages else BEHIND
    code = BOTH.format(name=name, more=taken, http=http, sse=sse, join=join, old=old or "/sse")
    return _put(draft, module, name, code)


def beside(draft: Draft, module: Module, old: str, call: str) -> str:
    """The helper that makes the SSE application beside another; `call`: how its server is asked. Returns its name."""
    name = "_".join(filter(None, [ONLY, "" if old == "/sse" else words_of(old)]))
    return _put(draft, module, name, BESIDE.format(name=name, call=call, old=old or "/sse"))


def _put(draft: Draft, module: Module, name: str, code: str) -> str:
    """Define a helper, and what says who uses it."""
    draft.do(
        Helper(module.path, "_LegacyClients", CLIENTS),
        Helper(module.path, name, code),
        EnsureImport(module.path, "sys"),
    )
    draft.files.add(module.path)
    return name


def words_of(path: str) -> str:
    """What of a path can stand in a name: two servers of one file may have paths of their own."""
    return re.sub(r"\W+", "_", path).strip("_").removesuffix("_sse")


def applications(
    draft: Draft, server: str, old: str, new: str, more: Sequence[str] = (), more_old: Sequence[str] = ()
) -> tuple[str, str]:
    """The calls that make the Streamable HTTP and the SSE application of the server called `server`.

    more: what the first one gets besides (the SSE routes join it, so its middleware holds for both); more_old: and the
    second one.
    """
    options = ["stateless_http=True"] if draft.stateless else []
    if draft.generation == "official-1":
        names, given, said = ("streamable_http_app", "sse_app"), [], []
    elif draft.generation == "official-2":
        names = "streamable_http_app", "sse_app"
        given = [*([f'streamable_http_path="{new}"'] if new != "/mcp" else []), *options]
        said = [f'sse_path="{old}"'] if old != "/sse" else []
    else:
        names = "http_app", "http_app"
        given, said = [f'path="{new}"', *options], [f'path="{old}"', 'transport="sse"']
    return (
        f"{server}.{names[0]}({', '.join([*given, *more])})",
        f"{server}.{names[1]}({', '.join([*said, *more_old])})",
    )


def both_by_hand(
    draft: Draft, server: str, host: str = "", port: str = "", old: str = "", new: str = "", mounted: bool = False
) -> str:
    """What to write to serve both transports on one port, or in the host that the application is mounted in.

    host, port: code. old, new: the paths inside the application, where mounts put something in front of them.
    """
    old, new = (f'"{old or draft.old_path or "/sse"}"', f'"{new or draft.new_path}"')
    if draft.path_code:
        old, new = draft.path_code.replace("/mcp", "/sse"), draft.path_code
    settings = f"{server}.settings" if draft.generation == "official-1" else "fastmcp.settings"
    known = draft.generation != "official-2"
    host, port = (
        host or (f"{settings}.host" if known else '"127.0.0.1"'),
        port or (f"{settings}.port" if known else "8000"),
    )
    more = [f"host={host}"] if draft.generation == "official-2" else []
    http, sse = (
        code.replace('"OLD"', old).replace('"NEW"', new)
        for code in applications(draft, server, "OLD", "NEW", more, more)
    )
    lines = [f"app = {http}", f"app.router.routes[:0] = {sse}.routes"]
    if draft.generation == "official-1" and new != '"/mcp"':
        lines.insert(0, f"{server}.settings.streamable_http_path = {new}")
    if old.strip('"').rstrip("/") == new.strip('"').rstrip("/"):
        lines[-1] += "  # GET opens the old stream, everything else is Streamable HTTP"
    if mounted:
        lines += [
            "# mount app, and in the lifespan of what it is mounted in:",
            "async with app.router.lifespan_context(app):",
            "    yield",
        ]
    else:
        lines.append(f"uvicorn.run(app, host={host}, port={port})")
    if draft.generation == "official-1" and draft.stateless:
        lines.append("(with FastMCP(..., stateless_http=True))")
    return "\n".join(lines)
