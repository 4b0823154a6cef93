"""Commands that say the old path to a moved server are told: it goes on answering there."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.reports.sentences import old_words
from migrator.settings import Settings
from tests.unit.python.choosing import plan_of

SERVER = """\
import argparse

from fastmcp import FastMCP

mcp = FastMCP("calc")


@mcp.tool()
def add(a: int, b: int) -> int:
    return a + b


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--path")
    args = parser.parse_args()
    options = {"path": args.path} if args.path else {}
    mcp.run(transport="sse", **options)
"""


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ("python server.py --path /sse", [3]),
        ("python server.py --path=/sse/ --port 9000", [3]),
        ("python server.py --path /tools", []),
        ("python other.py --path /sse", []),
        ("curl -N http://127.0.0.1:8000/sse && python server.py", []),
    ],
)
def test_told(tmp_path: Path, line: str, lines: list[int]) -> None:
    files = {"server.py": SERVER, "requirements.txt": "fastmcp==3.4.10\n", "start.sh": f"#!/bin/sh\nset -e\n{line}\n"}
    plan = plan_of(tmp_path, files)
    assert all(e.moved for e in plan.endpoints)
    found = [f for f in plan.findings if f.message.startswith("this command says /sse")]
    assert [f.place.line for f in found] == lines
    assert all(f.instruction == "write /mcp, where its clients are sent" for f in found)
    kept = make_plan(tmp_path, Settings(legacy_sse="keep")).findings
    assert not [f for f in kept if f.message.startswith("this command says")]


BY_VARIABLE = """\
import os

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("calc", port=8000)
mcp.settings.sse_path = os.environ.get("CALC_SSE_PATH", "/sse")
mcp.run(transport="sse")
"""


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "compose.yaml",
            "services:\n  calc:\n    build: .\n    environment:\n      CALC_SSE_PATH: /events\n",
            "/events",
        ),
        (".env.example", "CALC_SSE_PATH=/events\n", "/events"),
        (".env.example", "CALC_SSE_PATH=/sse\n", ""),
        (".env.example", "CALC_SSE_PATH=/mcp\n", ""),
        (".env.example", "OTHER_SSE_PATH=/events\n", ""),
    ],
)
def test_a_path_of_its_own_is_told(tmp_path: Path, name: str, text: str, said: str) -> None:
    files = {"server.py": BY_VARIABLE, "requirements.txt": "mcp>=1.24,<2\n", name: text}
    plan = plan_of(tmp_path, files)
    (e,) = plan.endpoints
    assert e.moved and ["CALC_SSE_PATH gives the path" in s for s in old_words(e)] == [True]
    found = [f.message for f in plan.findings if "on that path from now on" in f.message]
    assert [f.startswith(f"CALC_SSE_PATH={said} puts server.py:mcp there") for f in found] == [True] * bool(said)
    assert (name in {c.path for c in plan.changes}) is ("CALC_SSE_PATH=/sse" in text)
