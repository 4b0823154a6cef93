"""Hand-wired servers: how handlers are registered, where their applications are, and the new paths."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.settings import Settings
from tests.unit.python.lowlevel_moves import HEAD, PLAIN, RUN, handler, move

LIFESPAN = "async with session_manager.run():"


def wired(setup: str) -> str:
    """The plain handler between two lines that make and fill the application."""
    first, _, rest = setup.partition("\n")
    return f"{HEAD}\n{first}\n{PLAIN}{rest}\n"


@pytest.mark.parametrize(
    ("route", "after", "path"),
    [
        ('Route("/sse", handle_sse)', 'Route("/mcp", StreamableHTTPEndpoint())', "/mcp"),
        (
            'Route("/sse", endpoint=handle_sse, methods=["GET"])',
            'Route("/mcp", endpoint=StreamableHTTPEndpoint())',
            "/mcp",
        ),
        ("Route('/v1/sse/', endpoint=handle_sse)", "Route('/v1/mcp', endpoint=StreamableHTTPEndpoint())", "/v1/mcp"),
        ('Route("/events", endpoint=handle_sse)', 'Route("/mcp", endpoint=StreamableHTTPEndpoint())', "/mcp"),
        ('Route("/mcp/sse", endpoint=handle_sse)', 'Route("/mcp", endpoint=StreamableHTTPEndpoint())', "/mcp"),
        (
            'Route("/sse/{user}", endpoint=handle_sse)',
            'Route("/mcp/{user}", endpoint=StreamableHTTPEndpoint())',
            "/mcp/{user}",
        ),
        (
            'Route(f"{base}/sse", endpoint=handle_sse)',
            'Route(f"{base}/mcp", endpoint=StreamableHTTPEndpoint())',
            "{base}/mcp",
        ),
        (
            'Mount("/v1", routes=[Route("/sse", endpoint=handle_sse)])',
            'Mount("/v1", routes=[Route("/mcp", endpoint=StreamableHTTPEndpoint())])',
            "/v1/mcp",
        ),
    ],
)
def test_routes_in_a_list(tmp_path: Path, route: str, after: str, path: str) -> None:
    moved = move(tmp_path, handler(PLAIN, routes=route))
    assert after in moved.text
    assert moved.draft.new_path == path
    assert LIFESPAN in moved.text


def test_a_check_that_names_the_prefix_with_its_slash_keeps_it_in_front(tmp_path: Path) -> None:
    guard = 'OPEN = not request_path.startswith("/mcp/")\n\n\n'
    moved = move(tmp_path, handler(guard + PLAIN, routes='Route("/mcp/sse", endpoint=handle_sse)'))
    assert moved.draft.new_path == "/mcp/mcp"


def test_the_path_of_the_users_choice(tmp_path: Path) -> None:
    assert move(tmp_path, handler(PLAIN), Settings(path="/rpc")).draft.new_path == "/rpc"


def test_a_path_with_a_name(tmp_path: Path) -> None:
    moved = move(tmp_path, handler("SSE_PATH = '/agent/sse'\n" + PLAIN, routes="Route(SSE_PATH, endpoint=handle_sse)"))
    assert "SSE_PATH = '/agent/mcp'" in moved.text
    assert moved.draft.old_path == "/agent/sse"


@pytest.mark.parametrize(
    ("setup", "after"),
    [
        (
            'app = Starlette()\napp.add_route("/sse", handle_sse, methods=["GET"])\napp.mount("/messages/", sse.handle_post_message)',
            'app.add_route("/mcp", StreamableHTTPEndpoint())',
        ),
        (
            'app = Starlette()\napp.add_route("/sse", handle_sse, ["GET"])\napp.mount("/messages/", sse.handle_post_message)',
            'app.add_route("/mcp", StreamableHTTPEndpoint(), None)',
        ),
        (
            'app = Starlette()\napp.routes.append(Route("/sse", endpoint=handle_sse))\n'
            'app.routes.append(Mount("/messages/", app=sse.handle_post_message))',
            'app.routes.append(Route("/mcp", endpoint=StreamableHTTPEndpoint()))',
        ),
        (
            'routes = []\nroutes.extend([Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])\n'
            "app = Starlette(routes=routes)",
            'routes.extend([Route("/mcp", endpoint=StreamableHTTPEndpoint())])',
        ),
    ],
)
def test_routes_added_to_an_application(tmp_path: Path, setup: str, after: str) -> None:
    moved = move(tmp_path, wired(setup))
    assert after in moved.text
    assert "handle_post_message" not in moved.text
    assert LIFESPAN in moved.text or ", session_manager.run():" in moved.text


def test_a_stream_mounted_on_a_router(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD.replace("import Mount, Route", "import Mount, Route, Router")
        + f"""

