"""Hand-wired servers: the message side goes, and no check goes with it; a half that stays takes over."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.lowlevel_moves import HEAD, PLAIN, RUN, handler, move

GUARDED = f"""
async def handle_sse(request):
    if not await verify(request):
        return JSONResponse({{}}, status_code=401)
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        {RUN}


"""
VERIFY = """

async def verify(request):
    return request.headers.get("authorization") == "Bearer sekret"

"""
POST = "await sse.handle_post_message(request.scope, request.receive, request._send)"


def served(stream: str, messages: str, route: str) -> str:
    return (
        f'{HEAD}{VERIFY}{stream}{messages}\n\napp = Starlette(routes=[Route("/sse", endpoint=handle_sse), {route}])\n'
    )


ROUTE = 'Route("/messages/", endpoint=handle_messages, methods=["POST"])'


@pytest.mark.parametrize(
    ("messages", "route"),
    [
        (f"async def handle_messages(request):\n    {POST}", ROUTE),
        (f"async def handle_messages(request):\n    print(request.url)\n    return {POST}", ROUTE),
        (
            "async def handle_messages(scope, receive, send):\n    await sse.handle_post_message(scope, receive, send)",
            'Mount("/messages/", app=handle_messages)',
        ),
        (
            "class Messages:\n    async def __call__(self, scope, receive, send):\n        await sse.handle_post_message(scope, receive, send)",
            'Route("/messages/", endpoint=Messages(), methods=["POST"])',
        ),
        ("handle_messages = sse.handle_post_message", 'Mount("/messages/", app=handle_messages)'),
        (
            "async def handle_messages(request):\n"
            '    session = request.query_params.get("session_id")\n'
            "    if not session:\n        return Response(status_code=400)\n"
            "    body = await request.body()\n"
            f"    try:\n        {POST}\n    except ValueError:\n        return Response(status_code=500)",
            ROUTE,
        ),
    ],
    ids=["wrapper", "logging", "asgi", "class", "name", "session lookup"],
)
def test_a_message_route_goes_with_what_only_it_used(tmp_path: Path, messages: str, route: str) -> None:
    moved = move(tmp_path, served(PLAIN, messages, route))
    assert moved.blocks == []
    assert "essages" not in moved.text
    assert "sse" not in moved.text


def test_a_message_handler_that_was_never_registered(tmp_path: Path) -> None:
    moved = move(tmp_path, handler(PLAIN + f"async def handle_messages(request):\n    {POST}\n\n\n"))
    assert "handle_messages" not in moved.text


@pytest.mark.parametrize(
    "messages",
    [
        "async def handle_messages(request):\n"
        f"    if not await verify(request):\n        return JSONResponse({{}}, status_code=401)\n    {POST}",
        "async def handle_messages(scope, receive, send):\n"
        "    incoming = Request(scope, receive)\n"
        "    if not await verify(incoming):\n"
        "        await JSONResponse({}, status_code=401)(scope, receive, send)\n        return\n"
        "    await sse.handle_post_message(scope, receive, send)",
    ],
    ids=["request", "asgi"],
)
def test_a_check_that_both_handlers_make(tmp_path: Path, messages: str) -> None:
    route = ROUTE if "(request)" in messages else 'Mount("/messages/", app=handle_messages)'
    moved = move(tmp_path, served(GUARDED, messages, route))
    assert moved.blocks == []
    assert moved.text.count("await verify(request)") == 1


@pytest.mark.parametrize(
    ("messages", "route", "lost"),
    [
        (
            f"async def handle_messages(request):\n    if not await verify(request):\n        return Response(status_code=401)\n    {POST}",
            ROUTE,
            "verify",
        ),
        (
            f"async def handle_messages(request):\n    user = await current_user(request)\n    {POST}",
            ROUTE,
            "current_user",
        ),
        (f"@requires('admin')\nasync def handle_messages(request):\n    {POST}", ROUTE, "requires('admin')"),
        (
            f"async def handle_messages(request):\n    assert request.headers['x-key'] == KEY\n    {POST}",
            ROUTE,
            "assert request.headers['x-key'] == KEY",
        ),
        (
            f'async def handle_messages(request):\n    if request.headers["x"] != KEY:\n        raise ValueError\n    {POST}',
            ROUTE,
            'if request.headers["x"] != KEY',
        ),
        ("", 'Mount("/messages/", app=Bearer(sse.handle_post_message))', "Bearer(...) around it"),
        ("", 'Mount("/messages/", app=sse.handle_post_message, middleware=[Middleware(Bearer)])', "Middleware(Bearer)"),
    ],
)
def test_a_check_that_only_the_messages_make_is_never_lost(
    tmp_path: Path, messages: str, route: str, lost: str
) -> None:
    moved = move(tmp_path, served(PLAIN, messages, route))
    (reason,) = set(moved.blocks)
    assert "the stream's handler doesn't make the same check" in reason
    assert lost in reason
    assert moved.draft.step == "authentication"


def test_a_dependency_of_the_message_route(tmp_path: Path) -> None:
    head = HEAD.replace("from starlette.applications import Starlette\n", "from fastapi import Depends, FastAPI\n")
    stream = PLAIN.replace(
        "async def handle_sse(request)", '@app.get("/sse"{0})\nasync def handle_sse(request: Request)'
    )
    code = f'{head}app = FastAPI()\n{stream}@app.post("/messages/", dependencies=[Depends(key)])\nasync def post(request: Request):\n    {POST}\n'
    alone = move(tmp_path / "alone", code.replace("{0}", ""))
    assert "Depends(key)" in alone.blocks[0]
    both = move(tmp_path / "both", code.replace("{0}", ", dependencies=[Depends(key)]"))
    assert both.blocks == []
    assert "dependencies=[Depends(key)], methods=" in both.text


MOUNT = 'Mount("/", app=sse.handle_post_message)'
BEARER = "middleware=[Middleware(Bearer)]"


@pytest.mark.parametrize(
    ("made", "route", "lost"),
    [
        ("", f'Mount("/messages", routes=[{MOUNT}], {BEARER})', "Middleware(Bearer)"),
        (f"posts = Starlette(routes=[{MOUNT}], {BEARER})\n", 'Mount("/messages", app=posts)', "Middleware(Bearer)"),
        (f"posts = Router(routes=[{MOUNT}], {BEARER})\n", 'Mount("/messages", app=posts)', "Middleware(Bearer)"),
        (
            f"posts = Starlette(routes=[{MOUNT}])\nposts.add_middleware(Bearer)\n",
            'Mount("/messages", app=posts)',
            "posts.add_middleware(Bearer)",
        ),
    ],
    ids=["mount", "application", "router", "added"],
)
def test_what_stands_around_the_messages_only_is_never_lost(tmp_path: Path, made: str, route: str, lost: str) -> None:
    code = served(PLAIN, made, route).replace("import Mount, Route", "import Mount, Route, Router")
    moved = move(tmp_path, code)
    assert f"messages are checked here ({lost})" in moved.blocks[0]


def test_what_lets_everybody_pass_is_no_check(tmp_path: Path) -> None:
    route = (
        'Mount("/messages", routes=[Mount("/", app=sse.handle_post_message)], middleware=[Middleware(CORSMiddleware)])'
    )
    assert move(tmp_path, served(PLAIN, "", route)).blocks == []


def test_what_stands_around_both_is_kept(tmp_path: Path) -> None:
    code = served(PLAIN, "", 'Mount("/messages/", app=sse.handle_post_message)').replace("])", f"], {BEARER})")
    moved = move(tmp_path, code + "app.add_middleware(Audit)\n")
    assert moved.blocks == []
    assert BEARER in moved.text


@pytest.mark.parametrize(
    ("router", "include"),
    [("APIRouter(dependencies=[Depends(key)])", ""), ("APIRouter()", ", dependencies=[Depends(key)]")],
)
def test_dependencies_of_a_router(tmp_path: Path, router: str, include: str) -> None:
    head = HEAD.replace(
        "from starlette.applications import Starlette\n", "from fastapi import APIRouter, Depends, FastAPI\n"
    )
    stream = PLAIN.replace("async def handle_sse(request)", '@{0}.get("/sse")\nasync def handle_sse(request: Request)')
    code = (
        f"{head}app = FastAPI()\nrouter = {router}\n{stream}"
        f'@router.post("/messages/")\nasync def post(request: Request):\n    {POST}\n\n\napp.include_router(router{include})\n'
    )
    assert "messages are checked here (Depends(key))" in move(tmp_path / "alone", code.replace("{0}", "app")).blocks[0]
    assert move(tmp_path / "both", code.replace("{0}", "router")).blocks == []


def test_dependencies_of_the_application_dont_reach_a_mount(tmp_path: Path) -> None:
    head = HEAD.replace("from starlette.applications import Starlette\n", "from fastapi import Depends, FastAPI\n")
    code = (
        f"{head}app = FastAPI(dependencies=[Depends(key)])\n{PLAIN}"
        f'app.router.routes.append(Route("/sse", endpoint=handle_sse))\n\n\n'
        f'@app.post("/messages/")\nasync def post(request: Request):\n    {POST}\n'
    )
    assert "messages are checked here (Depends(key))" in move(tmp_path, code).blocks[0]


# -- the other half is there already

HTTP = """
manager = StreamableHTTPSessionManager(app=server{0})


