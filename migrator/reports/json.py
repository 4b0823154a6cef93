"""The plan as JSON, for programs. Its schema is schema.json beside this file; `load` reads it back."""

from __future__ import annotations

import base64
import dataclasses
import json
from importlib.resources import files
from typing import Any

from migrator import __version__
from migrator.model import (
    Endpoint,
    FileChange,
    Finding,
    MoveUnit,
    Outcome,
    Place,
    Plan,
    Selector,
    Severity,
    to_json,
)
from migrator.reports import ReportOptions
from migrator.reports.diff import unified
from migrator.reports.reading import asked, read
from migrator.reports.sentences import next_steps, summary

FORMAT = "mcp-transport-migrate/report"
# Raise the first number when a field goes or changes its meaning, the second when one is added.
SCHEMA_VERSION = "1.0"


def render(plan: Plan, options: ReportOptions) -> str:
    """One JSON object, ASCII only, with a line feed at its end."""
    return json.dumps(document(plan, options), indent=2) + "\n"


def document(plan: Plan, options: ReportOptions) -> dict[str, Any]:
    """What `render` writes, as dicts and lists."""
    plan = asked(plan, options)
    reading = read(plan, options)
    return {
        "format": FORMAT,
        "schema_version": SCHEMA_VERSION,
        "tool": {"name": "mcp-transport-migrate", "version": __version__},
        "run": run_word(options),
        "summary": {
            "text": summary(reading, options),
            "clean": reading.clean,
            "endpoints": len(plan.endpoints),
            "endpoints_moved": len(reading.moves),
            "files_scanned": plan.files_scanned,
            "files_changed": len(plan.changes),
            "found": len(reading.found),
            "left": len(reading.left),
            "accepted": len(reading.accepted),
        },
        "root": plan.root,
        "endpoints": to_json(plan.endpoints),
        "units": to_json(plan.units),
        "changes": [_change(change) for change in plan.changes],
        "findings": [{**to_json(finding), "counts": finding.counts} for finding in plan.findings],
        "regenerate": list(plan.regenerate),
        "settings": to_json(plan.settings),
        "next": [step.command for step in next_steps(reading, options)],
    }


def run_word(options: ReportOptions) -> str:
    """Which run this was: "check", "dry-run" or "apply"."""
    return "check" if options.check else "dry-run" if options.dry_run else "apply"


def schema() -> dict[str, Any]:
    """The schema of what `render` writes (JSON Schema 2020-12)."""
    text = files("migrator.reports").joinpath("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def load(text: str) -> Plan:
    """The plan that a JSON report was made from.

    Raises ValueError for anything but a report with a schema version that this program can read.
    """
    try:
        data = json.loads(text)
        if data["format"] != FORMAT:
            raise ValueError(f"not a JSON report of mcp-migrate: format is {data['format']!r}")
        version = str(data["schema_version"])
        if version.split(".", maxsplit=1)[0] != SCHEMA_VERSION.split(".", maxsplit=1)[0]:
            raise ValueError(f"this report has schema version {version}; this mcp-migrate reads {SCHEMA_VERSION}")
        return _plan(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"not a JSON report of mcp-migrate: {error!r}") from None


def _content(data: bytes) -> dict[str, str]:
    try:
        return {"encoding": "utf-8", "text": data.decode("utf-8")}
    except UnicodeDecodeError:
        return {"encoding": "base64", "text": base64.b64encode(data).decode("ascii")}


def _change(change: FileChange) -> dict[str, Any]:
    return {
        "path": change.path,
        "units": list(change.units),
        "follows": list(change.follows),
        "created": change.created,
        "before": _content(change.before),
        "after": _content(change.after),
        "diff": unified(change).encode("utf-8", "surrogateescape").decode("utf-8", "replace"),
    }


def _bytes(content: dict[str, str]) -> bytes:
    if content["encoding"] == "base64":
        return base64.b64decode(content["text"])
    return content["text"].encode("utf-8")


def _plan(data: dict[str, Any]) -> Plan:
    return Plan(
        root=data["root"],
        endpoints=tuple(_endpoint(row) for row in data["endpoints"]),
        units=tuple(
            MoveUnit(
                row["id"],
                tuple(row["endpoints"]),
                row["moved"],
                tuple(_finding(block) for block in row["blocks"]),
                row["step"],
            )
            for row in data["units"]
        ),
        changes=tuple(
            FileChange(
                row["path"],
                _bytes(row["before"]),
                _bytes(row["after"]),
                tuple(row["units"]),
                row["created"],
                tuple(row["follows"]),
            )
            for row in data["changes"]
        ),
        findings=tuple(_finding(row) for row in data["findings"]),
        regenerate=tuple(data["regenerate"]),
        files_scanned=data["summary"]["files_scanned"],
        settings=data["settings"],
    )


def _known(kind: type[Any], row: dict[str, Any]) -> dict[str, Any]:
    """The fields of `row` that the dataclass has: a later report of the same first version may hold more."""
    names = {field.name for field in dataclasses.fields(kind)}
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key in names}


def _finding(row: dict[str, Any]) -> Finding:
    exact = {
        "severity": Severity(row["severity"]),
        "outcome": Outcome(row["outcome"]),
        "place": Place(**_known(Place, row["place"])),
    }
    return Finding(**{**_known(Finding, row), **exact})


def _selector(row: dict[str, Any]) -> Selector:
    return Selector(**{**_known(Selector, row), "place": Place(**_known(Place, row["place"]))})


def _endpoint(row: dict[str, Any]) -> Endpoint:
    selectors = tuple(_selector(selector) for selector in row["selectors"])
    place = Place(**_known(Place, row["place"]))
    return Endpoint(**{**_known(Endpoint, row), "selectors": selectors, "place": place})
