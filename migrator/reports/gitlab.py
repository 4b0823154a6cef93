"""A GitLab code quality report."""

from __future__ import annotations

import json

from migrator.model import Finding, Plan, Severity
from migrator.reports import ReportOptions
from migrator.reports.fingerprint import fingerprints
from migrator.reports.paths import Paths
from migrator.reports.reading import annotated

_WORDS = {Severity.ERROR: "critical", Severity.WARNING: "major"}


def render(plan: Plan, options: ReportOptions) -> str:
    """A JSON list, one object a finding."""
    paths, findings = Paths(plan, options), annotated(plan, options)
    rows = [
        {
            "check_name": finding.rule,  # first: the scan knows our own files by their beginning
            "description": _description(finding),
            "fingerprint": fingerprint,
            "severity": _WORDS.get(finding.severity, "info") if finding.counts else "info",
            "location": {
                "path": paths.shown(finding.place.path),
                "lines": {"begin": max(finding.place.line, 1)},  # GitLab knows no place without a line
            },
        }
        for finding, fingerprint in zip(findings, fingerprints(findings), strict=True)
    ]
    return json.dumps(rows, indent=2) + "\n"


def _description(finding: Finding) -> str:
    """GitLab shows one line of text."""
    more = f" Next step: {finding.instruction}" if finding.instruction else ""
    return " ".join(f"{finding.message}{more}".split())
