"""--interactive: what is shown is what is written, one endpoint after the other."""

import io
import subprocess
from pathlib import Path

import pytest

from migrator import main
from tests.unit.test_choice import changed, project, urls

__all__ = ["project"]
CASES = Path(__file__).resolve().parents[2] / "testdata" / "cases"
BOTH = {"a/server.py", "b/server.py", ".mcp.json", "requirements.txt"}


@pytest.fixture
def answer(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """`answer("ask")` types a, s, k and gives the exit status and what was shown."""

    def typed(letters: str, *words: str) -> tuple[int, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO("".join(f"{letter}\n" for letter in letters.split())))
        return main.main(["--interactive", *(words or ["."])]), capsys.readouterr().out

    return typed


@pytest.mark.parametrize(
    ("letters", "files", "status"),
    [
        ("a a a", BOTH | {"client.py"}, 0),
        ("y yes APPLY", BOTH | {"client.py"}, 0),
        ("a s s", {"a/server.py", ".mcp.json", "requirements.txt"}, 1),
        ("s a s", {"b/server.py", ".mcp.json", "requirements.txt"}, 1),
        ("a t", {"a/server.py", ".mcp.json", "requirements.txt"}, 1),
        ("s s s", set(), 1),
        ("no what t", set(), 1),
        ("", set(), 1),
    ],
)
def test_what_is_accepted_is_written(project: Path, answer, letters: str, files: set[str], status: int) -> None:
    assert answer(letters)[0] == status
    assert changed(project) == files


def test_a_file_that_two_share(project: Path, answer) -> None:
    _, shown = answer("a s s")
    assert urls(project) == ["http://localhost:9000/mcp", "http://localhost:9001/sse"]
    first, second = shown.split("[2 of 2]")
    assert '+      "url": "http://localhost:9000/mcp"' in first and "9001/mcp" not in first.split("[a]pply")[0]
    assert '+      "url": "http://localhost:9001/mcp"' in second


def test_the_diff_shown_is_the_one_written(project: Path, answer) -> None:
    subprocess.run("git init -q . && git add .", shell=True, cwd=project, check=True)
    _, shown = answer("a t")
    done = subprocess.run(["git", "diff", "--unified=0"], cwd=project, capture_output=True, text=True, check=True)
    written = {line for line in done.stdout.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")}
    question = shown.split("[a]pply")[0].splitlines()
    assert written and written == {line for line in question if line[:1] in ("+", "-")}


def test_explain_asks_again(project: Path, answer) -> None:
    _, shown = answer("e a t")
    assert shown.index("Server always runs over SSE") > shown.index("[a]pply")
    assert "a/server.py" in changed(project)


def test_files_and_endpoints_choose_the_questions(project: Path, answer) -> None:
    assert "[1 of 1] b/server.py:mcp" in answer("s", "b/server.py")[1]
    assert "[1 of 1] b/server.py:mcp" in answer("s", "--endpoint", "b/server.py:mcp", ".")[1]
    assert "\nthe rest: what belongs to no endpoint\n" in answer("s", "--endpoint", "rest", ".")[1]
    assert changed(project) == set()


def test_what_can_not_be_written_is_said(project: Path, answer) -> None:
    subprocess.run("git init -q . && git add . && echo '# more' >> a/server.py", shell=True, cwd=project, check=True)
    _, shown = answer("a t")
    assert "not written: a/server.py differs from what git has staged" in shown
    assert changed(project) - {"requirements.txt"} == {"a/server.py"}
    assert "stateless" not in (project / "a/server.py").read_text()


def test_what_stays_is_named(project: Path, answer) -> None:
    blocked = CASES / "lowlevel_notes_of_stream" / "before" / "server.py"
    (project / "c.py").write_bytes(blocked.read_bytes())
    assert "c.py:server stays: mcp-migrate --why-not tells what blocks it" in answer("")[1]


@pytest.mark.parametrize("words", [["check"], ["--dry-run"], ["--format", "json"], ["-q"], ["--show-files"]])
def test_it_goes_with_nothing_that_does_not_write(
    project: Path, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert main.main(["--interactive", *words, "."]) == 2
    assert "--interactive asks and writes" in capsys.readouterr().err
    assert changed(project) == set()
