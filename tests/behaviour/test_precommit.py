"""The hooks, run by the real pre-commit in a real git repository."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.behaviour.checkout import CLEAN, commit_all, copy_of_the_project, git

pytestmark = pytest.mark.behaviour

SERVER = """from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather")


@mcp.tool()
def forecast(city: str) -> str:
    return f"sunny in {city}"


if __name__ == "__main__":
    mcp.run(transport="sse")
"""
CONFIG = """repos:
  - repo: {repo}
    rev: {rev}
    hooks:
      - id: mcp-migrate-fix
        language_version: {python}
      - id: mcp-migrate-check
        language_version: {python}
"""


class Repository:
    """A project with an SSE server and our two hooks."""

    def __init__(self, folder: Path, home: Path, config: str) -> None:
        self.folder = folder
        self.environment = CLEAN | {"PRE_COMMIT_HOME": str(home)}
        folder.mkdir()
        self.write("server.py", SERVER)
        self.write("requirements.txt", "mcp>=1.12,<2\n")
        self.write("notes.txt", "Nothing here.\n")
        self.write(".pre-commit-config.yaml", config)
        commit_all(folder)

    def write(self, name: str, text: str) -> None:
        (self.folder / name).parent.mkdir(exist_ok=True)
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.folder / name).read_text(encoding="utf-8")

    def hook(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`pre-commit run WORDS`."""
        command = [sys.executable, "-m", "pre_commit", "run", *words]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, check=False, capture_output=True, text=True
        )

    def commit(self) -> subprocess.CompletedProcess[str]:
        """`git commit`, with the hooks that pre-commit installed."""
        command = ["git", "commit", "-m", "change"]
        return subprocess.run(
            command, cwd=self.folder, env=self.environment, check=False, capture_output=True, text=True
        )


@pytest.fixture(scope="module")
def hooks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """pre-commit's own folder, and the configuration that names a copy of this project."""
    project = tmp_path_factory.mktemp("mcp-migrate")
    rev = copy_of_the_project(project)
    yield tmp_path_factory.mktemp("home"), CONFIG.format(repo=project, rev=rev, python=sys.executable)


@pytest.fixture
def repository(tmp_path: Path, hooks: tuple[Path, str]) -> Repository:
    return Repository(tmp_path / "repository", *hooks)


def test_the_check_names_the_place_and_changes_nothing(repository: Repository) -> None:
    done = repository.hook("mcp-migrate-check", "--all-files")
    assert done.returncode == 1, done.stdout + done.stderr
    assert "server.py:12:5: MCP101" in done.stdout
    assert repository.read("server.py") == SERVER


def test_file_names_choose_what_is_reported(repository: Repository) -> None:
    done = repository.hook("mcp-migrate-check", "--files", "notes.txt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert repository.hook("mcp-migrate-check", "--files", "notes.txt", "server.py").returncode == 1


def test_a_commit_is_fixed_staged_and_passes(repository: Repository) -> None:
    installed = [sys.executable, "-m", "pre_commit", "install"]
    subprocess.run(installed, cwd=repository.folder, env=repository.environment, check=True, capture_output=True)
    repository.write("server.py", SERVER + "\n# changed\n")
    git(repository.folder, "add", "server.py")
    first = repository.commit()
    assert first.returncode != 0 and "files were modified by this hook" in first.stderr, first.stderr
    assert 'mcp.run(transport="streamable-http")' in repository.read("server.py")
    assert repository.read("server.py").endswith("\n# changed\n")
    git(repository.folder, "add", "server.py")
    second = repository.commit()
    assert second.returncode == 0, second.stdout + second.stderr
    assert "streamable-http" in git(repository.folder, "show", "HEAD:server.py").stdout


def test_a_fix_writes_the_units_of_the_named_files_and_no_others(repository: Repository) -> None:
    repository.write("other/server.py", SERVER)
    repository.write("Dockerfile", 'FROM python:3.12\nCMD ["python", "server.py"]\n')
    git(repository.folder, "add", ".")
    assert repository.hook("mcp-migrate-fix", "--files", "notes.txt").returncode == 0
    assert repository.read("server.py") == repository.read("other/server.py") == SERVER
    repository.hook("mcp-migrate-fix", "--files", "server.py")
    assert "streamable-http" in repository.read("server.py")
    assert repository.read("other/server.py") == SERVER


def test_work_that_is_not_staged_is_kept(repository: Repository) -> None:
    repository.write("server.py", SERVER + "\n# staged\n")
    git(repository.folder, "add", "server.py")
    repository.write("notes.txt", "Half a thought\n")
    repository.hook("mcp-migrate-fix")
    assert repository.read("notes.txt") == "Half a thought\n"
    assert "streamable-http" in repository.read("server.py")
