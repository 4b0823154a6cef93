"""Servers that a process starts more than once are told of: their session manager runs only once."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding
from migrator.pipeline import make_plan
from migrator.settings import Settings

MADE = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("shop")\n'
FACTORY = (
    MADE
    + """
from starlette.applications import Starlette
from starlette.routing import Mount


def make_app():
    return Starlette(routes=[Mount("/", app=mcp.sse_app())])
"""
)
MODULE = FACTORY + "\n\napp = make_app()\n"
CONTROLLER = """
import threading

import uvicorn

from shop import make_app


class Controller:
    def start(self):
        self.server = uvicorn.Server(uvicorn.Config(make_app(), port=8000))
        threading.Thread(target=self.server.run).start()

    def stop(self):
        self.server.should_exit = True
"""
LOOP = (
    MADE
    + '\nimport time\n\nwhile True:\n    try:\n        mcp.run("sse")\n    except OSError:\n        time.sleep(3)\n'
)
FAR_LOOP = MADE + '\n\ndef serve():\n    mcp.run("sse")\n\n\nwhile True:\n    serve()\n'
MADE_EACH = 'from mcp.server.fastmcp import FastMCP\n\nwhile True:\n    mcp = FastMCP("shop")\n    mcp.run("sse")\n'
MADE_IN = 'from mcp.server.fastmcp import FastMCP\n\n\ndef serve():\n    mcp = FastMCP("shop")\n    mcp.run("sse")\n\n\nwhile True:\n    serve()\n'
TESTS = """
import pytest
from starlette.testclient import TestClient

import shop


@pytest.fixture{scope}
def client():
    with TestClient({app}) as client:
        yield client


def test_page(client):
    assert client.get("/").status_code == 404


def test_other(client):
    assert client.get("/other").status_code == 404
"""
TWICE = """
from starlette.testclient import TestClient

from shop import app


def test_page():
    with TestClient(app) as client:
        assert client.get("/").status_code == 404


def test_other():
    with TestClient(app) as client:
        assert client.get("/other").status_code == 404
"""
FIXTURE, USERS = TESTS.format(scope="", app="shop.app").split("\n\n\ndef test_page")
USERS = "def test_page" + USERS
ONCE = TWICE.split("\n\n\ndef test_other", maxsplit=1)[0]
OTHER = TWICE.replace(
    "\n\nfrom shop import app", "\nfrom fastapi import FastAPI\n\nfrom shop import mcp\n\napp = FastAPI()"
)
PLAIN = TWICE.replace("with TestClient(app) as client:\n        ", "client = TestClient(app)\n    ")


def told(folder: Path, required: str, files: dict[str, str]) -> list[Finding]:
    for name, text in {"requirements.txt": required, **files}.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    plan = make_plan(folder, Settings())
    assert plan.changes and all(e.moved for e in plan.endpoints)
    return [f for f in plan.findings if f.rule == "MCP612"]


OLD = "mcp>=1.28.1,<2\n"


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"shop.py": FACTORY, "window.py": CONTROLLER}, "window.py:15"),
        ({"shop.py": LOOP}, "shop.py:7"),
        ({"shop.py": FAR_LOOP}, "shop.py:10"),
        ({"shop.py": FACTORY, "tests/test_shop.py": TESTS.format(scope="", app="shop.make_app()")}, "tests/test_shop.py:10"),
        ({"shop.py": MODULE, "tests/test_shop.py": TWICE}, "tests/test_shop.py:8"),
        ({"shop.py": MODULE, "tests/conftest.py": FIXTURE, "tests/test_shop.py": USERS}, "tests/conftest.py:10"),
        ({"shop.py": MODULE, "tests/test_a.py": ONCE, "tests/test_b.py": ONCE}, "tests/test_a.py:8"),
    ],
)  # fmt: skip
def test_a_second_start_is_told(tmp_path: Path, files: dict[str, str], place: str) -> None:
    (one,) = told(tmp_path, OLD, files)
    assert str(one.place) == place and not one.counts


@pytest.mark.parametrize(
    "files",
    [
        {"shop.py": MADE_EACH},
        {"shop.py": MADE_IN},
        {"shop.py": FACTORY, "tests/test_shop.py": TESTS.format(scope='(scope="session")', app="shop.make_app()")},
        {"shop.py": MODULE, "tests/test_shop.py": PLAIN},
        {"shop.py": MODULE, "tests/test_shop.py": OTHER},
        {"shop.py": MODULE, "tests/test_shop.py": ONCE},
    ],
)
def test_one_start_is_no_news(tmp_path: Path, files: dict[str, str]) -> None:
    assert not told(tmp_path, OLD, files)


def test_applications_that_tests_make_share_nothing_but_on_1x(tmp_path: Path) -> None:
    made = TWICE.replace("import app", "import make_app").replace("    with", "    app = make_app()\n    with")
    server = FACTORY.replace("mcp.server.fastmcp", "fastmcp").replace("mcp.sse_app()", 'mcp.http_app(transport="sse")')
    for required, code, count in ((OLD, FACTORY, 1), ("fastmcp==2.14.7\n", server, 0)):
        assert len(told(tmp_path, required, {"shop.py": code, "tests/test_shop.py": made})) == count


def test_what_each_generation_takes(tmp_path: Path) -> None:
    made = MADE.replace("mcp.server.fastmcp", "fastmcp")
    app = made + '\napp = mcp.http_app(transport="sse")\n'
    for required, count in (("fastmcp==2.14.7\n", 1), ("fastmcp==3.4.10\n", 0)):
        assert len(told(tmp_path, required, {"shop.py": app, "tests/test_shop.py": TWICE})) == count
    loop = LOOP.replace("mcp.server.fastmcp", "fastmcp")
    (tmp_path / "tests/test_shop.py").unlink()
    assert not told(tmp_path, "fastmcp==2.14.7\n", {"shop.py": loop})
