"""Hand-wired servers: the handler, and the session manager that takes the transport's place."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.lowlevel_moves import HEAD, PLAIN, RUN, handler, move

PLAIN_AFTER = '''\
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
import contextlib

server = Server("calculator")
session_manager = StreamableHTTPSessionManager(app=server, stateless=True)


class StreamableHTTPEndpoint:
    """Hands each request to the session manager: Route serves an object as an ASGI application."""

    async def __call__(self, scope, receive, send):
        await session_manager.handle_request(scope, receive, send)


@contextlib.asynccontextmanager
async def mcp_lifespan(app):
    async with session_manager.run():
        yield


app = Starlette(routes=[Route("/mcp", endpoint=StreamableHTTPEndpoint())], lifespan=mcp_lifespan)
'''


def below_imports(text: str) -> str:
    """The code itself: which imports lose their last use depends on the handler that went."""
    return text[text.index("server = ") :]


@pytest.mark.parametrize(
    "body",
    [
        PLAIN,
        f"""
        async def handle_sse(request: Request) -> None:
            \"\"\"Serve the stream.\"\"\"
            async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                {RUN}
            return Response()


        """,
        """
        async def handle_sse(request):
            async with sse.connect_sse(scope=request.scope, receive=request.receive, send=request._send) as (r, w):
                low = server
                options = low.create_initialization_options()
                await low.run(r, w, options)


        """,
    ],
    ids=["plain", "response returned", "local names"],
)
def test_a_handler_that_only_opens_the_stream_becomes_an_endpoint_class(tmp_path: Path, body: str) -> None:
    moved = move(tmp_path, handler(body))
    assert below_imports(moved.text) == below_imports(PLAIN_AFTER)
    assert "from mcp.server.streamable_http_manager import StreamableHTTPSessionManager\n" in moved.text
    assert "SseServerTransport" not in moved.text
    draft = moved.draft
    assert (draft.rule, draft.old_path, draft.message_path, draft.new_path) == ("MCP104", "/sse", "/messages/", "/mcp")


def test_a_second_run_finds_nothing(tmp_path: Path) -> None:
    move(tmp_path / "a", handler(PLAIN))
    assert move(tmp_path / "b", PLAIN_AFTER).drafts == []


def test_a_handler_that_does_more_keeps_its_body(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(
            f"""
            async def handle_sse(request: Request) -> None:
                if request.headers.get("authorization") != "Bearer sekret":
                    return JSONResponse({{}}, status_code=401)
                token = user.set(request.headers["x-user"])
                try:
                    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                        # runs until the client leaves
                        print("connected")
                        {RUN}
                finally:
                    user.reset(token)


            """
        ),
    )
    assert (
        """\
async def handle_sse(request: Request) -> _AlreadySent:
    if request.headers.get("authorization") != "Bearer sekret":
        return JSONResponse({}, status_code=401)
    token = user.set(request.headers["x-user"])
    try:
        # runs until the client leaves
        print("connected")
        await session_manager.handle_request(request.scope, request.receive, request._send)
    finally:
        user.reset(token)
    return _AlreadySent()
