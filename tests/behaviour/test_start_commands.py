"""The migrated command lines start the server: those of Dockerfiles, compose files, scripts and Makefiles, as written."""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import yaml

from migrator.pipeline import make_plan
from migrator.settings import Settings
from tests.behaviour.environments import environments, ready_folder
from tests.unit.deploy.test_deploy_cases import CASES, copied

pytestmark = pytest.mark.behaviour

ASK = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
HEADERS = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream"}


def exec_form(text: str, number: int) -> list[str]:
    """The words of the CMD in exec form with this number."""
    lines = [line for line in text.splitlines() if line.startswith("CMD [")]
    words: list[str] = json.loads(lines[number].removeprefix("CMD "))
    return [w.removeprefix("/app/") for w in words]


def shell_form(text: str) -> str:
    """The CMD in shell form, without the comment inside, which a builder drops."""
    lines = text.partition("CMD python")[2].partition("FROM")[0].splitlines()
    return "python" + "\n".join(line for line in lines if not line.lstrip().startswith("#"))


def service(root: Path, name: str) -> tuple[list[str], dict[str, str]]:
    """The command of a compose service behind its image's entrypoint, and its environment."""
    row = yaml.safe_load((root / "docker-compose.yml").read_text())["services"][name]
    environment = row.get("environment", {})
    if isinstance(environment, list):
        environment = dict(e.split("=", 1) for e in environment)
    environment = {k: v.partition(":-")[2].rstrip("}") or v for k, v in environment.items()}
    if "entrypoint" in row:
        return row["entrypoint"], environment
    command = shlex.split(row["command"]) if isinstance(row["command"], str) else row["command"]
    return (command if command[0] == "python" else ["python", "server.py", *command]), environment


Start = Callable[[Path], tuple[list[str], dict[str, str]]]
STARTS: dict[str, tuple[str, Start]] = {
    "Dockerfile CMD": ("dockerfile", lambda root: (exec_form((root / "Dockerfile").read_text(), 0), {})),
    "Dockerfile shell form": (
        "dockerfile",
        lambda root: (["sh", "-c", shell_form((root / "Dockerfile").read_text())], {}),
    ),
    "Dockerfile ENV": ("dockerfile", lambda root: (["python", "server.py"], {"WEATHER_TRANSPORT": env_line(root)})),
    "compose command string": ("compose", lambda root: service(root, "weather")),
    "compose arguments": ("compose", lambda root: service(root, "weather-args")),
    "compose shell": ("compose", lambda root: service(root, "weather-shell")),
    "env file": (
        "compose",
        lambda root: (["sh", "-c", ". ./weather.env; export WEATHER_TRANSPORT; exec python server.py"], {}),
    ),
    "shell script": ("scripts", lambda root: (["sh", "-c", script(root, "python3 ./server.py")], {})),
    "shell default": ("scripts", lambda root: (["sh", "-c", "set -e\n" + script(root, "python3 ./server.py")], {})),
    "entrypoint with arrays": (
        "arrays",
        lambda root: (["bash", "entrypoint.sh"], {"MODE": variable(root / "compose.yaml", "MODE")}),
    ),
    "texts with options": ("arrays", lambda root: (["sh", "-c", first_start(root / "start.sh")], {})),
    "make": ("scripts", lambda root: (["make", "run-sse"], {})),
    "Procfile": ("scripts", lambda root: (["sh", "-c", "exec " + procfile(root)], {})),
}


def env_line(root: Path) -> str:
    """The value that the Dockerfile's ENV gives the variable."""
    return (root / "Dockerfile").read_text().partition('WEATHER_TRANSPORT="')[2].partition('"')[0]


def variable(path: Path, name: str) -> str:
    """The value that a compose file's list gives a variable."""
    return path.read_text().partition(f"- {name}=")[2].partition("\n")[0]


def first_start(path: Path) -> str:
    """A script's first command with the setting that it needs; what comes behind it starts another server."""
    head, _, _ = path.read_text().partition("LIST=")
    return f"{head}\nexec weather $OPTIONS"


def script(root: Path, command: str) -> str:
    """The line of run.sh that sets TRANSPORT, and the command with its continuation."""
    text = (root / "run.sh").read_text()
    setting = next(line for line in text.splitlines() if line.startswith("TRANSPORT="))
    return f"{setting}\nexec {command}{text.partition(command)[2].partition('&')[0]}"


def procfile(root: Path) -> str:
    return (root / "Procfile").read_text().splitlines()[0].removeprefix("web: ")


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
    )
    try:
        yield process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def answer(port: int, process: subprocess.Popen[bytes]) -> str:
    """What the server says to tools/list, without initialize. Waits half a minute for it to start."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}/mcp", json.dumps(ASK).encode(), HEADERS)
    for _ in range(120):
        if process.poll() is not None:
            raise AssertionError(process.stdout.read().decode() if process.stdout else "it ended")
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                return reply.read().decode()
        except OSError:
            time.sleep(0.25)
    raise AssertionError("no answer")


@pytest.mark.parametrize("name", STARTS)
def test_the_migrated_command_starts_the_server(name: str, tmp_path: Path) -> None:
    case, start = STARTS[name]
    root = tmp_path / "p"
    copied(CASES / case / "before", root)
    for change in make_plan(root, Settings()).changes:
        (root / change.path).write_bytes(change.after)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = root / "weather" if (root / "weather").is_dir() else root
    server = folder / "server.py"
    server.write_text(server.read_text().replace("8000", str(port)))
    if (root / "weather.env").exists():
        (folder / "weather.env").write_bytes((root / "weather.env").read_bytes().replace(b"\r\n", b"\n"))
    official = next(e for e in environments().values() if e.generation == "official-1" and e.default)
    python = official.python(ready_folder())
    command, variables = start(root)
    installed = tmp_path / "bin" / "weather"  # what the project's console script comes to
    installed.parent.mkdir()
    installed.write_text('#!/bin/sh\nexec python server.py "$@"\n')
    installed.chmod(0o755)
    path = os.pathsep.join([str(python.parent), str(installed.parent), os.environ["PATH"]])
    with running(command, folder, {"PATH": path, "HOME": str(tmp_path), **variables}) as process:
        assert '"add"' in answer(port, process)
