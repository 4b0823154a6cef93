"""Hand-wired servers: what becomes of the handler that opens the stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.lowlevel_moves import HEAD, PLAIN, PLAIN_AFTER, RUN, handler, move


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
