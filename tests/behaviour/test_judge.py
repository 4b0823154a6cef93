"""The judge itself: a right migration passes, and each thing that can go wrong is seen and called by its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.behaviour.environments import environments, ready_folder
from tests.behaviour.judge import judge
from tests.behaviour.subject import Route, Start, Subject
from tests.behaviour.tools import ToolRun

pytestmark = pytest.mark.behaviour

SERVER = '''
import argparse
import contextlib
import os

import uvicorn
from mcp.server.fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Mount, Route

mcp = FastMCP("judged", MODE)


@mcp.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b


class Guard:
    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        if scope["type"] == "http" and scope["path"].startswith(GUARDED):
            if dict(scope["headers"]).get(b"authorization") != b"Bearer k":
                await JSONResponse({}, status_code=401)(scope, receive, send)
                return
        await self.app(scope, receive, send)


async def health(request):
    return JSONResponse({"status": "fine"})


parser = argparse.ArgumentParser()
parser.add_argument("--transport", choices=WORDS, default=WORDS[0])
word = parser.parse_args().transport
app = BUILD
app.router.routes.insert(0, Route("/health", health))
uvicorn.run(Guard(app), host="127.0.0.1", port=int(os.environ["PORT"]))
'''


def server(**parts: str) -> str:
    text = SERVER
    for name, value in parts.items():
        assert name in text
        text = text.replace(name, value)
    return text


BEFORE = server(MODE="debug=False", GUARDED='("/sse", "/messages")', WORDS='["sse"]', BUILD="mcp.sse_app()")
RIGHT = server(
    MODE="stateless_http=True",
    GUARDED='("/mcp",)',
    WORDS='["streamable-http", "sse"]',
    BUILD="mcp.streamable_http_app()",
)
BOTH = RIGHT.replace(
    "app.router.routes.insert(0,", "app.router.routes.extend(mcp.sse_app().routes)\napp.router.routes.insert(0,"
)
UNDER_A_MOUNT = RIGHT.replace('FastMCP("judged",', 'FastMCP("judged", streamable_http_path="/",').replace(
    "app = mcp.streamable_http_app()",
    "inner = mcp.streamable_http_app()\napp = Starlette(routes=[Mount('/mcp', app=inner)], lifespan=lambda app: mcp.session_manager.run())",
)

WRONG = {
    "ok": RIGHT,
    "not-moved": BEFORE,
    "broken-python": RIGHT + "\nthis is no python\n",
    "no-http": RIGHT.replace('FastMCP("judged",', 'FastMCP("judged", streamable_http_path="/other",'),
    "still-sse": BOTH,
    "stateful": RIGHT.replace("stateless_http=True", "debug=False"),
    "different-tools": RIGHT.replace("def add(a: int, b: int)", "def add(a: int, b: int = 3)"),
    "wrong-answer": RIGHT.replace("return a + b", "return a * b"),
    "redirect": UNDER_A_MOUNT,
    "open": RIGHT.replace('("/mcp",)', '("/sse", "/messages")'),
    "health": RIGHT.replace('"fine"', '"good"'),
    "old-start-falls": RIGHT.replace('["streamable-http", "sse"]', '["streamable-http"]'),
    "new-start-falls": RIGHT.replace('["streamable-http", "sse"]', '["sse"]'),
    "host-refused": RIGHT,  # but for the host: see the test
}


def subject(name: str) -> Subject:
    def write(folder: Path) -> None:
        # bound to every address: no Host header is refused, unless a migration brings the check back
        (folder / "server.py").write_text(BEFORE.replace('"judged",', '"judged", host="0.0.0.0",'))

    return Subject(
        name=name,
        tree=write,
        start=Start(("server.py", "--transport", "sse")),
        routes=(Route("/sse", model="/mcp"),),
        headers={"Authorization": "Bearer k"},
        health="/health",
    )


@pytest.mark.parametrize("word", WRONG)
def test_each_outcome_has_its_word(word: str) -> None:
    anyhost = "" if word == "host-refused" else ' host="0.0.0.0",'

    def tool(subject: Subject, folder: Path) -> ToolRun:
        (folder / "server.py").write_text(WRONG[word].replace('"judged",', f'"judged",{anyhost}'))
        return ToolRun(0, "", 0.0)

    environment = environments()["official-1"]
    verdict = judge(subject(word), environment, environment.python(ready_folder()), tool)
    assert verdict.word == word, str(verdict)  # the first problem; others may follow from it


def test_a_tool_that_fails() -> None:
    def tool(subject: Subject, folder: Path) -> ToolRun:
        (folder / "server.py").write_text(RIGHT.replace('"judged",', '"judged", host="0.0.0.0",'))
        return ToolRun(2, "Traceback (most recent call last):\n  ...", 0.0)

    environment = environments()["official-1"]
    verdict = judge(subject("fails"), environment, environment.python(ready_folder()), tool)
    assert [problem.word for problem in verdict.problems] == ["tool-fails"], str(verdict)


def test_a_tool_that_never_comes_to_rest() -> None:
    def tool(subject: Subject, folder: Path) -> ToolRun:
        before = (folder / "server.py").read_text()
        start = before if "stateless_http" in before else RIGHT.replace('"judged",', '"judged", host="0.0.0.0",')
        (folder / "server.py").write_text(start + "# once more\n")
        return ToolRun(0, "", 0.0)

    environment = environments()["official-1"]
    verdict = judge(subject("restless"), environment, environment.python(ready_folder()), tool)
    assert [problem.word for problem in verdict.problems] == ["second-run"], str(verdict)


def test_a_server_that_does_not_serve_before() -> None:
    broken = Subject(name="broken", tree=lambda folder: (folder / "server.py").touch(), start=Start(("server.py",)))  # type: ignore[arg-type]
    environment = environments()["official-1"]
    verdict = judge(
        broken, environment, environment.python(ready_folder()), lambda subject, folder: ToolRun(0, "", 0.0)
    )
    assert verdict.word == "before-fails"
