"""Hand-wired servers: transports that are handed on, kept under other names, or told which hosts to answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.python.unit import joined
from migrator.settings import Settings
from tests.unit.python.lowlevel_moves import HEAD, PLAIN, RUN, handler, move

CLASSES = """
class Stream:
    def __init__(self, transport: SseServerTransport, app: Server):
        {0}

    async def __call__(self, scope, receive, send):
        async with self.transport.connect_sse(scope, receive, send) as streams:
            await self.app.run(streams[0], streams[1], self.app.create_initialization_options())


class Messages:
    def __init__(self, transport: SseServerTransport):
        self.transport = transport

    async def __call__(self, scope, receive, send):
        await self.transport.handle_post_message(scope, receive, send)


"""
APART = "self.transport = transport\n        self.app = app"
ROUTES = 'Route("/sse", endpoint=Stream(sse, server)), Route("/messages/", endpoint=Messages(sse), methods=["POST"])'
KEEP = Settings(legacy_sse="keep")


def classes(init: str = APART, routes: str = ROUTES) -> str:
    return f"{HEAD}{CLASSES.replace('{0}', init)}app = Starlette(routes=[{routes}])\n"


@pytest.mark.parametrize("init", [APART, "self.transport, self.app = transport, app"], ids=["apart", "tuple"])
def test_a_class_that_gets_the_transport_gets_the_manager(tmp_path: Path, init: str) -> None:
    moved = move(tmp_path, classes(init))
    assert moved.blocks == []
    assert "session_manager = StreamableHTTPSessionManager(app=server, stateless=True)\n" in moved.text
    assert "def __init__(self, transport: StreamableHTTPSessionManager, app: Server):" in moved.text
    assert "        await self.transport.handle_request(scope, receive, send)\n" in moved.text
    assert 'app = Starlette(routes=[Route("/mcp", endpoint=Stream(session_manager, server))], lifespan=' in moved.text
    assert "Messages" not in moved.text


def test_endpoints_with_names(tmp_path: Path) -> None:
    code = classes(routes='Route("/sse", endpoint=stream), Route("/messages/", endpoint=posted, methods=["POST"])')
    code = code.replace("app = Starlette", "stream = Stream(sse, server)\nposted = Messages(sse)\napp = Starlette")
    moved = move(tmp_path, code)
    assert "stream = Stream(session_manager, server)\n" in moved.text
    assert "posted" not in moved.text


def test_a_factory_that_gets_the_transport(tmp_path: Path) -> None:
    code = (
        HEAD.replace('sse = SseServerTransport("/messages/")\n', "")
        + f"""

def build(low: Server, sse: SseServerTransport):
    async def handle_sse(request):
        print(request.url)
        async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
            {RUN.replace("server.", "low.")}

    return Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])


app = build(server, SseServerTransport("/messages/"))
"""
    )
    moved = move(tmp_path / "move", code)
    assert "def build(low: Server, sse: StreamableHTTPSessionManager):" in moved.text
    assert "        async with sse.run():\n            yield\n" in moved.text
    assert (
        "session_manager = StreamableHTTPSessionManager(app=server, stateless=True)\n"
        "app = build(server, session_manager)\n"
    ) in moved.text
    assert (
        "is handed on, and no session manager can be handed on in its place"
        in move(tmp_path / "keep", code, KEEP).blocks[0]
    )


def test_a_function_of_another_file_that_gets_request_server_and_transport(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "server.py": HEAD.replace("server = Server", "from stream import serve\n\nserver = Server")
            + """

def create():
    transport = SseServerTransport("/messages/")
    low = server

    async def handle_sse(request):
        await serve(request, low, transport)
        return Response()

    return Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=transport.handle_post_message)])


