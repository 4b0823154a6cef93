"""JSON: the published schema describes it, and it can be read back."""

import dataclasses
import json as stdjson
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from sample import sample

from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Place, Plan, Selector
from migrator.reports import ReportOptions, json, render

CWD = Path("/home/ana/weather")
RUNS = {"dry-run": {"dry_run": True}, "check": {"check": True}, "apply": {}}


def strict(schema):
    """The schema, with nothing allowed that it doesn't describe."""
    if isinstance(schema, dict):
        closed = {key: strict(value) for key, value in schema.items()}
        if "properties" in schema:
            closed["additionalProperties"] = False
        return closed
    return [strict(item) for item in schema] if isinstance(schema, list) else schema


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize("plan", [sample(), Plan(root="/x")], ids=["sample", "empty"])
def test_the_schema_describes_every_field(run, plan):
    schema = json.schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    document = stdjson.loads(render("json", plan, ReportOptions(cwd=CWD, **RUNS[run])))
    jsonschema.validate(document, schema)
    jsonschema.validate(document, strict(schema))
    assert document["run"] == run


@pytest.mark.parametrize(
    "kind, name",
    [(Endpoint, "endpoint"), (Selector, "selector"), (MoveUnit, "unit"), (Place, "place"), (Finding, "finding")],
)
def test_the_schema_has_the_fields_of_the_model(kind, name):
    described = set(json.schema()["$defs"][name]["properties"])
    assert described - {"counts"} == {field.name for field in dataclasses.fields(kind)}


def test_as_agreed(golden):
    golden(render("json", sample(), ReportOptions(dry_run=True, cwd=CWD)), "report.json")


def test_it_can_be_read_back():
    plan = sample()
    latin = FileChange("old.py", "é = 'sse'\n".encode("latin-1"), "é = 'http'\n".encode("latin-1"))
    new = FileChange("new.py", b"", b"x = 1\n", ("u1",), created=True)
    plan = replace(plan, changes=(*plan.changes, latin, new), settings={"legacy_sse": "gone"})
    assert json.load(render("json", plan, ReportOptions(dry_run=True, cwd=CWD))) == plan


def test_a_later_report_of_the_same_first_version_can_be_read():
    document = json.document(sample(), ReportOptions(cwd=CWD))
    document["schema_version"] = "1.7"
    document["findings"][0]["colour"] = "green"
    document["endpoints"][0]["place"]["colour"] = "green"
    assert json.load(stdjson.dumps(document)) == sample()


@pytest.mark.parametrize(
    "text, message",
    [
        ("[]", "not a JSON report"),
        ("{}", "not a JSON report"),
        ('{"format": "other"}', "format is 'other'"),
        ('{"format": "mcp-transport-migrate/report", "schema_version": "2.0"}', "schema version 2.0"),
        ("{", "Expecting"),
    ],
)
def test_anything_else_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        json.load(text)
