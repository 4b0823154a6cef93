"""Files changed since a revision, and a file on standard input: what is told of them, and that nothing else is."""

import io
import json
import subprocess
from pathlib import Path

import pytest

from migrator import main

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\nmcp.run(transport="sse")\n'
MOVED = SERVER.replace('"x")', '"x", stateless_http=True)').replace('"sse"', '"streamable-http"')


def git(folder: Path, *words: str) -> None:
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b.example", *words],
        cwd=folder,
        check=True,
        capture_output=True,
    )


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Two servers on the branch main; the user stands on another branch, where nothing changed yet."""
    monkeypatch.chdir(tmp_path)
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text(SERVER, newline="")
    (tmp_path / "requirements.txt").write_text("mcp>=1.12,<2\n")
    git(tmp_path, "init", "-q", "-b", "main")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    git(tmp_path, "checkout", "-qb", "branch")
    return tmp_path


def found(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, set[str]]:
    """The exit status of a check, and the files that it names."""
    status = main.main(["check", "--format", "json", *words])
    report = json.loads(capsys.readouterr().out)
    return status, {finding["place"]["path"] for finding in report["findings"]}


def given(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))


class TestSince:
    def test_nothing_changed(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        assert main.main(["check", "--since", "main"]) == 0
        assert capsys.readouterr().out == "Clean: no deprecated MCP transport in 0 files.\n"

    @pytest.mark.parametrize("how", ["edited", "staged", "committed"])
    def test_what_changed(self, project: Path, capsys: pytest.CaptureFixture[str], how: str) -> None:
        (project / "two.py").write_text(SERVER + "# more\n")
        if how != "edited":
            git(project, "add", ".")
        if how == "committed":
            git(project, "commit", "-qm", "second")
        assert found(capsys, "--since", "main") == (1, {"two.py"})

    def test_what_git_does_not_know_yet(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "three.py").write_text(SERVER)
        assert found(capsys, "--since", "HEAD", ".") == (1, {"three.py"})

    def test_only_what_this_branch_changed(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        git(project, "checkout", "-q", "main")
        (project / "one.py").write_text(SERVER + "# theirs\n")
        git(project, "commit", "-qam", "theirs")
        git(project, "checkout", "-q", "branch")
        (project / "two.py").write_text(SERVER + "# ours\n")
        assert found(capsys, "--since", "main") == (1, {"two.py"})

    def test_a_deleted_file_is_passed_over(self, project: Path) -> None:
        (project / "one.py").unlink()
        assert main.main(["check", "--since", "main"]) == 0

    def test_paths_narrow_it_further(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for name in ("one.py", "two.py"):
            (project / name).write_text(SERVER + "# more\n")
        assert found(capsys, "--since", "main", "one.py") == (1, {"one.py"})

    def test_a_project_below_the_work_tree(self, project: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (project / "sub").mkdir()
        (project / "sub/pyproject.toml").write_text('[project]\nname = "sub"\nversion = "1"\n')
        (project / "sub/four.py").write_text(SERVER)
        status, files = found(capsys, "--since", "main", "sub")
        assert status == 1 and "four.py" in files and not files & {"one.py", "two.py"}

    def test_a_fix_writes_their_units(self, project: Path) -> None:
        (project / "two.py").write_text(SERVER + "# more\n")
        assert main.main(["-q", "--allow-dirty", "--since", "main", "."]) == 0
        assert (project / "two.py").read_text() == MOVED + "# more\n"
        assert (project / "one.py").read_text() == SERVER

    @pytest.mark.parametrize("revision", ["nowhere", "--all", "HEAD:one.py", ""])
    def test_a_revision_that_is_not_there(
        self, project: Path, capsys: pytest.CaptureFixture[str], revision: str
    ) -> None:
        assert main.main(["check", f"--since={revision}", "."]) == 2
        assert "--since" in capsys.readouterr().err

    def test_outside_of_git(self, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]) -> None:
        folder = tmp_path_factory.mktemp("plain")
        (folder / "one.py").write_text(SERVER)
        assert main.main(["check", "--since", "HEAD", str(folder)]) == 2
        assert "not in a git work tree" in capsys.readouterr().err


class TestStandardInput:
    @pytest.mark.parametrize("words", [["-"], []])
    def test_what_is_given_counts_and_not_the_disk(
        self,
        project: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
        words: list[str],
    ) -> None:
        given(monkeypatch, MOVED.encode())
        assert main.main(["check", *words, "--stdin-filename", "one.py"]) == 0
        given(monkeypatch, b"\n\n" + SERVER.encode())
        assert main.main(["check", *words, "--stdin-filename", "one.py"]) == 1
        assert "one.py:6:1: MCP101" in capsys.readouterr().out

    def test_a_file_that_is_not_there_yet(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        given(monkeypatch, SERVER.encode())
        assert main.main(["check", "-", "--stdin-filename", "new/three.py"]) == 1
        assert "three.py:4:1: MCP101" in capsys.readouterr().out

    @pytest.mark.parametrize("newline", ["\n", "\r\n"])
    def test_a_fix_goes_to_standard_output(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes], newline: str
    ) -> None:
        given(monkeypatch, SERVER.replace("\n", newline).encode())
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.FileIO(1, "wb", closefd=False)))
        assert main.main(["-", "--stdin-filename", "one.py"]) == 0
        assert capfdbinary.readouterr().out == MOVED.replace("\n", newline).encode()
        assert (project / "one.py").read_bytes() == SERVER.encode()

    def test_no_half_of_a_unit(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        (project / "requirements.txt").write_text("mcp>=1.2\n")
        given(monkeypatch, SERVER.encode())
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.FileIO(1, "wb", closefd=False)))
        assert main.main(["-", "--stdin-filename", "one.py"]) == 1
        said = capfdbinary.readouterr()
        assert said.out == SERVER.encode() and b"changes together with requirements.txt" in said.err

    def test_what_has_nothing_to_do_with_it_comes_back(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        given(monkeypatch, b"\xff\x00 anything")
        monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.FileIO(1, "wb", closefd=False)))
        assert main.main(["-", "--stdin-filename", str(tmp_path / "x.py")]) == 0
        assert capfdbinary.readouterr().out == b"\xff\x00 anything"

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            (["check", "-"], "standard input needs a name"),
            (["check", "one.py", "--stdin-filename", "two.py"], "give no other path"),
            (["check", "--stdin-filename", "."], "a folder, not a file"),
            (["--format", "json", "--stdin-filename", "one.py"], "rewritten to standard output"),
        ],
    )
    def test_what_makes_no_sense(
        self, project: Path, capsys: pytest.CaptureFixture[str], words: list[str], message: str
    ) -> None:
        assert main.main(words) == 2
        assert message in capsys.readouterr().err
