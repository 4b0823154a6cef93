"""What still names the old address of a server that speaks Streamable HTTP already."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding, Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings
from tests.unit.python.lowlevel_moves import PLAIN_AFTER

SERVER = """\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", host="0.0.0.0", port=8000, stateless_http=True)

if __name__ == "__main__":
    mcp.run(transport="streamable-http")
"""
MOUNTED = """\
import uvicorn
from fastmcp import FastMCP
from starlette.applications import Starlette
from starlette.routing import Mount

mcp = FastMCP("notes")
inner = mcp.http_app(path="/mcp")
app = Starlette(routes=[Mount("/api", app=inner)], lifespan=inner.lifespan)

if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8080)
"""
CHOOSING = """\
import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", port=8000)

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["stdio", "streamable-http"], default="stdio")
    mcp.run(transport=parser.parse_args().transport)
"""
WIRED = (
    PLAIN_AFTER.replace("import Route", "import Mount, Route")
    + """
if __name__ == "__main__":
    uvicorn.run(app, host="0.0.0.0", port=8000)
"""
)
EVENTS = """
from fastapi import FastAPI

app = FastAPI()


@app.get("/sse")
async def stream():
    return "event: 1"
"""
COMPOSE = """\
services:
  notes:
    build: .
    ports: ["8000:8000"]
  events:
    image: acme/events
    ports: ["9000:9000"]
    healthcheck:
      test: ["CMD", "curl", "-f", "http://localhost:8000/sse"]
  hub:
    image: acme/hub
    environment:
      NOTES_URL: http://notes:8000/sse
      EVENTS_URL: http://events:9000/sse
      HERE: http://localhost:9000/sse
      THERE: https://events.example.com/sse
"""
NGINX = """\
upstream events { server events:9000; }
server {
  location /sse {
    proxy_pass http://notes:8000;
  }
  location /live/sse {
    proxy_pass http://events;
  }
}
"""


def left(tmp_path: Path, **files: str) -> dict[str, Finding]:
    """The findings of `check` by their place: nothing of such a tree is changed."""
    for name, text in {"requirements.txt": "mcp>=1.28.1,<2\nfastmcp>=2.14.2,<3\n", **files}.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    plan = make_plan(tmp_path, Settings())
    assert not plan.changes
    assert not plan.endpoints
    assert all(f.outcome is Outcome.BY_HAND for f in plan.deprecated)
    return {str(f.place): f for f in plan.deprecated}


def test_an_address_in_a_compose_file_is_told_with_the_line_to_write(tmp_path: Path) -> None:
    found = left(tmp_path, **{"server.py": SERVER, "docker-compose.yml": COMPOSE})
    assert list(found) == [
        "docker-compose.yml:13"
    ]  # neither other hosts and services, nor what another image asks of itself
    (one,) = found.values()
    assert one.message == (
        "'NOTES_URL: http://notes:8000/sse' is left from SSE: server.py:mcp serves Streamable HTTP alone, at /mcp"
    )
    assert one.instruction == "write: NOTES_URL: http://notes:8000/mcp"


def test_a_proxy_rule_is_told_where_it_leads_to_the_server(tmp_path: Path) -> None:
    found = left(tmp_path, **{"server.py": SERVER, "docker-compose.yml": COMPOSE, "nginx.conf": NGINX})
    assert found["nginx.conf:3"].instruction == "write: location /mcp {"
    assert not {"nginx.conf:1", "nginx.conf:6"} & set(found)


def test_a_health_check_is_told_with_what_to_ask_instead(tmp_path: Path) -> None:
    check = "FROM python:3.12\nHEALTHCHECK CMD curl -sf http://localhost:8000/sse || exit 1\nCMD python server.py\n"
    found = left(tmp_path, **{"server.py": SERVER, "Dockerfile": check})
    assert found["Dockerfile:2"].rule == "MCP503"
    assert "socket.create_connection(('127.0.0.1', 8000)" in found["Dockerfile:2"].instruction


@pytest.mark.parametrize(
    ("route", "path", "stateless"),
    [
        ('Route("/mcp", endpoint=StreamableHTTPEndpoint())', "/mcp", True),
        ('Mount("/mcp", app=session_manager.handle_request)', "/mcp/", False),
    ],
)
def test_a_server_that_is_wired_by_hand_is_one_too(tmp_path: Path, route: str, path: str, stateless: bool) -> None:
    server = WIRED.replace('Route("/mcp", endpoint=StreamableHTTPEndpoint())', route)
    if not stateless:
        server = server.replace(", stateless=True", "")
    check = "FROM python:3.12\nHEALTHCHECK CMD curl -sf http://localhost:8000/sse || exit 1\nCMD python server.py\n"
    env = "NOTES_URL=http://localhost:8000/sse\n"
    found = left(tmp_path, **{"server.py": server, "Dockerfile": check, ".env.example": env})
    assert found[".env.example:1"].instruction == f"write: NOTES_URL=http://localhost:8000{path}"
    assert ("a ping, for a stateless server" in found["Dockerfile:2"].instruction) is stateless


def test_a_server_that_is_wired_by_hand_may_still_answer_the_old_path(tmp_path: Path) -> None:
    server = WIRED.replace("routes=[", 'routes=[Route("/sse", endpoint=lambda request: None), ')
    env = "NOTES_URL=http://localhost:8000/sse\n"
    assert not left(tmp_path, **{"server.py": server, ".env.example": env})


@pytest.mark.parametrize(("stateless", "ping"), [("stateless_http=True", True), ("stateless_http=False", False)])
def test_only_a_stateless_server_answers_a_ping(tmp_path: Path, stateless: str, ping: bool) -> None:
    server = SERVER.replace("stateless_http=True", stateless)
    found = left(tmp_path, **{"server.py": server, "smoke.sh": "curl -sf http://localhost:8000/sse\n"})
    assert ("a ping, for a stateless server" in found["smoke.sh:1"].instruction) is ping


def test_a_word_that_the_server_no_longer_knows_is_told(tmp_path: Path) -> None:
    found = left(
        tmp_path,
        **{
            "server.py": CHOOSING,
            "Procfile": "web: python server.py --transport sse\nother: python -m somebody.else --transport sse\n",
        },
    )
    assert {p: f.instruction for p, f in found.items()} == {
        "Procfile:1": "write: web: python server.py --transport streamable-http"
    }


def test_a_word_that_still_works_is_told_too(tmp_path: Path) -> None:
    server = SERVER.replace('"streamable-http"', 'os.getenv("MCP_TRANSPORT", "sse")').replace(
        "from", "import os\n\nfrom", 1
    )
    server = server.replace(", stateless_http=True", "")
    files = {"server.py": server, ".env.example": "MCP_TRANSPORT=sse\n"}
    for name, text in {"requirements.txt": "mcp>=1.28.1,<2\n", **files}.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    moved = next(c for c in make_plan(tmp_path, Settings()).changes if c.path == "server.py")
    found = left(tmp_path, **{**files, "server.py": moved.after.decode()})
    assert found[".env.example:1"].instruction == "write: MCP_TRANSPORT=streamable-http"


def test_an_address_below_a_mount_is_told(tmp_path: Path) -> None:
    env = "MCP_SERVER_URL=http://localhost:8080/api/sse\nEVENTS_URL=http://localhost:8080/sse\n"
    found = left(tmp_path, **{"server.py": MOUNTED, ".env.example": env})
    assert {p: f.instruction for p, f in found.items()} == {
        ".env.example:1": "write: MCP_SERVER_URL=http://localhost:8080/api/mcp"
    }


def test_a_server_that_is_only_mounted_is_one_too(tmp_path: Path) -> None:
    app = """\
