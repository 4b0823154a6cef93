"""The agents of testdata/frameworks move together with their server, with nothing left by hand.

`python -m tests.behaviour.frameworks` runs them for real.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from migrator.rulebook import rules_folder
from tests.behaviour.frameworks import move, names, project

BASES = {"atomic-agents"}  # these put the path behind the address themselves


@pytest.mark.parametrize("name", names())
def test_an_agent_moves_with_its_server(name: str, tmp_path: Path) -> None:
    project(name, tmp_path, 8765)
    plan = move(tmp_path)
    assert {"agent/agent.py", "server/server.py"} <= {c.path for c in plan.changes}
    agent = (tmp_path / "agent" / "agent.py").read_text()
    assert "http://127.0.0.1:8765/mcp" in agent or name in BASES
    assert not re.search(r"(?<![a-z])sse(?![a-z])", agent, re.I), agent
    assert not [f for f in plan.findings if f.assumed and f.place.path == "agent/agent.py"]
    (endpoint,) = plan.endpoints
    assert {f.unit for f in plan.findings if f.place.path == "agent/agent.py"} == {endpoint.unit}


def test_every_framework_has_an_agent() -> None:
    assert {path.stem for path in (rules_folder() / "frameworks").glob("*.toml")} == set(names())
