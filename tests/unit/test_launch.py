"""Starting and ending processes: none may be left over."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from migrator.verify.launch import Server, free_port

SERVES = "import http.server, sys; http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()"
WITH_CHILD = (
    "import subprocess, sys, pathlib; "
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); "
    "pathlib.Path('child').write_text(str(child.pid)); " + SERVES
)


def server(code: str, folder: Path, port: int | None = None) -> Server:
    port = port or free_port()
    return Server([sys.executable, "-S", "-c", code, str(port)], folder, port)


def lives(pid: int) -> bool:
    """True while the process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[-1].split()[0] != "Z"
    except OSError:
        return False


def test_up_then_killed_then_up_again_on_the_same_port(tmp_path: Path) -> None:
    with server(SERVES, tmp_path) as one:
        assert one.start().up
        assert one.base == f"http://127.0.0.1:{one.port}"
        assert one.restart().up
    assert not Server(["true"], tmp_path, one.port)._answers()


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc to see whether a process lives")
def test_its_children_end_with_it(tmp_path: Path) -> None:
    with server(WITH_CHILD, tmp_path) as one:
        assert one.start().up
        child = int((tmp_path / "child").read_text())
        assert lives(child)
    wait_until(lambda: not lives(child))


def test_a_process_that_ends_is_told_with_status_and_last_words(tmp_path: Path) -> None:
    with server("import sys; print('first'); sys.exit('no such transport: sse')", tmp_path) as one:
        started = one.start()
    assert (started.up, started.exit_code) == (False, 1)
    assert "ended with status 1" in started.error
    assert started.log == "first | no such transport: sse"


def test_a_process_that_never_listens(tmp_path: Path) -> None:
    with server("import time; print('waiting', flush=True); time.sleep(60)", tmp_path) as one:
        started = one.start(seconds=0.6)
        assert (started.up, started.exit_code) == (False, None)
        assert "no answer on its port" in started.error
        assert started.log == "waiting"


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    with Server(["no-such-command-anywhere"], tmp_path, free_port()) as one:
        started = one.start()
    assert not started.up
    assert "no-such-command-anywhere" in started.error


def test_its_variables_are_those_given(tmp_path: Path) -> None:
    with Server(
        [sys.executable, "-c", "import os, sys; sys.exit(os.environ['WHY'])"],
        tmp_path,
        free_port(),
        {**os.environ, "WHY": "because"},
    ) as one:
        assert one.start().log == "because"


def test_a_log_from_before_a_restart_is_not_shown(tmp_path: Path) -> None:
    with server(
        "import pathlib, sys; f = pathlib.Path('ran'); n = f.exists(); f.touch(); sys.exit('again' if n else 'first')",
        tmp_path,
    ) as one:
        assert one.start().log == "first"
        assert one.restart().log == "again"


def test_free_ports_are_free() -> None:
    ports = {free_port() for _ in range(20)}
    assert len(ports) > 1
    assert all(15000 <= port <= 30000 for port in ports)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks at /proc to see whether a process lives")
def test_servers_end_with_a_program_that_is_terminated(tmp_path: Path) -> None:
    program = f"""
import sys, time
from pathlib import Path
from migrator.verify.launch import Server, end_on_sigterm, free_port
end_on_sigterm()
port = free_port()
server = Server([sys.executable, "-S", "-c", {SERVES!r}, str(port)], Path("."), port)
assert server.start().up
Path("pid").write_text(str(server._process.pid))
time.sleep(60)
"""
    root = str(Path(__file__).resolve().parents[2])
    holder = subprocess.Popen(
        [sys.executable, "-c", program], cwd=tmp_path, env={**os.environ, "PYTHONPATH": root}, stderr=subprocess.DEVNULL
    )
    try:
        wait_until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text() != "")
        pid = int((tmp_path / "pid").read_text())
        assert lives(pid)
        holder.terminate()
        holder.wait(20)
        wait_until(lambda: not lives(pid))
    finally:
        holder.kill()
        holder.wait()


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it does not become true"
        time.sleep(0.05)
