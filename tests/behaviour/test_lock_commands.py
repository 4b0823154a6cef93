"""The commands that the report prints make a stale lock right again: run for real, with the tool that wrote the lock.

uv and pip-tools in every behaviour run, all others with MCP_MIGRATE_MATRIX=all. The tools come from their own
registries into the cache of the behaviour tests; nothing is installed into this checkout's environment.
"""

from __future__ import annotations

import importlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from migrator.apply import apply
from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.rulebook import load
from migrator.scan import scan
from migrator.settings import Settings
from migrator.versions.ranges import version
from migrator.versions.resolved import Versions
from tests.behaviour.environments import Environment, cache, whole_matrix

SECONDS = 300
SERVER = """\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("weather")


@mcp.tool()
def forecast(city: str) -> str:
    return f"sun in {city}"


if __name__ == "__main__":
    mcp.run(transport="sse")
"""
SOURCE = '\n[[tool.poetry.source]]\nname = "simple"\nurl = "{index}/"\npriority = "primary"\n'
TYPESCRIPT = 'import { SSEServerTransport } from "@modelcontextprotocol/sdk/server/sse.js";\n'
PROJECT = (
    '[project]\nname = "weather"\nversion = "0.1.0"\nrequires-python = ">=3.11,<3.14"\ndependencies = ["mcp==1.6.0"]\n'
)
POETRY = (
    '[tool.poetry]\nname = "weather"\nversion = "0.1.0"\ndescription = ""\nauthors = []\npackage-mode = false\n\n'
    '[tool.poetry.dependencies]\npython = "^3.11"\nmcp = "~1.6"\n'
)
PACKAGE = json.dumps(
    {"name": "weather", "private": True, "dependencies": {"@modelcontextprotocol/sdk": "1.9.0"}}, indent=2
)


@dataclass(frozen=True)
class Tool:
    """A tool, the project that it locks, and the command that makes the first lock."""

    name: str
    first: str
    lock: str
    files: dict[str, str]
    python: tuple[str, ...] = ()  # what to install to have it
    node: tuple[str, ...] = ()
    default: bool = False
    member: str = ""  # the folder of the project below the root
    env: dict[str, str] = field(default_factory=dict)


def _python(manifest: str, text: str, **more: str) -> dict[str, str]:
    return {"server.py": SERVER, manifest: text, **more}


NODE = {"package.json": PACKAGE + "\n", "src/server.ts": TYPESCRIPT}
SCRIPT = '# /// script\n# requires-python = ">=3.11"\n# dependencies = ["mcp==1.6.0"]\n# ///\n' + SERVER
TOOLS = [
    Tool("uv", "uv lock", "uv.lock", _python("pyproject.toml", PROJECT), python=("uv",), default=True),
    Tool(
        "uv in a folder", "uv lock", "uv.lock", _python("pyproject.toml", PROJECT), ("uv",), default=True, member="a b"
    ),
    Tool("uv script", "uv lock --script server.py", "server.py.lock", {"server.py": SCRIPT}, ("uv",), default=True),
    Tool(
        "pip-tools",
        "pip-compile --quiet --output-file=requirements.txt requirements.in",
        "requirements.txt",
        _python("requirements.in", "mcp==1.6.0\n"),
        python=("pip-tools",),
        default=True,
    ),
    Tool(
        "uv pip compile",
        "uv pip compile --quiet requirements.in -o requirements.txt",
        "requirements.txt",
        _python("requirements.in", "mcp==1.6.0\n"),
        python=("uv",),
        default=True,
    ),
    Tool(
        "poetry 2", "poetry lock", "poetry.lock", _python("pyproject.toml", PROJECT + SOURCE), python=("poetry>=2,<3",)
    ),
    Tool(
        "poetry 1", "poetry lock", "poetry.lock", _python("pyproject.toml", POETRY + SOURCE), python=("poetry==1.8.5",)
    ),
    Tool("pdm", "pdm lock", "pdm.lock", _python("pyproject.toml", PROJECT), python=("pdm==2.12.4",)),
    Tool(
        "pipenv",
        "pipenv lock",
        "Pipfile.lock",
        _python("Pipfile", '[packages]\nmcp = "==1.6.0"\n\n[requires]\npython_version = "3.11"\n'),
        python=("pipenv",),
        env={"PIPENV_IGNORE_VIRTUALENVS": "1", "PIPENV_YES": "1"},
    ),
    Tool("npm 3", "npm install --package-lock-only --ignore-scripts", "package-lock.json", NODE),
    Tool("npm 1", "npm install --package-lock-only --ignore-scripts --lockfile-version 1", "package-lock.json", NODE),
    Tool("pnpm 9", "pnpm install --lockfile-only", "pnpm-lock.yaml", NODE, node=("pnpm@9.15.9",)),
    Tool("pnpm 8", "npx --yes pnpm@8 install --lockfile-only", "pnpm-lock.yaml", NODE),
    Tool("yarn 1", "yarn install --ignore-scripts", "yarn.lock", NODE, node=("yarn@1.22.22",)),
    Tool(
        "yarn 4",
        "yarn install --mode=update-lockfile",
        "yarn.lock",
        {**NODE, ".yarnrc.yml": "enableTelemetry: false\nenableGlobalCache: true\n"},
        node=("@yarnpkg/cli-dist@4.9.2",),
    ),
]
CHOSEN = [t for t in TOOLS if t.default or whole_matrix()]