async def handle_sse(scope, receive, send):
    async with sse.connect_sse(scope, receive, send) as streams:
        {RUN}


inner = Router()
inner.mount("/sse", handle_sse)
inner.mount("/messages/", sse.handle_post_message)
app = Starlette(routes=[Mount("/tools", app=inner)])
""",
    )
    assert '\ninner.routes.append(Route("/mcp", endpoint=_ASGIEndpoint(handle_sse)))\n' in moved.text


def fastapi(decorator: str, more: str = "", arguments: str = "request: Request") -> str:
    body = PLAIN.replace("async def handle_sse(request):", f"{decorator}\nasync def handle_sse({arguments}):").strip()
    head = HEAD.replace(
        "from starlette.applications import Starlette\n", "from fastapi import APIRouter, Depends, FastAPI\n"
    )
    return f"{head}app = FastAPI()\n{more}\n\n{body}\n\n\napp.mount('/messages/', sse.handle_post_message)\n"


@pytest.mark.parametrize(
    ("decorator", "after"),
    [
        ('@app.get("/sse")', '@app.api_route("/mcp", methods=["GET", "POST", "DELETE"], include_in_schema=False)'),
        (
            '@app.get("/sse", tags=["MCP"], include_in_schema=True)',
            '@app.api_route("/mcp", tags=["MCP"], include_in_schema=True, methods=["GET", "POST", "DELETE"])',
        ),
        (
            '@app.api_route("/sse", methods=["GET"], dependencies=[Depends(check)])',
            '@app.api_route("/mcp", dependencies=[Depends(check)], methods=["GET", "POST", "DELETE"], include_in_schema=False)',
        ),
    ],
)
def test_decorators_of_fastapi(tmp_path: Path, decorator: str, after: str) -> None:
    moved = move(tmp_path, fastapi(decorator))
    assert f"{after}\nasync def handle_sse(request: Request):\n" in moved.text
    assert "    return _AlreadySent()\n" in moved.text
    assert "app = FastAPI(lifespan=mcp_lifespan)" in moved.text


def test_what_a_path_operation_depends_on_stays(tmp_path: Path) -> None:
    moved = move(tmp_path, fastapi('@app.get("/sse")', arguments="request: Request, user=Depends(current_user)"))
    assert "async def handle_sse(request: Request, user=Depends(current_user)):\n" in moved.text


@pytest.mark.parametrize(
    ("router", "include", "decorator", "code", "path"),
    [
        ('APIRouter(prefix="/agent")', "", '@router.get("/sse")', '@router.api_route("/mcp", ', "/agent/mcp"),
        ('APIRouter(prefix="/mcp")', "", '@router.get("/sse")', '@router.api_route("", ', "/mcp"),
        ("APIRouter()", ', prefix="/api"', '@router.get("/sse")', '@router.api_route("/mcp", ', "/api/mcp"),
        ('APIRouter(prefix="/sse")', "", '@router.get("/")', '@router.api_route("", ', "/mcp"),
    ],
)
def test_routers(tmp_path: Path, router: str, include: str, decorator: str, code: str, path: str) -> None:
    text = fastapi(decorator, f"router = {router}\n") + f"app.include_router(router{include})\n"
    moved = move(tmp_path, text)
    assert code in moved.text
    assert moved.draft.new_path == path
    assert LIFESPAN in moved.text


def test_two_spellings_of_one_path_stay_two(tmp_path: Path) -> None:
    moved = move(tmp_path, fastapi('@app.get("/{user}/sse/")\n@app.get("/{user}/sse")'))
    assert '@app.api_route("/{user}/mcp/", ' in moved.text
    assert '@app.api_route("/{user}/mcp", ' in moved.text


# -- which application runs the lifespan


def test_an_application_in_another_file_that_imports_the_router(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "main.py": """\
                from fastapi import FastAPI
                from gateway import router

                app = FastAPI()
                app.include_router(router, prefix="/api")
                """,
            "gateway.py": f"""\
                from fastapi import APIRouter, Request
                from mcp.server.lowlevel import Server
                from mcp.server.sse import SseServerTransport

                router = APIRouter()
                server = Server("x")
                sse = SseServerTransport("/api/messages")


                @router.get("/sse")
                async def handle_sse(request: Request):
                    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                        {RUN}


                @router.post("/messages")
                async def handle_messages(request: Request):
                    await sse.handle_post_message(request.scope, request.receive, request._send)
                """,
        },
    )
    assert "from gateway import router, session_manager" in moved.files["main.py"]
    assert LIFESPAN in moved.files["main.py"]
    assert "handle_messages" not in moved.files["gateway.py"]
    assert moved.draft.new_path == "/api/mcp"


def test_an_inner_application_runs_the_manager_and_the_outer_one_its_lifespan(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "main.py": """\
                from fastapi import FastAPI
                from gateway import create

                app = FastAPI()
                app.mount("/tools", create())
                """,
            "gateway.py": HEAD.replace("import uvicorn\n", "")
            + f"""

