"""The line that shows how far a long run is: on terminals, and nowhere else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from migrator import progress

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals")
SERVER = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("x")\nmcp.run(transport="sse")\n'
CODE = """
import sys, time
from migrator import main, pipeline, progress
progress.DELAY = {delay}
whole = pipeline.plan_tree
pipeline.plan_tree = lambda *a: (time.sleep(0.5), whole(*a))[1]
status = main.main({words!r})
print("rich" in sys.modules)
sys.exit(status)
"""


def seen(folder: Path, *words: str, delay: float = 0.0, terminal: bool = True) -> tuple[str, str]:
    """What a run writes to standard error, a terminal or a pipe, and to standard output."""
    (folder / "server.py").write_text(SERVER)
    command = [sys.executable, "-c", CODE.format(delay=delay, words=["check", *words, "."])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "TERM": "xterm", "COLUMNS": "100"}
    if not terminal:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        return done.stderr, done.stdout
    ours, theirs = pty.openpty()
    with subprocess.Popen(command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=theirs) as run:
        os.close(theirs)
        shown = b""
        try:
            while piece := os.read(ours, 1024):
                shown += piece
        except OSError:  # how Linux says that the other end is closed
            pass
        os.close(ours)
        assert run.stdout is not None
        return shown.decode(), run.stdout.read().decode()


def test_a_terminal_sees_the_step_and_then_nothing(tmp_path: Path) -> None:
    shown, out = seen(tmp_path)
    assert "reading files" in shown
    assert shown.rstrip().endswith(("\x1b[2K", "\x1b[?25h")), "the line is wiped"
    assert "server.py:4:1: MCP101" in out and "reading files" not in out


@pytest.mark.parametrize(("words", "delay", "terminal"), [((), 0, False), (("-q",), 0, True), ((), 60, True)])
def test_nobody_else_does(tmp_path: Path, words: tuple[str, ...], delay: float, terminal: bool) -> None:
    shown, out = seen(tmp_path, *words, delay=delay, terminal=terminal)
    assert shown == "" and out.splitlines()[-1] == "False", "nor is anything imported for it"


def test_every_step_is_known_and_goes_forward() -> None:
    shares = [share for _, share in progress.STEPS.values()]
    assert shares == sorted(shares) and shares[-1] < 100
    for room in ("configs", "clients", "deploy", "versions"):
        assert room in progress.STEPS
