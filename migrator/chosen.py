"""What the user wants to hear of: --select, --ignore, the per-path ignores, and what is left out by a flag."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from migrator.model import Finding, Outcome, Part, Place, Severity
from migrator.python.code import is_test
from migrator.settings import Settings
from migrator.tree import Tree


def chosen(finding: Finding, settings: Settings) -> bool:
    """True for a rule that --select, --ignore and the per-path ignores leave in, at this place."""
    if settings.select and not finding.rule.startswith(settings.select):
        return False
    if settings.ignore and finding.rule.startswith(settings.ignore):
        return False
    for glob, rules in settings.per_path_ignores:
        if rules and finding.rule.startswith(tuple(rules)) and _matches(finding.place.path, glob):
            return False
    return True


def looked_for(tree: Tree, settings: Settings, rule: str, path: str) -> bool:
    """False for a rule that the user does not want to hear of in this file."""
    if not settings.docs and path in tree.hits.get("markdown", ()):
        return False
    if not settings.tests and is_test(path):
        return False
    return chosen(Finding(rule, Severity.NOTE, Outcome.INFO, Place(path), ""), settings)


def _matches(path: str, glob: str) -> bool:
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines([glob]).match_file(path)


def selected(parts: Iterable[Part], settings: Settings) -> Iterable[Part]:
    """The parts without what the user does not want to hear of; edits go with the findings that explain them."""
    if not (settings.select or settings.ignore or settings.per_path_ignores):
        yield from parts
        return
    for part in parts:
        findings = tuple(f for f in part.findings if chosen(f, settings))
        if findings or not part.findings:
            whole = len(findings) == len(part.findings) or any(f.outcome is Outcome.FIX for f in findings)
            yield replace(part, findings=findings, edits=part.edits if whole else ())