"""
        in moved.text
    )
    assert 'Route("/mcp", endpoint=handle_sse, methods=["GET", "POST", "DELETE"])' in moved.text
    assert "class _AlreadySent(Response):" in moved.text


@pytest.mark.parametrize(
    ("ending", "after"),
    [
        ("    return Response()", "    return _AlreadySent()"),
        ('    print("left")', '    print("left")\n    return _AlreadySent()'),
        (
            "    if request.url:\n        return None\n    return Response()",
            "        return _AlreadySent()\n    return _AlreadySent()",
        ),
    ],
)
def test_what_follows_the_stream_answers_nothing_more(tmp_path: Path, ending: str, after: str) -> None:
    body = PLAIN.replace("async def handle_sse(request):\n", 'async def handle_sse(request):\n    print("hello")\n')
    moved = move(tmp_path, handler(body.rstrip() + "\n" + ending + "\n\n\n"))
    assert after in moved.text
    assert "return Response()" not in moved.text


def test_a_return_of_the_run_itself(tmp_path: Path) -> None:
    body = PLAIN.replace(RUN, "return " + RUN).replace("(request):\n", '(request):\n    print("hello")\n')
    moved = move(tmp_path, handler(body))
    assert (
        "    await session_manager.handle_request(request.scope, request.receive, request._send)\n"
        "    return _AlreadySent()\n\n\n" in moved.text
    )


def test_an_answer_in_an_error_handler_stays(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(
            f"""
            async def handle_sse(request):
                try:
                    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                        {RUN}
                except RuntimeError:
                    return JSONResponse({{}}, status_code=503)


            """
        ),
    )
    assert "return JSONResponse({}, status_code=503)\n    return _AlreadySent()" in moved.text


def test_a_decorator_is_never_lost(tmp_path: Path) -> None:
    moved = move(tmp_path, handler(PLAIN.replace("async def", "@with_token\nasync def", 1)))
    assert "@with_token\nasync def handle_sse(request):" in moved.text


def test_an_asgi_class_keeps_what_it_does(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(
            f"""
            class Stream:
                async def __call__(self, scope, receive, send):
                    if not allowed(scope):
                        return
                    async with sse.connect_sse(scope, receive, send) as streams:
                        {RUN}


            """,
            routes='Route("/sse", endpoint=Stream(), methods=["GET"])',
        ),
    )
    assert "            return\n        await session_manager.handle_request(scope, receive, send)\n" in moved.text
    assert 'Route("/mcp", endpoint=Stream())' in moved.text


def test_an_asgi_function_that_does_more_is_served_as_an_object(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(
            f"""
            async def handle_sse(scope, receive, send):
                print(scope["path"])
                async with sse.connect_sse(scope, receive, send) as streams:
                    {RUN}


            """,
            routes='Mount("/sse", app=handle_sse)',
        ),
    )
    assert 'Route("/mcp", endpoint=_ASGIEndpoint(handle_sse))' in moved.text
    assert "class _ASGIEndpoint:" in moved.text


def test_a_handler_behind_a_function_that_calls_it(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(
            f"""
            async def stream(scope, receive, send):
                async with sse.connect_sse(scope, receive, send) as streams:
                    {RUN}


            async def handle_sse(request):
                await stream(request.scope, request.receive, request._send)
                return Response()


            """
        ),
    )
    assert "    await stream(request.scope, request.receive, request._send)\n    return _AlreadySent()\n" in moved.text
    assert "    await session_manager.handle_request(scope, receive, send)\n" in moved.text
    assert moved.draft.new_path == "/mcp"


def test_a_response_object_that_runs_the_stream(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD.replace('sse = SseServerTransport("/messages/")\n', "")
        + f"""
from fastapi import FastAPI

app = FastAPI()
sessions = {{}}


class Raw(Response):
    def __init__(self, app):
        super().__init__()
        self.app = app

    async def __call__(self, scope, receive, send):
        await self.app(scope, receive, send)


@app.get("/sse")
async def handle_sse(request: Request):
    session_id = str(id(request))
    transport = SseServerTransport(f"/messages/{{session_id}}")
    sessions[session_id] = transport

    async def stream(scope, receive, send):
        async with transport.connect_sse(scope, receive, send) as streams:
            {RUN}

    return Raw(stream)


@app.post("/messages/{{session_id}}")
async def handle_messages(request: Request, session_id: str):
    if session_id not in sessions:
        return JSONResponse({{}}, status_code=404)
    transport = sessions[session_id]
    return Raw(transport.handle_post_message)
""",
    )
    assert '@app.api_route("/mcp", methods=["GET", "POST", "DELETE"], include_in_schema=False)' in moved.text
    assert "handle_messages" not in moved.text
    assert "SseServerTransport" not in moved.text
    assert "    return Raw(stream)" in moved.text


# -- the server, and what belongs to it


def test_explicit_options_move_to_the_server(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        handler(PLAIN.replace("server.create_initialization_options()", "Options(name='x', size=server.size)")),
    )
    assert (
        "server.create_initialization_options = lambda *_, **__: Options(name='x', size=server.size)\n"
        "session_manager = StreamableHTTPSessionManager(app=server, stateless=True)\n"
    ) in moved.text
    assert "set on the server" in moved.note("MCP607")


def test_arguments_of_the_servers_own_options(tmp_path: Path) -> None:
    moved = move(tmp_path, handler(PLAIN.replace("options()", "options(experimental_capabilities={'x': {}})")))
    wanted = "functools.partial(server.create_initialization_options, experimental_capabilities={'x': {}})"
    assert f"server.create_initialization_options = {wanted}\n" in moved.text
    assert "import functools" in moved.text


@pytest.mark.parametrize("arguments", ["NotificationOptions(), {}", "notification_options=None"])
def test_options_that_say_nothing_are_dropped(tmp_path: Path, arguments: str) -> None:
    moved = move(tmp_path, handler(PLAIN.replace("options()", f"options({arguments})")))
    assert "create_initialization_options" not in moved.text


def test_options_made_from_the_request_are_by_hand(tmp_path: Path) -> None:
    moved = move(
        tmp_path, handler(PLAIN.replace("options()", "options(experimental_capabilities=dict(request.headers))"))
    )
    assert moved.blocks == [
        "explicit initialization options can't be kept: they are made from request, which only the handler has"
    ]


def test_a_server_chosen_by_the_request(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", '(request):\n    low = tiers[request.query_params["tier"]]\n').replace(
        "server.", "low."
    )
    moved = move(tmp_path, handler("tiers = {}\n" + body))
    assert (
        """\
    low = tiers[request.query_params["tier"]]
    session_manager = StreamableHTTPSessionManager(app=low, stateless=True)
    async with session_manager.run():
        await session_manager.handle_request(request.scope, request.receive, request._send)
    return _AlreadySent()
