"""SARIF 2.1.0, for code scanning and editors.

A move is whole or not at all, so a fix holds every file of its unit. It stands with the unit's first result;
the unit's other results point there.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

from migrator import __version__
from migrator.model import FileChange, Finding, Outcome, Place, Plan, Severity
from migrator.reports import ReportOptions
from migrator.reports.fingerprint import fingerprints
from migrator.reports.hunks import hunks, lines
from migrator.reports.paths import Paths
from migrator.reports.reading import asked, unit_title
from migrator.reports.rules import Titles
from migrator.text import TextFile, Undecodable

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "note"}


def render(plan: Plan, options: ReportOptions) -> str:
    """One SARIF log with one run. Accepted findings are there, marked as suppressed."""
    return json.dumps(_Log(plan, options).log(), indent=2) + "\n"


class _Log:
    def __init__(self, plan: Plan, options: ReportOptions) -> None:
        self.plan = asked(plan, options)
        self.written = not (options.dry_run or options.check)
        self.paths, self.titles = Paths(plan, options), Titles(plan)
        self.findings = [f for f in self.plan.findings if not (self.written and f.outcome is Outcome.FIX)]
        self.rules = sorted({f.rule for f in self.findings})
        # The result that carries a unit's fix: the first one that the unit fixes.
        self.carriers: dict[str, Finding] = {}
        for finding in self.findings:
            if finding.unit and finding.outcome is Outcome.FIX and not finding.accepted:
                self.carriers.setdefault(finding.unit, finding)

    def log(self) -> dict[str, Any]:
        driver = {
            "name": "mcp-migrate",
            "fullName": "mcp-transport-migrate",
            "semanticVersion": __version__,
            "rules": [self._rule(rule) for rule in self.rules],
        }
        results = [self._result(f, key) for f, key in zip(self.findings, fingerprints(self.findings), strict=True)]
        run = {
            "tool": {"driver": driver},
            "invocations": [{"executionSuccessful": True}],
            "columnKind": "unicodeCodePoints",
            "results": results,
        }
        return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}

    def _rule(self, rule_id: str) -> dict[str, Any]:
        rule = self.titles.rule(rule_id)
        if rule is None:
            return {"id": rule_id, "shortDescription": {"text": rule_id}}
        return {
            "id": rule_id,
            "shortDescription": {"text": rule.title},
            "fullDescription": {"text": " ".join(rule.why.split())},
            "defaultConfiguration": {"level": _LEVELS[rule.severity]},
            "help": {"text": f"{rule.why}\n\n{rule.what}", "markdown": _help(rule)},
            "properties": {"tags": ["mcp", "deprecated-transport"], "fixable": rule.fixable},
        }

    def _result(self, finding: Finding, fingerprint: str) -> dict[str, Any]:
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": self.rules.index(finding.rule),
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [self._location(finding.place)],
            "partialFingerprints": {"mcpTransportMigrate/v1": fingerprint},
            "properties": {"outcome": finding.outcome.value, "assumed": finding.assumed, "counts": finding.counts},
        }
        if finding.accepted:
            kind = "external" if finding.accepted == "baseline" else "inSource"
            result["suppressions"] = [{"kind": kind, "justification": finding.accepted}]
        elif finding.outcome is Outcome.FIX:
            self._add_fix(result, finding)
        return result

    def _add_fix(self, result: dict[str, Any], finding: Finding) -> None:
        carrier = self.carriers.get(finding.unit, finding)
        if carrier is not finding:
            place = self._location(carrier.place)
            place |= {"id": 0, "message": {"text": "The fix of the whole endpoint stands with this result."}}
            result["relatedLocations"] = [place]
            return
        changes = self._changes(finding)
        if changes:
            names = [unit_title(unit) for unit in self.plan.units if unit.id == finding.unit]
            text = f"Move {names[0]} to Streamable HTTP" if names else f"Change {finding.place.path}"
            result["fixes"] = [{"description": {"text": text}, "artifactChanges": changes}]

    def _changes(self, finding: Finding) -> list[dict[str, Any]]:
        found = []
        for change in self.plan.changes:
            if finding.unit in (*change.units, *change.follows) or (
                not finding.unit and change.path == finding.place.path
            ):
                replaced = replacements(change)
                if not replaced:  # not text: half a fix is worse than none
                    return []
                found.append({"artifactLocation": self._artifact(change.path), "replacements": replaced})
        return found

    def _artifact(self, path: str) -> dict[str, str]:
        return {"uri": quote(self.paths.shown(path), errors="surrogateescape"), "uriBaseId": "SRCROOT"}

    def _location(self, place: Place) -> dict[str, Any]:
        physical: dict[str, Any] = {"artifactLocation": self._artifact(place.path)}
        if place.line:
            physical["region"] = {"startLine": place.line, "startColumn": place.column + 1}
            if place.end_line:
                physical["region"] |= {"endLine": place.end_line, "endColumn": place.end_column + 1}
        return {"physicalLocation": physical}


def replacements(change: FileChange) -> list[dict[str, Any]]:
    """A file's change as SARIF replacements of whole lines, [] when it isn't text."""
    try:
        before = TextFile.decode(change.path, change.before).text
        after = TextFile.decode(change.path, change.after).text
    except Undecodable:
        return []
    old, new = lines(before), lines(after)
    found = []
    for hunk in hunks(old, new, context=0):
        for block in hunk.blocks:
            if not block.same:
                deleted = {"startLine": block.old.start + 1, "startColumn": 1, **_end(old, block.old.stop)}
                found.append(
                    {"deletedRegion": deleted, "insertedContent": {"text": "".join(new[n] for n in block.new)}}
                )
    return found


def _end(old: list[str], stop: int) -> dict[str, int]:
    """Where the line before `stop` ends: the start of the next one, or the end of a file without a final newline."""
    if stop and not old[stop - 1].endswith("\n"):
        return {"endLine": stop, "endColumn": len(old[stop - 1]) + 1}
    return {"endLine": stop + 1, "endColumn": 1}


def _message(finding: Finding) -> str:
    parts = [finding.message]
    if finding.instruction:
        parts.append(f"Next step:\n{finding.instruction}")
    if finding.check:
        parts.append(f"This is an assumption. To check it:\n{finding.check}")
    return "\n\n".join(parts)


def _help(rule: Any) -> str:
    text = f"## {rule.title}\n\n{rule.why}\n\n{rule.what}\n"
    for title, code in (("Before", rule.before), ("After", rule.after)):
        if code:
            text += f"\n### {title}\n\n```{rule.language}\n{code}\n```\n"
    return text + (f"\n### How safe it is\n\n{rule.safety}\n" if rule.safety else "")