uvicorn.run(create())
""",
            "stream.py": f"""\
                async def serve(request, low, sse):
                    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                        {RUN.replace("server.", "low.")}
                """,
        },
    )
    assert (
        "    low = server\n    session_manager = StreamableHTTPSessionManager(app=low, stateless=True)\n" in moved.text
    )
    assert "        await serve(request, low, session_manager)\n        return _AlreadySent()\n" in moved.text
    assert "await sse.handle_request(request.scope, request.receive, request._send)" in moved.files["stream.py"]


def test_who_does_more_with_the_transport_is_by_hand(tmp_path: Path) -> None:
    moved = move(tmp_path, classes(APART + "\n        register(transport)"))
    assert "sse is handed on" in moved.blocks[0]


def test_both_transports_for_a_class(tmp_path: Path) -> None:
    moved = move(tmp_path, classes(), KEEP)
    assert moved.blocks == []
    assert (
        'Route("/sse", endpoint=Stream(sse, server)), Route("/mcp", endpoint=McpStream(session_manager, server))'
        in (moved.text)
    )
    assert (
        "class McpStream:\n    def __init__(self, transport: StreamableHTTPSessionManager, app: Server):" in moved.text
    )
    assert "class Stream:\n    def __init__(self, transport: SseServerTransport, app: Server):" in moved.text


# -- which hosts the transport answers


@pytest.mark.parametrize("given", ["security_settings=SAFE", "SAFE"])
@pytest.mark.parametrize("settings", [Settings(), KEEP])
def test_the_managers_hosts_are_the_transports(tmp_path: Path, given: str, settings: Settings) -> None:
    code = handler(PLAIN).replace(
        'sse = SseServerTransport("/messages/")', f'SAFE = object()\nsse = SseServerTransport("/messages/", {given})'
    )
    moved = move(tmp_path, code, settings)
    assert "StreamableHTTPSessionManager(app=server, stateless=True, security_settings=SAFE)\n" in moved.text


def test_a_manager_for_each_request_answers_the_same_hosts(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", '(request):\n    low = tiers[request.query_params["tier"]]\n').replace(
        "server.", "low."
    )
    code = handler("tiers = {}\n" + body).replace('"/messages/")', '"/messages/", security_settings=SAFE)', 1)
    assert "StreamableHTTPSessionManager(app=low, stateless=True, security_settings=SAFE)" in move(tmp_path, code).text


def test_hosts_that_cant_be_seen_from_the_manager_are_by_hand(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "server.py": HEAD.replace('sse = SseServerTransport("/messages/")\n', "from wire import sse\n")
            + PLAIN
            + 'app = Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])\n',
            "wire.py": """\
                from mcp.server.sse import SseServerTransport

                SAFE = object()
                sse = SseServerTransport("/messages/", security_settings=SAFE)
                """,
        },
    )
    assert moved.blocks == ["security_settings of the transport can't be seen where the session manager is made"]
    assert "security_settings=SAFE" in moved.drafts[0].blocks[0].instruction


# -- how the streams are opened and unpacked


@pytest.mark.parametrize(
    "body",
    [
        """
async def handle_sse(request):
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        read_stream, write_stream = streams
        await server.run(read_stream, write_stream, server.create_initialization_options())
    return Response()


""",
        """
async def handle_sse(request):
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        read_stream = streams[0]
        write_stream = streams[1]
        await server.run(read_stream, write_stream, server.create_initialization_options())


""",
        """
async def handle_sse(request):
    opened = sse.connect_sse(request.scope, request.receive, request._send)
    async with opened as (r, w):
        await server.run(r, w, server.create_initialization_options())


""",
    ],
    ids=["tuple", "index", "name"],
)
def test_streams_with_names_of_their_own(tmp_path: Path, body: str) -> None:
    moved = move(tmp_path / "plain", handler(body))
    assert 'Route("/mcp", endpoint=StreamableHTTPEndpoint())' in moved.text
    more = move(tmp_path / "more", handler(body.replace("(request):\n", "(request):\n    print(request.url)\n")))
    assert "    print(request.url)\n    await session_manager.handle_request(" in more.text
    assert "stream" not in more.text.partition("async def handle_sse")[2].partition("return _Already")[0]


@pytest.mark.parametrize("holder", ["sse", "request.app.state.sse"])
def test_another_name_of_the_transport_in_the_handler_goes(tmp_path: Path, holder: str) -> None:
    body = PLAIN.replace("sse.connect", "transport.connect").replace(
        "(request):\n", f"(request):\n    print(request.url)\n    transport = {holder}\n"
    )
    code = handler(body)
    if "state" in holder:
        code = code.replace('sse = SseServerTransport("/messages/")\n', "").partition("app = Starlette(")[0] + (
            'app = Starlette(routes=[Route("/sse", endpoint=handle_sse)])\n'
            'app.state.sse = SseServerTransport("/messages/")\n'
            'app.mount("/messages/", app.state.sse.handle_post_message)\n'
        )
    moved = move(tmp_path, code)
    assert moved.blocks == []
    assert "    print(request.url)\n    await session_manager.handle_request(" in moved.text
    assert "sse" not in moved.text.replace("handle_sse", "")


def test_a_stream_of_something_that_cant_be_followed_is_told(tmp_path: Path) -> None:
    body = PLAIN.replace("sse.connect", "registry['sse'].connect")
    code = f"registry = load()\n{HEAD}{body}app = Starlette(routes=[Route('/sse', endpoint=handle_sse)])\n"
    moved = move(tmp_path, code)
    assert moved.blocks == ["registry['sse'] can't be followed to the transport that it is"]


def test_a_default_of_the_handler_is_the_server(tmp_path: Path) -> None:
    moved = move(tmp_path, handler(PLAIN.replace("(request)", "(request, low=server)").replace("server.", "low.")))
    assert "StreamableHTTPSessionManager(app=server, stateless=True)" in moved.text


def test_one_handler_for_both_transports_is_by_hand(tmp_path: Path) -> None:
    code = handler(
        f"""
        async def handle_sse(request):
            if request.method == "POST":
                await manager.handle_request(request.scope, request.receive, request._send)
            else:
                async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                    {RUN}


        """
    ).replace(
        "import uvicorn\n",
        "import uvicorn\nfrom mcp.server.streamable_http_manager import StreamableHTTPSessionManager\n",
    )
    code = code.replace("sse = Sse", "manager = StreamableHTTPSessionManager(app=server)\nsse = Sse")
    assert move(tmp_path / "a", code).blocks == ["one handler answers both transports"]
    assert move(tmp_path / "b", code, KEEP).blocks == []


# -- the run in a function of its own

CORE = """\
from mcp.server.lowlevel import Server

