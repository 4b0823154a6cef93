"""Commands that say the old path to a moved server are told: it goes on answering there."""

from __future__ import annotations

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

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
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    plan = make_plan(tmp_path, Settings())
    assert all(e.moved for e in plan.endpoints)
    found = [f for f in plan.findings if f.message.startswith("this command says /sse")]
    assert [f.place.line for f in found] == lines
    assert all(f.instruction == "write /mcp, where its clients are sent" for f in found)
    kept = make_plan(tmp_path, Settings(legacy_sse="keep")).findings
    assert not [f for f in kept if f.message.startswith("this command says")]
