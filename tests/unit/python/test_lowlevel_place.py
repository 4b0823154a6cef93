"""Hand-wired servers: where the session manager is made."""

from __future__ import annotations

from pathlib import Path

from tests.unit.python.lowlevel_moves import HEAD, PLAIN, RUN, handler, move


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
