"""Wrappers that keep the lifespan from the application inside."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
import uvicorn
from mcp.server.fastmcp import FastMCP
from starlette.requests import Request
from starlette.responses import PlainTextResponse

mcp = FastMCP("adder")


class Wrapper:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
{body}

app = Wrapper(mcp.sse_app())
uvicorn.run(app)
"""
HANDED_ON = (
    '        if scope["type"] == "lifespan":\n            await self.app(scope, receive, send)\n            return\n'
)


def moved(folder: Path, body: str) -> str:
    """The server after the move, around whose application a wrapper with this body is."""
    indented = textwrap.indent(textwrap.dedent(body), " " * 8)
    (folder / "server.py").write_text(SERVER.format(body=indented))
    (change,) = make_plan(folder, Settings()).changes
    return change.after.decode()


@pytest.mark.parametrize(
    "body",
    [
        'if scope["type"] != "http":\n    return\nawait self.app(scope, receive, send)\n',
        'if scope["type"] == "http":\n    await self.app(scope, receive, send)\n',
        'if scope.get("type") not in ("http", "websocket"):\n    return\nawait self.app(scope, receive, send)\n',
        'print(scope["path"])\nawait self.app(scope, receive, send)\n',
        'if Request(scope).headers.get("x-key") == "k":\n    await self.app(scope, receive, send)\n',
    ],
    ids=["returns", "only-http", "not-in", "path", "request"],
)
def test_the_lifespan_is_handed_on(tmp_path: Path, body: str) -> None:
    assert HANDED_ON in moved(tmp_path, body)


@pytest.mark.parametrize(
    "body",
    [
        "await self.app(scope, receive, send)\n",
        'if scope["type"] != "http":\n    await self.app(scope, receive, send)\n    return\nprint(scope["path"])\nawait self.app(scope, receive, send)\n',
        'if scope["type"] == "http" and scope["path"] == "/x":\n    await PlainTextResponse("x")(scope, receive, send)\n    return\nawait self.app(scope, receive, send)\n',
        'if scope.get("path", "").startswith("/x"):\n    return\nawait self.app(scope, receive, send)\n',
        'try:\n    await self.app(scope, receive, send)\nfinally:\n    print("done")\n',
    ],
    ids=["plain", "passes-first", "and", "get", "try"],
)
def test_a_wrapper_that_hands_it_on_stays(tmp_path: Path, body: str) -> None:
    assert '"lifespan"' not in moved(tmp_path, body)
