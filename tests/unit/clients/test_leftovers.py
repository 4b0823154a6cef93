"""Addresses in Python that no client is seen to use are told, where they are of a server that moves."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Finding, Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8123)\n\nif __name__ == "__main__":\n    mcp.run("sse")\n'


def told(root: Path, path: str, code: str, rest: dict[str, str] | None = None) -> list[Finding]:
    for name, text in {"server.py": SERVER, "requirements.txt": "mcp==1.28.1\n", path: code, **(rest or {})}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    plan = make_plan(root, Settings())
    assert path not in {c.path for c in plan.changes}
    return [f for f in plan.findings if f.place.path == path]


@pytest.mark.parametrize(
    ("path", "code", "rule"),
    [
        ("tests/test_a.py", 'import httpx\nhttpx.get("http://localhost:8123/sse")\n', "MCP506"),
        ("tests/test_a.py", 'def test_it(client):\n    assert client.get("/sse").status_code == 200\n', "MCP506"),
        ("tests/test_a.py", 'def test_it(app):\n    assert "/sse" in app.paths  # the route\n', "MCP506"),
        ("smoke.py", 'import requests\nrequests.post("http://localhost:8123" + "/messages/")  # no /sse\n', "MCP204"),
        ("settings.py", 'MCP = {"URL": "http://localhost:8123/sse"}\n', "MCP204"),
    ],
)
def test_what_asks_a_server_that_moves_is_by_hand(tmp_path: Path, path: str, code: str, rule: str) -> None:
    (finding,) = told(tmp_path, path, code)
    assert (finding.rule, finding.outcome, finding.counts) == (rule, Outcome.BY_HAND, True)


@pytest.mark.parametrize(
    "code",
    [
        'import httpx\nhttpx.get("http://localhost:9999/sse")\n',  # another port
        'import httpx\nhttpx.get("http://localhost:8123/events/sse")\n',  # another path
        '"""Runs at http://localhost:8123/sse."""\n',
        'SSE = "/sse"\n',  # no request, and no test
        'app = FastAPI()\n\n\n@app.get("/sse")\ndef events(): ...\n',  # answers, and asks nobody
    ],
)
def test_look_alikes_are_nobodys(tmp_path: Path, code: str) -> None:
    assert not told(tmp_path, "other.py", code)


def test_a_server_that_keeps_its_path_takes_nothing_away(tmp_path: Path) -> None:
    server = SERVER.replace("port=8123", 'port=8123, sse_path="/mcp"')
    code = 'def test_it(client):\n    assert client.get("/mcp")  # not /sse\n'
    assert not told(tmp_path, "tests/test_a.py", code, {"server.py": server})


def test_a_client_that_may_be_handed_one_stays(tmp_path: Path) -> None:
    client = (
        "from dataclasses import dataclass\nfrom mcp.client.sse import sse_client\n\n\n@dataclass\nclass Remote:\n"
        '    url: str = "http://x.example.org/sse"\n\n    def open(self):\n        return sse_client(self.url)\n'
    )
    caller = 'import remote\n\nKINDS = {"a": remote.Remote}\nKINDS["a"](url="http://x.example.org/sse")\n'
    (tmp_path / "main.py").write_text(caller)
    (finding,) = told(tmp_path, "remote.py", client)
    assert finding.outcome is Outcome.BY_HAND
    assert "main.py:4" in finding.message or "can't be followed" in finding.message


def test_nothing_goes_where_sse_is_kept(tmp_path: Path) -> None:
    code = 'import httpx\nhttpx.get("http://localhost:8123/sse")\n'
    assert told(tmp_path, "smoke.py", code)
    plan = make_plan(tmp_path, Settings(legacy_sse="keep"))
    assert not [f for f in plan.findings if f.place.path == "smoke.py"]


def test_what_a_test_keeps_is_nothing_to_check(tmp_path: Path) -> None:
    code = (
        "from fastmcp import Client\nfrom fastmcp.client.transports import SSETransport\n\n\n"
        'def test_it():\n    Client(SSETransport("https://example.com/sse"))\n'
    )
    found = told(tmp_path, "tests/test_client.py", code)
    assert found
    for f in found:
        assert f.message.endswith("; in a test, so it is left alone")
        assert (f.outcome, f.assumed, f.check, f.instruction) == (Outcome.INFO, False, "", "")


MADE = """import multiprocessing

from mcp.server.fastmcp import FastMCP


def serve(port):
    made = FastMCP("made", port=port)
    made.run(transport="sse")


def address():
    multiprocessing.Process(target=serve, args=(8124,)).start()
    return "http://127.0.0.1:8124/sse"
"""


def test_the_address_of_a_server_that_a_test_makes_is_by_hand(tmp_path: Path) -> None:
    for name, text in {"server.py": SERVER, "requirements.txt": "mcp==1.28.1\n", "tests/conftest.py": MADE}.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    plan = make_plan(tmp_path, Settings())
    assert "tests/conftest.py" in {c.path for c in plan.changes}
    (finding,) = [f for f in plan.findings if f.outcome is Outcome.BY_HAND]
    assert (finding.rule, finding.place.line) == ("MCP506", 13)
    assert "http://127.0.0.1:8124/mcp" in finding.instruction


def test_a_test_that_starts_another_folders_server_names_its_address(tmp_path: Path) -> None:
    code = (
        'import subprocess\n\nsubprocess.Popen(["python", "examples/s/calc.py"])\nURL = "http://localhost:8321/sse"\n'
    )
    example = SERVER.replace("8123", "8321")
    (finding,) = told(tmp_path, "tests/conftest.py", code, {"examples/s/calc.py": example})
    assert (finding.rule, finding.place.line) == ("MCP506", 4)
