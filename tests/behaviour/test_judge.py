"""The judge itself: a right migration passes, and each thing that can go wrong is seen and called by its name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.behaviour.environments import environments, ready_folder
from tests.behaviour.judge import judge
from tests.behaviour.subject import Route, Start, Subject
from tests.behaviour.tools import Tool, ToolRun
from tests.behaviour.verdict import Verdict

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
        # a preflight of a browser carries no credentials
        asked = scope["type"] == "http" and scope["method"] != "OPTIONS"
        if asked and scope["path"].startswith(GUARDED):
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
    "restart-falls": RIGHT.replace('["streamable-http", "sse"]', '["sse"]'),
    "host-refused": RIGHT,  # but for the host: see the test
}


GONE = RIGHT.replace('("/mcp",)', '("/mcp", "/sse")').replace(
    "app.router.routes.insert(0,",
    """async def gone(request):
    return JSONResponse({"endpoint": "/mcp"}, status_code=410)

app.router.routes.append(Route("/sse", gone))
app.router.routes.insert(0,""",
)
KEPT = BOTH.replace('("/mcp",)', '("/mcp", "/sse", "/messages")')
OLD_CORS = """from starlette.middleware.cors import CORSMiddleware
app.add_middleware(CORSMiddleware, allow_origins=["https://page.example"], allow_methods=["POST"], allow_headers=["authorization"])
app.router.routes.insert(0,"""
NEW_CORS = OLD_CORS.replace('["authorization"]', '["authorization", "mcp-session-id", "mcp-protocol-version"]').replace(
    "allow_headers", 'expose_headers=["Mcp-Session-Id"], allow_headers'
)
CASES: dict[str, tuple[str, dict[str, Any], str]] = {
    "gone": (GONE, {"options": {"legacy_sse": "gone"}}, "ok"),
    "not gone": (RIGHT, {"options": {"legacy_sse": "gone"}}, "not-gone"),
    "kept": (KEPT, {"options": {"legacy_sse": "keep"}}, "ok"),
    "not kept": (RIGHT, {"options": {"legacy_sse": "keep"}}, "sse-lost"),
    "kept without its guard": (BOTH, {"options": {"legacy_sse": "keep"}}, "open"),
    "old word refused": (
        RIGHT.replace('["streamable-http", "sse"]', '["streamable-http"]'),
        {"options": {"old_word": "reject"}},
        "ok",
    ),
    "old word not refused": (RIGHT, {"options": {"old_word": "reject"}}, "not-refused"),
    "headers exposed": (
        RIGHT.replace("app.router.routes.insert(0,", NEW_CORS),
        {"site": "https://page.example"},
        "ok",
    ),
    "headers not exposed": (
        RIGHT.replace("app.router.routes.insert(0,", OLD_CORS),
        {"site": "https://page.example"},
        "cors",
    ),
    "a session that is needed": (
        RIGHT.replace("stateless_http=True", "debug=False"),
        {"expect": "stateful", "reason": "it asks"},
        "ok",
    ),
    "a session that got lost": (RIGHT, {"expect": "stateful", "reason": "it asks"}, "stateless"),
    "blocked, but moved": (RIGHT, {"expect": "blocked", "reason": "it asks"}, "not-blocked"),
}


def subject(name: str, **more: Any) -> Subject:
    def write(folder: Path) -> None:
        # bound to every address: no Host header is refused, unless a migration brings the check back
        (folder / "server.py").write_text(any_host(BEFORE))

    return Subject(
        name=name,
        tree=write,
        start=Start(("server.py", "--transport", "sse")),
        routes=(Route("/sse", model="/mcp"),),
        headers={"Authorization": "Bearer k"},
        health="/health",
        **more,
    )


def any_host(text: str) -> str:
    return text.replace('"judged",', '"judged", host="0.0.0.0",')


def writing(text: str, status: int = 0, output: str = "") -> Tool:
    """A tool whose migrated server is `text`."""

    def tool(subject: Subject, folder: Path) -> ToolRun:
        (folder / "server.py").write_text(text)
        return ToolRun(status, output, 0.0)

    return tool


def judged(subject: Subject, tool: Tool) -> Verdict:
    environment = environments()["official-1"]
    return judge(subject, environment, environment.python(ready_folder()), tool)


@pytest.mark.parametrize("word", WRONG)
def test_each_outcome_has_its_word(word: str) -> None:
    after = WRONG[word] if word == "host-refused" else any_host(WRONG[word])
    verdict = judged(subject(word), writing(after))
    assert verdict.word == word, str(verdict)  # the first problem; others may follow from it


@pytest.mark.parametrize("name", CASES)
def test_what_options_and_notes_ask_for(name: str) -> None:
    after, more, word = CASES[name]
    verdict = judged(subject(name, **more), writing(any_host(after)))
    assert verdict.word == word, str(verdict)


def test_a_tool_that_fails() -> None:
    said = "Traceback (most recent call last):\n  ..."
    verdict = judged(subject("fails"), writing(any_host(RIGHT), status=2, output=said))
    assert [problem.word for problem in verdict.problems] == ["tool-fails"], str(verdict)


def test_a_tool_that_never_comes_to_rest() -> None:
    def tool(subject: Subject, folder: Path) -> ToolRun:
        before = (folder / "server.py").read_text()
        start = before if "stateless_http" in before else any_host(RIGHT)
        return writing(start + "# once more\n")(subject, folder)

    verdict = judged(subject("restless"), tool)
    assert [problem.word for problem in verdict.problems] == ["second-run"], str(verdict)


def test_a_server_that_does_not_serve_before() -> None:
    broken = Subject(name="broken", tree=lambda folder: (folder / "server.py").touch(), start=Start(("server.py",)))
    assert judged(broken, writing("")).word == "before-fails"