server = Server("core")


async def run_server(r, w):
    await server.run(r, w, server.create_initialization_options())
"""


@pytest.mark.parametrize(
    ("imported", "call", "app"),
    [
        ("from core import run_server", "run_server(streams[0], streams[1])", "server"),
        ("import core", "core.run_server(streams[0], streams[1])", "core.server"),
    ],
)
def test_a_function_of_the_servers_own_file_runs_it(tmp_path: Path, imported: str, call: str, app: str) -> None:
    code = handler(PLAIN.replace(RUN, f"await {call}")).replace('server = Server("calculator")\n', "")
    moved = move(tmp_path, {"server.py": f"{imported}\n{code}", "core.py": CORE})
    assert f"session_manager = StreamableHTTPSessionManager(app={app}, stateless=True)\n" in moved.text
    assert ("from core import server\n" in moved.text) == (app == "server")


def test_a_function_that_gets_server_and_streams(tmp_path: Path) -> None:
    code = handler(PLAIN.replace(RUN, "await run_server(server, *streams)"))
    core = CORE.replace("(r, w)", "(server, r, w)")
    moved = move(tmp_path, {"server.py": f"from core import run_server\n{code}", "core.py": core})
    assert "StreamableHTTPSessionManager(app=server, stateless=True)\n" in moved.text


def test_a_server_that_only_another_file_sees_is_by_hand(tmp_path: Path) -> None:
    code = handler(PLAIN.replace(RUN, "await run_server(streams[0], streams[1])"))
    moved = move(tmp_path, {"server.py": f"from core import run_server\n{code}", "core.py": CORE})
    assert moved.blocks == ["server can't be seen from server.py, where the requests arrive"]


def test_options_of_another_file_are_by_hand(tmp_path: Path) -> None:
    code = handler(PLAIN.replace(RUN, "await run_server(streams[0], streams[1])")).replace(
        'server = Server("calculator")\n', ""
    )
    core = CORE.replace("server.create_initialization_options()", "Options(VERSION)")
    moved = move(tmp_path, {"server.py": f"from core import run_server\n{code}", "core.py": core})
    assert "they are made in another file than server.py" in moved.blocks[0]


def test_one_class_for_two_transports(tmp_path: Path) -> None:
    code = classes(
        routes='Route("/sse", endpoint=Stream(sse, server)), Route("/two/sse", endpoint=Stream(other, second))'
    )
    code = code.replace("sse = Sse", 'second = Server("second")\nother = SseServerTransport("/two/")\nsse = Sse')
    moved = move(tmp_path, code)
    assert sorted(d.new_path for d in moved.drafts) == ["/mcp", "/two/mcp"]
    assert 'Route("/mcp", endpoint=Stream(session_manager_2, server))' in moved.text
    assert 'Route("/two/mcp", endpoint=Stream(session_manager, second))' in moved.text
    assert len(joined(moved.drafts)) == 1
