"""The line of the program as a whole: units, what they take with them, and what happens when one fails."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from migrator import forked
from migrator.model import Outcome
from migrator.pipeline import make_plan
from migrator.python.rewrite import transform
from migrator.python.rewrite.plans import Unmatched
from migrator.reports import ReportOptions, render
from migrator.settings import Settings

ROOT = Path(__file__).resolve().parents[2]
SERVER = """\
from mcp.server.fastmcp import FastMCP

mcp = FastMCP("one")

if __name__ == "__main__":
    mcp.run(transport="sse")
"""


def project(folder: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def written(folder: Path) -> None:
    for change in make_plan(folder, Settings()).changes:
        (folder / change.path).write_bytes(change.after)


def test_the_demo_project_moves_whole_and_only_once(tmp_path: Path) -> None:
    folder = tmp_path / "weather"
    shutil.copytree(ROOT / "examples" / "weather", folder)
    plan = make_plan(folder, Settings())
    assert {c.path for c in plan.changes} == {
        ".vscode/mcp.json",
        "Dockerfile",
        "README.md",
        "compose.yaml",
        "pyproject.toml",
        "src/weather_mcp/server.py",
    }
    (unit,) = plan.units
    assert unit.moved
    assert all(unit.id in (*c.units, *c.follows) for c in plan.changes)
    (endpoint,) = plan.endpoints
    assert (endpoint.old_path, endpoint.new_path, endpoint.stateless) == ("/sse", "/mcp", True)
    assert plan.regenerate == ("uv lock --upgrade-package mcp",)
    written(folder)
    again = make_plan(folder, Settings())
    assert not again.changes
    assert not again.endpoints
    # only the lock is left, and that is the user's to make
    assert {f.rule for f in again.findings if f.counts} == {"MCP404"}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes can't be forked here")
def test_processes_that_share_the_work_change_nothing_about_it(monkeypatch: pytest.MonkeyPatch) -> None:
    project = ROOT / "examples" / "weather"
    alone = make_plan(project, Settings())
    used = []
    monkeypatch.setattr(forked, "worth", lambda jobs, many=0: used.append(jobs) or 3)
    assert make_plan(project, Settings()) == alone
    assert len(used) > 1  # to look at the files, and to learn what they import


def test_a_unit_whose_edits_fail_leaves_no_trace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = project(
        tmp_path,
        {
            "one.py": SERVER,
            "two.py": SERVER.replace('"one"', '"two"'),
            ".mcp.json": '{"mcpServers": {"one": {"type": "sse", "url": "http://localhost:8000/sse"}}}\n',
            "Dockerfile": "FROM python\n",
        },
    )
    real = transform.apply_operations

    def failing(path: str, data: bytes, operations: object) -> bytes:
        if path == "one.py":
            raise Unmatched("line 6, column 4: the file differs")
        return real(path, data, operations)  # type: ignore[arg-type]

    monkeypatch.setattr(transform, "apply_operations", failing)
    plan = make_plan(folder, Settings())
    assert {u.id: u.moved for u in plan.units} == {"one.py:mcp": False, "two.py:mcp": True}
    assert "one.py" not in {c.path for c in plan.changes}
    (left,) = [f for f in plan.findings if f.place.path == "one.py" and f.rule == "MCP101"]
    assert left.outcome is Outcome.BY_HAND
    assert "line 6" in left.message
    assert "stateless_http=True" in left.instruction


def test_what_follows_a_server_stays_with_it_when_a_later_room_keeps_it(tmp_path: Path) -> None:
    guard = "(guard) {\n\tbasic_auth {args[0]} {\n\t\tbob x\n\t}\n}\nx.com {\n\timport guard /sse\n\treverse_proxy x:8000\n}\n"
    entry = '{"mcpServers": {"one": {"type": "sse", "url": "http://localhost:8000/sse"}}}\n'
    plan = make_plan(project(tmp_path, {"one.py": SERVER, ".mcp.json": entry, "Caddyfile": guard}), Settings())
    assert [u.moved for u in plan.units] == [False]
    assert plan.changes == ()
    (client,) = [f for f in plan.findings if f.place.path == ".mcp.json"]
    assert client.outcome is Outcome.BY_HAND


def test_a_broken_file_is_reported_and_the_others_are_done(tmp_path: Path) -> None:
    folder = project(tmp_path, {"good.py": SERVER, "broken.py": SERVER + "def f(:\n", "bad.py": ""})
    (folder / "bad.py").write_bytes(
        b'from mcp.server.fastmcp import FastMCP\nx = "\xff sse"\nFastMCP("x").run("sse")\n'
    )
    plan = make_plan(folder, Settings())
    assert [c.path for c in plan.changes] == ["good.py"]
    broken = {f.place.path: f for f in plan.findings if f.rule == "MCP108"}
    assert broken["broken.py"].place.line == 7
    assert broken["bad.py"].place.line == 2


@pytest.mark.parametrize("name", ["LF", "CRLF", "BOM", "no final newline", "tabs", "latin-1"])
def test_bytes_outside_the_edits_stay(tmp_path: Path, name: str) -> None:
    text = SERVER + "\n\ndef café():\n    return 'é'\n"
    encoding = "latin-1" if name == "latin-1" else "utf-8"
    if name == "latin-1":
        text = "# -*- coding: latin-1 -*-\n" + text
    if name == "CRLF":
        text = text.replace("\n", "\r\n")
    if name == "tabs":
        text = text.replace("    ", "\t")
    if name == "no final newline":
        text = text.rstrip("\n")
    data = (b"\xef\xbb\xbf" if name == "BOM" else b"") + text.encode(encoding)
    (tmp_path / "server.py").write_bytes(data)
    (change,) = make_plan(tmp_path, Settings()).changes
    before, after = data.splitlines(keepends=True), change.after.splitlines(keepends=True)
    assert len(before) == len(after)
    different = [b.strip() for a, b in zip(before, after, strict=True) if a != b]
    assert different == [b'mcp = FastMCP("one", stateless_http=True)', b'mcp.run(transport="streamable-http")']


def test_an_ignore_comment_keeps_a_server_where_it_is(tmp_path: Path) -> None:
    text = SERVER.replace(
        'mcp.run(transport="sse")', 'mcp.run(transport="sse")  # mcp-transport: ignore[MCP101] -- the old client'
    )
    plan = make_plan(project(tmp_path, {"server.py": text}), Settings())
    assert not plan.changes
    assert not [f for f in plan.findings if f.counts]


def test_one_endpoint_can_be_chosen(tmp_path: Path) -> None:
    folder = project(tmp_path, {"one.py": SERVER, "two.py": SERVER})
    plan = make_plan(folder, Settings(endpoint=("two.py:mcp",)))
    assert [c.path for c in plan.changes] == ["two.py"]


def test_nothing_is_done_where_nothing_is_mcp(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        {
            "look.py": 'class FastMCP:\n    def run(self, transport): ...\n\nFastMCP().run(transport="sse")\n',
            "bus.py": 'import bus\n\nbus.open(transport="sse")\nprint("transport=\'sse\'")\n',
            "stream.py": "from sse_starlette.sse import EventSourceResponse\n\nAPP = '/sse'\n",
        },
    )
    plan = make_plan(folder, Settings())
    assert not plan.changes
    assert not plan.endpoints


def test_a_test_that_reaches_no_server_of_ours_is_left_alone(tmp_path: Path) -> None:
    config = '{"mcpServers": {"far": {"type": "sse", "url": "https://mcp.example.org/sse"}}}\n'
    folder = project(tmp_path, {"tests/data/.mcp.json": config, ".mcp.json": config})
    plan = make_plan(folder, Settings())
    assert [c.path for c in plan.changes] == [".mcp.json"]
    assert not [f for f in plan.findings if f.place.path.startswith("tests/") and f.counts]


def test_a_gateway_keeps_what_it_offers_and_moves_its_own_server(tmp_path: Path) -> None:
    offered = """\
import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("offered")

if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["stdio", "sse"])
    mcp.run(transport=parser.parse_args().transport)
"""
    folder = project(
        tmp_path,
        {"pyproject.toml": '[project]\nname = "mcp-proxy"\nversion = "1"\n', "offered.py": offered, "own.py": SERVER},
    )
    plan = make_plan(folder, Settings())
    assert [c.path for c in plan.changes] == ["own.py"]
    assert [f.place.path for f in plan.findings if f.rule == "MCP107"] == ["offered.py"]


def test_a_report_says_which_servers_stay_as_what_a_project_offers(tmp_path: Path) -> None:
    code = 'from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP("offered")\napp = mcp.sse_app()\n'
    folder = project(tmp_path, {"pyproject.toml": '[project]\nname = "mcp-proxy"\nversion = "1"\n', "offered.py": code})
    plan = make_plan(folder, Settings())
    for check in (True, False):
        told = render("text", plan, ReportOptions(dry_run=not check, check=check, width=100))
        assert "Clean" not in told and "Nothing to move" in told
    assert "offered.py:4  MCP107" in told
