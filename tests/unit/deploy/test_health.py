"""What a health check that asked for the old path is told to ask for instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

CHECKED = "FROM python:3.12\nHEALTHCHECK CMD curl -sf http://localhost:8000/sse || exit 1\nCMD python server.py\n"
HIGH_LEVEL = "from {module} import {kind}\n\nnotes = {kind}('notes')\nnotes.run(transport='sse')\n"
LOW_LEVEL = """\
from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount, Route

server = Server("notes")
sse = SseServerTransport("/messages/")


async def handle_sse(request):
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        await server.run(streams[0], streams[1], server.create_initialization_options())
    return Response()


app = Starlette(routes=[Route("/sse", endpoint=handle_sse), Mount("/messages/", app=sse.handle_post_message)])
"""


def told(folder: Path, server: str) -> str:
    (folder / "server.py").write_text(server, encoding="utf-8")
    (folder / "Dockerfile").write_text(CHECKED, encoding="utf-8")
    (one,) = [f for f in make_plan(folder, Settings()).findings if f.rule == "MCP503"]
    return one.instruction


@pytest.mark.parametrize(
    ("module", "kind"),
    [("mcp.server.fastmcp", "FastMCP"), ("mcp.server.mcpserver", "MCPServer"), ("fastmcp", "FastMCP")],
)
def test_a_server_that_takes_routes_is_given_one(tmp_path: Path, module: str, kind: str) -> None:
    shown = told(tmp_path, HIGH_LEVEL.format(module=module, kind=kind))
    assert '@notes.custom_route("/health", methods=["GET"])' in shown
    assert "Route(" not in shown


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("def build():\n    app = FastMCP('notes')\n    return app\n\n\nbuild().run('sse')\n", "@app."),
        (
            "class App:\n    def __init__(self):\n        self.mcp: FastMCP = FastMCP('notes')\n\n    def serve(self):\n"
            "        self.mcp.run('sse')\n\n\nApp().serve()\n",
            "@self.mcp.",
        ),
    ],
)
def test_a_route_is_shown_for_what_the_server_is_called_where_it_is_made(tmp_path: Path, made: str, named: str) -> None:
    assert f'{named}custom_route("/health"' in told(tmp_path, f"from mcp.server.fastmcp import FastMCP\n\n\n{made}")


def test_one_that_is_wired_by_hand_gets_a_route_beside_the_others(tmp_path: Path) -> None:
    shown = told(tmp_path, LOW_LEVEL)
    assert 'Route("/health", endpoint=' in shown
    assert "custom_route" not in shown


def test_a_gateways_rule_is_no_health_check(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(HIGH_LEVEL.format(module="fastmcp", kind="FastMCP"), encoding="utf-8")
    (tmp_path / "routes.yaml").write_text("routes:\n  - uri: /sse\n    upstream: {nodes: {'notes:8000': 1}}\n")
    task = "- hosts: all\n  tasks:\n    - uri:\n        url: http://localhost:8000/sse\n"
    (tmp_path / "playbook.yml").write_text(task, encoding="utf-8")
    found = {f.place.path for f in make_plan(tmp_path, Settings()).findings if f.rule == "MCP503"}
    assert found == {"playbook.yml"}


COMPOSED = """\
services:
  notes:
    build: .
    environment: {FASTMCP_TRANSPORT: sse, FASTMCP_PORT: "8000"}
    ports: ["8000:8000"]
    healthcheck:
      test: curl -sf -m 2 http://localhost:8000/sse || [ $$? -eq 28 ]
"""


@pytest.mark.parametrize("another", [False, True])
def test_one_of_a_server_that_only_a_variable_puts_on_sse(tmp_path: Path, another: bool) -> None:
    run = "notes.run(transport='sse')\n" if another else "notes.run()\n"  # two servers may be at that address
    (tmp_path / "server.py").write_text(f"from fastmcp import FastMCP\n\nnotes = FastMCP('notes')\n{run}")
    (tmp_path / "requirements.txt").write_text("fastmcp==4.1.2\n")
    (tmp_path / "compose.yml").write_text(COMPOSED)
    (tmp_path / "Dockerfile").write_text('FROM python:3.12\nCOPY . .\nCMD ["python", "server.py"]\n')
    (one,) = [f for f in make_plan(tmp_path, Settings()).findings if f.rule == "MCP503"]
    assert one.place.path == "compose.yml"
    assert "in compose.yml" not in one.instruction
