"""Plans of several projects as one."""

import os
from pathlib import Path

from migrator import merge
from migrator.apply import Applied, Refusal
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Selector, Severity


def plan(root: Path) -> Plan:
    place = Place("s.py", 3)
    finding = Finding("MCP101", Severity.WARNING, Outcome.FIX, place, "runs over SSE", unit="s.py:mcp")
    selector = Selector("option", ("--transport",), "sse", "http", True, place)
    endpoint = Endpoint(
        "s.py:mcp", "s.py:mcp", "official-1", place, "", "", "/sse", "/mcp", selectors=(selector,), files=("s.py",)
    )
    return Plan(
        str(root),
        (endpoint,),
        (MoveUnit("s.py:mcp", ("s.py:mcp",), True, (finding,)),),
        (
            FileChange("s.py", b"a", b"b", ("s.py:mcp",)),
            FileChange("Dockerfile", b"a", b"b", ("part",), follows=("s.py:mcp",)),
        ),
        (finding, Finding("MCP404", Severity.WARNING, Outcome.BY_HAND, Place(""), "")),
        ("uv lock",),
        7,
        {"mode": "stateful"},
    )


def test_one_plan_stays_as_it_is(tmp_path: Path) -> None:
    one = plan(tmp_path)
    assert merge.merged([one]) is one


def test_two_plans_lie_below_the_folder_that_holds_both(tmp_path: Path) -> None:
    whole = merge.merged([plan(tmp_path / "p"), plan(tmp_path / "q")])
    assert whole.root == str(tmp_path)
    assert [c.path for c in whole.changes] == ["p/s.py", "p/Dockerfile", "q/s.py", "q/Dockerfile"]
    assert [e.name for e in whole.endpoints] == ["p/s.py:mcp", "q/s.py:mcp"]
    assert whole.endpoints[0].selectors[0].place.path == whole.endpoints[0].files[0] == "p/s.py"
    assert (
        whole.units[1].id
        == whole.endpoints[1].unit
        == whole.changes[2].units[0]
        == whole.changes[3].follows[0]
        == "q/s.py:mcp"
    )
    assert whole.units[1].blocks[0].place.path == "q/s.py"
    assert [f.place.path for f in whole.findings] == ["p/s.py", "", "q/s.py", ""]
    assert whole.findings[0].unit == "p/s.py:mcp"
    assert whole.regenerate == ("cd p && uv lock", "cd q && uv lock")
    assert whole.files_scanned == 14
    assert whole.settings == {"mode": "stateful"}


def test_a_plan_whose_root_is_that_folder_keeps_its_names(tmp_path: Path) -> None:
    whole = merge.merged([plan(tmp_path), plan(tmp_path / "q")])
    assert [c.path for c in whole.changes] == ["s.py", "Dockerfile", "q/s.py", "q/Dockerfile"]


def test_the_files_asked_about(tmp_path: Path) -> None:
    root = str(tmp_path)
    p, q = os.path.join(root, "p"), os.path.join(root, "q")
    assert merge.joined_paths(root, [(p, ("a.py",)), (q, ("b.py", "c.py"))]) == ("p/a.py", "q/b.py", "q/c.py")
    assert merge.joined_paths(root, [(p, ("a.py",)), (q, ())]) == ()
    assert merge.joined_paths(root, [(root, ("a.py",))]) == ("a.py",)


def test_what_was_written(tmp_path: Path) -> None:
    part = Applied(("s.py",), (Refusal("a", "is read-only", ("a", "b"), ("u",)),), plan(tmp_path / "p"))
    whole = merge.applied(Plan(str(tmp_path)), [part])
    assert whole.written == ("p/s.py",)
    assert whole.refused == (Refusal("p/a", "is read-only", ("p/a", "p/b"), ("p/u",)),)
