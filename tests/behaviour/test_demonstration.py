"""A whole repository moves in one run of the program, and the agent in it sees its server's tools with no edit by hand.

The repository is examples/weather (a server with an option and a variable, Dockerfile, compose file, `.vscode/mcp.json`,
README, lock) with `.mcp.json`, `.cursor/mcp.json` and a LangChain agent beside it (testdata/demonstration). The server
is started by the very words that stand in the Dockerfile, then as the compose file sets it up.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings
from migrator.verify.launch import Server, free_port
from tests.behaviour.environments import environments, ready_folder
from tests.behaviour.frameworks import environment, printed
from tests.behaviour.subject import Start, Subject
from tests.behaviour.tools import program

pytestmark = pytest.mark.behaviour

ROOT = Path(__file__).resolve().parents[2]
PORT = "8000"
TOOLS = ["towns", "weather"]
ENTRIES = {".mcp.json": "mcpServers", ".cursor/mcp.json": "mcpServers", ".vscode/mcp.json": "servers"}
WORDS = {".mcp.json": "http", ".cursor/mcp.json": None, ".vscode/mcp.json": "http"}


@pytest.fixture
def repository(tmp_path: Path) -> tuple[Path, int]:
    """The repository, with a free port instead of its own, and that port."""
    folder, port = tmp_path / "repository", free_port()
    shutil.copytree(ROOT / "examples" / "weather", folder)
    shutil.copytree(ROOT / "testdata" / "demonstration", folder, dirs_exist_ok=True)
    for path in (p for p in folder.rglob("*") if p.is_file()):
        path.write_bytes(path.read_bytes().replace(PORT.encode(), str(port).encode()))
    return folder, port


def as_the_dockerfile_says(folder: Path) -> tuple[list[str], dict[str, str]]:
    """(arguments, environment) of the server."""
    command = re.search(r"^CMD (\[.*\])$", (folder / "Dockerfile").read_text(), re.M)
    assert command
    name, *arguments = json.loads(command[1])
    assert name == "weather-mcp"
    return arguments, {}


def as_compose_says(folder: Path) -> tuple[list[str], dict[str, str]]:
    """(arguments, environment) of the server."""
    service = yaml.safe_load((folder / "compose.yaml").read_text())["services"]["weather"]
    return [], service["environment"]


def seen(folder: Path, port: int, how: Callable[[Path], tuple[list[str], dict[str, str]]]) -> list[str]:
    """The tools that the repository's agent sees while its server runs."""
    arguments, variables = how(folder)
    python = environments()["official-1"].python(ready_folder())
    command = [str(python), "-m", "weather_mcp.server", *arguments]
    with Server(command, cwd=folder / "src", port=port, env=variables) as server:
        assert not server.start().error
        return printed(environment("langchain-mcp-adapters").python(ready_folder()), folder)


def address(folder: Path, path: str) -> tuple[str, str | None]:
    """(address, word) of the server in a client's file."""
    text = re.sub(r"^\s*//.*$", "", (folder / path).read_text(), flags=re.M)
    entry = json.loads(text)[ENTRIES[path]]["weather"]
    return entry["url"], entry.get("type")


def test_one_run_moves_a_repository_and_its_agent_goes_on(repository: tuple[Path, int]) -> None:
    folder, port = repository
    assert seen(folder, port, as_the_dockerfile_says) == TOOLS
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    ran = program(Subject("demonstration", folder, Start(())), folder)
    assert ran.status == 1, ran.output  # for the lock alone, see below
    for path, word in WORDS.items():
        assert address(folder, path) == (f"http://localhost:{port}/mcp", word), path
    assert seen(folder, port, as_the_dockerfile_says) == TOOLS
    assert seen(folder, port, as_compose_says) == TOOLS
    readme = (folder / "README.md").read_text()
    assert "weather-mcp --transport streamable-http\n" in readme
    assert f"claude mcp add --transport http weather http://localhost:{port}/mcp\n" in readme
    assert files["uv.lock"] == (folder / "uv.lock").read_bytes()
    plan: Plan = make_plan(folder, Settings())
    assert not plan.changes
    assert {f.rule for f in plan.left} <= {"MCP404"}  # the lock is made again with the printed command
    assert not [f for f in plan.findings if f.assumed]
