"""What a run changes that was given files, or names of endpoints: whole units, and nothing beside them."""

import json
from pathlib import Path

import pytest

from migrator import main
from migrator.choice import Choice
from migrator.settings import Settings

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("{}", port={})\n\nif __name__ == "__main__":\n    mcp.run(transport="sse")\n'
CLIENT = """\
from mcp.client.sse import sse_client


async def main():
    async with sse_client("https://far.example.com/sse") as (read, write):
        print(read, write)
"""
CONFIG = {
    "mcpServers": {
        name: {"type": "sse", "url": f"http://localhost:{port}/sse"} for name, port in {"a": 9000, "b": 9001}.items()
    }
}
FILES = {
    "a/server.py": SERVER.format("a", 9000),
    "b/server.py": SERVER.format("b", 9001),
    "client.py": CLIENT,
    ".mcp.json": json.dumps(CONFIG, indent=2) + "\n",
    "requirements.txt": "mcp>=1.6\n",
    "notes.txt": "Nothing here, not even sse.\n",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    return tmp_path


def changed(folder: Path) -> set[str]:
    return {name for name, text in FILES.items() if (folder / name).read_bytes() != text.encode()}


def urls(folder: Path) -> list[str]:
    servers = json.loads((folder / ".mcp.json").read_text())["mcpServers"]
    return [server["url"] for server in servers.values()]


@pytest.mark.parametrize(
    ("words", "files"),
    [
        (["a/server.py"], {"a/server.py", ".mcp.json", "requirements.txt"}),
        (["--endpoint", "a/server.py:mcp", "."], {"a/server.py", ".mcp.json", "requirements.txt"}),
        ([".mcp.json"], {"a/server.py", "b/server.py", ".mcp.json", "requirements.txt"}),
        (["notes.txt"], set()),
        (["notes.txt", "b"], {"b/server.py", ".mcp.json", "requirements.txt"}),
        (
            ["--endpoint", "a/server.py:mcp", "--endpoint", "b/server.py:mcp", "."],
            set(FILES) - {"client.py", "notes.txt"},
        ),
        (["."], set(FILES) - {"notes.txt"}),
    ],
)
def test_names_choose_whole_units(project: Path, words: list[str], files: set[str]) -> None:
    main.main(["-q", *words])
    assert changed(project) == files


@pytest.mark.parametrize("words", [["client.py"], ["--endpoint", "rest", "."]])
def test_what_belongs_to_no_endpoint(project: Path, words: list[str]) -> None:
    main.main(["-q", *words])
    assert changed(project) - {"requirements.txt"} == {"client.py"}


def test_a_file_of_several_units_gets_only_what_was_chosen(project: Path) -> None:
    main.main(["-q", "b/server.py"])
    assert urls(project) == ["http://localhost:9000/sse", "http://localhost:9001/mcp"]


def test_what_is_told_is_what_is_written(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The dry run's diff, the report of the run and the files on disk name the same files."""
    main.main(["--dry-run", "--format", "json", "a/server.py"])
    planned = {change["path"] for change in json.loads(capsys.readouterr().out)["changes"]}
    main.main(["--format", "json", "a/server.py"])
    told = {change["path"] for change in json.loads(capsys.readouterr().out)["changes"]}
    assert planned == told == changed(project)


def test_the_exit_status_is_of_what_was_asked_about(project: Path) -> None:
    assert main.main(["-q", "a/server.py"]) == 0
    assert main.main(["-q", "check", "a/server.py"]) == 0
    assert main.main(["-q", "check", "b/server.py"]) == 1
    assert main.main(["-q", "check", "a/server.py", "client.py"]) == 1


def test_a_name_that_is_not_there(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main.main(["--endpoint", "a/server.py:mpc", "."]) == 2
    assert 'no endpoint "a/server.py:mpc"; did you mean "a/server.py:mcp"' in capsys.readouterr().err
    assert changed(project) == set()


def test_files_narrow_an_endpoint_and_add_nothing_to_it(project: Path) -> None:
    main.main(["-q", "--endpoint", "a/server.py:mcp", "b/server.py"])
    assert changed(project) <= {"requirements.txt"}
    main.main(["-q", "--endpoint", "a/server.py:mcp", "a"])
    assert "b/server.py" not in changed(project) and "a/server.py" in changed(project)


def test_a_whole_project_beside_a_file_of_another(
    project: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path_factory.mktemp("other")
    (other / "requirements.txt").write_text("mcp>=1.12,<2\n")
    for name in ("one.py", "two.py"):
        (other / name).write_text(FILES["a/server.py"])
    assert main.main(["check", "--format", "json", ".", str(other / "one.py")]) == 1
    places = {f["place"]["path"].rpartition("/")[2] for f in json.loads(capsys.readouterr().out)["findings"]}
    assert {"client.py", "one.py"} <= places and "two.py" not in places
    assert main.main(["-q", ".", str(other / "one.py")]) == 0
    assert (other / "two.py").read_text() == FILES["a/server.py"] != (other / "one.py").read_text()


def test_names_in_a_report_of_several_projects(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text("mcp>=1.12,<2\n")
        (tmp_path / name / "server.py").write_text(FILES["a/server.py"])
    assert main.main(["--dry-run", "one", "two"]) == 0
    assert "two/server.py:mcp  stateless" in capsys.readouterr().out
    assert main.main(["--endpoint", "three/server.py:mcp", "one", "two"]) == 2
    assert "there are one/server.py:mcp, two/server.py:mcp" in capsys.readouterr().err
    main.main(["-q", "--endpoint", "two/server.py:mcp", "one", "two"])
    assert (tmp_path / "one/server.py").read_text() == FILES["a/server.py"] != (tmp_path / "two/server.py").read_text()


def test_what_the_option_means() -> None:
    assert Choice.of(Settings()) == Choice()
    assert Choice.of(Settings(endpoint=("a",))) == Choice(frozenset({"a"}), frozenset())
    assert Choice.of(Settings(endpoint=("rest",))) == Choice(frozenset(), None)
