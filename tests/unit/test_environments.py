"""Which environments a test run starts, and how they are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.behaviour.environments import cache, chosen, environments


def test_a_plain_run_starts_three_generations(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MCP_MIGRATE_MATRIX", raising=False)
    assert [environment.generation for environment in chosen()] == ["official-1", "official-2", "fastmcp-2"]


def test_the_whole_matrix_and_single_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MCP_MIGRATE_MATRIX", "all")
    assert chosen() == tuple(environments().values())
    monkeypatch.setenv("MCP_MIGRATE_MATRIX", "fastmcp-4,official-1.9")
    assert [environment.name for environment in chosen()] == ["fastmcp-4", "official-1.9"]
    monkeypatch.setenv("MCP_MIGRATE_MATRIX", "fastmcp-5")
    with pytest.raises(ValueError, match="no environment fastmcp-5"):
        chosen()


def test_every_row_pins_its_sdk_and_has_a_folder_of_its_own() -> None:
    rows = environments().values()
    assert all("==" in environment.pins[0] for environment in rows)
    assert all(set(environment.common) < set(environment.requirements) for environment in rows)
    assert len({environment.folder for environment in rows}) == len(rows)


def test_ready_environments_are_used_where_they_exist(tmp_path: Path) -> None:
    environment = environments()["official-1"]
    python = tmp_path / environment.folder / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert environment.python(tmp_path) == python


def test_the_cache_lies_outside_of_the_tree(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache() == tmp_path / "mcp-transport-migrate-tests"
