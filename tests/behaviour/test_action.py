"""The script behind action.yml, run as a GitHub runner would run it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.behaviour.checkout import CLEAN, ROOT, commit_all, copy_of_the_project
from tests.behaviour.test_precommit import SERVER

pytestmark = [
    pytest.mark.behaviour,
    pytest.mark.skipif(shutil.which("bash") is None, reason="the action runs in bash"),
]


@pytest.fixture(scope="module")
def action(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("action")
    copy_of_the_project(folder)
    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    (folder / "my server").mkdir(parents=True)
    (folder / "my server" / "server.py").write_text(SERVER, encoding="utf-8")
    (folder / "clean").mkdir()
    (folder / "clean" / "app.py").write_text("print('sse')\n", encoding="utf-8")
    commit_all(folder)
    return folder


def run(action: Path, workspace: Path, without_uv: bool = False, **inputs: str) -> tuple[int, str, dict[str, str], str]:
    """Exit status, standard output, the action's outputs and the job's summary."""
    runner = workspace.parent
    defaults = {
        name: str(row.get("default", ""))
        for name, row in yaml.safe_load((ROOT / "action.yml").read_text())["inputs"].items()
    }
    given = defaults | {"python": sys.executable} | inputs
    environment = CLEAN | {f"CHECK_{name.upper()}": value for name, value in given.items()}
    environment |= {
        "ACTION_FOLDER": str(action),
        "RUNNER_TEMP": str(runner),
        "GITHUB_OUTPUT": str(runner / "output"),
        "GITHUB_STEP_SUMMARY": str(runner / "summary"),
    }
    if without_uv:
        tools = runner / "tools"
        tools.mkdir()
        for name in ("bash", "mktemp", "rm", "cat"):
            found = shutil.which(name)
            assert found
            (tools / name).symlink_to(found)
        environment["PATH"] = str(tools)
    script = action / "ci" / "github-action.sh"
    done = subprocess.run(
        ["bash", str(script)], cwd=workspace, env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode != 2 or inputs, done.stderr
    outputs = runner / "output"
    lines = outputs.read_text().splitlines() if outputs.exists() else []
    summary = runner / "summary"
    assert not list(runner.glob("mcp-migrate.*"))
    return (
        done.returncode,
        done.stdout + done.stderr,
        dict(line.split("=", 1) for line in lines),
        summary.read_text(encoding="utf-8") if summary.exists() else "",
    )


def test_a_server_that_is_left_fails_the_job(action: Path, workspace: Path) -> None:
    status, text, outputs, summary = run(action, workspace)
    assert status == 1, text
    assert "::warning file=my server/server.py,line=12," in text
    assert outputs == {"sarif": "mcp-migrate.sarif", "left": "true"}
    log = json.loads((workspace / "mcp-migrate.sarif").read_text(encoding="utf-8"))
    place = log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert place == "my%20server/server.py"
    assert "## mcp-migrate: 1 place left" in summary
    assert (workspace / "my server" / "server.py").read_text(encoding="utf-8") == SERVER


def test_inputs(action: Path, workspace: Path) -> None:
    status, text, outputs, summary = run(
        action, workspace, paths="my server\n\nclean\n", fail="false", sarif="", summary="false", options="--no-docs\n"
    )
    assert (status, outputs, summary) == (0, {"sarif": "", "left": "true"}, ""), text
    assert "::warning" in text


def test_inputs_are_no_shell(action: Path, workspace: Path) -> None:
    evil = "clean; touch evil $(touch evil) `touch evil`"
    status, text, outputs, _ = run(action, workspace, paths=evil)
    assert status == 2 and "no such file" in text and "left" not in outputs
    assert not (workspace / "evil").exists()


@pytest.mark.skipif(os.name == "nt", reason="links the tools of a POSIX system")
def test_pip_where_there_is_no_uv(action: Path, workspace: Path) -> None:
    status, text, outputs, _ = run(action, workspace, without_uv=True, paths="clean")
    assert (status, outputs["left"]) == (0, "false"), text