class Endpoint:
    async def __call__(self, scope, receive, send):
        await manager.handle_request(scope, receive, send)


@contextlib.asynccontextmanager
async def lifespan(app):
    async with manager.run():
        yield


"""
IMPORTS = "import contextlib\nfrom mcp.server.streamable_http_manager import StreamableHTTPSessionManager\n"


def dual(options: str, routes: str = 'Route("/sse", endpoint=handle_sse), Route("/mcp", endpoint=Endpoint())') -> str:
    code = handler(PLAIN + HTTP.replace("{0}", options), routes=routes)
    return IMPORTS + code.replace("Starlette(routes", "Starlette(lifespan=lifespan, routes")


@pytest.mark.parametrize("options", ["", ", stateless=False", ", stateless=True"])
def test_the_sse_half_goes_and_the_other_becomes_stateless(tmp_path: Path, options: str) -> None:
    moved = move(tmp_path, dual(options))
    assert moved.draft.rule == "MCP105"
    assert "manager = StreamableHTTPSessionManager(app=server, stateless=True)\n" in moved.text
    assert 'app = Starlette(lifespan=lifespan, routes=[Route("/mcp", endpoint=Endpoint())])\n' in moved.text
    assert "sse" not in moved.text


def test_statelessness_of_the_users_own_choice_is_kept(tmp_path: Path) -> None:
    moved = move(tmp_path, dual(", stateless=settings.stateless"))
    assert "stateless=settings.stateless)" in moved.text
    assert "settings.stateless" in moved.note("MCP609")


def test_a_mounted_half_answers_below_its_mount(tmp_path: Path) -> None:
    moved = move(tmp_path, dual("", routes='Route("/sse", endpoint=handle_sse), Mount("/mcp", app=Endpoint())'))
    assert moved.draft.new_path == "/mcp/"


def test_an_application_of_the_same_server_is_the_other_half(tmp_path: Path) -> None:
    code = handler(
        PLAIN.replace("server.", "mcp._mcp_server."),
        routes='Route("/sse", endpoint=handle_sse), Mount("/", app=mcp.streamable_http_app())',
    ).replace('server = Server("calculator")', 'mcp = FastMCP("calculator")')
    moved = move(tmp_path, "from mcp.server.fastmcp import FastMCP\n" + code)
    assert moved.draft.rule == "MCP105"
    assert 'mcp = FastMCP("calculator", stateless_http=True)' in moved.text
    assert 'routes=[Mount("/", app=mcp.streamable_http_app())]' in moved.text


def test_the_switch_of_the_old_half_turns_the_new_one_on(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        IMPORTS
        + HEAD
        + f"""

def create(with_sse, with_http):
    routes = []
    if with_sse:
        async def handle_sse(request):
            async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                {RUN}

        routes.extend([Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])
    if with_http:
        manager = StreamableHTTPSessionManager(app=server, stateless=True)

        class Endpoint:
            async def __call__(self, scope, receive, send):
                await manager.handle_request(scope, receive, send)

        routes.append(Route("/mcp", endpoint=Endpoint()))
    return Starlette(routes=routes)


app = create(True, False)
""",
    )
    assert "    routes = []\n    if with_http or with_sse:\n        manager" in moved.text
    assert "handle_sse" not in moved.text
