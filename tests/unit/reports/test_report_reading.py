"""What is sorted where, whatever the format."""

from dataclasses import replace
from pathlib import Path

import pytest
from sample import sample

from migrator.model import Outcome, Place, Plan, Selector, Severity
from migrator.reports import FORMATS, ReportOptions, render, why_not
from migrator.reports.paths import Paths
from migrator.reports.reading import annotated, read
from migrator.reports.rules import Titles
from migrator.reports.sentences import old_words

CWD = Path("/home/ana/weather")
DRY = ReportOptions(dry_run=True, cwd=CWD)
CHECK = ReportOptions(check=True, cwd=CWD)


def test_each_file_is_shown_once():
    reading = read(sample(), DRY)
    paths = [change.path for change in reading.changes]
    assert sorted(paths) == sorted(set(paths)) == sorted(c.path for c in sample().changes)
    assert reading.groups[1].elsewhere == ("pyproject.toml",)


def test_every_finding_is_somewhere():
    plan = sample()
    reading = read(plan, DRY)
    tasks = (*reading.by_hand, *reading.locks, *reading.hazards, *reading.notes)
    told = {t.finding for t in tasks} | set(reading.fixed) | set(reading.accepted)
    assert told == set(plan.findings)
    assert set(reading.found) == set(plan.deprecated) and set(reading.left) == set(plan.left)


def test_what_is_accepted_does_not_count():
    plan = sample()
    everything = replace(plan, findings=tuple(replace(f, accepted="baseline") for f in plan.findings), units=())
    assert not read(everything, CHECK).found
    assert len(read(everything, CHECK).accepted) == len(plan.findings)


def test_a_check_reports_the_files_asked_about_and_a_fix_their_units():
    check = read(sample(), replace(CHECK, only=("Dockerfile",)))
    assert {f.place.path for f in check.found} == {"Dockerfile"}
    fix = read(sample(), replace(DRY, only=("Dockerfile",)))
    assert {"server.py", "Dockerfile", ".mcp.json"} <= {c.path for c in fix.changes}
    assert "notify/server.py" not in {c.path for c in fix.changes}
    assert {"deploy/nginx.conf"} == {t.finding.place.path for t in fix.by_hand}


def test_a_check_of_a_file_that_has_nothing_is_clean():
    assert read(sample(), replace(CHECK, only=("tests/test_x.py",))).clean


def test_what_was_just_written_is_not_annotated():
    outcomes = {f.outcome for f in annotated(sample(), ReportOptions(cwd=CWD))}
    assert Outcome.FIX not in outcomes and Outcome.BY_HAND in outcomes
    assert Outcome.FIX in {f.outcome for f in annotated(sample(), DRY)}


def test_names_of_files_for_programs():
    plan = sample()
    assert Paths(plan, DRY).shown("a/b.py") == "a/b.py"
    assert Paths(plan, replace(DRY, cwd=Path("/home/ana"))).shown("a/b.py") == "weather/a/b.py"
    assert Paths(plan, replace(DRY, cwd=CWD / "deploy")).shown("a/b.py") == "a/b.py"


def test_why_not(golden):
    assert why_not.render(sample(), DRY).splitlines() == [
        "unit\tstep\tplace\trule\treason",
        "admin/server.py:admin\tdecide\tadmin/server.py:6\tMCP110\t"
        "The transport of `admin` comes from load(...), which can't be followed.",
    ]
    plan = sample()
    bare = replace(plan, units=(replace(plan.units[2], blocks=(), step=""),))
    assert [row.reason for row in why_not.rows(bare, DRY)] == ["no reason was recorded"]
    assert why_not.render(Plan(root="/x"), DRY) == ""


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("options", [DRY, CHECK, ReportOptions(cwd=CWD)], ids=["dry-run", "check", "apply"])
def test_every_format_takes_an_empty_plan_and_one_full_of_oddities(name, options):
    assert isinstance(render(name, Plan(root="/home/ana/weather"), options), str)
    plan = sample()
    odd = "x\"'<b>&\n|`%::,\u2028\x1b\udce9"
    findings = tuple(
        replace(f, message=odd, instruction=odd, check=odd, place=replace(f.place, path=f"{n}{odd}"))
        for n, f in enumerate(plan.findings)
    )
    endpoints = tuple(replace(e, name=odd, old_url=odd, selected_by=odd) for e in plan.endpoints)
    changes = tuple(replace(c, path=c.path + odd) for c in plan.changes)
    text = render(name, replace(plan, findings=findings, endpoints=endpoints, changes=changes), options)
    assert text.encode("utf-8", "surrogateescape")


def test_the_catalogue_knows_the_rules_of_the_sample(real_rules):
    titles = Titles(sample())
    for finding in sample().findings:
        rule = titles.rule(finding.rule)
        assert rule is not None and rule.title, finding.rule
        assert rule.severity in (finding.severity, Severity.WARNING, Severity.ERROR)


def test_a_broken_rulebook_costs_only_the_titles(real_rules):
    broken = replace(sample(), settings={"extra_rules": ("missing.toml",)})
    assert Titles(broken).title("MCP101") == ""
    assert "MCP101" in render("text", broken, CHECK)


def test_a_word_on_its_way_through_code_is_told_where_it_has_no_name():
    named = Selector("environment", ("TRANSPORT",), "sse", "http", True, Place("config.py", 3))
    nameless = Selector("code", (), "sse", "http", True, Place("server.py", 9))
    endpoint = sample().endpoints[0]
    assert old_words(replace(endpoint, selectors=(nameless,))) == [
        "at server.py:9: the old word sse still works and means http"
    ]
    assert old_words(replace(endpoint, selectors=(named, nameless))) == [
        "TRANSPORT: the old word sse still works and means http"
    ]
