"""JSON: the published schema describes it, and nothing of the plan is missing."""

import base64
import dataclasses
import json as stdjson
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from sample import sample

from migrator import reports
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Place, Plan, Selector, Severity
from migrator.reports import ReportOptions, render

CWD = Path("/home/ana/weather")
SCHEMA = stdjson.loads(Path(reports.__file__).with_name("schema.json").read_text(encoding="utf-8"))
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
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    document = stdjson.loads(render("json", plan, ReportOptions(cwd=CWD, **RUNS[run])))
    jsonschema.validate(document, SCHEMA)
    jsonschema.validate(document, strict(SCHEMA))
    assert document["run"] == run


@pytest.mark.parametrize(
    "kind, name",
    [(Endpoint, "endpoint"), (Selector, "selector"), (MoveUnit, "unit"), (Place, "place"), (Finding, "finding")],
)
def test_the_schema_has_the_fields_of_the_model(kind, name):
    described = set(SCHEMA["$defs"][name]["properties"])
    assert described - {"counts"} == {field.name for field in dataclasses.fields(kind)}


def test_as_agreed(golden):
    golden(render("json", sample(), ReportOptions(dry_run=True, cwd=CWD)), "report.json")


def plan_in(data):
    """The plan that a report was made from: what its fields hold, and nothing else."""
    endpoints = [row | {"selectors": tuple(Selector(**of(r)) for r in row["selectors"])} for row in data["endpoints"]]
    units = [row | {"blocks": tuple(Finding(**of(r)) for r in row["blocks"])} for row in data["units"]]
    return Plan(
        root=data["root"],
        endpoints=tuple(Endpoint(**of(row)) for row in endpoints),
        units=tuple(MoveUnit(**of(row)) for row in units),
        changes=tuple(FileChange(**of(row)) for row in data["changes"]),
        findings=tuple(Finding(**of(row)) for row in data["findings"]),
        regenerate=tuple(data["regenerate"]),
        files_scanned=data["summary"]["files_scanned"],
        settings=data["settings"],
    )


def of(row):
    """A row of the report as the fields of the model."""
    kinds = {
        "place": lambda p: Place(**p),
        "severity": Severity,
        "outcome": Outcome,
        "before": content,
        "after": content,
    }
    read = {key: kinds[key](value) if key in kinds else value for key, value in row.items()}
    return {k: tuple(v) if isinstance(v, list) else v for k, v in read.items() if k not in ("counts", "diff")}


def content(row):
    return base64.b64decode(row["text"]) if row["encoding"] == "base64" else row["text"].encode()


def test_nothing_of_the_plan_is_missing():
    plan = sample()
    latin = FileChange("old.py", "é = 'sse'\n".encode("latin-1"), "é = 'http'\n".encode("latin-1"))
    new = FileChange("new.py", b"", b"x = 1\n", ("u1",), created=True)
    plan = replace(plan, changes=(*plan.changes, latin, new), settings={"legacy_sse": "gone"})
    assert plan_in(stdjson.loads(render("json", plan, ReportOptions(dry_run=True, cwd=CWD)))) == plan
