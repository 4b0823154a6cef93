"""Exit statuses, that check can't write, and that no traceback reaches a user."""

import io
import itertools
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from migrator import cli, pipeline
from migrator.model import Finding, Plan
from tests.unit.command.plans import FIX, HAND, HAZARD, MOVED, NOTE, SERVER, plan_for, run


class TestCheckNeverWrites:
    ORDERS: ClassVar = [
        *itertools.permutations(["check", "p"]),
        *itertools.permutations(["check", "p", "clean"]),
        *itertools.permutations(["check", "-q", "p"]),
        *itertools.permutations(["--check", "p"]),
        ("check", "--allow-dirty", "p"),
        ("--allow-dirty", "check", "p"),
        ("--legacy-sse", "gone", "check", "p"),
        ("--output", "check", "check", "p"),
        ("-o", "report.txt", "p", "check"),
        ("check", "p/server.py"),
        ("p", "check", "--format", "json"),
        ("--mode=stateless", "p", "check"),
    ]

    @pytest.mark.parametrize("words", ORDERS)
    def test_whatever_the_order(self, project: Path, planned: list[Plan], words: tuple[str, ...]) -> None:
        planned.append(plan_for(project / "p", FIX))
        assert run(*words) == 1
        assert (project / "p/server.py").read_bytes() == SERVER.encode()

    OPTIONS: ClassVar = [
        *(["-q"], ["-v"], ["--dry-run"], ["--diff"], ["--allow-dirty"], ["--interactive"], ["--local-files"]),
        *(["--mode", "auto"], ["--mode=stateless"], ["--legacy-sse", "gone"], ["--endpoint", "server.py:mcp"]),
        *(["--format", "json"], ["--since", "HEAD"], ["--stdin-filename", "p/server.py"], ["--no-docs"], ["-"]),
        *(["--select", "MCP1"], ["--floor", "recommended"], ["clean"], ["p/server.py"], ["--why-not"], ["--check"]),
    ]

    @hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(data=st.data())
    def test_whatever_else_is_said(
        self, project: Path, planned: list[Plan], monkeypatch: pytest.MonkeyPatch, data: st.DataObject
    ) -> None:
        given_ = data.draw(st.lists(st.sampled_from(self.OPTIONS), max_size=4))
        words = data.draw(st.permutations([*given_, ["p"], [data.draw(st.sampled_from(["check", "--check"]))]]))
        planned[:] = [plan_for(project / "p", FIX)]
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a\na\na\n")))
        assert run(*(word for group in words for word in group)) in (0, 1, 2)
        assert (project / "p/server.py").read_bytes() == SERVER.encode()

    def test_two_paths_are_two_paths_only_without_the_word(self) -> None:
        assert cli.resolve(["check", "."]) == ("check", ["."])
        assert cli.resolve(["./check", "."]) == ("", ["./check", "."])
        assert cli.resolve(["--", "check"]) == ("", ["--", "check"])
        assert cli.resolve(["--mode", "check", "."]) == ("", ["--mode", "check", "."])
        assert cli.resolve(["explain", "MCP101"]) == ("explain", ["MCP101"])
        assert cli.resolve([".", "rules"]) == ("", [".", "rules"])

    def test_a_misspelt_command_is_a_path_that_is_not_there(
        self, project: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert run("chekc", "p") == 2
        assert "chekc: no such file or directory" in capsys.readouterr().err
        assert (project / "p/server.py").read_bytes() == SERVER.encode()


class TestStatus:
    @pytest.mark.parametrize(
        ("findings", "statuses"),  # of check, dry run, plain run
        [
            ((FIX,), (1, 0, 0)),
            ((HAND,), (1, 0, 1)),
            ((FIX, HAND), (1, 0, 1)),
            ((NOTE,), (0, 0, 0)),
            ((HAZARD,), (0, 0, 0)),
            ((), (0, 0, 0)),
        ],
    )
    def test_by_what_is_left(
        self, project: Path, planned: list[Plan], findings: tuple[Finding, ...], statuses: tuple[int, int, int]
    ) -> None:
        planned.append(plan_for(project / "p", *findings))
        assert run("check", "p") == run("--check", "p") == statuses[0]
        assert run("--dry-run", "p") == statuses[1]
        assert run("p") == statuses[2]

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["check", "nowhere"], "nowhere: no such file or directory"),
            (["--frobnicate", "p"], "--frobnicate"),
            (["--mode", "x", "p"], "--mode must be one of"),
            (["--format", "jsn", "p"], 'no format "jsn"; did you mean "json"'),
            (["--output", "nowhere/x", "--dry-run", "p"], "no such folder"),
            (
                ["--format", "json", "--format", "sarif", "--dry-run", "p"],
                "more than one format would go to standard output",
            ),
            (["--output", "a", "--output", "b", "p"], "more often than --format"),
            (["--exclude", "[z-a]", "p"], "exclude"),
            (["--extra-rules", "no.toml", "p"], "no.toml: no such file"),
            (["--select", "X1", "p"], "there is no rule"),
            (["explain", "MCP999"], "there is no rule"),
            (["--client", "claude-cod", "p"], 'no client "claude-cod"; did you mean "claude-code"'),
            (["-q"], "say what to rewrite"),
        ],
    )
    def test_two_when_the_run_itself_failed(
        self, project: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
    ) -> None:
        assert run(*words) == 2
        said = capsys.readouterr()
        assert message in said.err
        assert said.err.startswith("mcp-migrate: ")
        assert "Traceback" not in said.err
        assert (project / "p/server.py").read_bytes() == SERVER.encode()

    def test_a_dry_run_writes_nothing(self, project: Path, planned: list[Plan]) -> None:
        planned.append(plan_for(project / "p", FIX))
        for words in (["--dry-run"], ["--diff"], ["--why-not"], ["--show-files"], ["--show-settings"]):
            assert run(*words, "p") == 0
            assert (project / "p/server.py").read_bytes() == SERVER.encode()

    def test_a_plain_run_writes(self, project: Path, planned: list[Plan]) -> None:
        planned.append(plan_for(project / "p", FIX))
        assert run("p") == 0
        assert (project / "p/server.py").read_bytes() == MOVED.encode()

    def test_what_is_refused_is_left(
        self, project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]
    ) -> None:
        planned.append(plan_for(project / "p", FIX))
        (project / "p/server.py").write_text(SERVER + "# edited\n", newline="")
        assert run("p") == 1
        assert "was changed by something else" in capsys.readouterr().out

    def test_a_dry_run_says_what_would_be_refused(
        self, project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]
    ) -> None:
        planned.append(plan_for(project / "p", FIX))
        (project / "p/server.py").write_text(SERVER + "# edited\n", newline="")
        assert run("--dry-run", "p") == 0
        assert f"would not be written: {os.path.join('p', 'server.py')}" in capsys.readouterr().err


