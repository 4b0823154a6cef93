"""Ignore comments that outlived their reason are reported by every run, and fail none."""

import json
from pathlib import Path

import pytest

from migrator import main

MOVED = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("a", stateless_http=True)\n'
STALE = MOVED + 'mcp.run(transport="streamable-http")  # mcp-transport: ignore[MCP101] -- until the desktops are gone\n'
SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("b")\nmcp.run(transport="sse")\n'


@pytest.fixture
def put(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.chdir(tmp_path)

    def written(**files: str) -> None:
        for name, text in files.items():
            (tmp_path / name.replace("_", ".")).write_text(text, encoding="utf-8")

    return written


def rules(capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    assert main.main(["check", "--format", "json", *words, "."]) == 0
    return [finding["rule"] for finding in json.loads(capsys.readouterr().out)["findings"]]


def test_in_a_project_that_has_nothing_else(put, capsys: pytest.CaptureFixture[str]) -> None:
    put(server_py=STALE)
    assert main.main(["check", "."]) == 0
    said = capsys.readouterr().out
    assert "server.py:4:39: MCP002 Nothing here is MCP101 any more" in said and "[note]" in said
    assert "Nothing is left that makes check fail." in said


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("compose_yaml", "# mcp-transport: ignore[MCP501] -- old\nservices: {}\n"),
        ("mcp_json", '{\n  // mcp-transport: ignore[MCP301] -- old\n  "servers": {}\n}\n'),
        ("notes_md", "<!-- mcp-transport: ignore[MCP502] -- old -->\n"),
        ("start_sh", "# mcp-transport: ignore[MCP501] -- old\ntrue\n"),
    ],
)
def test_in_any_file(put, capsys: pytest.CaptureFixture[str], name: str, text: str) -> None:
    put(**{name: text})
    assert rules(capsys) == ["MCP002"]


def test_a_malformed_one_is_shown_too(put, capsys: pytest.CaptureFixture[str]) -> None:
    put(server_py=STALE.replace("[MCP101]", ""))
    assert main.main(["check", "."]) == 0
    assert "server.py:4:39: MCP001 An ignore comment needs a rule id and a reason. [note]" in capsys.readouterr().out


def test_what_is_not_looked_for_is_not_stale(put, capsys: pytest.CaptureFixture[str]) -> None:
    fence = "```sh\n# mcp-transport: ignore[MCP502] -- shows the old way\npython server.py --transport sse\n```\n"
    put(server_py=STALE, notes_md=fence)
    assert "MCP002" in rules(capsys)
    assert rules(capsys, "--ignore", "MCP101,MCP502") == []
    assert rules(capsys, "--no-docs", "--ignore", "MCP101") == []


def test_what_is_needed_is_not_reported(put, capsys: pytest.CaptureFixture[str]) -> None:
    put(server_py=SERVER.replace('"sse")', '"sse")  # mcp-transport: ignore[MCP101] -- old desktops'))
    assert main.main(["check", "."]) == 0
    assert "MCP002" not in capsys.readouterr().out
