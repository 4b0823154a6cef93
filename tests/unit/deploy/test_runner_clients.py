"""Clients of servers that only a runner, its file or a variable starts: they move with it, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.apply import apply
from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from fastmcp import FastMCP\n\nmcp = FastMCP("calc")\n'
RUNS = SERVER + "\nmcp.run()\n"
CLIENT = """from mcp.client.sse import sse_client


async def main():
    async with sse_client("http://localhost:{port}/sse") as (read, write):
        pass
"""
BUILT = "services:\n  calc:\n    build: .\n    environment:\n      FASTMCP_TRANSPORT: sse\n"
STARTS = {
    "command line": {"run.sh": "#!/bin/sh\nfastmcp run server.py --transport sse --port 8100\n"},
    "file": {"fastmcp.json": '{"source": {"path": "server.py"}, "deployment": {"transport": "sse", "port": 8100}}\n'},
    "variable": {
        "server.py": RUNS,
        "Dockerfile": 'FROM python:3.12\nCOPY . .\nENV FASTMCP_TRANSPORT=sse FASTMCP_PORT=8100\nCMD ["python", "server.py"]\n',
    },
    "service": {
        "server.py": RUNS.replace("run()", "run(port=8100)"),
        "Dockerfile": 'FROM python:3.12\nCOPY . .\nCMD ["python", "server.py"]\n',
        "compose.yaml": BUILT,
    },
}


def project(root: Path, files: dict[str, str], requires: str = "fastmcp==3.4.10\nmcp==1.24.0\n") -> Path:
    """A project with a server, a client, and two files that give its address; `files` come on top."""
    given = {
        "server.py": SERVER,
        "client.py": CLIENT.replace("{port}", "8100"),
        "settings.toml": '[agent]\nmcp_url = "http://127.0.0.1:8100/sse"\n',
        ".mcp.json": '{"mcpServers": {"calc": {"type": "sse", "url": "http://localhost:8100/sse"}}}\n',
        "requirements.txt": requires,
    }
    for path, text in (given | files).items():
        (root / path).write_text(text)
    return root


def changed(plan: Plan) -> set[str]:
    return {c.path for c in plan.changes}


@pytest.mark.parametrize("how", STARTS)
def test_they_are_known_as_its_clients(how: str, tmp_path: Path) -> None:
    plan = make_plan(project(tmp_path, STARTS[how]), Settings())
    assert {"client.py", "settings.toml", ".mcp.json"} < changed(plan)
    told = [f for f in plan.findings if f.place.path in ("client.py", "settings.toml", ".mcp.json")]
    assert not any(f.assumed or "nothing is known" in f.message for f in told)
    assert not any(f.unit for f in told)  # no move unit is asked about or shown by that name


def test_they_stay_with_it(tmp_path: Path) -> None:
    plan = make_plan(project(tmp_path, STARTS["command line"], requires=""), Settings())
    assert not plan.changes
    said = [f.message for f in plan.findings if f.place.path in ("client.py", ".mcp.json")]
    assert len(said) == 2 and all("stays on SSE in this run" in m for m in said)


def test_they_stay_where_its_start_is_not_to_change(tmp_path: Path) -> None:
    plan = make_plan(project(tmp_path, STARTS["command line"]), Settings(ignore=("MCP505",)))
    assert not plan.changes


def test_another_address_is_not_its_own(tmp_path: Path) -> None:
    root = project(
        tmp_path, {**STARTS["command line"], "client.py": CLIENT.replace("localhost:{port}", "db.example.com")}
    )
    plan = make_plan(root, Settings())
    told = next(f for f in plan.findings if f.place.path == "client.py")
    assert told.assumed and "db.example.com" in told.check


def test_they_are_not_written_where_its_start_is_not(tmp_path: Path) -> None:
    root = project(tmp_path, STARTS["command line"])
    plan = make_plan(root, Settings())
    (root / "run.sh").write_text("echo something else\n")
    applied = apply(plan, root, Settings(allow_dirty=True))
    assert not applied.written


def test_a_client_whose_address_a_file_holds_goes_with_the_server_there(tmp_path: Path) -> None:
    client = CLIENT.replace('"http://localhost:{port}/sse"', 'cfg["agent"]["mcp_url"]').replace(
        "\n\n\nasync", '\n\ncfg = tomllib.load(open("settings.toml", "rb"))\n\n\nasync'
    )
    other = "from fastmcp import FastMCP\n\nother = FastMCP('o')\nhosted(other.sse_app)\n"  # stays
    root = project(tmp_path, {**STARTS["command line"], "client.py": f"import tomllib\n\n{client}", "other.py": other})
    assert {"client.py", "settings.toml"} < changed(make_plan(root, Settings()))
