"""Where versions stand: each manifest, script header and command in its own style."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from versions_support import Judged, endpoint, pyproject, uv_lock

from migrator.model import Outcome, Severity
from migrator.settings import Settings

Judge = Callable[..., Judged]


def test_a_script_header_and_its_lock(judged: Judge) -> None:
    script = '#!/usr/bin/env -S uv run --script\n# /// script\n# dependencies = [\n#     "mcp[cli]==1.6.0",  # pinned\n# ]\n# ///\nimport mcp\n'
    lock = uv_lock(mcp="1.6.0") + '[manifest]\nrequirements = [{ name = "mcp", specifier = "==1.6.0" }]\n'
    found = judged({"server.py": script, "server.py.lock": lock}, endpoint())
    assert found.text("server.py") == script.replace("==1.6.0", "==1.28.1")
    assert found.regenerate == ["uv lock --script server.py --upgrade-package mcp"]


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        (
            "Pipfile",
            '[packages]\nmcp = {version = "==1.6.0", extras = ["cli"]} # x\n',
            '[packages]\nmcp = {version = "==1.28.1", extras = ["cli"]} # x\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmcp = "^1.24"\n',
            '[tool.poetry.dependencies]\nmcp = "^1.24"\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmcp = "~1.6"\n',
            '[tool.poetry.dependencies]\nmcp = "~1.28.1"\n',
        ),
        (
            "pyproject.toml",
            '[tool.poetry.dependencies]\nmcp = "*"\n',
            '[tool.poetry.dependencies]\nmcp = ">=1.28.1,<2"\n',
        ),
        (
            "pyproject.toml",
            "[project]\ndependencies = ['mcp (>=1.6.0,<1.7.0)']\n",
            "[project]\ndependencies = ['mcp (>=1.28.1,<2)']\n",
        ),
        (
            "pyproject.toml",
            '[project]\ndependencies = ["mcp>=1.24; python_version>\\"3.9\\""]\n',
            '[project]\ndependencies = ["mcp>=1.24,<2; python_version>\\"3.9\\""]\n',
        ),
        (
            "setup.cfg",
            "[options]\ninstall_requires =\n\tmcp >=1.24\n",
            "[options]\ninstall_requires =\n\tmcp >=1.24,<2\n",
        ),
        ("setup.py", "setup(install_requires=['mcp==1.2.0'])\n", "setup(install_requires=['mcp==1.28.1'])\n"),
        (
            "environment.yml",
            "dependencies:\n- mcp=1.6 # x\n- pip:\n  - httpx\n",
            "dependencies:\n- mcp>=1.28.1,<2 # x\n- pip:\n  - httpx\n",
        ),
        ("environment.yml", "dependencies:\n- pip:\n  - mcp==1.6.0\n", "dependencies:\n- pip:\n  - mcp==1.28.1\n"),
        (
            "pixi.toml",
            '[pypi-dependencies]\nmcp = { version = ">=1.6" }\n',
            '[pypi-dependencies]\nmcp = { version = ">=1.28.1,<2" }\n',
        ),
        ("Dockerfile", "FROM x\nRUN pip install mcp httpx\n", 'FROM x\nRUN pip install "mcp>=1.28.1,<2" httpx\n'),
        ("Dockerfile", "FROM x\nRUN pip install mcp==1.6.0 httpx\n", "FROM x\nRUN pip install mcp==1.28.1 httpx\n"),
        ("Dockerfile", "FROM x\nRUN pip install 'mcp[cli]>=1.24'\n", "FROM x\nRUN pip install 'mcp[cli]>=1.24,<2'\n"),
    ],
)
def test_every_manifest_is_edited_in_its_own_style(judged: Judge, path: str, before: str, after: str) -> None:
    assert judged({path: before}, endpoint()).text(path) == after


def test_constraints_are_raised_and_overrides_are_told(judged: Judge) -> None:
    found = judged({"requirements.txt": "mcp\n-c constraints.txt\n", "constraints.txt": "mcp==1.6.0\n"}, endpoint())
    assert found.text("constraints.txt") == "mcp==1.28.1\n"
    files = {"pyproject.toml": pyproject("mcp>=1.2,<2") + '[tool.uv]\noverride-dependencies = ["mcp==1.6.0"]\n'}
    found = judged(files, endpoint())
    (part,) = [p for p in found.parts if p.needed and not p.edits]
    assert "an override that keeps mcp" in part.findings[0].message


def test_versions_in_commands_that_start_the_server(judged: Judge) -> None:
    files = {
        "run.sh": "uv run --with mcp==1.6.0 server.py\nuvx --with mcp==1.6.0 other-server\nuv run --with mcp server.py\n",
        "client.json": '{"mcpServers": {"a": {"command": "uv", "args": ["run", "--with", "mcp==1.6.0", "/app/server.py"]},\n"b": {"args": ["--with", "mcp==1.6.0", "else"]}}}\n',
    }
    found = judged(files, endpoint())
    assert found.text("run.sh") == (
        'uv run --with mcp==1.28.1 server.py\nuvx --with mcp==1.6.0 other-server\nuv run --with "mcp>=1.28.1,<2" server.py\n'
    )
    assert found.text("client.json") == files["client.json"].replace("mcp==1.6.0", "mcp==1.28.1", 1)


def test_versions_in_commands_of_files_that_never_say_sse(judged: Judge) -> None:
    files = {
        ".mcp.json": '{"mcpServers": {"a": {"command": "uv", "args": ["run", "--with", "mcp==1.6.0", "server.py"]}}}'
    }
    assert judged(files, endpoint(), hits={}).text(".mcp.json") == files[".mcp.json"].replace("1.6.0", "1.28.1")
    found = judged(files, endpoint(), hits={}, local=frozenset({".mcp.json"}))
    (finding,) = found.of("MCP401")
    assert found.edits == []
    assert (finding.severity, finding.instruction) == (Severity.NOTE, "Write mcp==1.28.1.")
    found = judged(files, endpoint(), settings=Settings(local_files=True), hits={}, local=frozenset({".mcp.json"}))
    assert found.text(".mcp.json") == files[".mcp.json"].replace("1.6.0", "1.28.1")


def test_javascript_is_told_and_not_edited(judged: Judge) -> None:
    files = {
        "package.json": '{"dependencies": {"@modelcontextprotocol/sdk": "1.9.0"}}\n',
        "package-lock.json": '{"lockfileVersion": 2, "packages": {"": {"dependencies": {"@modelcontextprotocol/sdk": "1.9.0"}}, "node_modules/@modelcontextprotocol/sdk": {"version": "1.9.0"}}}\n',
        "src/index.ts": "new SSEServerTransport('/m', res)\n",
    }
    found = judged(files)
    assert found.edits == []
    (finding,) = found.of("MCP401")
    assert (finding.severity, finding.outcome) == (Severity.ERROR, Outcome.BY_HAND)
    assert finding.instruction == 'Write @modelcontextprotocol/sdk "1.26.0" in package.json.'
    files["package.json"] = files["package.json"].replace("1.9.0", "^1.26.0")
    found = judged(files)
    assert found.regenerate == ["npm install --package-lock-only --ignore-scripts --lockfile-version 2"]
    assert judged({**files, "src/index.ts": "export {}\n"}).parts == []
