"""What still names the old path or word when everything else is told: code, comments, and what tests expect."""

from __future__ import annotations

from pathlib import Path

from migrator.model import Finding
from migrator.pipeline import make_plan
from migrator.settings import Settings

CONFIG = """VALID = ("stdio", "sse")


def transport(word):
    if word not in VALID:
        raise ValueError(f"must be one of {', '.join(VALID)}")
    return word
"""
SERVER = """import sys

from config import transport
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes", sse_path="/events")

# mcp.run(transport="sse")
if __name__ == "__main__":
    mcp.run(transport=transport(sys.argv[1]))
"""
TESTS = """import pytest

import config
from server import mcp


def test_valid():
    assert set(config.VALID) == {"stdio", "sse"}
    assert len(config.VALID) == 2, "sse is missing"


def test_refused():
    with pytest.raises(ValueError, match="one of stdio, sse"):
        config.transport("carrier pigeon")


def test_both():
    assert config.VALID != ("streamable-http", "sse")


def test_path(client):
    assert mcp.settings.sse_path
    assert b"at /events" in client.get("/").data
"""


def told(folder: Path, **files: str) -> dict[str, list[Finding]]:
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    plan = make_plan(folder, Settings())
    assert plan.changes
    found: dict[str, list[Finding]] = {}
    for f in plan.findings:
        if "on naming the" in f.message:
            found.setdefault(f.place.path, []).append(f)
    return found


def test_what_a_test_compares_with_the_old_word_is_told(tmp_path: Path) -> None:
    (found,) = told(tmp_path, config=CONFIG, server=SERVER, test_config=TESTS)["test_config.py"]
    assert found.rule == "MCP506"
    assert found.message == "lines 13, 22, 23 go on naming the old path or word: a test may expect another now"


def test_a_comment_is_no_text_that_a_program_reads(tmp_path: Path) -> None:
    (found,) = told(tmp_path, config=CONFIG, server=SERVER)["server.py"]
    assert found.message == "this line goes on naming the old path or word: comments are yours to change"
    assert found.place.line == 8


def test_a_stream_of_the_programs_own_is_not_told(tmp_path: Path) -> None:
    other = 'from fastapi import FastAPI\n\nimport server\n\napp = FastAPI()\n\n\n@app.get("/pages/events")\ndef sse():\n    return server.mcp.name\n'
    assert "other.py" not in told(tmp_path, config=CONFIG, server=SERVER, other=other)
    for old in ("/events", "/messages"):
        again = told(tmp_path, config=CONFIG, server=SERVER, other=other.replace("/pages/events", old))
        assert [f.place.line for f in again["other.py"]] == [8]
        assert ("messages go to /mcp itself" in again["other.py"][0].instruction) == (old == "/messages")


BY_NAME = """import importlib
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes")
conf = importlib.import_module(f"settings.{os.environ['APP']}")
plain = importlib.import_module("plain.conf")

if __name__ == "__main__":
    mcp.run(transport=conf.TRANSPORT)
"""


def test_settings_that_the_server_names_by_text_are_told(tmp_path: Path) -> None:
    for folder in ("settings", "plain", "other"):
        (tmp_path / folder).mkdir()
    prod, conf, other = 'TRANSPORT = "sse"\n', "TRANSPORT = 'sse'\n", 'TRANSPORT = "sse"\n'
    found = told(tmp_path, server=BY_NAME, **{"settings/prod": prod, "plain/conf": conf, "other/conf": other})
    assert sorted(found) == ["plain/conf.py", "settings/prod.py"]
    assert all(f.place.line == 1 for (f,) in found.values())


def test_a_list_of_programs_to_start_is_told(tmp_path: Path) -> None:
    launch = 'PROGRAMS = [{"path": "server.py", "args": ["sse"]}]\n'
    other = 'PROGRAMS = [{"path": "feed.py", "args": ["sse"]}]\n'
    server = SERVER.replace("from config import transport\n", "").replace("transport(sys.argv[1])", "sys.argv[1]")
    found = told(tmp_path, server=server.replace("# mcp", "# server.mcp"), launch=launch, other=other)
    assert sorted(found) == ["launch.py", "server.py"]


def test_a_test_of_the_old_application_is_told(tmp_path: Path) -> None:
    server = 'from mcp.server.fastmcp import FastMCP\n\n\ndef make() -> FastMCP:\n    return FastMCP("notes")\n\n\nmake().run("sse")\n'
    test = "import server\n\n\ndef test_app(client):\n    assert client(server.make().sse_app()).ok\n"
    (tmp_path / "server.py").write_text(server, encoding="utf-8")
    (tmp_path / "test_app.py").write_text(test, encoding="utf-8")
    (finding,) = (f for f in make_plan(tmp_path, Settings()).findings if f.place.path == "test_app.py")
    assert finding.message == "this line serves the old transport, which server.py:server is not served with any more"
    assert "streamable_http_app()" in finding.instruction


def test_the_word_that_a_start_is_registered_with(tmp_path: Path) -> None:
    server = (
        "import registry\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('notes')\n\n\nasync def serve():\n"
        "    await registry.register('sse', mcp.settings.port, mcp.settings.sse_path)\n    await mcp.run_sse_async()\n"
    )
    (found,) = told(tmp_path, server=server)["server.py"]
    assert found.place.line == 8
    assert found.message.startswith("this line goes on naming the old path or word")


def test_a_word_that_a_start_keeps_is_right_where_it_is(tmp_path: Path) -> None:
    server = (
        "import sys\nfrom mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP('notes')\n\nif sys.argv[1] == 'sse':\n"
        "    mcp.settings.port = 8001\n    mcp.run(transport='sse')\nelif sys.argv[1] == 'streamable-http':\n"
        "    mcp.settings.port = 8002\n    mcp.run(transport='streamable-http')\n"
    )
    assert "server.py" not in told(tmp_path, server=server)
