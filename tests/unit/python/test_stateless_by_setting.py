"""A statelessness that the user's own setting decides is kept, and told of."""

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = """\
import os

from fastmcp import FastMCP

mcp = FastMCP("a")
transport = os.getenv("TRANSPORT", "sse")
lean = os.getenv("LEAN") == "yes"

if transport == "stdio":
    mcp.run()
else:
    mcp.run(transport=transport, port=8000, OPTION)
"""


@pytest.mark.parametrize(
    ("option", "told"),
    [
        ("stateless_http=lean", ["lean"]),
        ('**({"stateless_http": True} if lean else {})', ["lean"]),
        ('**({"stateless_http": True} if transport != "stdio" else {})', []),
        ('**{"stateless_http": True}', []),
    ],
)
def test_told_where_a_setting_decides(tmp_path: Path, option: str, told: list[str]) -> None:
    (tmp_path / "server.py").write_text(SERVER.replace("OPTION", option))
    plan = make_plan(tmp_path, Settings())
    assert [c.path for c in plan.changes] == ["server.py"]
    messages = [f.message for f in plan.findings if f.rule == "MCP609"]
    assert [m.split("comes from ")[1].split(":")[0] for m in messages] == told
