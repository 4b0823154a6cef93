"""Comments that accept a finding where it stands: `# mcp-transport: ignore[MCP101] -- the vendor has no other endpoint`.

    ignores = read(tree)
    if ignores.keeps(part.findings): ...       # its edits are not made
    findings = ignores.accept(findings)        # marked, so that check passes over them
    findings += ignores.problems()             # comments that accept nothing

A comment behind code covers its line. One on a line of its own covers what comes next. Either covers all of an
element, block or statement that begins there. Rule id and reason are required.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import field, replace

from migrator.comments import Comment, comments
from migrator.model import Finding, Outcome, Place, Severity
from migrator.records import record
from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable

MARK = b"mcp-transport:"
MALFORMED = "MCP001"
STALE = "MCP002"

# XML knows no "--" inside a comment: a dash or a colon does as well.
_FORM = re.compile(r"ignore\s*\[(?P<ids>[^\]]*)\]\s*(?:--|—|–|:)\s*(?P<reason>\S.*)", re.IGNORECASE)
_ID = re.compile(r"MCP\d{3}")
_EXAMPLE = "mcp-transport: ignore[MCP101] -- why it may stay"


@record(frozen=True)
class Ignore:
    """One comment. lines: those it covers, counted from 1."""

    place: Place
    ids: tuple[str, ...]
    reason: str
    lines: range


@record
class Ignores:
    """The comments of a project. Keeps account of which of them were needed."""

    found: tuple[Ignore, ...] = ()
    malformed: tuple[Finding, ...] = ()
    _used: set[tuple[Ignore, str]] = field(default_factory=set, repr=False)

    def reason(self, finding: Finding) -> str:
        """Why the finding is accepted, "" when no comment accepts it."""
        near = [i for i in self.found if i.place.path == finding.place.path and finding.rule in i.ids]
        first, last = finding.place.line, max(finding.place.line, finding.place.end_line)
        for ignore in near:
            if first in ignore.lines or last in ignore.lines:
                return self._use(ignore, finding)
        # Inside a longer place, unless the comment stands there for something nearer.
        for ignore in near:
            if first < ignore.place.line < last and (ignore, finding.rule) not in self._used:
                return self._use(ignore, finding)
        return ""

    def accept(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings, with `accepted` on those that a comment covers.

        A server that is accepted stays as it is, so everything that would have changed with it is accepted too.
        """
        findings = tuple(findings)
        nearest_first = sorted(findings, key=lambda f: max(f.place.end_line, f.place.line) - f.place.line)
        reasons = {finding: self.reason(finding) for finding in nearest_first}
        units = {f.unit: why for f, why in reasons.items() if why and f.unit and f.rule.startswith("MCP1")}
        return tuple(_accepted(f, reasons[f] or units.get(f.unit, "")) for f in findings)

    def keeps(self, findings: Iterable[Finding]) -> str:
        """Why none of the edits behind `findings` may be made: the reason of the first comment that covers one of
        them, "" when none does. To be asked before edits are rendered, of all findings that one bundle of edits mends.
        """
        return next((why for f in findings if f.outcome is Outcome.FIX and (why := self.reason(f))), "")

    def problems(self, looked_for: Callable[[str, str], bool] = lambda rule, path: True) -> tuple[Finding, ...]:
        """Comments that can't be understood, and those that `accept` and `reason` had no use for so far.

        looked_for: False for a rule that this run doesn't look for in a file; its comments may well be needed.
        """
        stale = []
        for ignore in self.found:
            unused = [
                id_ for id_ in ignore.ids if (ignore, id_) not in self._used and looked_for(id_, ignore.place.path)
            ]
            if unused:
                message = f"Nothing here is {', '.join(unused)} any more: the comment ignores nothing."
                if len(unused) < len(ignore.ids):
                    message = f"Nothing here is {', '.join(unused)} any more."
                stale.append(_problem(STALE, ignore.place, message, f"Take {', '.join(unused)} out of the comment."))
        return (*self.malformed, *stale)

    def _use(self, ignore: Ignore, finding: Finding) -> str:
        self._used.add((ignore, finding.rule))
        return ignore.reason


def read(tree: Tree, paths: Iterable[str] | None = None) -> Ignores:
    """The comments in `paths`, or in all files of the tree that could matter. Files that can't be read have none."""
    if paths is None:
        paths = dict.fromkeys(path for hits in tree.hits.values() for path in hits)
    found: list[Ignore] = []
    malformed: list[Finding] = []
    for path in paths:
        try:
            if MARK not in tree.read(path).lower():
                continue
            text = tree.text(path).text
        except (Unreadable, Undecodable):
            continue
        for comment in comments(path, text):
            ignore = _ignore(path, comment)
            if isinstance(ignore, Ignore):
                found.append(ignore)
            else:
                malformed.append(ignore)
    return Ignores(tuple(found), tuple(malformed))


def _ignore(path: str, comment: Comment) -> Ignore | Finding:
    place = Place(path, comment.line, comment.column, comment.line, comment.end_column)
    match = _FORM.fullmatch(comment.text)
    ids = tuple(dict.fromkeys(id_.strip().upper() for id_ in match["ids"].split(",") if id_.strip())) if match else ()
    if match is None or not ids:
        return _problem(MALFORMED, place, "An ignore comment needs a rule id and a reason.", f"Write {_EXAMPLE}")
    wrong = [id_ for id_ in ids if not _ID.fullmatch(id_)]
    if wrong:
        return _problem(MALFORMED, place, f"{wrong[0]} is no rule id.", "`mcp-migrate rules` lists them.")
    return Ignore(place, ids, match["reason"].strip(), comment.covers)


def _problem(rule: str, place: Place, message: str, instruction: str) -> Finding:
    return Finding(rule, Severity.NOTE, Outcome.BY_HAND, place, message, instruction)


def _accepted(finding: Finding, reason: str) -> Finding:
    return replace(finding, accepted=f"ignored: {reason}") if reason else finding
