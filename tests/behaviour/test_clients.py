"""Every way to open SSE that the pattern directory knows, moved and run against real servers.

Before: the client talks to an SSE server. Then the client is migrated, the same server starts again as Streamable HTTP
on the same port, and the client must print the same.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings
from migrator.verify.launch import Server, free_port
from tests.behaviour.environments import Environment, chosen, ready_folder
from tests.behaviour.patterns import ABSENT, folder

pytestmark = pytest.mark.behaviour

FILE = "client.py"
SECONDS = 60
ENTRY = {
    "official-1": "from mcp.server.fastmcp import Context, FastMCP\nmcp = FastMCP('demo', host='127.0.0.1', port=PORT)",
    "official-2": "from mcp.server.mcpserver import Context, MCPServer\nmcp = MCPServer('demo')",
    "fastmcp": "from fastmcp import FastMCP\nmcp = FastMCP('demo')",
}
TOOLS = """
@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b
"""
HEADERS = """
@mcp.tool()
def hdr(ctx: Context) -> str:
    found = ctx.request_context.request.headers
    return f"{found.get('authorization')} {found.get('x-auth')}"
"""
RUN = {
    "official-1": "mcp.run(transport=KIND)",
    "official-2": "mcp.run(transport=KIND, host='127.0.0.1', port=PORT)",
    "fastmcp": "mcp.run(transport=KIND, host='127.0.0.1', port=PORT)",
}
KINDS = {"sse": "sse", "http": "streamable-http"}
OLD_PORT, NEW_PORT = "8931", "8932"  # what the fastmcp patterns write into their code

# what a generation doesn't have before anything is changed; source: facts/fastmcp.md sections 1.5 and 4
NOT_THERE = {
    "mode_legacy": ("fastmcp-2", "fastmcp-3"),
    "sse_transport_submodule": ("fastmcp-2",),
    "as_proxy_client": ("fastmcp-4",),
    "as_proxy_url": ("fastmcp-4",),
    "proxy_client": ("fastmcp-3", "fastmcp-4"),
    "client_factory": ("official-2",),  # it makes clients of httpx, and this SDK wants those of httpx2
}


def _family(environment: Environment) -> str:
    return "fastmcp" if environment.generation.startswith("fastmcp") else environment.generation


def _pairs() -> list[object]:
    patterns = folder()
    if patterns is None:
        return [pytest.param(None, None, marks=ABSENT, id="none")]
    found = []
    for environment in chosen():
        family = "fastmcp" if environment.generation.startswith("fastmcp") else "official"
        for path in sorted((patterns / f"{family}-clients").iterdir()):
            before = path / "before.py"
            if environment.generation == "official-2" and (path / "before_v2.py").exists():
                before = path / "before_v2.py"
            if before.exists() and environment.generation not in NOT_THERE.get(path.name, ()):
                found.append(pytest.param(before, environment, id=f"{path.name}-{environment.name}"))
    return found


def _server(environment: Environment, python: Path, work: Path, kind: str, port: int) -> Server:
    family = _family(environment)
    tools = TOOLS + (HEADERS if family != "fastmcp" else "")
    code = f"PORT, KIND = {port}, {KINDS[kind]!r}\n{ENTRY[family]}\n{tools}\n{RUN[family]}\n"
    file = work / f"server_{kind}_{port}.py"
    file.write_text(code)
    return Server([str(python), str(file)], cwd=work, port=port)


def _ran(python: Path, project: Path, base: str) -> str:
    done = subprocess.run(
        [str(python), FILE, base],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


@pytest.mark.parametrize(("before", "environment"), _pairs())
def test_client_moves_and_gets_the_same_answers(before: Path, environment: Environment, tmp_path: Path) -> None:
    python = environment.python(ready_folder())
    project = tmp_path / "project"
    project.mkdir()
    shutil.copyfile(before, project / FILE)
    (project / "requirements.txt").write_text("\n".join(environment.pins) + "\n")
    old, new = free_port(), free_port()
    text = (project / FILE).read_text()
    (project / FILE).write_text(re.sub(NEW_PORT, str(new), re.sub(OLD_PORT, str(old), text)))
    base = f"http://127.0.0.1:{old}"
    with _server(environment, python, tmp_path, "http", new) as beside:
        if NEW_PORT in text:
            assert not (beside.start().error)
        with _server(environment, python, tmp_path, "sse", old) as server:
            assert not server.start().error
            said = _ran(python, project, base)
        assert "OK 3" in said or "add" in said
        plan = make_plan(project, Settings())
        for change in plan.changes:
            (project / change.path).write_bytes(change.after)
        moved = (project / FILE).read_text()
        assert not re.search(r"/sse\b|sse_client|SSETransport|SseServer", moved), moved
        with _server(environment, python, tmp_path, "http", old) as server:
            assert not server.start().error
            assert _ran(python, project, base) == said
        assert not make_plan(project, Settings()).changes