from contextlib import asynccontextmanager

from fastapi import FastAPI
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", stateless_http=True)


@asynccontextmanager
async def lifespan(app):
    async with mcp.session_manager.run():
        yield


app = FastAPI(lifespan=lifespan)
app.mount("/notes", mcp.streamable_http_app())
"""
    compose = """\
services:
  api:
    build: ./svc
    healthcheck:
      test: curl -sf http://localhost:8000/notes/sse || exit 1
  ui:
    image: acme/ui
    environment:
      NOTES: http://api:8000/notes/sse
"""
    files = {"svc/app.py": app, "svc/requirements.txt": "mcp>=1.28.1,<2\n", "compose.yaml": compose}
    assert set(left(tmp_path, **files)) == {"compose.yaml:5", "compose.yaml:9"}
    assert set(left(tmp_path, **files, **{"events/main.py": EVENTS})) == {"compose.yaml:5", "compose.yaml:9"}


def test_nothing_is_told_where_code_may_answer_the_old_path(tmp_path: Path) -> None:
    files = {"server.py": SERVER, "docker-compose.yml": COMPOSE, "nginx.conf": NGINX}
    assert left(tmp_path, **files)
    assert not left(tmp_path, **files, **{"events.py": EVENTS})


def test_a_document_may_still_tell_of_the_old_address(tmp_path: Path) -> None:
    readme = "It was at http://localhost:8000/sse.\n\n```bash\ncurl -N http://localhost:8000/sse\n```\n"
    assert not left(tmp_path, **{"server.py": SERVER, "README.md": readme})


def test_a_server_that_moves_now_has_its_own_findings(tmp_path: Path) -> None:
    moving = SERVER.replace("streamable-http", "sse").replace(", stateless_http=True", "").replace("8000", "8001")
    files = {
        "a/requirements.txt": "mcp>=1.28.1,<2\n",
        "a/server.py": SERVER,
        "a/urls.env": "A_URL=http://localhost:8000/sse\n",
        "b/requirements.txt": "mcp>=1.28.1,<2\n",
        "b/server.py": moving,
        "b/urls.env": "B_URL=http://localhost:8001/sse\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan = make_plan(tmp_path, Settings())
    assert [e.name for e in plan.endpoints] == ["b/server.py:mcp"]
    outcomes = {f.place.path: f.outcome for f in plan.findings if f.place.path.endswith(".env")}
    assert outcomes == {"a/urls.env": Outcome.BY_HAND, "b/urls.env": Outcome.FIX}
