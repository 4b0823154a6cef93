"""A statelessness that the user's own setting decides is kept, and told of."""

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.reports.sentences import connect, state
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
    (endpoint,) = plan.endpoints
    assert endpoint.stateless_if == "".join(told)


def test_the_map_says_on_what_it_depends(tmp_path: Path) -> None:
    condition = 'os.getenv("MODE", "lean")\n    == "lean" and not os.path.exists("/var/lib/sessions/of/this/server")'
    (tmp_path / "server.py").write_text(SERVER.replace("OPTION", f"stateless_http={condition}"))
    (endpoint,) = make_plan(tmp_path, Settings()).endpoints
    assert state(endpoint) == "stateless if the condition in server.py:12 is true"
    (tmp_path / "server.py").write_text(SERVER.replace("OPTION", "stateless_http=lean"))
    plan = make_plan(tmp_path, Settings())
    assert state(plan.endpoints[0]) == "stateless if lean is true"
    assert any("unless lean is true" in line for line in connect(plan.endpoints[0], plan))
