"""One folder a framework: testdata/clients/NAME/before becomes NAME/after, says findings.txt, and then stays.

`python -m tests.unit.clients.test_client_cases NAME...` writes after/ and findings.txt. Read the diff.
"""

from __future__ import annotations

import shutil
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.version import Version

from migrator.clients.facts import FactsError, facts_of
from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.rulebook import load, rules_folder
from migrator.settings import Settings

CASES = Path(__file__).resolve().parents[3] / "testdata" / "clients"
SAID = ("MCP103", "MCP2", "MCP301")  # this room's rules, and what its clients decide about
NAMES = sorted(p.parent.name for p in CASES.glob("*/before"))


def plan_of(root: Path, case: Path) -> Plan:
    options = case / "options.toml"
    return make_plan(root, Settings(**(tomllib.loads(options.read_text()) if options.exists() else {})))


def tree(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in sorted(root.rglob("*")) if p.is_file()}


def report(plan: Plan) -> str:
    """This room's findings, one a line, with their instructions."""
    lines = []
    for f in plan.findings:
        if f.rule.startswith(SAID):
            lines.append(f"{f.rule} {f.severity} {f.outcome} {f.place}: {f.message}")
            lines += [f"    {line}" for line in f.instruction.splitlines()]
            lines += ["    assumed"] if f.assumed else []
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_case_becomes_what_it_should_and_stays(name: str, tmp_path: Path) -> None:
    case, root = CASES / name, tmp_path / "p"
    shutil.copytree(case / "before", root)
    plan = plan_of(root, case)
    for change in plan.changes:
        (root / change.path).write_bytes(change.after)
    expected = tree(case / "after")
    assert tree(root) == expected
    for path, data in expected.items():
        if path.endswith(".py"):
            compile(data, path, "exec")
    assert report(plan) == (case / "findings.txt").read_text()
    again = plan_of(root, case)
    assert not again.changes
    assert not [f for f in again.findings if f.rule.startswith(SAID) and f.outcome == "fix"]


def test_every_framework_has_a_case() -> None:
    frameworks = {path.stem for path in (rules_folder() / "frameworks").glob("*.toml")}
    assert frameworks <= set(NAMES)


def test_the_versions_room_knows_the_first_version_of_every_framework() -> None:
    book = load()
    known = book.table("floors")["packages"]
    firsts: dict[str, set[str]] = {}
    for fact in facts_of(book.all_toml("frameworks")):
        for package in fact.packages:
            if fact.row.get("first") and not known.get(package, {"line": "not a package that is judged"}).get("line"):
                firsts.setdefault(package, set()).add(fact.row["first"])
    assert len(firsts) > 20
    for package, versions in firsts.items():
        assert known[package]["first"] == min(versions, key=Version), package


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('[[class]]\nnew = "a.B"\n', "needs 'old'"),
        ('[[entries]]\nkey = "transport"\n', "needs 'callee'"),
        ('[[word]]\ncallee = ["a.B"]\nodl = "sse"\n', "has no key 'odl'"),
    ],
)
def test_a_table_that_says_too_little_or_too_much_is_named(text: str, why: str) -> None:
    with pytest.raises(FactsError, match=f"rules/frameworks/mine.toml.*{why}"):
        facts_of({"mine": tomllib.loads(text)})


def write(name: str) -> None:
    """Write what comes out of a case. Raises OSError."""
    case, work = CASES / name, CASES / name / "after"
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(case / "before", work)
    plan = plan_of(work, case)
    for change in plan.changes:
        (work / change.path).write_bytes(change.after)
    (case / "findings.txt").write_text(report(plan))


if __name__ == "__main__":
    for chosen in sys.argv[1:] or NAMES:
        write(chosen)
