"""What the command answers: help, rules, files, several projects and formats, endpoints, baselines."""

import os
import subprocess
from pathlib import Path

import pytest

from migrator import pipeline
from migrator.model import MoveUnit, Plan
from tests.unit.command.plans import FIX, HAND, MOVED, SERVER, plan_for, run


def test_help_and_version(capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["--help"], ["check", "--help"]):
        assert run(*words) == 0
        said = capsys.readouterr().out
        assert "--legacy-sse" in said and "mcp-migrate check" in said
    for words in (["--version"], ["-V"], ["check", "--version"]):
        assert run(*words) == 0
        assert capsys.readouterr().out.startswith("mcp-migrate ")


def test_rules_and_explain(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("rules") == 0
    assert "MCP101  warning  fix" in capsys.readouterr().out
    assert run("explain", "mcp103", "MCP601") == 0
    said = capsys.readouterr().out
    assert "MCP103  SSE application is served or mounted" in said
    assert "    app = Starlette(" in said
    assert "MCP601" in said


def test_a_file_chooses_what_is_reported(
    project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "p/other.py").write_text(SERVER)
    planned.append(plan_for(project / "p", FIX))
    assert run("check", "p/server.py") == 1
    assert "server.py:4" in capsys.readouterr().out


def test_several_projects_are_one_report(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "q").mkdir()
    (project / "q/server.py").write_bytes(SERVER.encode())
    (project / "q/pyproject.toml").touch()
    monkeypatch.setattr(pipeline, "plan_tree", lambda tree, *_: plan_for(tree.root, FIX))
    assert run("check", "p", "q") == 1
    said = capsys.readouterr().out
    assert f"{os.path.join('p', 'server.py')}:4" in said and f"{os.path.join('q', 'server.py')}:4" in said
    assert run("p", "q") == 0
    assert (project / "p/server.py").read_bytes() == (project / "q/server.py").read_bytes() == MOVED.encode()


def test_several_formats_at_once(project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    planned.append(plan_for(project / "p", FIX))
    assert run("check", "--format", "json", "-o", "r.json", "--format", "text", "p") == 1
    assert (project / "r.json").read_text(encoding="utf-8").startswith("{")
    assert "MCP101" in capsys.readouterr().out


def test_an_endpoint_that_is_not_there(project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    planned.append(plan_for(project / "p", FIX))
    assert run("--endpoint", "serve.py:mcp", "p") == 2
    assert 'no endpoint "serve.py:mcp"; did you mean "server.py:mcp"' in capsys.readouterr().err
    assert (project / "p/server.py").read_bytes() == SERVER.encode()
    assert run("--endpoint", "server.py:mcp", "p") == 0


def test_why_not(project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    plan = plan_for(project / "p", HAND, change=False)
    blocked = MoveUnit("u", ("server.py:mcp",), False, (HAND,), "follow")
    planned.append(Plan(plan.root, units=(blocked, MoveUnit("v", (), True))))
    assert run("--why-not", "p") == 0
    said = capsys.readouterr().out
    assert "u  blocked by: follow" in said
    assert "server.py:4  MCP110  can't be followed" in said
    assert "1 of 2 move units move, 1 blocked by follow." in said


def test_a_baseline(project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]) -> None:
    planned.append(plan_for(project / "p", FIX))
    assert run("--write-baseline", "known.json", "p") == 0
    assert "known.json: 1 known." in capsys.readouterr().out
    assert run("check", "--baseline", "known.json", "p") == 0
    planned[0] = plan_for(project / "p", FIX, HAND)
    assert run("check", "--baseline", "known.json", "p") == 1
    planned[0] = plan_for(project / "p", HAND)
    assert run("--prune-baseline", "known.json", "p") == 0
    assert "0 known, 1 taken out." in capsys.readouterr().out
    assert (project / "p/server.py").read_bytes() == SERVER.encode()


@pytest.mark.parametrize("look", ["check", "--dry-run"])
@pytest.mark.parametrize("keep", ["--write-baseline", "--prune-baseline"])
def test_a_look_writes_no_baseline(project: Path, capsys: pytest.CaptureFixture[str], look: str, keep: str) -> None:
    assert run(look, keep, "known.json", "p") == 2
    assert f"{keep} writes the baseline: it doesn't go with {look}" in capsys.readouterr().err
    assert not (project / "known.json").exists()


def test_a_check_that_tells_why_not_is_a_check(project: Path, planned: list[Plan]) -> None:
    planned.append(plan_for(project / "p", FIX))
    assert run("--why-not", "p") == 0
    assert run("check", "--why-not", "p") == 1


def test_whose_settings_and_facts_are_wrong(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    own = project / "p/.mcp-transport-migrate.toml"
    facts = project / "p/facts.toml"
    (project / "p/.mcp.json").write_text('{"mcpServers": {"a": {"type": "sse", "url": "http://h/sse"}}}')
    facts.write_text('[clients.plant]\nname = "Plant"\nsource = "its manual"\n')
    for text, message in {
        "mod = 1": 'unknown setting "mod"; did you mean "mode"?',
        "clients = {'*' = 'cursr'}": 'clients: there is no client "cursr"; did you mean "cursor"?',
        "exclude = ['!']": "exclude: Invalid git pattern",
        "extra-rules = ['x']": "extra-rules: x: no such file",
        "extra-rules = ['facts.toml']": "[clients.plant]: entries is missing (in facts.toml)",
    }.items():
        own.write_text(f"{text}\n")
        assert run("check", "p") == 2
        assert message in capsys.readouterr().err


def test_a_baseline_in_the_settings_lies_in_the_project(project: Path, planned: list[Plan]) -> None:
    planned.append(plan_for(project / "p", FIX))
    assert run("--write-baseline", "p/known.json", "p") == 0
    (project / "p/.mcp-transport-migrate.toml").write_text('baseline = "known.json"\n')
    assert run("check", "p") == 0


@pytest.mark.parametrize(
    "words",
    [
        ["--baseline", "no.json", "check", "p"],
        ["--prune-baseline", "no.json", "p"],
        ["--write-baseline", "x", "p/server.py"],
    ],
)
def test_a_baseline_that_cannot_be_used(
    project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    planned.append(plan_for(project / "p", FIX))
    assert run(*words) == 2
    assert capsys.readouterr().err.startswith("mcp-migrate: ")


def test_what_the_scan_left_out_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "clean/long.py").write_bytes(b"import mcp\n" + b"# filler line\n" * 200_000 + b'mcp.run("sse")\n')
    assert run("check", "clean") == 1
    assert "long.py" in capsys.readouterr().out


def test_an_ignored_folder_that_is_named_is_looked_at(project: Path, planned: list[Plan]) -> None:
    subprocess.run(["git", "init", "-q", "p"], cwd=project, check=True)
    (project / "p/.gitignore").write_text("scratch/\n")
    (project / "p/scratch").mkdir()
    (project / "p/scratch/server.py").write_text(SERVER)
    planned.append(plan_for(project / "p/scratch", FIX))
    assert run("check", "p/scratch") == 1


def test_what_to_type_next_leaves_out_what_the_settings_file_says(
    project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "p/.mcp-transport-migrate.toml").write_text('legacy-sse = "gone"\n')
    planned.append(plan_for(project / "p", FIX))
    assert run("--dry-run", "p") == 0
    assert "Next: mcp-migrate p  (" in capsys.readouterr().out
    assert run("--dry-run", "--mode", "stateless", "p") == 0
    assert "Next: mcp-migrate --mode stateless p  (" in capsys.readouterr().out