"""
        in moved.text
    )
    assert "for each request" in moved.note("MCP605")
    assert "lifespan" not in moved.text


def test_explicit_options_of_a_server_made_for_each_connection(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = make(size)\n").replace("server.", "low.")
    body = body.replace("low.create_initialization_options()", "Options(name='x', size=low.size)")
    moved = move(tmp_path, handler("def make(size):\n    return Server('x')\n\n\nsize = 3\n" + body))
    assert (
        """\
    low = make(size)
    # the session manager asks the server itself for its options
    low.create_initialization_options = lambda *_, **__: Options(name='x', size=low.size)
    session_manager = StreamableHTTPSessionManager(app=low, stateless=True)
    async with session_manager.run():
"""
        in moved.text
    )


def test_options_of_one_request_are_by_hand_for_a_server_that_requests_may_share(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = tiers[request.user]\n").replace("server.", "low.")
    body = body.replace("low.create_initialization_options()", "Options(name=request.user)")
    moved = move(tmp_path, handler("tiers = {}\n" + body))
    assert moved.blocks == [
        "explicit initialization options can't be kept: they are made from request, which only the handler has"
    ]


@pytest.mark.parametrize(
    "maker",
    [
        "def make(user):\n    carts = []\n    low = Server('x')\n\n    @low.call_tool()\n    async def call(name, arguments):\n        carts.append(name)\n\n    return low",
        "def make(user):\n    low = Server('x')\n    count = 0\n\n    @low.call_tool()\n    async def call(name, arguments):\n        nonlocal count\n        count += 1\n\n    return low",
        "class make(Server):\n    def __init__(self, user):\n        super().__init__('x')\n        self.notes = {}",
    ],
    ids=["container", "counter", "instance"],
)
def test_a_connections_server_that_keeps_something_is_by_hand(tmp_path: Path, maker: str) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = make(request.user)\n").replace("server.", "low.")
    moved = move(tmp_path, handler(f"{maker}\n\n\n{body}"))
    (reason,) = moved.blocks
    assert "the server is made for each connection" in reason


def test_a_session_need_and_a_server_for_each_request_exclude_each_other(tmp_path: Path) -> None:
    body = PLAIN.replace("(request):\n", "(request):\n    low = make(request.user)\n").replace("server.", "low.")
    need = """
def make(user):
    low = Server(user)

    @low.call_tool()
    async def ask(name, arguments):
        await low.request_context.session.create_message([])

    return low


"""
    moved = move(tmp_path, handler(need + body))
    assert moved.blocks == ["this server needs sessions, and no place was found where its session manager could live"]


def test_a_server_that_needs_a_session_keeps_it(tmp_path: Path) -> None:
    need = """
@server.call_tool()
async def ask(name, arguments):
    await server.request_context.session.create_message([])


"""
    moved = move(tmp_path, handler(need + PLAIN))
    assert "session_manager = StreamableHTTPSessionManager(app=server)\n" in moved.text
    assert not moved.draft.stateless


# -- where the manager is made


def test_the_transport_comes_before_the_server(tmp_path: Path) -> None:
    code = handler(PLAIN).replace(
        'server = Server("calculator")\nsse = SseServerTransport("/messages/")\n',
        'sse = SseServerTransport("/messages/")\nserver = Server("calculator")\n',
    )
    lines = move(tmp_path, code).text.splitlines()
    assert lines.index('server = Server("calculator")') < lines.index(
        "session_manager = StreamableHTTPSessionManager(app=server, stateless=True)"
    )


def test_the_server_is_a_parameter_of_the_factory(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD
        + """

def create_app(low: Server) -> Starlette:
    async def handle_sse(request):
        async with sse.connect_sse(request.scope, request.receive, request._send) as (r, w):
            await low.run(r, w, low.create_initialization_options())

    return Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])


