"""The real repositories to measure on: what is recorded about each, and where its tree lies.

Their list is `../shared/corpus/repositories.jsonl` beside this checkout (or `$MCP_MIGRATE_SHARED/corpus`), their trees
are folders `OWNER__NAME` of a directory that is named on the command line. Nothing of them is ever written.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

SHARED = Path(os.environ.get("MCP_MIGRATE_SHARED", Path(__file__).resolve().parents[3] / "shared"))
LIST = SHARED / "corpus" / "repositories.jsonl"


@dataclass(frozen=True)
class Repository:
    """One line of the list."""

    name: str  # "owner/name"
    folder: Path
    pins: tuple[str, ...]  # "uv.lock: mcp==1.6.0 (lock)"


def repositories(clones: Path, only: str = "") -> Iterator[Repository]:
    """Those whose tree is in `clones`, in the order of the list; `only`: whose name contains it."""
    for line in LIST.read_text("utf-8").splitlines():
        row = json.loads(line)
        folder = clones / row["repo"].replace("/", "__")
        if folder.is_dir() and only in row["repo"]:
            yield Repository(row["repo"], folder, tuple(row.get("pinned", ())))


def arguments(about: str | None, *switches: str) -> argparse.Namespace:
    """The command line that the measurements of this folder share, and the switches of one."""
    parser = argparse.ArgumentParser(description=(about or "").split("\n")[0])
    parser.add_argument("--clones", type=Path, required=True, help="the directory that holds OWNER__NAME folders")
    parser.add_argument("--only", default="", help="part of a repository's name")
    for switch in switches:
        parser.add_argument(switch, action="store_true")
    return parser.parse_args()
