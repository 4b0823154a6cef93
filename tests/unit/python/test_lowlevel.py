"""Hand-wired servers: what stays, to be moved by hand or because it is something else."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.python.lowlevel_moves import PLAIN, RUN, handler, move


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
