"""Agents of real frameworks, before and after: each lists the tools of a real server over SSE, moves, and lists them again.

    python -m tests.behaviour.frameworks [--only NAME] [--venvs DIR]

testdata/frameworks/NAME/ holds an agent (agent.py prints the names of its tools as JSON) and what it needs
(requirements.txt, and .python-version where it needs another Python). The project that is moved has that agent and the
server that it talks to (server.py where the framework is one for servers); nothing is edited by hand in between.

Where a service in the network connects to the server, or the framework's own server does, the agent can list nothing
here: it prints what it would send there as a JSON object, and "constructs" stands before it in the table.

Environments are built once, in the cache beside those of the SDKs. Not part of a test run: it installs several
gigabytes.

--only NAME   frameworks whose name contains NAME (several times: any of them)
--venvs DIR   ready environments (folders mcp1, fw-langchain-mcp-adapters, ...); missing ones are built in the cache
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings
from migrator.verify.launch import Server, end_on_sigterm, free_port
from tests.behaviour.environments import Environment, environments, ready_folder

AGENTS = Path(__file__).resolve().parents[2] / "testdata" / "frameworks"
SERVER_SDK = "official-1"
SECONDS = 180
PORT = "8000"
SERVER = '''from mcp.server.fastmcp import FastMCP

mcp = FastMCP("demo", port=8000)


@mcp.tool()
def add(a: int, b: int) -> int:
    """The sum of two numbers."""
    return a + b


@mcp.tool()
def greet(name: str) -> str:
    """A greeting."""
    return f"Hello, {name}"


if __name__ == "__main__":
    mcp.run(transport="sse")
'''
TOOLS = ["add", "greet"]


class Failed(Exception):
    """One step did not do what it must; the message says which and how."""


def names() -> list[str]:
    """The frameworks that have an agent here."""
    return sorted(path.parent.name for path in AGENTS.glob("*/agent.py"))


def environment(name: str) -> Environment:
    """The environment of one framework's agent."""
    requirements = tuple((AGENTS / name / "requirements.txt").read_text("utf-8").split("\n"))
    wanted = AGENTS / name / ".python-version"
    interpreter = wanted.read_text("utf-8").strip() if wanted.exists() else ""
    pins = tuple(r for r in requirements if r)
    return Environment(f"framework-{name}", "", pins, (), f"fw-{name}", interpreter=interpreter)


def serving(name: str) -> Environment:
    """The environment of the server that the agent talks to."""
    return environment(name) if (AGENTS / name / "server.py").exists() else environments()[SERVER_SDK]


def project(name: str, folder: Path, port: int) -> None:
    """Write the project of a framework into `folder`: its agent, and the server that it talks to at `port`."""
    shutil.copytree(AGENTS / name, folder / "agent")
    (folder / "server").mkdir()
    own = folder / "agent" / "server.py"
    if own.exists():
        own.rename(folder / "server" / "server.py")
    else:
        (folder / "server" / "server.py").write_text(SERVER, "utf-8")
    (folder / "server" / "requirements.txt").write_text("\n".join(serving(name).pins) + "\n", "utf-8")
    for path in folder.rglob("*.py"):
        path.write_text(path.read_text("utf-8").replace(PORT, str(port)), "utf-8")


def move(folder: Path) -> Plan:
    """One run of the tool over the project. Raises Failed where something stays, or a second run finds more."""
    plan = make_plan(folder, Settings())
    for change in plan.changes:
        (folder / change.path).write_bytes(change.after)
    if plan.left:
        raise Failed("by hand: " + "; ".join(f"{f.place}: {f.message}" for f in plan.left))
    if make_plan(folder, Settings()).changes:
        raise Failed("a second run changes files again")
    return plan


def printed(python: Path, folder: Path) -> list[str] | dict[str, Any]:
    """The names of the tools that the agent sees, or what it constructs. Raises Failed."""
    command = [str(python), "agent.py"]
    try:
        done = subprocess.run(
            command, cwd=folder / "agent", capture_output=True, text=True, timeout=SECONDS, check=False, env=_quiet()
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"no answer within {SECONDS} s") from None
    if done.returncode:
        raise Failed(done.stderr.strip()[-1500:])
    said = [line for line in done.stdout.splitlines() if line.startswith(('["', '{"'))]  # some log to the same place
    if not said:
        raise Failed(f"it names no tools: {done.stdout.strip()[-500:]}")
    found: list[str] | dict[str, Any] = json.loads(said[-1])
    return found


def judge(name: str, ready: Path | None, folder: Path) -> str:
    """Run one framework's agent before and after; what was seen, for the table. Raises Failed and RuntimeError."""
    python, server = environment(name).python(ready), serving(name).python(ready)
    port = free_port()
    project(name, folder, port)
    with _served(server, folder, port):
        before = printed(python, folder)
    plan = move(folder)
    if "agent/agent.py" not in {c.path for c in plan.changes}:
        raise Failed("the agent is left as it is")
    with _served(server, folder, port):
        after = printed(python, folder)
    if isinstance(before, dict) or isinstance(after, dict):
        return _constructed(before, after, port)
    if not _all_there(before):
        raise Failed(f"over SSE it sees {before}")
    if after != before:
        raise Failed(f"over Streamable HTTP it sees {after}")
    return f"lists {', '.join(after)}"


def _constructed(before: object, after: object, port: int) -> str:
    """What an agent made after the move: the same as before it, but for the address and the word of the transport."""
    old, new = json.dumps(before), json.dumps(after)
    plain = old.replace(f":{port}/sse", f":{port}/mcp").replace('"sse"', '"streamable_http"')
    if f":{port}/sse" not in old or new != plain:
        raise Failed(f"it constructs {old}, then {new}")
    return f"constructs {new}"


def _all_there(found: list[str]) -> bool:
    """True for the two tools, under whatever prefix."""
    return len(found) == len(TOOLS) and all(f.endswith(t) for f, t in zip(found, TOOLS, strict=True))


@contextmanager
def _served(python: Path, folder: Path, port: int) -> Iterator[None]:
    with Server([str(python), "server.py"], cwd=folder / "server", port=port) as server:
        error = server.start().error
        if error:
            raise Failed(f"the server does not start: {error}")
        yield


def _quiet() -> dict[str, str]:
    """The environment of an agent: no telemetry, and no proxy between it and this machine."""
    extra = {"PYTHONWARNINGS": "ignore", "OTEL_SDK_DISABLED": "true", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
    return {**os.environ, **extra}


def main() -> int:
    """Print the table. Status 1 when a framework's agent does not list the same tools."""
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--venvs", type=Path)
    options = parser.parse_args()
    wanted = [n for n in names() if not options.only or any(part in n for part in options.only)]
    good = 0
    for name in wanted:
        with tempfile.TemporaryDirectory(prefix="framework-") as folder:
            try:
                seen = judge(name, options.venvs or ready_folder(), Path(folder))
                good += 1
                print(f"{name:24} {seen}", flush=True)
            except (Failed, RuntimeError) as error:
                print(f"{name:24} FAILS: {error}", flush=True)
    print(f"{good} of {len(wanted)} list the same tools, or construct what belongs to them, before and after")
    return 0 if good == len(wanted) else 1


if __name__ == "__main__":
    sys.exit(main())
