"""What reaches standard output, whatever the terminal can show."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator import printing

SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("Zoë — ☂")\nmcp.run(transport="sse")\n'


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "sérver.py").write_text(SERVER, encoding="utf-8", newline="")
    return tmp_path


def shown(folder: Path, encoding: str, *words: str) -> bytes:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": encoding, "NO_COLOR": "1"}
    command = [sys.executable, "-m", "migrator", *words, "."]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
    assert done.stderr == b"" and done.returncode in (0, 1)
    return done.stdout


@pytest.mark.parametrize(
    ("encoding", "arrow", "name"), [("utf-8", "→", "sérver"), ("latin-1", "->", "sérver"), ("ascii", "->", "s?rver")]
)
def test_a_terminal_gets_what_it_can_show(project: Path, encoding: str, arrow: str, name: str) -> None:
    text = shown(project, encoding, "--dry-run").decode(encoding)
    assert f"/sse {arrow} http" in text and f"{name}.py:mcp" in text


def test_programs_get_utf8(project: Path) -> None:
    assert "Zoë — ☂" in shown(project, "ascii", "--diff").decode("utf-8")
    report = json.loads(shown(project, "latin-1", "check", "--format", "json"))
    assert report["findings"][0]["place"]["path"] == "sérver.py"


def test_line_endings_and_bytes_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    out = io.BytesIO()
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(out, encoding="utf-8", newline="\r\n"))
    printing.write("-a\r\n+b\n\udce9\n", for_programs=True)
    assert out.getvalue() == b"-a\r\n+b\n\xe9\n"
