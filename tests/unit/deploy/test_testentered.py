"""Tests of a project that run the lifespan of one application more than once."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
from fastapi import FastAPI
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("calc")


def create_app():
    made = FastAPI()
    return made


app = FastAPI()
app.mount("/tools", mcp.sse_app())
"""
FIXTURE = """\
import pytest
from starlette.testclient import TestClient
from server import app


@pytest.fixture{scope}
def client():
    with TestClient(app) as client:
        yield client
"""
USERS = "def test_a(client):\n    client.get('/a')\n\n\ndef test_b(client):\n    client.get('/b')\n"
INLINE = """\
from starlette.testclient import TestClient
from server import {name}


def test_{word}():
    with TestClient({made}) as client:
        client.get("/a")
"""


def told(tmp_path: Path, files: dict[str, str], sdk: str = "mcp>=1.24,<2") -> list[Finding]:
    for name, text in {"requirements.txt": f"{sdk}\n", "server.py": SERVER, **files}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan = make_plan(tmp_path, Settings())
    assert [e.moved for e in plan.endpoints] == [True]
    return [f for f in plan.findings if f.rule == "MCP506"]


def test_a_fixture_of_two_tests(tmp_path: Path) -> None:
    (found,) = told(tmp_path, {"tests/conftest.py": FIXTURE.format(scope=""), "tests/test_a.py": USERS})
    assert (found.place.path, found.place.line) == ("tests/conftest.py", 8)
    assert "once for each application" in found.message


def test_two_tests_in_two_files(tmp_path: Path) -> None:
    files = {f"tests/test_{w}.py": INLINE.format(name="app", word=w, made="app") for w in "ab"}
    assert [f.place.path for f in told(tmp_path, files)] == ["tests/test_a.py", "tests/test_b.py"]


@pytest.mark.parametrize(
    "files",
    [
        {"tests/conftest.py": FIXTURE.format(scope='(scope="session")'), "tests/test_a.py": USERS},
        {"tests/test_a.py": INLINE.format(name="app", word="a", made="app")},
        {f"tests/test_{w}.py": INLINE.format(name="create_app", word=w, made="create_app()") for w in "ab"},
        {"tests/test_a.py": "from starlette.testclient import TestClient\nfrom server import app\n\n\n"
         "def test_a():\n    TestClient(app).get('/a')\n\n\ndef test_b():\n    TestClient(app).get('/b')\n"},
    ],
    ids=["session", "one test", "made anew", "no lifespan"],
)  # fmt: skip
def test_others_are_not(tmp_path: Path, files: dict[str, str]) -> None:
    assert not told(tmp_path, files)


def test_a_release_that_makes_its_manager_anew(tmp_path: Path) -> None:
    server = SERVER.replace("mcp.server.fastmcp", "fastmcp").replace("mcp.sse_app()", 'mcp.http_app(transport="sse")')
    files = {"tests/conftest.py": FIXTURE.format(scope=""), "tests/test_a.py": USERS, "server.py": server}
    assert not told(tmp_path, files, "fastmcp>=3,<4")
