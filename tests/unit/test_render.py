"""Rendering: in several processes as in one."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from migrator import forked
from migrator.python.rewrite.edits import At, ReplaceExpr
from migrator.python.rewrite.transform import Unmatched
from migrator.render import PAYS, Bundle, Rendered, render
from migrator.tree import Tree


def project(folder: Path, count: int) -> tuple[Tree, list[tuple[str, list[ReplaceExpr]]]]:
    """Files with one word to replace each; the last one does not hold it."""
    names = [f"m{n}.py" for n in range(count)]
    for name in names[:-1]:
        (folder / name).write_text('x = "old"\n')
    (folder / names[-1]).write_text('x = "new"\n')
    wanted = [(name, [ReplaceExpr(At(name, "expr", 1, 4, 1, 9, '"old"'), '"new"')]) for name in names]
    return Tree(folder, tuple(names)), wanted


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes can't be forked here")
@pytest.mark.parametrize("processes", [1, 2, 3])
def test_files_are_rendered_together_as_alone(processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forked, "worth", lambda jobs, many: processes if jobs >= many else 1)
    tree, wanted = project(tmp_path, PAYS + 3)
    rendered = Rendered(tree)
    rendered.together(wanted)  # type: ignore[arg-type]
    for path, edits in wanted[:-1]:
        assert rendered.file(path, list(edits)) == b'x = "new"\n'
    with pytest.raises(Unmatched, match="line 1"):
        rendered.file(wanted[-1][0], list(wanted[-1][1]))
    (tmp_path / "m0.py").write_text("gone\n")
    assert rendered.file(*wanted[0]) == b'x = "new"\n'  # type: ignore[arg-type]


def test_what_goes_with_several_is_written_with_all_of_them_only(tmp_path: Path) -> None:
    tree, [(_, one), (_, two), (_, three), (_, wrong)] = project(tmp_path, 4)
    good, bad, lone = Bundle("good", [*one]), Bundle("bad", [*wrong]), Bundle("lone", [*two])
    client = Bundle("client", [*three], follows=(good, bad))
    changes = render(tree, [client, good, bad, lone])
    assert [c.path for c in changes] == ["m0.py", "m1.py"]
    assert client.failure == bad.failure != ""
