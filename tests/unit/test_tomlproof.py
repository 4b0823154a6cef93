"""Edited TOML is still TOML, with everything there that was."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator import tomlproof
from migrator.model import Replacement
from migrator.render import Bundle, render
from migrator.tree import Tree

TEXT = '# why\r\n[project]\r\ndependencies = ["mcp>=1.2", "x"]  # pins\r\n[[tool.a]]\r\nn = 1\r\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [("mcp>=1.2", "mcp>=1.28"), ('"x"', '"x", "y"'), ("n = 1", 'n = 1\r\nm = "new"'), ("# why", "# because")],
)
def test_what_may_change(old: str, new: str) -> None:
    tomlproof.check(TEXT, TEXT.replace(old, new))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"mcp>=1.2"', '"mcp>=1.28', "no TOML"),
        ("[project]", "[projects]", "lost project"),
        ("n = 1", "n = 2", "lost tool.a.n"),
        ("n = 1", "m = 1", "lost tool.a.n"),
        ('["mcp>=1.2", "x"]', '"mcp"', "lost project.dependencies"),
    ],
)
def test_what_may_not(old: str, new: str, said: str) -> None:
    with pytest.raises(tomlproof.NotKept, match=said):
        tomlproof.check(TEXT, TEXT.replace(old, new))


def test_what_was_no_toml_before_is_not_judged() -> None:
    tomlproof.check("a = ", "b = ")


@pytest.mark.parametrize(("path", "expected"), [("a/pyproject.toml", True), ("Pipfile", True), ("a.json", False)])
def test_which_files_are_toml(path: str, expected: bool) -> None:
    assert tomlproof.is_toml(path) is expected


def test_a_unit_whose_toml_would_break_is_dropped_whole(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(TEXT.encode())
    (tmp_path / "start.sh").write_text("serve sse\n")
    at = TEXT.index('"mcp')
    broken = Bundle("unit", [Replacement("pyproject.toml", at, at + 1, ""), Replacement("start.sh", 6, 9, "http")])
    assert render(Tree(tmp_path, ("pyproject.toml", "start.sh")), [broken]) == ()
    assert (broken.failure, broken.place) == ("the changed file would be no TOML", "pyproject.toml")
