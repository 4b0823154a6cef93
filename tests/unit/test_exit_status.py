"""Exit statuses of whole runs, a test for each thing that the README's table names."""

import re
from pathlib import Path

import pytest

from migrator import main

README = Path(__file__).resolve().parents[2] / "README.md"
SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\nmcp.run(transport="sse")\n'
MOVED = SERVER.replace('"x")', '"x", stateless_http=True)').replace('"sse"', '"streamable-http"')
LOCK = 'version = 1\n\n[[package]]\nname = "mcp"\nversion = "{}"\nsource = {{ registry = "https://packages.example.org/simple" }}\n'
MANIFEST = '[project]\nname = "x"\nversion = "1"\nrequires-python = ">=3.11"\ndependencies = ["{}"]\n'

CLEAN = {"server.py": MOVED, "requirements.txt": "mcp>=1.28.1,<2\n"}
LEFT = {
    "deprecated transport": {"server.py": SERVER},
    "deprecated transport in a client's configuration": {
        ".mcp.json": '{"mcpServers": {"x": {"type": "sse", "url": "https://far.example.com/sse"}}}\n'
    },
    "an SDK that can't speak the new one": {"server.py": SERVER, "pyproject.toml": MANIFEST.format("mcp==1.2.0")},
    "a stale lock": {
        "server.py": MOVED,
        "pyproject.toml": MANIFEST.format("mcp>=1.28.1,<2"),
        "uv.lock": LOCK.format("1.6.0"),
    },
    "a file that can't be parsed": {"server.py": SERVER.replace("mcp.run(", "mcp.run((")},
}
FAILED = {
    "a wrong option": ["--frobnicate", "."],
    "a wrong word of an option": ["--mode", "fast", "."],
    "a path that isn't there": ["nowhere"],
    "a path in a variable that is empty": [""],
    "an option in a variable that is empty": ["--select", "", "."],
    "a baseline in a variable that is empty": ["--write-baseline", "", "."],
    "options in contradiction": ["--write-baseline", "a", "--prune-baseline", "b", "."],
    "broken settings": ["broken"],
}


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """`put(files)` makes them the project that the user stands in."""
    monkeypatch.chdir(tmp_path)

    def written(files: dict[str, str]) -> None:
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    return written


def rows() -> dict[int, str]:
    """The README's table: what it says for each status."""
    found = re.findall(r"^\| (\d) \| (.+) \|$", README.read_text(encoding="utf-8"), re.MULTILINE)
    return {int(number): text for number, text in found}


def test_the_table_has_these_rows() -> None:
    assert list(rows()) == [0, 1, 2]
    for name in (*LEFT, *FAILED):
        if " in " not in name and "word of" not in name:
            assert name in rows()[1 if name in LEFT else 2], name
    assert "nothing is left" in rows()[0] and "dry run" in rows()[0]


def test_nothing_is_left(put) -> None:
    put(CLEAN)
    assert main.main(["check", "."]) == main.main(["--dry-run", "."]) == main.main(["."]) == 0


@pytest.mark.parametrize("name", LEFT)
def test_the_dry_run_is_done(put, name: str) -> None:
    put(LEFT[name])
    assert main.main(["--dry-run", "."]) == main.main(["--diff", "."]) == 0


@pytest.mark.parametrize("name", LEFT)
def test_something_is_left(put, name: str) -> None:
    put(LEFT[name])
    assert main.main(["check", "."]) == 1


@pytest.mark.parametrize("more", ["--dry-run", "--diff", "--quiet", "--verbose"])
def test_a_check_is_a_check_whatever_it_shows(put, more: str) -> None:
    put(LEFT["deprecated transport"])
    assert main.main(["check", more, "."]) == main.main([more, "--check", "."]) == 1
    put(CLEAN)
    assert main.main(["check", more, "."]) == 0


def test_a_fix_leaves_nothing_or_says_so(put) -> None:
    put(LEFT["deprecated transport"])
    assert main.main(["."]) == main.main(["check", "."]) == 0
    put(LEFT["a file that can't be parsed"])
    assert main.main(["."]) == main.main(["check", "."]) == 1


def test_a_fix_leaves_the_lock(put) -> None:
    put(LEFT["an SDK that can't speak the new one"] | {"uv.lock": LOCK.format("1.2.0")})
    assert main.main(["."]) == main.main(["check", "."]) == 1
    put({"uv.lock": LOCK.format("1.28.1")})
    assert main.main(["check", "."]) == 0


@pytest.mark.parametrize("name", FAILED)
@pytest.mark.parametrize("check", [["check"], ["--dry-run"], []])
def test_the_run_itself_failed(
    put, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str, check: list[str]
) -> None:
    put(LEFT["deprecated transport"])
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken/.mcp-transport-migrate.toml").write_text('mod = "auto"\n')
    assert main.main([*check, *FAILED[name]]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.startswith("mcp-migrate: ")
    assert (tmp_path / "server.py").read_text() == SERVER


@pytest.mark.parametrize(
    "files", [{"server.py": MOVED + "# mcp-transport: ignore[MCP101] -- old\n"}, {"a.py": "x = 'sse'\n"}]
)
def test_notes_do_not_count(put, files: dict[str, str]) -> None:
    put(files)
    assert main.main(["check", "."]) == 0
