"""Small servers whose transport is chosen: what becomes of a few files."""

from __future__ import annotations

from pathlib import Path

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

OFFICIAL = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("words")\n\n'
FASTMCP = 'from fastmcp import FastMCP\n\nmcp = FastMCP("words")\n\n'


def plan_of(tmp_path: Path, files: dict[str, str]) -> Plan:
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return make_plan(tmp_path, Settings())


def moved(tmp_path: Path, text: str, **more: str) -> str:
    """What becomes of server.py. `more`: other modules by their name."""
    plan = plan_of(tmp_path, {"server.py": text, **{f"{name}.py": code for name, code in more.items()}})
    assert [u.moved for u in plan.units] == [True], plan.findings
    (change,) = [c for c in plan.changes if c.path == "server.py"]
    after = change.after.decode()
    compile(after, "server.py", "exec")
    return after


def kept(tmp_path: Path, files: dict[str, str]) -> list[str]:
    """Why the one unit stays as it is."""
    plan = plan_of(tmp_path, files)
    assert [u.moved for u in plan.units] == [False]
    assert not plan.changes
    return [b.message for u in plan.units for b in u.blocks]


def flag_of(tmp_path: Path, text: str) -> tuple[str, list[tuple[str, str, str]]]:
    """server.py after the move, and its flags as (kind, old, new)."""
    plan = plan_of(tmp_path, {"server.py": text})
    assert [u.moved for u in plan.units] == [True], plan.findings
    (change,) = plan.changes
    compile(change.after, "server.py", "exec")
    selectors = [(s.kind, s.old_word, s.new_word) for e in plan.endpoints for s in e.selectors]
    return change.after.decode(), selectors
