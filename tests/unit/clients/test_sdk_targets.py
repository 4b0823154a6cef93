"""Which client of the official SDK is written, by what the project may have installed; and what its requirement gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.model import Outcome, Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

CLIENT = """from mcp import ClientSession
from mcp.client.sse import sse_client


async def main():
    async with sse_client("http://localhost:8000/sse"{more}) as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
"""
SERVER = """from mcp.server.fastmcp import FastMCP

mcp = FastMCP("m")
mcp.run(transport="sse")
"""
OLD, NEW = "streamablehttp_client(", " streamable_http_client("
HELPED = "connect_streamable_http("


def lock(version: str) -> str:
    return f'version = 1\n\n[[package]]\nname = "mcp"\nversion = "{version}"\nsource = {{ registry = "x" }}\n'


def moved(root: Path, asked: str = "", locked: str = "", more: str = "", server: bool = False) -> tuple[str, str, Plan]:
    """The client, the manifest, and the plan, as one run leaves them."""
    files = {"client.py": CLIENT.format(more=more)}
    manifest = f'[project]\nname = "p"\nversion = "1"\ndependencies = ["{asked}"]\n'
    files |= {"pyproject.toml": manifest} if asked else {}
    files |= {"uv.lock": lock(locked)} if locked else {}
    files |= {"server.py": SERVER} if server else {}
    for name, text in files.items():
        (root / name).write_text(text)
    plan = make_plan(root, Settings())
    after = files | {c.path: c.after.decode() for c in plan.changes}
    return after["client.py"], after.get("pyproject.toml", "").partition('["')[2].partition('"')[0], plan


@pytest.mark.parametrize(
    ("asked", "locked", "name", "becomes"),
    [
        ("mcp>=1.9", "", NEW, "mcp>=1.24.0"),  # no name is in every version that this admits
        ("mcp>=1.6.0", "", NEW, "mcp>=1.24.0"),
        ("mcp>=1.26", "", NEW, "mcp>=1.26"),
        ("mcp>=1.6.0", "1.26.0", NEW, "mcp>=1.24.0"),
        ("mcp>=1.9,<2", "", OLD, "mcp>=1.9,<2"),
        ("mcp>=1.9,<2", "1.26.0", OLD, "mcp>=1.9,<2"),  # others may have 1.9
        ("mcp>=1.24,<2", "", NEW, "mcp>=1.24,<2"),
        ("mcp>=2", "", NEW, "mcp>=2"),
        ("mcp", "", NEW, "mcp"),
        ("mcp==1.26.0", "", NEW, "mcp==1.26.0"),
        ("mcp==1.22.0", "", OLD, "mcp==1.22.0"),
        ("mcp==1.6.0", "", NEW, "mcp==1.28.1"),
        ("mcp>=1.22", "1.22.0", OLD, "mcp>=1.22,<2"),
        ("mcp>=1.6,<2", "", NEW, "mcp>=1.28.1,<2"),
        ("", "", NEW, ""),
        ("", "1.22.0", OLD, ""),
    ],
)
def test_the_spelling_works_in_every_version_that_the_manifest_then_admits(
    tmp_path: Path, asked: str, locked: str, name: str, becomes: str
) -> None:
    client, requirement, plan = moved(tmp_path, asked, locked)
    assert name in client
    assert "import sse_client" not in client
    assert requirement == becomes
    if requirement != asked:
        told = [f for f in plan.findings if f.rule.startswith("MCP4") and f.outcome is Outcome.FIX]
        assert any(becomes in f.instruction for f in told)
    two = "as (read, write):"
    assert (two in client) == (asked == "mcp>=2")  # everywhere else there may be a third stream


@pytest.mark.parametrize("more", [", headers={}", ", timeout=9, sse_read_timeout=99"])
def test_settings_of_the_connection_go_through_an_http_client_of_their_own(tmp_path: Path, more: str) -> None:
    client, requirement, _ = moved(tmp_path, "mcp>=1.9", more=more)
    assert HELPED in client
    assert requirement == "mcp>=1.24.0"


def test_time_outs_are_numbers_from_1_9_4_on(tmp_path: Path) -> None:
    client, requirement, _ = moved(tmp_path, "mcp>=1.8,<2", more=", timeout=9")
    assert OLD in client
    assert requirement == "mcp>=1.28.1,<2"


def test_a_server_of_the_same_project_keeps_the_next_major_out(tmp_path: Path) -> None:
    client, requirement, plan = moved(tmp_path, "mcp>=1.22", server=True)
    assert OLD in client
    assert requirement == "mcp>=1.22,<2"
    assert all(u.moved for u in plan.units)


def test_what_nobody_asks_for_by_name_is_not_raised(tmp_path: Path) -> None:
    client, _, plan = moved(tmp_path, "", locked="1.6.0")
    assert "sse_client(" in client
    (finding,) = [f for f in plan.findings if f.rule == "MCP201"]
    assert finding.outcome is Outcome.BY_HAND
    assert finding.instruction == "require mcp>=1.24.0 first"


def test_what_two_targets_need_of_one_module_is_one_import(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("mcp>=1.26,<2\n")
    (tmp_path / "a.py").write_text(
        "from mcp.client.sse import sse_client\n\n\nasync def main():\n"
        '    async with sse_client("https://example.com/sse", headers={"a": "b"}) as (r, w):\n        pass\n'
        '    async with sse_client("https://example.com/sse") as (r, w):\n        pass\n'
    )
    (after,) = [c.after.decode() for c in make_plan(tmp_path, Settings()).changes if c.path == "a.py"]
    assert after.count("from mcp.client.streamable_http import") == 1
    assert "import streamable_http_client, create_mcp_http_client\n" in after


def test_a_client_that_imports_the_sdk_when_it_is_asked_goes_on_doing_so(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("mcp>=1.26,<2\n")
    (tmp_path / "a.py").write_text(
        "import os\n\n\nasync def main():\n    from mcp.client.sse import sse_client\n\n"
        '    async with sse_client("https://example.com/sse", headers=dict(os.environ)) as (r, w):\n        pass\n'
    )
    (after,) = [c.after.decode() for c in make_plan(tmp_path, Settings()).changes if c.path == "a.py"]
    top = [line for line in after.splitlines() if line.startswith(("import", "from"))]
    assert top == ["import os", "from contextlib import asynccontextmanager"]
    assert "\n    from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client\n\n" in after
    assert "sse_client" not in after
