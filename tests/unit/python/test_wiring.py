"""A host gets a lifespan of its own, unless start and stop handlers would be lost with it."""

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
from mcp.server.fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.routing import Mount


def create_app() -> Starlette:
    mcp = FastMCP("a")
    return Starlette(routes=[Mount("/", app=mcp.sse_app())])
"""
TASKS = """\
class Tasks:
    def __init__(self, parent):
        self.parent = parent

    async def told(self, event):
        await self.parent.on_event(event)


tasks = Tasks(Tasks(None))
"""


def moved(folder: Path, other: str) -> str:
    (folder / "server.py").write_text(SERVER)
    (folder / "other.py").write_text(other)
    return "".join(c.after.decode() for c in make_plan(folder, Settings()).changes)


def test_an_event_of_something_else_is_no_handler(tmp_path: Path) -> None:
    assert "lifespan=mcp_lifespan" in moved(tmp_path, TASKS)


@pytest.mark.parametrize(
    "handler",
    [
        'def register(app):\n    @app.on_event("startup")\n    async def go(): ...\n',
        "app.add_event_handler('shutdown', print)\n",
    ],
)
def test_a_handler_that_may_be_the_hosts_keeps_its_place(tmp_path: Path, handler: str) -> None:
    assert not moved(tmp_path, handler)


def test_an_exact_route_needs_a_release_that_answers_it(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER.replace('Mount("/", ', 'Mount("/mcp", '))
    (tmp_path / "requirements.txt").write_text("mcp>=1.9,<2\n")
    (endpoint,) = make_plan(tmp_path, Settings()).endpoints
    assert (endpoint.new_path, endpoint.needs_sdk) == ("/mcp", "1.12.0")
