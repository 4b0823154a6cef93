"""The plans for the small projects of testdata/shapes.

`python -m tests.golden.test_shapes NAME...` writes what the plan is now into the files. Read the diff.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from tests.shapes import Shape, shapes, shown

ALL = shapes()


def plan_of(shape: Shape, folder: Path) -> str:
    shape.write(folder)
    plan = make_plan(folder, shape.settings)
    for change in plan.changes:
        if change.path.endswith(".py"):
            compile(change.after, change.path, "exec")
    return shown(plan)


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in ALL])
def test_the_plan_is_as_written_down(shape: Shape, tmp_path: Path) -> None:
    assert plan_of(shape, tmp_path) == shape.plan


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in ALL if s.notes.get("expect") != "blocked"])
def test_what_should_move_moves(shape: Shape) -> None:
    endpoints = [line for line in shape.plan.splitlines() if line.endswith(("stateless)", "stateful)", "stays)"))]
    assert endpoints and not any(line.endswith("stays)") for line in endpoints)


KEPT = [s for s in ALL if s.settings.legacy_sse == "keep" and s.notes.get("expect") != "blocked"]


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in KEPT])
def test_what_is_kept_stays_kept(shape: Shape, tmp_path: Path) -> None:
    shape.write(tmp_path)
    for change in make_plan(tmp_path, shape.settings).changes:
        (tmp_path / change.path).write_bytes(change.after)
    for policy in ("keep", "remove"):
        again = make_plan(tmp_path, replace(shape.settings, legacy_sse=policy))
        assert not again.changes
        assert not [f for f in again.findings if f.rule.startswith("MCP1") and not f.accepted]


def main() -> None:
    """Accept the plans of the shapes whose names begin with an argument."""
    for shape in ALL:
        if shape.name.startswith(tuple(sys.argv[1:]) or ""):
            with tempfile.TemporaryDirectory() as folder:
                shape.accept(plan_of(shape, Path(folder)))


if __name__ == "__main__":
    main()
