"""What a shell offers after TAB, asked of the program as bash, zsh and fish ask it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from migrator import cli


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """`mcp-migrate` as an executable, in a folder that holds a few files."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "mcp-migrate"
    script.write_text(f'#!/bin/sh\nPYTHONPATH="{os.pathsep.join(sys.path)}" exec "{sys.executable}" -m migrator "$@"\n')
    script.chmod(0o755)
    for name in ("client.py", "check.py", "server.py", ".hidden"):
        (tmp_path / name).write_text("")
    return script


def offered(command: Path, line: str, shell: str = "bash") -> list[str]:
    environment = os.environ | {"_MCP_MIGRATE_COMPLETE": f"complete_{shell}"}
    environment |= {"COMP_WORDS": line, "COMP_CWORD": str(len(line.split(" ")) - 1), "_TYPER_COMPLETE_ARGS": line}
    environment |= {"_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    done = subprocess.run(
        [str(command)], cwd=command.parent.parent, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stderr == ""
    return done.stdout.split()


@pytest.mark.skipif(os.name == "nt", reason="the command is a shell script")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("mcp-migrate ch", ["check", "check.py"]),
        ("mcp-migrate s", []),  # files are the shell's
        ("mcp-migrate check s", []),
        ("mcp-migrate check --legacy-sse ", ["remove", "gone", "keep"]),
        ("mcp-migrate --format s", ["sarif"]),
        ("mcp-migrate explain MCP60", [f"MCP60{number}" for number in range(1, 10)]),
        ("mcp-migrate --sh", ["--show-settings", "--show-files", "--show-completion"]),
    ],
)
def test_words(command: Path, line: str, words: list[str]) -> None:
    assert sorted(offered(command, line)) == sorted(words)


@pytest.mark.skipif(os.name == "nt", reason="the command is a shell script")
@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells(command: Path, shell: str) -> None:
    assert "stateless" in " ".join(offered(command, "mcp-migrate --mode stat", shell))


@pytest.mark.skipif(shutil.which("bash") is None, reason="runs bash")
def test_the_script_in_a_real_bash(command: Path) -> None:
    line = (
        'eval "$(mcp-migrate --show-completion bash)"; COMP_WORDS=(mcp-migrate --mode ""); COMP_CWORD=2; '
        '_mcp_migrate_completion mcp-migrate; echo "${COMPREPLY[@]}"'
    )
    environment = os.environ | {"PATH": f"{command.parent}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(["bash", "-c", line], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["auto", "stateless", "stateful"]


def test_each_name_is_completed_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for started, name in {
        "/usr/bin/mcp-transport-migrate": "mcp-transport-migrate",
        "/x/mcp-migrate": "mcp-migrate",
        "/x/__main__.py": "mcp-migrate",
    }.items():
        monkeypatch.setattr(sys, "argv", [started])
        assert cli._program() == name
