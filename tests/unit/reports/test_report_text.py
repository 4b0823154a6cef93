"""The terminal report."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from sample import finding, sample

from migrator.apply import Applied, Refusal, outcome
from migrator.model import Place, Plan
from migrator.reports import ReportOptions, paint, render
from migrator.reports.reading import of_unit
from migrator.reports.sentences import is_prose

CWD = Path("/home/ana/weather")
RUNS = {
    "dry-run-80": {"dry_run": True, "show_diff": True, "width": 80},
    "dry-run-120": {"dry_run": True, "show_diff": True, "width": 120},
    "dry-run-color": {"dry_run": True, "show_diff": True, "width": 100, "color": True},
    "dry-run-narrow": {"dry_run": True, "width": 40},
    "apply": {},
    "apply-verbose": {"verbose": True, "width": 100},
    "apply-quiet": {"quiet": True},
    "check": {"check": True},
    "check-quiet": {"check": True, "quiet": True},
    "check-only": {"check": True, "only": ("notify/server.py",)},
    "dry-run-only": {"dry_run": True, "only": ("notify/server.py",)},
}


def text(plan=None, **options):
    return render("text", plan or sample(), ReportOptions(cwd=options.pop("cwd", CWD), **options))


@pytest.mark.parametrize("run", RUNS)
def test_as_agreed(golden, run):
    golden(text(**RUNS[run]), f"text-{run}.txt")


def test_no_colours_unless_allowed():
    assert "\x1b" not in text(show_diff=True, verbose=True)
    assert "\x1b[32m+import sys" in text(show_diff=True, color=True)


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_prose_fits_and_what_is_copied_stays_whole(width):
    shown = text(dry_run=True, width=width)
    assert "    uv lock --upgrade-package mcp\n" in shown
    assert "curl -sS -X POST https://tickets.example.com/mcp -H" in shown
    prose = shown.split("What behaves differently\n")[1].split("\n\n")[0]
    longest = max(len(word) for word in prose.split())
    assert all(len(line) <= max(width, longest + 8) for line in prose.splitlines()[1:])


def test_a_clean_run_is_one_line():
    plan = Plan(root=str(CWD), files_scanned=1214)
    for run in ({"check": True}, {"dry_run": True}, {}):
        assert text(plan, **run) == "Clean: no deprecated MCP transport in 1,214 files.\n"


def test_paths_are_those_of_where_the_user_stands():
    shown = text(dry_run=True, cwd=Path("/home/ana/weather/deploy"))
    assert "  nginx.conf:12  MCP504" in shown and "  ../server.py:5  MCP604" in shown
    assert "Next: mcp-migrate ..  (writes these changes)" in shown
    assert "  weather/server.py:5  MCP604" in text(dry_run=True, cwd=Path("/home/ana"))
    assert "  /home/ana/weather/server.py:5" in text(dry_run=True, cwd=Path("/srv/a/b/c"))


def test_the_next_command_repeats_the_command_line():
    given = {
        "legacy_sse": "gone",
        "docs": False,
        "allowed_hosts": ["a.example", "b c"],
        "baseline": "/home/ana/weather/known.json",
        "since": "main",
    }
    plan = replace(sample(), settings={"legacy_sse": "gone", "mode": "stateful"})  # the mode comes from a settings file
    shown = text(plan, dry_run=True, given=given)
    host = "--allowed-host a.example --allowed-host 'b c'"
    assert f"Next: mcp-migrate --legacy-sse gone --no-docs {host} --baseline known.json --since main ." in shown
    assert "/sse answers 410 and names the new address" in shown
    assert "--legacy-sse gone would" not in shown


def test_a_check_to_type_has_only_what_it_needs():
    shown = text(given={"legacy_sse": "gone", "endpoint": ["a"], "ignore": ["MCP5"]})
    assert "then: mcp-migrate check --ignore MCP5 ." in shown


def test_the_next_command_repeats_the_paths():
    assert "--dry-run a 'b c'  (" in text(check=True, paths=("a", "b c"))
    many = tuple(f"{number}.py" for number in range(9))
    assert "--dry-run .  (" in text(check=True, paths=many, only=(*many, "notify/server.py"))
    assert "--dry-run 0.py" in text(check=True, paths=many)


def test_the_same_thing_in_many_places_is_said_once():
    many = tuple(
        finding("MCP502", "warning", "by-hand", Place("docs/a.md", line), "Names the old address.")
        for line in range(1, 9)
    )
    plan = replace(sample(), findings=many, units=())
    shown = text(plan, dry_run=True)
    assert shown.count("Names the old address.") == 1
    assert "docs/a.md:4" in shown and "docs/a.md:5" not in shown and "and 4 more places" in shown
    assert "docs/a.md:8" in text(plan, dry_run=True, verbose=True)
    assert "8 places left by hand" in shown


def test_blocks_are_by_hand_even_when_they_are_not_among_the_findings():
    plan = sample()
    without = replace(plan, findings=tuple(f for f in plan.findings if f.rule != "MCP110"))
    assert text(without, dry_run=True) == text(plan, dry_run=True)


def test_what_could_not_be_written_is_said_once():
    plan = sample()
    refusal = Refusal("server.py", "changed since it was read", ("server.py", "Dockerfile"), ("u1",))
    applied = Applied((), (refusal,), outcome(plan, [refusal]))
    shown = text(applied.plan, applied=applied)
    assert shown.count("changed since it was read") == 1
    assert re.search(
        r"Not written\n  server\.py\n    changed since it was read \(1 other file of the same move unit", shown
    )
    assert "2 files not written" in shown and "server.py:mcp  stays on SSE" in shown


def test_one_unit_alone():
    shown = text(of_unit(sample(), "u2"), dry_run=True, show_diff=True)
    assert "notify/server.py:hub" in shown and "+    hub.run" in shown and "+dependencies" in shown
    assert "server.py:mcp " not in shown and "nginx" not in shown


def test_control_characters_cannot_steer_the_terminal():
    bad = finding(
        "MCP110", "warning", "by-hand", Place("a\x1b[31m.py", 1), "x\x1b]0;t\x07y", instruction="\x1b[2Jz\x9b"
    )
    shown = text(replace(sample(), findings=(bad,)), dry_run=True, color=True, show_diff=True)
    assert not re.search(r"\x1b(?!\[\d+m)|\x07|\x9b|a\x1b", shown)


def test_a_report_for_an_output_without_unicode():
    shown = text(dry_run=True, show_diff=True)
    assert paint.for_encoding(shown, "utf-8") == shown
    plain = paint.for_encoding(shown, "cp1252")
    plain.encode("cp1252")
    assert "http://0.0.0.0:8000/sse -> http://0.0.0.0:8000/mcp" in plain
    paint.for_encoding(shown, None).encode("ascii")
    paint.for_encoding(shown, "no-such-coding").encode("ascii")


def test_servers_that_tell_their_clients_the_same_are_named_together():
    plan = sample()
    many = tuple(replace(plan.endpoints[0], name=f"server.py:s{n}") for n in range(7))
    shown = text(replace(plan, endpoints=many), dry_run=True).split("Tell those who connect\n")[1]
    assert shown.count("use http://0.0.0.0:8000/mcp") == 1
    assert "server.py:s3\n" in shown and "server.py:s4" not in shown and "and 3 more endpoints above" in shown


def test_a_server_that_changes_only_its_own_file_takes_one_line():
    plan = sample()
    own = replace(plan, changes=(replace(plan.changes[0], units=("u1",)),))
    assert "Changes\n  server.py  +8 -3\n" in text(own, dry_run=True)


@pytest.mark.parametrize(
    "line, expected",
    [
        ("Start it with stateless_http=False.", True),
        ("ask the vendor for its address, and set the new word", True),
        ("uv lock --upgrade-package mcp", False),
        ('mcp.run(transport="streamable-http")', False),
        ("curl -X POST https://a.example/mcp -H 'Accept: application/json'", False),
        ("One line.\nAnother line.", False),
        ("", False),
    ],
)
def test_what_reads_as_prose(line, expected):
    assert is_prose(line) is expected
