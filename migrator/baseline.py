"""What a team has decided to live with for now: findings known by their content, not by their line number.

    known = Baseline.read(Path("mcp-baseline.json"))
    findings = known.accept(findings, tree)      # marks them, so that check passes over them
    known.pruned(findings, tree).write(path)     # without what is gone; never grows

    Baseline.of(findings, tree).write(path)      # --write-baseline

A fix moves what it can, known or not: what it moves becomes stale here, and pruning takes it out.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import field, replace
from pathlib import Path
from typing import Any, NamedTuple

from migrator.model import Finding, Outcome, Place
from migrator.printing import from_here
from migrator.records import record
from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable

FORMAT = "mcp-transport-migrate/baseline"
VERSION = 1
ACCEPTED = "baseline"  # Finding.accepted of what a baseline holds


class BaselineError(ValueError):
    """A baseline that can't be used. The message names the file and what to do."""


class Key(NamedTuple):
    """What a finding is known by. line: its text with single spaces, a digest of it in files that git ignores."""

    rule: str
    path: str
    line: str

    @property
    def same(self) -> tuple[str, str, str]:
        """For comparing: formatters move spaces."""
        return (self.rule, self.path, re.sub(r"\s+", "", self.line))


@record
class Baseline:
    """How many findings of each kind are known. name: its file, for messages."""

    counts: Counter[Key] = field(default_factory=Counter)
    name: str = "the baseline"

    @classmethod
    def of(cls, findings: Iterable[Finding], tree: Tree) -> Baseline:
        """A baseline of everything that makes check fail, what an earlier baseline accepts included."""
        return cls(Counter(key_of(f, tree) for f in findings if _concerns(f)))

    @classmethod
    def read(cls, path: Path) -> Baseline:
        """The baseline in a file. Raises BaselineError."""
        shown = from_here(path)
        anew = f"; --write-baseline {shown} writes it anew"
        try:
            data = json.loads(path.read_text(encoding="utf-8-sig"))
        except FileNotFoundError:
            raise BaselineError(f"{shown}: no such file; --write-baseline {shown} makes it") from None
        except OSError as error:
            raise BaselineError(f"{shown}: can't be read: {error.strerror or error}") from None
        except ValueError as error:  # not UTF-8, or not JSON
            raise BaselineError(f"{shown}: not JSON: {error}{anew}") from None
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BaselineError(f"{shown}: not a baseline of mcp-migrate: name another file")
        if data.get("version") != VERSION:
            version = data.get("version")
            raise BaselineError(
                f"{shown}: version {version} of the baseline format, this mcp-migrate reads {VERSION}{anew}"
            )
        try:
            return cls(_counts(data.get("findings")), str(path))
        except ValueError as error:
            raise BaselineError(f"{shown}: {error}{anew}") from None

    def accept(self, findings: Iterable[Finding], tree: Tree) -> tuple[Finding, ...]:
        """The findings, with `accepted` on those that are known; of several alike no more than were counted."""
        left = self._left()
        marked = []
        for finding in findings:
            known = _concerns(finding) and not finding.accepted
            key = key_of(finding, tree).same if known else ("", "", "")
            if known and left[key] > 0:
                left[key] -= 1
                finding = replace(finding, accepted=ACCEPTED)  # noqa: PLW2901
            marked.append(finding)
        return tuple(marked)

    def stale(self, findings: Iterable[Finding], tree: Tree) -> Counter[Key]:
        """What the baseline holds and the findings of the whole project don't (any more), with the number of each."""
        there = Counter(key_of(f, tree).same for f in findings if _concerns(f))
        gone: Counter[Key] = Counter()
        for key, number in self.counts.items():
            kept = min(number, there[key.same])
            there[key.same] -= kept
            if number > kept:
                gone[key] = number - kept
        return gone

    def pruned(self, findings: Iterable[Finding], tree: Tree) -> Baseline:
        """This baseline without what is stale. What is new is not added."""
        return Baseline(self.counts - self.stale(findings, tree), self.name)

    def text(self) -> str:
        """The file's content: sorted, one finding a line, so that it can be reviewed and merged."""
        rows = [_row(key, number) for key, number in sorted(self.counts.items())]
        listed = "".join(f"\n    {row}{',' if n < len(rows) else ''}" for n, row in enumerate(rows, 1))
        listed += "\n  " if rows else ""
        return f'{{\n  "format": "{FORMAT}",\n  "version": {VERSION},\n  "findings": [{listed}]\n}}\n'

    def write(self, path: Path) -> None:
        """Write it to `path`, whole or not at all. Raises BaselineError."""
        beside = path.with_name(f".{path.name}.{os.getpid()}.new")
        try:
            beside.write_bytes(self.text().encode("utf-8"))
            beside.replace(path)
        except OSError as error:
            beside.unlink(missing_ok=True)
            raise BaselineError(f"{from_here(path)}: can't be written: {error.strerror or error}") from None

    def _left(self) -> Counter[tuple[str, str, str]]:
        left: Counter[tuple[str, str, str]] = Counter()
        for key, number in self.counts.items():
            left[key.same] += number
        return left


def key_of(finding: Finding, tree: Tree) -> Key:
    """What `finding` is known by: its rule, its file and the text of its first line."""
    line = " ".join(_line(finding.place, tree).split())
    if finding.place.path in tree.local:  # a file kept out of git may hold secrets; the baseline is committed
        line = "sha256:" + hashlib.sha256(line.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return Key(finding.rule, finding.place.path, line)


def _row(key: Key, number: int) -> str:
    row = {**key._asdict(), "count": number}
    text = json.dumps(row, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:  # a file name that isn't text
        return json.dumps(row)
    return text


def _concerns(finding: Finding) -> bool:
    """True for what makes check fail, or would but for an earlier baseline."""
    if finding.accepted == ACCEPTED:
        finding = replace(finding, accepted="")
    return finding.counts and finding.outcome is not Outcome.INFO


def _line(place: Place, tree: Tree) -> str:
    if not place.line:
        return ""
    try:
        lines = tree.text(place.path).text.split("\n")
    except (Unreadable, Undecodable):
        return ""
    return lines[place.line - 1] if place.line <= len(lines) else ""


def _counts(rows: Any) -> Counter[Key]:
    """Raises ValueError, saying which row is wrong."""
    if not isinstance(rows, list):
        raise ValueError('"findings" must be a list')
    counts: Counter[Key] = Counter()
    for number, row in enumerate(rows, 1):
        right = (
            isinstance(row, dict)
            and set(row) == {"rule", "path", "line", "count"}
            and all(isinstance(row[key], str) for key in Key._fields)
            and type(row["count"]) is int
            and row["count"] > 0
        )
        if not right:
            raise ValueError(f'finding {number} must have "rule", "path", "line" and a "count" above 0')
        counts[Key(row["rule"], row["path"], row["line"])] += row["count"]
    return counts