def create():
    async def handle_sse(request):
        async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
            {RUN}

    return Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])
""",
        },
    )
    main = moved.files["main.py"]
    assert 'mcp_app = create()\napp.mount("/tools", mcp_app)\n' in main
    assert "mcp_app.router.lifespan_context(mcp_app):" in main
    assert "lifespan=mcp_lifespan)" in moved.files["gateway.py"]
    assert moved.draft.new_path == "/tools/mcp"


def test_an_application_that_nobody_in_the_project_serves(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD
        + f"""

def create():
    async def handle_sse(request):
        async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
            {RUN}

    return Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])
""",
    )
    assert "        async with session_manager.run():\n            await session_manager.handle_request(" in moved.text


def test_a_lifespan_that_is_there_keeps_its_own_work(tmp_path: Path) -> None:
    own = """
@contextlib.asynccontextmanager
async def lifespan(app):
    print("up")
    yield
    print("down")


"""
    code = handler(own + PLAIN).replace("Starlette(routes", "Starlette(lifespan=lifespan, routes")
    moved = move(tmp_path, "import contextlib\n" + code)
    assert '    print("up")\n    async with session_manager.run():\n        yield\n    print("down")\n' in moved.text


def test_two_servers_in_one_application(tmp_path: Path) -> None:
    other = (
        PLAIN.replace("handle_sse", "handle_two").replace("sse.connect", "second.connect").replace("server.", "two.")
    )
    code = handler(
        PLAIN + "two = Server('two')\nsecond = SseServerTransport('/two/')\n" + other,
        routes='Route("/sse", endpoint=handle_sse), Route("/two/sse", endpoint=handle_two), Mount("/two/", app=second.handle_post_message)',
    )
    moved = move(tmp_path, code)
    assert [d.new_path for d in moved.drafts] == ["/mcp", "/two/mcp"]
    assert "async with session_manager.run(), session_manager_2.run():" in moved.text


def test_the_new_path_is_taken(tmp_path: Path) -> None:
    routes = 'Route("/sse", endpoint=handle_sse), Route("/mcp", endpoint=about)'
    assert move(tmp_path, handler(PLAIN, routes=routes)).blocks == ["/mcp is served here already"]


# -- paths that the code looks at itself


def test_a_dispatch_on_the_path(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD
        + f"""

async def handle_sse(scope, receive, send):
    async with sse.connect_sse(scope, receive, send) as streams:
        {RUN}


async def app(scope, receive, send):
    if scope["path"] == "/sse" and scope["method"] == "GET":
        await handle_sse(scope, receive, send)
    elif scope["path"].startswith("/messages/"):
        await sse.handle_post_message(scope, receive, send)
    else:
        await Response(status_code=404)(scope, receive, send)
""",
    )
    assert '    if scope["path"] == "/mcp":\n        await handle_sse(scope, receive, send)\n    else:\n' in moved.text
    assert (
        "    async with session_manager.run():\n        await session_manager.handle_request(scope, receive, send)\n"
        in moved.text
    )
    assert (moved.draft.old_path, moved.draft.new_path) == ("/sse", "/mcp")


def test_a_stream_opened_in_the_dispatch_itself(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD
        + f"""

class App:
    async def __call__(self, scope, receive, send):
        if scope["path"] in ("/sse", "/sse/"):
            async with sse.connect_sse(scope, receive, send) as streams:
                {RUN}
        elif scope["path"].startswith("/messages"):
            await sse.handle_post_message(scope, receive, send)


app = App()
uvicorn.run(app)
""",
    )
    assert 'if scope["path"] in ("/mcp", "/mcp/"):' in moved.text
    assert "/messages" not in moved.text
