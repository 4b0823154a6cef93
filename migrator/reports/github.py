"""Annotations in a GitHub Actions run: one workflow command a line."""

from __future__ import annotations

from migrator.model import Finding, Plan, Severity
from migrator.reports import ReportOptions
from migrator.reports.paths import Paths
from migrator.reports.reading import annotated
from migrator.reports.rules import Titles

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_ORDER = list(_COMMANDS)


def render(plan: Plan, options: ReportOptions) -> str:
    """The worst first: GitHub shows no more than ten annotations of a kind for one step."""
    paths, titles = Paths(plan, options), Titles(plan)
    findings = sorted(annotated(plan, options), key=lambda f: (_ORDER.index(_severity(f)), f.place))
    return "".join(_command(finding, paths, titles) + "\n" for finding in findings)


def _severity(finding: Finding) -> Severity:
    """What doesn't make check fail is a notice, whatever it weighs."""
    return finding.severity if finding.counts else Severity.NOTE


def _command(finding: Finding, paths: Paths, titles: Titles) -> str:
    place = finding.place
    properties = {"file": paths.shown(place.path)}
    if place.line:
        properties |= {"line": str(place.line), "endLine": str(max(place.end_line, place.line))}
        if place.end_line in (0, place.line):  # columns are only read for places on one line
            properties |= {"col": str(place.column + 1), "endColumn": str(max(place.end_column, place.column + 1))}
    properties["title"] = f"{finding.rule} {titles.title(finding.rule)}".strip()
    values = ",".join(f"{key}={_property(value)}" for key, value in properties.items())
    text = finding.message
    for more in (finding.instruction, f"To check: {finding.check}" if finding.check else ""):
        if more:
            text += f"\n\n{more}"
    return f"::{_COMMANDS[_severity(finding)]} {values}::{_data(text)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
