"""The plan as JSON, for programs. Its schema is schema.json beside this file."""

from __future__ import annotations

import base64
import json
from typing import Any

from migrator import __version__
from migrator.model import FileChange, Plan, to_json
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
