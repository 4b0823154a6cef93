"""What has been moved is left alone: a second run over any of the small projects changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from tests.shapes import Shape, shapes


@pytest.mark.parametrize("shape", [pytest.param(s, id=s.name) for s in shapes()])
def test_a_second_run_changes_nothing(shape: Shape, tmp_path: Path) -> None:
    shape.write(tmp_path)
    for change in make_plan(tmp_path, shape.settings).changes:
        (tmp_path / change.path).write_bytes(change.after)
    again = make_plan(tmp_path, shape.settings)
    assert [c.path for c in again.changes] == []
    assert [u.id for u in again.units if u.moved] == []