class TestNoTraceback:
    @pytest.mark.parametrize("error", [KeyError("x"), RecursionError("deep"), MemoryError(), ValueError("two\nlines")])
    def test_a_defect_is_one_clear_message(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: Exception
    ) -> None:
        def broken(*_: object) -> None:
            raise error

        monkeypatch.setattr(pipeline, "plan_tree", broken)
        assert run("--dry-run", "p") == 2
        said = capsys.readouterr().err
        assert said.startswith(f"mcp-migrate: a defect in mcp-migrate itself: {type(error).__name__}")
        assert len(said.splitlines()) == 2
        assert "Traceback" not in said

    def test_unless_it_is_asked_for(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr(pipeline, "plan_tree", lambda *_: 1 / 0)
        monkeypatch.setenv("MCP_MIGRATE_TRACEBACK", "1")
        assert run("--dry-run", "p") == 2
        assert "Traceback" in capsys.readouterr().err

    def test_an_interrupt(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr(pipeline, "plan_tree", interrupted)
        assert run("--dry-run", "p") == 130
        assert "stopped" in capsys.readouterr().err

    def test_a_reader_that_goes_away(self, project: Path) -> None:
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        command = f"{sys.executable} -m migrator rules | true"
        done = subprocess.run(
            ["sh", "-c", command], cwd=project, env=environment, capture_output=True, text=True, check=False
        )
        assert done.stderr == ""
