"""A path behind a variable may be a moved server's: told, not changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("s", port=8123)\nmcp.run("sse")\n'


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('URL="$BASE/sse"', True),
        ('URL="${BASE}/sse"', True),
        ('URL="$BASE/events/sse"', False),
        ('URL="$BASE/mcp"  # no sse', False),
    ],
)
def test_a_script_with_a_base_of_its_own(tmp_path: Path, line: str, told: bool) -> None:
    (tmp_path / "s.py").write_text(SERVER)
    (tmp_path / "requirements.txt").write_text("mcp==1.28.1\n")
    (tmp_path / "smoke.sh").write_text(f'#!/bin/sh\n{line}\ncheck "$URL"\n')
    plan = make_plan(tmp_path, Settings())
    assert "smoke.sh" not in {c.path for c in plan.changes}
    assert bool([f for f in plan.findings if f.place.path == "smoke.sh"]) is told
