"""Small projects in one file each: testdata/shapes/NAME.txt, what they are, their files, and the plan for them.

title = "..."                   TOML: the keys of case.toml (tests/README.md)
--- server.py                   a file, up to the next such line
...
==> plan                        endpoints, what blocks them, hazards, and the changes as a diff
...
"""

from __future__ import annotations

import difflib
import re
import tomllib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from migrator.model import Plan
from migrator.settings import Settings

SHAPES = Path(__file__).resolve().parents[1] / "testdata" / "shapes"
PLAN = "==> plan\n"


@dataclass(frozen=True)
class Shape:
    """One file of testdata/shapes, read."""

    path: Path
    notes: dict[str, Any]
    files: dict[str, str]
    plan: str  # as `shown` would say it; "" while nobody has written it down

    @property
    def name(self) -> str:
        return self.path.stem

    @property
    def settings(self) -> Settings:
        options: dict[str, Any] = self.notes.get("options", {})
        given: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in options.items()}
        return replace(Settings(), **given)

    def write(self, folder: Path) -> None:
        """Put the project into a folder."""
        for name, text in self.files.items():
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")

    def accept(self, plan: str) -> None:
        """Write another plan into the file."""
        head, _, _ = self.path.read_text(encoding="utf-8").partition(PLAN)
        self.path.write_text(f"{head.rstrip()}\n{PLAN}{plan}", encoding="utf-8")


def shapes(folder: Path = SHAPES) -> list[Shape]:
    """All of them, by name. Raises tomllib.TOMLDecodeError for a bad head."""
    return [read(path) for path in sorted(folder.glob("*.txt"))]


def read(path: Path) -> Shape:
    """One file. Raises tomllib.TOMLDecodeError for a bad head."""
    text, _, plan = path.read_text(encoding="utf-8").partition(PLAN)
    head, *parts = re.split(r"^--- (\S+)\n", text, flags=re.MULTILINE)
    return Shape(path, tomllib.loads(head), dict(zip(parts[::2], parts[1::2], strict=True)), plan)


def shown(plan: Plan) -> str:
    """What a plan does to the servers of a small project, for people and as a snapshot."""
    lines = []
    for endpoint in plan.endpoints:
        how = ("stateless" if endpoint.stateless else "stateful") if endpoint.moved else "stays"
        lines.append(f"{endpoint.name}: {endpoint.old_url} -> {endpoint.new_url} ({endpoint.generation}, {how})")
    for finding in plan.findings:
        if finding.rule.startswith(("MCP1", "MCP6")) and finding.outcome.value != "fix":
            lines.append(f"{finding.rule} {finding.outcome} {finding.place}: {finding.message}")
            lines += [f"    {line}" for line in finding.instruction.splitlines()]
    for change in plan.changes:
        before, after = change.before.decode().splitlines(), change.after.decode().splitlines()
        lines += difflib.unified_diff(before, after, change.path, change.path, lineterm="", n=2)
    return "".join(f"{line}\n" for line in lines)
