"""A file far longer than people write: slow, but done, and nothing lost."""

from pathlib import Path

import pytest

from migrator import main

LONG = (
    b'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\n'
    + b"value = 1  # sse\n" * 60_000
    + b'mcp.run(transport="sse")\n'
)


def test_a_file_of_sixty_thousand_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "long.py").write_bytes(LONG)
    assert main.main(["."]) == 0
    said = capsys.readouterr()
    assert "long.py" in said.out
    assert said.err == ""
    before, after = LONG.splitlines(), (tmp_path / "long.py").read_bytes().splitlines()
    assert b'mcp.run(transport="streamable-http")' in after
    assert (
        sum(line == b"value = 1  # sse" for line in after)
        == sum(line == b"value = 1  # sse" for line in before)
        == 60_000
    )
