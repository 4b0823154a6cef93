"""Hand-wired servers: what becomes of the old path with `--legacy-sse gone` and `--legacy-sse keep`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from migrator.python.lowlevel.keep import IGNORE
from migrator.settings import Settings
from tests.unit.python.lowlevel_moves import HEAD, PLAIN, RUN, handler, move

GONE = Settings(legacy_sse="gone")
KEEP = Settings(legacy_sse="keep")
CALLER = f"""
async def stream(scope, receive, send):
    async with sse.connect_sse(scope, receive, send) as streams:
        {RUN}


async def handle_sse(request):
    await stream(request.scope, request.receive, request._send)


"""
CHECKED = PLAIN.replace(
    "(request):\n", "(request):\n    if not allowed(request):\n        return Response(status_code=401)\n"
)
DECORATED = PLAIN.replace("async def handle_sse(request)", '@app.get("/sse")\nasync def handle_sse(request: Request)')


def fastapi(body: str = DECORATED) -> str:
    head = HEAD.replace("from starlette.applications import Starlette\n", "from fastapi import FastAPI\n")
    return f"{head}app = FastAPI()\n{body}app.mount('/messages/', sse.handle_post_message)\n"


# -- gone


@pytest.mark.parametrize(
    ("code", "after"),
    [
        (
            handler(PLAIN),
            'routes=[Route("/mcp", endpoint=StreamableHTTPEndpoint()), Route("/sse", endpoint=_sse_gone("/mcp"), methods=["GET"])]',
        ),
        (
            handler(PLAIN, routes='Mount("/v1", routes=[Route("/sse", endpoint=handle_sse)])'),
            'Route("/sse", endpoint=_sse_gone("/v1/mcp"), methods=["GET"])])',
        ),
        (
            handler(PLAIN, routes='Route("/sse/{user}", endpoint=handle_sse)'),
            'Route("/sse/{user}", endpoint=_sse_gone_under("/sse", "/mcp"), methods=["GET"])]',
        ),
        (
            handler("SSE_PATH = '/events'\n" + PLAIN, routes="Route(SSE_PATH, endpoint=handle_sse)"),
            'Route("/events", endpoint=_sse_gone("/mcp"), methods=["GET"])]',
        ),
        (
            handler(PLAIN, routes='Route("/", endpoint=handle_sse)'),
            'Route("/", endpoint=_sse_gone("/mcp"), methods=["GET"])]',
        ),
        (fastapi(), 'app.router.routes.append(Route("/sse", endpoint=_sse_gone("/mcp"), methods=["GET"]))\n'),
        (
            HEAD + "app = Starlette()\n" + PLAIN + 'app.routes.append(Route("/sse", endpoint=handle_sse))\n',
            'app.routes.append(Route("/sse", endpoint=_sse_gone("/mcp"), methods=["GET"]))\n',
        ),
    ],
    ids=["list", "mount", "parameter", "constant", "root", "decorator", "append"],
)
def test_the_old_path_answers_410_beside_the_new_route(tmp_path: Path, code: str, after: str) -> None:
    moved = move(tmp_path, code, GONE)
    assert after in moved.text
    assert "status_code=410" in moved.text
    assert "connect_sse" not in moved.text


def test_410_below_the_prefix_of_a_router(tmp_path: Path) -> None:
    code = fastapi(DECORATED.replace("@app", "@router")).replace(
        "app = FastAPI()\n", 'app = FastAPI()\nrouter = APIRouter(prefix="/agent")\n'
    )
    code = code.replace("import FastAPI", "import APIRouter, FastAPI") + "app.include_router(router)\n"
    assert (
        'router.routes.append(Route("/agent/sse", endpoint=_sse_gone("/agent/mcp")' in move(tmp_path, code, GONE).text
    )


def test_410_is_not_put_below_a_prefix_that_moves_itself(tmp_path: Path) -> None:
    code = fastapi(DECORATED.replace('@app.get("/sse")', '@agent.get("/")')).replace(
        "app = FastAPI()\n", 'app = FastAPI()\nagent = APIRouter(prefix="/sse")\n'
    )
    moved = move(
        tmp_path, code.replace("import FastAPI", "import APIRouter, FastAPI") + "app.include_router(agent)\n", GONE
    )
    assert moved.draft.new_path == "/mcp"
    assert moved.note("MCP608") == "the old path answers 404"
    assert "_sse_gone" not in moved.text


def test_410_in_the_place_of_a_half_that_goes(tmp_path: Path) -> None:
    code = handler(
        PLAIN.replace("server.", "mcp._mcp_server."),
        routes='Route("/sse", endpoint=handle_sse), Mount("/", app=mcp.streamable_http_app())',
    ).replace('server = Server("calculator")', 'mcp = FastMCP("calculator")')
    moved = move(tmp_path, "from mcp.server.fastmcp import FastMCP\n" + code, GONE)
    assert 'routes=[Route("/sse", endpoint=_sse_gone("/mcp"), methods=["GET"]), Mount("/", app=mcp.str' in moved.text


def test_410_where_the_old_half_was_switched_on(tmp_path: Path) -> None:
    code = handler(
        PLAIN.replace("server.", "mcp._mcp_server.")
        + "def create(old, new):\n    routes = []\n    if old:\n"
        + '        routes.append(Route("/sse", endpoint=handle_sse))\n    if new:\n'
        + '        routes.append(Mount("/", app=mcp.streamable_http_app()))\n    return Starlette(routes=routes)\n\n\n',
        routes="",
    ).replace('server = Server("calculator")', 'mcp = FastMCP("calculator")')
    code = (
        "from mcp.server.fastmcp import FastMCP\n"
        + code.partition("app = Starlette(")[0]
        + "app = create(True, False)\n"
    )
    moved = move(tmp_path, code, GONE)
    assert (
        '    if old:\n        routes.append(Route("/sse", endpoint=_sse_gone("/mcp"), methods=["GET"]))\n' in moved.text
    )
    assert "    if new or old:\n" in moved.text


def test_a_path_that_the_code_looks_at_itself_answers_404_and_that_is_told(tmp_path: Path) -> None:
    stream = CALLER.partition("async def handle_sse")[0]
    code = f"""{HEAD}{stream}
