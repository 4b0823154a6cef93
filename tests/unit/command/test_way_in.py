"""The way in: what a clean run imports, that both parsers agree, how the command is started."""

import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from migrator import cli, forked, main, running
from tests.unit.command.plans import run

SMALL = {"__init__", "main", "_prefilter", "forked", "git", "listing", "roots", "scan", "sieve", "survey"}


class TestCleanRun:
    """What a run on clean files imports: counted, not timed."""

    def modules(self, *words: str, cwd: Path) -> set[str]:
        code = f"import __future__, gc, sys, os, re, fnmatch; before = set(sys.modules); from migrator.main import main; s = main({list(words)!r}); print('|', s, *sorted(set(sys.modules) - before))"
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=cwd, env=environment, capture_output=True, text=True, check=True
        )
        status, *names = done.stdout.rpartition("|")[2].split()
        assert status == "0"
        return set(names)

    @pytest.mark.parametrize("words", [("check", "clean"), ("--dry-run", "clean"), ("clean",), ("check", "clean/a.py")])
    def test_nothing_but_our_own_small_modules(self, project: Path, words: tuple[str, ...]) -> None:
        names = self.modules(*words, cwd=project)
        assert {n for n in names if n.startswith("migrator.")} <= {f"migrator.{n}" for n in SMALL}
        assert {n for n in names if not n.startswith("migrator")} == set()

    @pytest.mark.skipif(not hasattr(os, "posix_spawnp"), reason="elsewhere git is started by subprocess")
    def test_in_a_work_tree_too(self, project: Path) -> None:
        subprocess.run(["git", "init", "-q", "clean"], cwd=project, check=True)
        names = self.modules("check", "clean", cwd=project)
        assert {n for n in names if not n.startswith("migrator")} == set()

    def test_in_a_large_project_too(self, tmp_path: Path) -> None:
        for i in range(forked.MANY + 1):
            (tmp_path / f"m{i}.py").write_text("assert True\n")
        names = self.modules("check", ".", cwd=tmp_path)
        assert {n for n in names if n.startswith("migrator.")} - {f"migrator.{n}" for n in SMALL} == {"migrator.ahead"}
        assert names.isdisjoint(["libcst", "rich", "yaml", "pydantic", "typer", "dataclasses", "ast"])

    def test_the_version_too(self, project: Path) -> None:
        assert self.modules("--version", cwd=project) <= {"migrator", "migrator.main"}


class TestBothParsers:
    """What is taken for plain words means what the command line makes of them."""

    WORDS: ClassVar = [*main.FLAGS, "check", "clean", "clean/a.py", "p", "rules", "explain", "--", "--mode=auto", "-V"]

    @hypothesis_settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(words=st.lists(st.sampled_from(WORDS), max_size=5))
    def test_they_agree(self, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
        orders: list[running.Order] = []
        monkeypatch.setattr(running, "run", lambda order: orders.append(order) or 0)
        plain = main.plain(words)
        if plain is not None:
            cli.run(words)
            assert orders == [running.order_of(*plain)]

    @pytest.mark.parametrize("flags", [[], ["--check"], ["--dry-run"], ["-q"], ["check"], ["check", "--quiet"]])
    @pytest.mark.parametrize("path", ["clean", "clean/a.py"])
    def test_the_quick_answer_is_that_of_the_report(
        self, project: Path, capsys: pytest.CaptureFixture[str], flags: list[str], path: str
    ) -> None:
        assert main.quick_answer([path], {}) == 0
        quick = capsys.readouterr()
        assert cli.run([*flags, path]) == 0
        assert capsys.readouterr() == quick

    @pytest.mark.parametrize("words", [["rules"], [], ["check"], ["-q"], ["--", "clean"], ["--mode", "auto", "clean"]])
    def test_what_is_not_plain(self, words: list[str]) -> None:
        assert main.plain(words) is None

    @pytest.mark.parametrize("path", ["p", "nowhere", "p/server.py"])
    def test_what_takes_more_than_a_look(self, project: Path, path: str) -> None:
        assert main.quick_answer([path], {}) is None

    def test_settings_are_never_passed_over(self, project: Path) -> None:
        (project / "clean/.mcp-transport-migrate.toml").write_text("mode = 3")
        assert main.quick_answer(["clean"], {}) is None
        assert run("check", "clean") == 2


def test_python_m(project: Path) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "migrator", "check", "clean"],
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "Clean: no deprecated MCP transport in 2 files.\n"


def test_the_collector_is_as_it_was(project: Path) -> None:
    gc.enable()
    main.main(["check", str(project)])
    assert gc.isenabled()
