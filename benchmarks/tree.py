"""A big tree like real projects have it: the same bytes on every machine.

Python files of all sizes in packages with tests, configuration, documents and web code between them; a few projects
serve MCP over SSE. Words that merely contain the letters s-s-e (assert, message, classes) are as frequent as in life.
"""

from __future__ import annotations

import random
import subprocess
from pathlib import Path

SEED = 20250326
VOCABULARY = """
account address answer asset batch buffer cache class client config context counter cursor data default detail
dispatch driver element entry error event field filter folder format frame group handler header index input item key
label layer length level limit line list loader lock logger manager mapping match message method mode model module
name node number object offset option order output owner package page parser path pattern payload place plugin
policy pool port prefix process profile property query queue range reader record region request resource response
result role route rule schema scope section segment service session setting shape signal size source stage state
status step storage stream string table tag target task template test text thread token total type unit update user
value vector version view window worker writer zone
"""
WORDS = VOCABULARY.split()
IMPORTS = (
    "import os", "import re", "import json", "import logging", "import asyncio", "import dataclasses",
    "from collections.abc import Iterator", "from pathlib import Path", "from typing import Any", "import httpx",
    "from pydantic import BaseModel", "import numpy as np", "from fastapi import APIRouter", "import pytest",
)  # fmt: skip
SERVER = '''\
"""The {name} tools over MCP."""

import argparse

from mcp.server.fastmcp import FastMCP

mcp = FastMCP("{name}", host="0.0.0.0", port={port})


@mcp.tool()
def lookup(key: str) -> str:
    """Look a record up."""
    return key.upper()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--transport", choices=["stdio", "sse"], default="sse")
    args = parser.parse_args()
    mcp.run(transport=args.transport)


if __name__ == "__main__":
    main()
'''


def build(root: Path, files: int, servers: int) -> None:
    """Make the tree below `root` (which must not exist): about `files` files, `servers` of them over SSE."""
    chance = random.Random(SEED)
    root.mkdir(parents=True)
    blocks = [_function(chance) for _ in range(3000)]
    every = max(1, files // servers) if servers else files + 1
    made = 0
    folder = root
    while made < files:
        if made % 40 == 0:
            project, package = f"{chance.choice(WORDS)}_{made // 400}", f"{chance.choice(WORDS)}_{made // 40}"
            folder = root / "projects" / project / "src" / package
            folder.mkdir(parents=True, exist_ok=True)
        if made % every == every - 1:
            name, text = f"server_{made}.py", SERVER.format(name=chance.choice(WORDS), port=8000 + made % 1000)
        else:
            name, text = _file(chance, made, blocks)
        (folder / name).write_text(text, encoding="utf-8")
        made += 1


def track(root: Path) -> bool:
    """Put the tree under git, as projects are. False without git."""
    try:
        for command in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", "-C", str(root), *command], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return False
    return True


def _file(chance: random.Random, number: int, blocks: list[str]) -> tuple[str, str]:
    kind = chance.random()
    stem = f"{chance.choice(WORDS)}_{chance.choice(WORDS)}_{number}"
    if kind < 0.72:
        size = min(60, max(1, round(chance.lognormvariate(2.2, 0.9))))
        imports = "\n".join(sorted(chance.sample(IMPORTS, 5)))
        return f"{stem}.py", f'"""{_sentence(chance)}"""\n\n{imports}\n\n\n' + "\n\n".join(
            chance.choices(blocks, k=size)
        )
    if kind < 0.80:
        rows = ",\n".join(
            f'  "{chance.choice(WORDS)}_{i}": "{_sentence(chance)}"' for i in range(chance.randint(3, 60))
        )
        return f"{stem}.json", f"{{\n{rows}\n}}\n"
    if kind < 0.87:
        return f"{stem}.yaml", "".join(
            f"{chance.choice(WORDS)}_{i}: {chance.randint(0, 9999)}\n" for i in range(chance.randint(5, 80))
        )
    if kind < 0.94:
        return f"{stem}.md", f"# {stem}\n\n" + "\n\n".join(
            _sentence(chance) for _ in range(chance.randint(5, 60))
        ) + "\n"
    return f"{stem}.ts", "".join(
        f"export const {chance.choice(WORDS)}{i} = (value: string) => value + '{chance.choice(WORDS)}'\n"
        for i in range(chance.randint(5, 120))
    )


def _function(chance: random.Random) -> str:
    names = [chance.choice(WORDS) for _ in range(3)]
    lines = [f"def {names[0]}_{names[1]}({names[2]}: str, limit: int = {chance.randint(1, 99)}) -> str:"]
    lines.append(f'    """{_sentence(chance)}"""')
    for _ in range(chance.randint(3, 22)):
        left, right = chance.choice(WORDS), chance.choice(WORDS)
        lines.append(
            chance.choice(
                [
                    f"    {left} = {right}.get({names[2]!r}, {chance.randint(0, 9)})",
                    f"    assert {left} is not None, {right!r}",
                    f"    if {left} and not {right}:\n        raise ValueError(f'{left}: {{{right}}}')",
                    f"    for {left} in {right}:\n        process({left}, message={names[0]!r})",
                    f"    logger.info({left!r}, {right})",
                    f"    # {_sentence(chance)}",
                ]
            )
        )
    lines.append(f"    return {names[2]}\n")
    return "\n".join(lines)


def _sentence(chance: random.Random) -> str:
    return " ".join(chance.choice(WORDS) for _ in range(chance.randint(4, 12))).capitalize() + "."
