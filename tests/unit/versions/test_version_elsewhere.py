"""Versions beside those of the servers: of clients, of other projects, of what can not be read."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from versions_support import Judged, endpoint, pyproject, uv_lock

from migrator.context import ClientNeed
from migrator.model import Outcome, Severity

Judge = Callable[..., Judged]


def test_clients_are_judged_by_their_package(judged: Judge) -> None:
    files = {"requirements.txt": "openai-agents==0.0.7\nmcp>=1.24\nlangchain-mcp-adapters\n", "agent.py": ""}
    clients = (
        ClientNeed("agent.py", "openai-agents"),
        ClientNeed("agent.py", "mcp"),
        ClientNeed("agent.py", "langchain_mcp_adapters"),
        ClientNeed("agent.py", "nothing"),
    )
    found = judged(files, clients=clients)
    assert found.text("requirements.txt") == "openai-agents==0.0.15\nmcp>=1.24,<2\nlangchain-mcp-adapters\n"
    assert {p.unit for p in found.parts} == {""}


@pytest.mark.parametrize(
    ("asked", "client", "becomes"),
    [
        ("mcp>=1.9", ClientNeed("agent.py", "mcp", "1.24.0", any_major=True), "mcp>=1.24.0"),
        ("mcp>=1.26", ClientNeed("agent.py", "mcp", "1.24.0", any_major=True), "mcp>=1.26"),
        ("mcp>=1.9", ClientNeed("agent.py", "mcp", "1.8.0", 1), "mcp>=1.9,<2"),
        ("mcp>=1.9,<2", ClientNeed("agent.py", "mcp", "1.8.0", 1), "mcp>=1.9,<2"),
        ("mcp~=1.9.4\npydantic<2.12", ClientNeed("agent.py", "mcp", "1.9.4", 1), "mcp~=1.9.4\npydantic<2.12"),
        ("mcp~=1.9.0", ClientNeed("agent.py", "mcp", "1.9.4", 1), "mcp~=1.28.1"),
        ("mcp==1.6.0", ClientNeed("agent.py", "mcp", "1.24.0"), "mcp==1.28.1"),
        ("smolagents==1.10.0", ClientNeed("agent.py", "smolagents", "1.17.0"), "smolagents==1.17.0"),
    ],
)
def test_what_a_client_needs_raises_its_requirement(
    judged: Judge, asked: str, client: ClientNeed, becomes: str
) -> None:
    found = judged({"requirements.txt": f"{asked}\n", "agent.py": ""}, clients=(client,))
    assert found.text("requirements.txt") == f"{becomes}\n"
    assert any(f.outcome is Outcome.FIX for f in found.findings) == (asked != becomes)


def test_a_client_beside_a_server_keeps_to_the_major_version_of_the_server(judged: Judge) -> None:
    files = {"requirements.txt": "mcp>=1.9\n", "agent.py": "", "server.py": ""}
    found = judged(files, endpoint("server.py"), clients=(ClientNeed("agent.py", "mcp", "1.24.0", any_major=True),))
    assert found.text("requirements.txt") == "mcp>=1.28.1,<2\n"


def test_elsewhere_only_the_lock_of_a_server_over_http_is_told(judged: Judge) -> None:
    files = {"pyproject.toml": pyproject("mcp>=1.28.1"), "uv.lock": uv_lock(mcp="1.6.0")}
    assert judged(files).parts == []
    files["server.py"] = 'from mcp.server.fastmcp import FastMCP\nmcp.run(transport="streamable-http")\n'
    found = judged(files)
    assert [(f.rule, f.message) for f in found.findings] == [
        ("MCP404", "uv.lock is stale: it holds mcp 1.6.0, and pyproject.toml asks for mcp>=1.28.1")
    ]
    assert found.edits == []


def test_the_versions_of_projects_without_sse_are_not_touched(judged: Judge) -> None:
    files = {
        "a/requirements.txt": "mcp>=1.24\n",
        "a/server.py": "",
        "b/requirements.txt": "mcp==1.2.0\n",
        "b/server.py": "",
    }
    found = judged(files, endpoint("a/server.py"))
    assert {e.path for e in found.edits} == {"a/requirements.txt"}
    assert {f.place.path for f in found.findings} == {"a/requirements.txt"}


def test_what_can_not_be_read_counts_beside_a_server(judged: Judge) -> None:
    files = {
        "a/pyproject.toml": pyproject("mcp>=1.24,<2"),
        "a/uv.lock": "version = 1\n<<<<<<< HEAD\n",
        "a/server.py": "",
        "b/pyproject.toml": "[project\n",
        "b/server.py": "",
        "pylock.toml": 'lock-version = "9"\n',
    }
    found = judged(files, endpoint("a/server.py"))
    assert [(f.place.path, f.place.line, f.severity, f.outcome) for f in found.of("MCP406")] == [
        ("a/uv.lock", 2, Severity.WARNING, Outcome.BY_HAND),
        ("pylock.toml", 0, Severity.NOTE, Outcome.INFO),
    ]
    found = judged(files, endpoint("b/server.py"))
    assert {(f.place.path, f.severity) for f in found.of("MCP406")} == {
        ("b/pyproject.toml", Severity.WARNING),
        ("pylock.toml", Severity.NOTE),
    }