uvicorn.run(create_app(server))
""",
    )
    assert (
        "def create_app(low: Server) -> Starlette:\n"
        "    session_manager = StreamableHTTPSessionManager(app=low, stateless=True)\n"
    ) in moved.text
    assert "lifespan=mcp_lifespan)" in moved.text


def test_a_service_object(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        HEAD.replace('sse = SseServerTransport("/messages/")\n', "")
        + """

class Service:
    def __init__(self):
        self.sse = SseServerTransport("/messages/")
        self.low = Server("x")

    async def handle_sse(self, request):
        async with self.sse.connect_sse(request.scope, request.receive, request._send) as (r, w):
            await self.low.run(r, w, self.low.create_initialization_options())

    def app(self):
        return Starlette(
            routes=[
                Route("/sse", endpoint=self.handle_sse),
                Mount("/messages/", app=self.sse.handle_post_message),
            ]
        )


uvicorn.run(Service().app())
""",
    )
    assert (
        '        self.low = Server("x")\n'
        "        self.session_manager = StreamableHTTPSessionManager(app=self.low, stateless=True)\n"
    ) in moved.text
    assert "self.sse" not in moved.text
    assert "async with self.session_manager.run():" in moved.text


def test_a_server_that_another_function_fills_in_later(tmp_path: Path) -> None:
    code = handler(PLAIN.replace("server.", "late.")) + "\n\ndef main():\n    global late\n    late = Server('x')\n"
    moved = move(tmp_path, code.replace("\n\nasync def", "\nlate = None\n\n\nasync def", 1))
    assert "    session_manager = StreamableHTTPSessionManager(app=late, stateless=True)\n    async with" in moved.text


def test_files_that_import_transport_and_handler_from_each_other(tmp_path: Path) -> None:
    moved = move(
        tmp_path,
        {
            "server.py": """\
                from starlette.applications import Starlette
                from starlette.routing import Mount, Route
                from handlers import handle_sse
                from transport import sse

                app = Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])
                """,
            "transport.py": 'from mcp.server.sse import SseServerTransport\n\nsse = SseServerTransport("/messages/")\n',
            "handlers.py": f"""\
                from mcp.server.lowlevel import Server
                from transport import sse

                server = Server("x")


                async def handle_sse(request):
                    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                        {RUN}
                """,
        },
    )
    assert "from handlers import handle_sse, session_manager" in moved.text
    assert "async with session_manager.run():" in moved.text
    assert "sse" not in moved.files["transport.py"]
    assert 'Route("/mcp", endpoint=handle_sse, methods=["GET", "POST", "DELETE"])' in moved.text


# -- what stays


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (
            """
            async def handle_sse(request):
                async with sse.connect_sse(request.scope, request.receive, request._send) as (r, w):
                    async with group() as tasks:
                        tasks.start_soon(server.run, r, w, None)


            """,
            "what happens with the two streams here can't be followed",
        ),
        (
            f"""
            async def handle_sse(request):
                streams = await stack.enter_async_context(sse.connect_sse(request.scope, request.receive, request._send))
                {RUN}


            """,
            "connect_sse is not opened by an async with statement of its own",
        ),
        (
            f"""
            async def handle_sse(request):
                while True:
                    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
                        print("again")
                        {RUN}


            """,
            "the stream is opened in a loop",
        ),
        (
            PLAIN + "count = len(sse._read_stream_writers)\n\n\n",
            "it reads the transport's private _read_stream_writers",
        ),
        (PLAIN + "install(sse)\n\n\n", "sse is handed on"),
    ],
    ids=["task group", "exit stack", "loop", "private state", "handed on"],
)
def test_by_hand(tmp_path: Path, body: str, reason: str) -> None:
    moved = move(tmp_path, handler(body))
    assert reason in moved.blocks
    assert "StreamableHTTPSessionManager(app=" in moved.drafts[0].blocks[0].instruction


def test_an_invented_constructor(tmp_path: Path) -> None:
    code = 'from mcp.server.sse import SseServerTransport\n\ntransport = SseServerTransport(url_prefix="/sse")\n'
    moved = move(tmp_path, code)
    assert moved.draft.rule == "MCP106"
    assert moved.blocks == ["SseServerTransport takes no url_prefix: this code has never worked"]


def test_a_class_of_the_same_name_from_elsewhere(tmp_path: Path) -> None:
    code = handler(PLAIN)
    assert move(tmp_path, code.replace("from mcp.server.sse", "from bridge.sse_transport")).drafts == []
