"""Addresses of own servers in settings that are no client's configuration."""

from pathlib import Path

from migrator.model import Outcome
from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = (
    "import os\n\nfrom mcp.server.fastmcp import FastMCP\n\n"
    'mcp = FastMCP("w", port=8090)\nmcp.run(transport=os.environ.get("W_TRANSPORT", "sse"))\n'
)


def test_a_key_that_says_sse_itself_is_left_to_the_user(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "node.json").write_text('{"sseEndpoint": "http://localhost:8090/sse"}\n')
    plan = make_plan(tmp_path, Settings())
    (finding,) = [f for f in plan.findings if f.place.path == "node.json"]
    assert finding.outcome is Outcome.BY_HAND and "sseEndpoint says SSE" in finding.message


def test_the_word_that_moves_with_the_server_does_not_keep_the_address(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    (tmp_path / "run.json").write_text('{"env": {"W_TRANSPORT": "sse", "W_URL": "http://localhost:8090/sse"}}\n')
    plan = make_plan(tmp_path, Settings())
    (after,) = [c.after.decode() for c in plan.changes if c.path == "run.json"]
    assert after == '{"env": {"W_TRANSPORT": "streamable-http", "W_URL": "http://localhost:8090/mcp"}}\n'


def test_a_matrix_is_no_clients_configuration(tmp_path: Path) -> None:
    (tmp_path / "server.py").write_text(SERVER)
    workflow = tmp_path / ".github" / "workflows" / "mcp.yml"
    workflow.parent.mkdir(parents=True)
    row = '          - {transport: sse, url: "http://localhost:8090/sse"}\n'
    workflow.write_text(f"jobs:\n  t:\n    strategy:\n      matrix:\n        include:\n{row}")
    plan = make_plan(tmp_path, Settings())
    assert not any(f.rule == "MCP301" for f in plan.findings)
    assert all(b"transport: sse" in c.after for c in plan.changes if c.path.endswith("mcp.yml"))