def _folder(tool: Tool) -> str:
    """Where the tool's programs lie, "" for one that is there anyway. Raises RuntimeError when it can't be had."""
    if tool.python:
        name = "tool-" + "".join(c if c.isalnum() else "-" for c in tool.python[0])
        return str(Environment(name, "", tool.python, (), name).python().parent)
    if tool.node:
        folder = cache() / ("tool-" + "".join(c if c.isalnum() else "-" for c in tool.node[0]))
        if not (folder / "node_modules" / ".bin").exists():
            folder.mkdir(parents=True, exist_ok=True)
            _run(
                f"npm install --silent --no-fund --no-audit --prefix {folder} {tool.node[0]}", folder, dict(os.environ)
            )
        return str(folder / "node_modules" / ".bin")
    return ""


def _index() -> str:
    """The index that pip uses here: Poetry's own way to its default one does not go through every mirror."""
    return os.environ.get("PIP_INDEX_URL") or str(importlib.import_module("pip._internal.models.index").PyPI.simple_url)


def _run(command: str, folder: Path, env: dict[str, str]) -> None:
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env=env, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 0, f"{command}\n{done.stdout[-1500:]}\n{done.stderr[-1500:]}"


def _versions_left(plan: Plan) -> list[str]:
    return [f"{f.rule} {f.place}: {f.message}" for f in plan.left if f.rule.startswith("MCP4")]


@pytest.mark.behaviour
@pytest.mark.parametrize("tool", CHOSEN, ids=[t.name for t in CHOSEN])
def test_the_printed_command_makes_the_lock_right(tool: Tool, tmp_path: Path) -> None:
    javascript = "package.json" in tool.files
    if (javascript or tool.node) and shutil.which("npm") is None:
        pytest.skip("npm is not installed here")
    env = {k: v for k, v in os.environ.items() if k != "VIRTUAL_ENV"}
    env |= {
        "PATH": os.pathsep.join(filter(None, [_folder(tool), str(Path(sys.executable).parent), os.environ["PATH"]])),
        **tool.env,
    }
    project = tmp_path / "project" / tool.member
    for name, text in tool.files.items():
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text(text.replace("{index}", _index()))
    _run(tool.first, project, env)
    root, settings = tmp_path / "project", Settings()
    package, floor = ("@modelcontextprotocol/sdk", "1.26.0") if javascript else ("mcp", "1.28.1")

    if javascript:  # told, not edited: what the report says to write
        (finding,) = [f for f in make_plan(root, settings).findings if f.rule == "MCP401"]
        assert f'Write {package} "1.26.0" in package.json' in finding.instruction
        (project / "package.json").write_text(PACKAGE.replace("1.9.0", "1.26.0"))
        plan = make_plan(root, settings)
    else:
        plan = make_plan(root, settings)
        assert [u.moved for u in plan.units] == [True]
        apply(plan, root, settings)
    assert any("MCP404" in left for left in _versions_left(plan))
    assert len(plan.regenerate) == 1
    assert any("MCP404" in left for left in _versions_left(make_plan(root, settings)))

    _run(plan.regenerate[0], root, env)
    again = make_plan(root, settings)
    assert _versions_left(again) == []
    assert again.regenerate == ()
    suffix = "src/server.ts" if javascript else "server.py"
    installed = Versions.read(scan(root, settings), load()).of(f"{tool.member}/{suffix}".lstrip("/"))
    assert installed.lock.endswith(tool.lock)
    found, wanted = installed.version(package), version(floor)
    assert found is not None and wanted is not None
    assert wanted <= found
