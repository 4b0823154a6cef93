"""Whole small projects, one a surface: testdata/deploy/NAME/before becomes NAME/after, and says findings.txt.

`python -m tests.unit.deploy.test_deploy_cases NAME...` writes after/ and findings.txt. Read the diff.
"""

from __future__ import annotations

import re
import shutil
import sys
import tomllib
from pathlib import Path

import pytest

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings

CASES = Path(__file__).resolve().parents[3] / "testdata" / "deploy"
NAMES = sorted(p.parent.name for p in CASES.glob("*/before"))


def copied(source: Path, root: Path) -> None:
    """`source` at `root`; names that git would take to heart here are written with "dot-" instead of the dot."""
    shutil.copytree(source, root)
    for path in list(root.rglob("dot-*")):
        path.rename(path.with_name(path.name.replace("dot-", ".", 1)))


def plan_of(case: Path, root: Path) -> Plan:
    """The plan for a copy of the case's before/ at `root`."""
    copied(case / "before", root)
    options = case / "options.toml"
    return make_plan(root, Settings(**(tomllib.loads(options.read_text()) if options.exists() else {})))


def tree(root: Path) -> dict[str, bytes]:
    return {
        p.relative_to(root).as_posix().replace("dot-", "."): p.read_bytes()
        for p in sorted(root.rglob("*"))
        if p.is_file()
    }


def written(plan: Plan, root: Path) -> dict[str, bytes]:
    """The files as the plan would leave them."""
    return tree(root) | {c.path: c.after for c in plan.changes}


def report(plan: Plan) -> str:
    """The room's findings, one a line, with their instructions."""
    shown = [f for f in plan.findings if f.rule.startswith(("MCP5", "MCP9"))]
    lines = []
    for f in shown:
        lines.append(f"{f.rule} {f.severity} {f.outcome} {f.place}: {f.message}")
        lines += [f"    {line}" for line in f.instruction.splitlines()]
        if f.assumed:
            check = re.sub(r"(these don't take '[\w-]+': )[^;]*", r"\1...", f.check)  # the table of clients grows
            lines.append(f"    assumed: {check}")
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_case(name: str, tmp_path: Path) -> None:
    case = CASES / name
    plan = plan_of(case, tmp_path / "p")
    after = written(plan, tmp_path / "p")
    expected = tree(case / "after")
    assert sorted(after) == sorted(expected)
    served = {path for e in plan.endpoints for path in e.files}  # what becomes of these is tested elsewhere
    for path, data in after.items():
        if path in served:
            continue
        assert data.decode() == expected[path].decode(), path
    assert report(plan) == (case / "findings.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_a_second_run_changes_nothing(name: str, tmp_path: Path) -> None:
    case = CASES / name
    copied(case / "after", tmp_path / "p")
    options = case / "options.toml"
    plan = make_plan(tmp_path / "p", Settings(**(tomllib.loads(options.read_text()) if options.exists() else {})))
    served = {path for e in plan.endpoints for path in e.files}
    assert [c.path for c in plan.changes if c.path not in served] == []


def accept(names: list[str]) -> None:
    """Write what comes out as what is expected."""
    import tempfile

    for name in names:
        case = CASES / name
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder) / "p"
            plan = plan_of(case, root)
            shutil.rmtree(case / "after", ignore_errors=True)
            for path, data in written(plan, root).items():
                written_as = path if (case / "before" / path).exists() else path.replace(".", "dot-", 1)
                target = case / "after" / written_as
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data)
            (case / "findings.txt").write_text(report(plan), encoding="utf-8")


if __name__ == "__main__":
    accept(sys.argv[1:] or NAMES)
