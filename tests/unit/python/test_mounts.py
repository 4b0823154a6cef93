"""What the shapes of fastapi-mcp don't show: a second run, and what is said beside their plans."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Plan
from migrator.pipeline import make_plan
from tests.shapes import SHAPES, Shape, read

ALL = [read(path) for path in sorted(SHAPES.glob("fastapi_mcp_*.txt"))]


def moved(shape: Shape, folder: Path) -> Plan:
    """The plan for a shape, carried out in `folder`."""
    shape.write(folder)
    plan = make_plan(folder, shape.settings)
    for change in plan.changes:
        (folder / change.path).write_bytes(change.after)
    return plan


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in ALL])
def test_a_second_run_changes_nothing(shape: Shape, tmp_path: Path) -> None:
    plan = moved(shape, tmp_path)
    again = make_plan(tmp_path, shape.settings)
    assert not again.changes
    assert {f.message for f in again.left} <= {f.message for f in plan.left}


def test_an_address_that_stays_is_not_doubted(tmp_path: Path) -> None:
    plan = moved(read(SHAPES / "fastapi_mcp_mount.txt"), tmp_path)
    assert not [f for f in plan.findings if f.place.path == "README.md" and f.outcome != "fix"]


def test_it_keeps_its_sessions_and_says_why(tmp_path: Path) -> None:
    (endpoint,) = moved(read(SHAPES / "fastapi_mcp_sse.txt"), tmp_path).endpoints
    assert not endpoint.stateless
    assert endpoint.session_reasons == ("fastapi-mcp has no stateless mode: it keeps a session for each client",)


def test_its_first_release_with_streamable_http_is_required(tmp_path: Path) -> None:
    moved(read(SHAPES / "fastapi_mcp_sse.txt"), tmp_path)
    assert "fastapi-mcp==0.4.0\n" in (tmp_path / "requirements.txt").read_text()
