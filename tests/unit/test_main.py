"""The way in: what a clean run imports, that both parsers agree, that check can't write, exit statuses."""

import gc
import io
import itertools
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from migrator import cli, forked, main, pipeline, running
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Severity

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\nmcp.run(transport="sse")\n'
MOVED = SERVER.replace('"sse"', '"streamable-http"')


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project with one server, and a clean one beside it; the user stands above both."""
    monkeypatch.chdir(tmp_path)
    for name, text in {
        "p/server.py": SERVER,
        "p/pyproject.toml": "",
        "clean/a.py": "print(1)\n",
        "clean/b.py": "",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


def plan_for(root: Path, *findings: Finding, change: bool = True) -> Plan:
    changes = (FileChange("server.py", SERVER.encode(), MOVED.encode(), ("u",)),) if change else ()
    endpoint = Endpoint(
        "server.py:mcp", "u", "official-1", Place("server.py", 3), "http://h/sse", "http://h/mcp", "/sse", "/mcp"
    )
    return Plan(
        str(root),
        changes=changes,
        findings=findings,
        endpoints=(endpoint,),
        units=(MoveUnit("u", ("server.py:mcp",), change),),
        files_scanned=2,
    )


FIX = Finding("MCP101", Severity.WARNING, Outcome.FIX, Place("server.py", 4), "runs over SSE", unit="u")
HAND = Finding("MCP110", Severity.WARNING, Outcome.BY_HAND, Place("server.py", 4), "can't be followed", "Write this.")
NOTE = Finding("MCP203", Severity.NOTE, Outcome.INFO, Place("server.py", 4), "offers SSE")
HAZARD = Finding("MCP603", Severity.WARNING, Outcome.BY_HAND, Place("server.py", 4), "421")


@pytest.fixture
def planned(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Plan]]:
    """What the pipeline answers, set by the test."""
    answer: list[Plan] = []
    monkeypatch.setattr(pipeline, "plan_tree", lambda *_: answer[0])
    yield answer


def run(*words: str) -> int:
    return main.main(list(words))


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


def test_what_to_type_next_leaves_out_what_the_settings_file_says(
    project: Path, planned: list[Plan], capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "p/.mcp-transport-migrate.toml").write_text('legacy-sse = "gone"\n')
    planned.append(plan_for(project / "p", FIX))
    assert run("--dry-run", "p") == 0
    assert "Next: mcp-migrate p  (" in capsys.readouterr().out
    assert run("--dry-run", "--mode", "stateless", "p") == 0
    assert "Next: mcp-migrate --mode stateless p  (" in capsys.readouterr().out


def test_the_collector_is_as_it_was(project: Path) -> None:
    gc.enable()
    main.main(["check", str(project)])
    assert gc.isenabled()
