"""The baseline: known findings stay known when lines move, new ones don't hide behind them."""

import json
import os
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from migrator.baseline import Baseline, BaselineError, Key
from migrator.model import Finding, Outcome, Place, Severity
from migrator.tree import Tree

SERVER = 'mcp = FastMCP("a")\nmcp.run(transport="sse")\n'


def project(tmp_path, **files):
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    return Tree(tmp_path, local=frozenset({"secret.py"}))


def at(path, line, rule="MCP101", **more):
    more = {"severity": Severity.WARNING, "outcome": Outcome.FIX, **more}
    return Finding(rule=rule, place=Place(path, line), message="x", **more)


def accepted(known, findings, tree):
    return [bool(f.accepted) for f in known.accept(findings, tree)]


def test_moved_lines_and_new_formatting_stay_known(tmp_path):
    known = Baseline.of([at("server.py", 2)], project(tmp_path, server=SERVER))
    moved = project(tmp_path, server="import os\n\n" + SERVER.replace("(transport=", "( transport = "))
    assert accepted(known, [at("server.py", 4)], moved) == [True]
    assert known.stale([at("server.py", 4)], moved) == {}


def test_one_more_of_the_same_is_new(tmp_path):
    tree = project(tmp_path, server=SERVER * 2)
    known = Baseline.of([at("server.py", 2)], tree)
    assert accepted(known, [at("server.py", 2), at("server.py", 4)], tree) == [True, False]


@pytest.mark.parametrize("other", [at("server.py", 2, "MCP102"), at("server.py", 1), at("other.py", 2)])
def test_another_rule_line_or_file_is_new(tmp_path, other):
    tree = project(tmp_path, server=SERVER, other=SERVER)
    assert accepted(Baseline.of([at("server.py", 2)], tree), [other], tree) == [False]


def test_only_what_makes_check_fail_is_in_it(tmp_path):
    tree = project(tmp_path, server=SERVER)
    findings = [
        at("server.py", 2, severity=Severity.NOTE),
        at("server.py", 2, "MCP601"),
        at("server.py", 2, outcome=Outcome.INFO),
        at("server.py", 2, accepted="ignored: theirs"),
        at("server.py", 1, outcome=Outcome.BY_HAND),
    ]
    assert set(Baseline.of(findings, tree).counts) == {Key("MCP101", "server.py", 'mcp = FastMCP("a")')}


def test_what_is_accepted_no_longer_counts_and_can_be_written_again(tmp_path):
    tree = project(tmp_path, server=SERVER)
    known = Baseline.of([at("server.py", 2)], tree)
    (finding,) = known.accept([at("server.py", 2)], tree)
    assert finding.accepted == "baseline" and not finding.counts
    assert Baseline.of([finding], tree) == known


def test_an_ignored_finding_uses_nothing_up(tmp_path):
    tree = project(tmp_path, server=SERVER)
    known = Baseline.of([at("server.py", 2)], tree)
    ignored = at("server.py", 2, accepted="ignored: theirs")
    assert known.accept([ignored, at("server.py", 2)], tree)[1].accepted == "baseline"


def test_pruning_takes_out_what_is_gone_and_adds_nothing(tmp_path):
    tree = project(tmp_path, server=SERVER * 2, other=SERVER)
    known = Baseline.of([at("server.py", 2), at("server.py", 4), at("other.py", 2)], tree)
    now = [at("server.py", 4), at("server.py", 1)]
    pruned = known.pruned(now, tree)
    assert pruned.counts == {Key("MCP101", "server.py", 'mcp.run(transport="sse")'): 1}
    assert sum(known.stale(now, tree).values()) == 2
    assert pruned.pruned(now, tree) == pruned


def test_files_as_a_whole_and_files_that_are_gone(tmp_path):
    tree = project(tmp_path, server=SERVER)
    findings = [at("uv.lock", 0, "MCP404"), at("missing.py", 3)]
    known = Baseline.of(findings, tree)
    assert accepted(known, findings, tree) == [True, True]


def test_lines_of_files_that_git_ignores_are_not_copied(tmp_path):
    tree = project(tmp_path, secret='url = "https://x/sse?token=s3cr3t"\n')
    known = Baseline.of([at("secret.py", 1)], tree)
    assert "s3cr3t" not in known.text() and "sha256:" in known.text()
    assert accepted(known, [at("secret.py", 1)], tree) == [True]


def test_the_file(tmp_path):
    tree = project(tmp_path, server=SERVER + "é = 'sse'\n")
    known = Baseline.of([at("server.py", 2), at("server.py", 3), at("server.py", 3)], tree)
    assert known.text() == (
        '{\n  "format": "mcp-transport-migrate/baseline",\n  "version": 1,\n  "findings": [\n'
        '    {"rule": "MCP101", "path": "server.py", "line": "mcp.run(transport=\\"sse\\")", "count": 1},\n'
        '    {"rule": "MCP101", "path": "server.py", "line": "é = \'sse\'", "count": 2}\n  ]\n}\n'
    )
    path = tmp_path / "baseline.json"
    known.write(path)
    assert Baseline.read(path).counts == known.counts
    assert [p.name for p in tmp_path.iterdir() if "new" in p.name] == []
    assert json.loads(Baseline().text())["findings"] == []


texts = st.text(st.characters(), max_size=6)  # lone surrogates too: file names that aren't text
keys = st.builds(Key, st.sampled_from(["MCP101", "MCP404"]), texts, texts)


@given(st.dictionaries(keys, st.integers(1, 9), max_size=5))
def test_it_is_read_as_it_was_written(tmp_path_factory, counts):
    path = tmp_path_factory.mktemp("baseline") / "b.json"
    known = Baseline()
    known.counts.update(counts)
    known.write(path)
    assert Baseline.read(path).counts == known.counts


ROW = '{"rule": "MCP101", "path": "a", "line": "b", "count": %s}'
HEAD = '{"format": "mcp-transport-migrate/baseline", "version": 1, "findings": %s}'


@pytest.mark.parametrize(
    "text, message",
    [
        ("", "not JSON"),
        ("\xff", "not JSON"),
        ("[]", "not a baseline of mcp-migrate"),
        ('{"format": "x"}', "not a baseline of mcp-migrate"),
        ('{"format": "mcp-transport-migrate/baseline", "version": 7}', "version 7 of the baseline format"),
        (HEAD % "{}", '"findings" must be a list'),
        (HEAD % "[1]", "finding 1 must have"),
        (HEAD % f"[{ROW % 1}, {ROW % 0}]", "finding 2 must have"),
        (HEAD % f"[{ROW % 'true'}]", "finding 1 must have"),
    ],
)
def test_a_broken_file_is_named(tmp_path, text, message):
    path = tmp_path / "b.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(BaselineError, match=message) as caught:
        Baseline.read(path)
    assert str(caught.value).startswith(f"{os.path.relpath(path)}: ")


def test_a_missing_file_and_a_folder_that_cannot_be_written(tmp_path):
    with pytest.raises(BaselineError, match="no such file; --write-baseline"):
        Baseline.read(tmp_path / "b.json")
    with pytest.raises(BaselineError, match="No such file"):
        Baseline().write(tmp_path / "missing" / "b.json")


def test_the_order_of_findings_does_not_matter(tmp_path):
    tree = project(tmp_path, server=SERVER * 2)
    findings = [at("server.py", 2), at("server.py", 4)]
    assert Baseline.of(findings, tree).text() == Baseline.of(reversed(findings), tree).text()
    assert replace(findings[0], accepted="baseline") in Baseline.of(findings, tree).accept(findings, tree)
