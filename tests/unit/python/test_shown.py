"""Addresses that a server's own files hand out."""

from __future__ import annotations

from pathlib import Path

from migrator.model import Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """from mcp.server.fastmcp import FastMCP

PORT = 8000
mcp = FastMCP("calc", port=PORT)


def config():
    return {"calc": {"type": "sse", "url": f"http://localhost:{PORT}/sse"}}


def other(port):
    return f"http://localhost:{port}/sse-events"


mcp.run("sse")
"""


def test_a_client_configuration_that_a_server_puts_together_is_told(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    plan = make_plan(tmp_path, Settings())
    told = [f for f in plan.findings if f.rule == "MCP204"]
    assert [(f.outcome, f.place.line) for f in told] == [(Outcome.BY_HAND, 8)]
    assert 'f"http://localhost:{PORT}/mcp"' in told[0].instruction
    after = plan.changes[0].after.decode()
    assert '"type": "sse", "url": f"http://localhost:{PORT}/sse"' in after  # word and address are one edit
    assert "/sse-events" in after


TOLD = """import sys

from fastmcp import FastMCP

mcp = FastMCP("calc")


def serve(transport: str, host: str, port: int) -> None:
    if transport == "stdio":
        mcp.run()
        return
    print(f"SSE is at http://{host}:{port}/sse (SSE_PATH), not HTTP+SSE {sys.SSE}")
    print(f"{transport} at http://{host}:{port}/{transport}")
    print(f"files at http://{host}:{port}/{host}")
    mcp.run(transport=transport, host=host, port=port)


serve(sys.argv[1] if len(sys.argv) > 1 else "sse", "127.0.0.1", 8000)
"""


def test_what_is_printed_names_the_new_transport_and_its_path(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(TOLD)
    after = make_plan(tmp_path, Settings()).changes[0].after.decode()
    assert 'f"Streamable HTTP is at http://{host}:{port}/mcp (SSE_PATH), not HTTP+SSE {sys.SSE}"' in after
    assert 'f"{transport} at http://{host}:{port}/mcp"' in after
    assert 'f"files at http://{host}:{port}/{host}"' in after