async def app(scope, receive, send):
    if scope["path"] == "/sse":
        await stream(scope, receive, send)
"""
    moved = move(tmp_path, code, GONE)
    assert moved.note("MCP608") == "the old path answers 404"


# -- keep


@pytest.mark.parametrize(
    ("code", "after"),
    [
        (
            handler(PLAIN),
            'Route("/sse", endpoint=handle_sse), Route("/mcp", endpoint=StreamableHTTPEndpoint()), Mount(',
        ),
        (
            handler(CHECKED),
            'Route("/mcp", endpoint=handle_mcp, methods=["GET", "POST", "DELETE"]), Mount("/messages/"',
        ),
        (
            handler(CHECKED, routes='Route("/sse", endpoint=wrapped(handle_sse))'),
            'Route("/mcp", endpoint=wrapped(handle_mcp), methods=["GET", "POST", "DELETE"])',
        ),
        (
            handler(CHECKED + "safe = wrapped(handle_sse)\n", routes='Route("/sse", endpoint=safe)'),
            'Route("/mcp", endpoint=wrapped(handle_mcp), methods=["GET", "POST", "DELETE"])',
        ),
        (
            handler(
                "def make(low):\n"
                + CHECKED.strip()
                .replace("handle_sse", "inner")
                .replace("\n", "\n    ")
                .join(["    ", "\n\n    return inner\n\n\n"]),
                routes='Route("/sse", endpoint=make(server))',
            ),
            'Route("/mcp", endpoint=make_mcp(server), methods=["GET", "POST", "DELETE"])',
        ),
        (handler(CALLER), 'Route("/mcp", endpoint=handle_mcp, methods=["GET", "POST", "DELETE"])'),
        (
            handler("SSE_PATH = '/events'\n" + PLAIN, routes="Route(SSE_PATH, endpoint=handle_sse)"),
            'Route(SSE_PATH, endpoint=handle_sse), Route("/mcp", endpoint=StreamableHTTPEndpoint())',
        ),
        (
            fastapi(),
            '@app.api_route("/mcp", methods=["GET", "POST", "DELETE"], include_in_schema=False)\n'
            "async def handle_mcp(request: Request):\n"
            "    await session_manager.handle_request(request.scope, request.receive, request._send)\n"
            "    return _AlreadySent()\n",
        ),
        (
            HEAD + "app = Starlette()\n" + PLAIN + 'app.add_route("/sse", handle_sse, methods=["GET"])\n',
            'app.add_route("/mcp", StreamableHTTPEndpoint())\n',
        ),
    ],
    ids=["plain", "checked", "wrapped", "wrapped before", "made", "called", "constant", "decorator", "added"],
)
def test_both_transports_side_by_side(tmp_path: Path, code: str, after: str) -> None:
    moved = move(tmp_path, code, KEEP)
    assert moved.blocks == []
    assert after in moved.text
    for line in code.replace("Starlette(routes", "\n").splitlines():
        name = line.strip().partition("(")[0]
        assert name in moved.text  # nothing of the old transport goes
    assert f'{IGNORE}\nsse = SseServerTransport("/messages/")\nsession_manager = ' in moved.text
    assert "    _log_legacy_client(" in moved.text
    assert "session_manager.run()" in moved.text


def test_the_copy_makes_the_same_checks(tmp_path: Path) -> None:
    moved = move(tmp_path, handler(CHECKED), KEEP)
    assert moved.text.count("    if not allowed(request):\n        return Response(status_code=401)\n") == 2


def test_a_check_that_only_the_messages_make_is_not_lost_either(tmp_path: Path) -> None:
    code = handler(PLAIN).replace("app=sse.handle_post_message", "app=Bearer(sse.handle_post_message)")
    assert "doesn't make the same check" in move(tmp_path, code, KEEP).blocks[0]


def test_tabs_and_crlf(tmp_path: Path) -> None:
    code = handler(CHECKED).replace("    ", "\t").replace("\n", "\r\n")
    moved = move(tmp_path, code, KEEP)
    assert "async def handle_mcp(request):\r\n\tif not allowed(request):\r\n\t\treturn Response(" in moved.text
    assert "\n" not in moved.text.replace("\r\n", "")


def test_a_handler_in_another_file(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "server.py": """\
                from starlette.applications import Starlette
                from starlette.routing import Mount, Route
                from handlers import handle_sse, sse

                app = Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])
                """,
            "handlers.py": HEAD + PLAIN,
        },
        KEEP,
    )
    assert "from handlers import handle_sse, sse, session_manager, handle_mcp\n" in moved.text
    assert 'Route("/mcp", endpoint=handle_mcp, methods=["GET", "POST", "DELETE"])' in moved.text


@pytest.mark.parametrize("code", [handler(PLAIN), handler(CHECKED), handler(CALLER), fastapi()])
def test_what_was_kept_is_the_half_beside_the_new_one_afterwards(tmp_path: Path, code: str) -> None:
    moved = move(tmp_path / "a", code, KEEP)
    again = move(tmp_path / "b", moved.text, KEEP)
    assert again.draft.rule == "MCP105"
    assert again.draft.place.line == moved.text.splitlines().index(IGNORE) + 2
    removed = move(tmp_path / "c", moved.text, replace(KEEP, legacy_sse="remove"))
    assert removed.blocks == []
    assert "connect_sse" not in removed.text
    assert "session_manager.handle_request" in removed.text


def test_the_new_half_is_there_already(tmp_path: Path) -> None:
    code = handler(
        PLAIN.replace("server.", "mcp._mcp_server."),
        routes='Route("/sse", endpoint=handle_sse), Mount("/", app=mcp.streamable_http_app())',
    ).replace('server = Server("calculator")', 'mcp = FastMCP("calculator")')
    moved = move(tmp_path, "from mcp.server.fastmcp import FastMCP\n" + code, KEEP)
    assert 'mcp = FastMCP("calculator", stateless_http=True)' in moved.text
    assert f"{IGNORE}\nsse = SseServerTransport" in moved.text
    assert 'Route("/sse", endpoint=handle_sse), Mount("/", app=mcp.streamable_http_app())' in moved.text


def test_the_switch_of_the_old_half_turns_the_new_one_on_too(tmp_path: Path) -> None:
    code = handler(
        PLAIN.replace("server.", "mcp._mcp_server.")
        + "\n\ndef create(old, new):\n    routes = []\n    if old:\n"
        + '        routes.append(Route("/sse", endpoint=handle_sse))\n    if new:\n'
        + '        routes.append(Mount("/", app=mcp.streamable_http_app()))\n    return Starlette(routes=routes)\n\n\n',
        routes="",
    ).replace('server = Server("calculator")', 'mcp = FastMCP("calculator")')
    code = (
        "from mcp.server.fastmcp import FastMCP\n"
        + code.partition("app = Starlette(")[0]
        + "app = create(True, False)\n"
    )
    moved = move(tmp_path, code, KEEP)
    assert "    if new or old:\n        routes.append(Mount(" in moved.text
    assert '    if old:\n        routes.append(Route("/sse", endpoint=handle_sse))\n' in moved.text


def test_a_path_that_the_code_looks_at_itself_is_by_hand(tmp_path: Path) -> None:
    code = f"""{HEAD}
async def app(scope, receive, send):
    if scope["path"] == "/sse":
        async with sse.connect_sse(scope, receive, send) as streams:
            {RUN}
"""
    moved = move(tmp_path, code, KEEP)
    assert "the path is looked at in the code itself" in moved.blocks[0]
    assert "Leave the SSE routes." in moved.draft.blocks[0].instruction
