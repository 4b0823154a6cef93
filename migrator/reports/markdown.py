"""Markdown that fits a pull request comment: the most important first, with a clear cut where it would be too long."""

from __future__ import annotations

import re
from collections.abc import Iterator

from migrator.model import Endpoint, FileChange, Outcome, Plan
from migrator.records import record
from migrator.reports import ReportOptions
from migrator.reports.diff import unified
from migrator.reports.paths import Paths
from migrator.reports.reading import Reading, Task, line_counts, plural, read
from migrator.reports.rules import Titles
from migrator.reports.sentences import (
    connections,
    is_prose,
    legacy_tip,
    next_steps,
    not_written,
    old_words,
    state,
    summary,
)

LIMIT = 65_000  # characters; GitHub takes 65,536 in a comment, and the rest is for whoever posts it
MARKER = "<!-- mcp-transport-migrate -->"  # by which a later run finds its comment again


@record(frozen=True)
class _Section:
    title: str
    intro: str
    blocks: tuple[str, ...]  # each whole or not at all
    what: str  # what a block is, for saying how many were cut


def render(plan: Plan, options: ReportOptions) -> str:
    """The report in at most LIMIT characters."""
    reading = read(plan, options)
    page = _Page(reading, options)
    head = f"{MARKER}\n## mcp-migrate: {escaped(summary(reading, options).rstrip('.'))}\n\n"
    return head + fit(list(page.sections()), page.ending(), LIMIT - len(head))


def fit(sections: list[_Section], ending: str, room: int) -> str:
    """As many blocks as fit, in their order, and what was cut."""
    room -= len(ending) + 400  # for the note about what was cut
    text, cut = "", []
    for section in sections:
        head = f"### {section.title}\n\n{section.intro}"
        kept: list[str] = []
        used = len(text) + len(head) + 1
        for block in section.blocks:
            if used + len(block) <= room:
                kept.append(block)
                used += len(block)
        if kept:
            text += head + "".join(kept) + "\n"
        if len(kept) < len(section.blocks):
            cut.append(plural(len(section.blocks) - len(kept), section.what))
    if cut:
        text += (
            f"> **Cut here:** {', '.join(cut)} did not fit into a comment."
            " `mcp-migrate --dry-run --format html --output report.html` shows everything.\n\n"
        )
    return text + ending


class _Page:
    def __init__(self, reading: Reading, options: ReportOptions) -> None:
        self.reading, self.options = reading, options
        self.paths, self.titles = Paths(reading.plan, options), Titles(reading.plan)

    def sections(self) -> Iterator[_Section]:
        r = self.reading
        endpoints = (*r.moves, *r.stays)
        if endpoints:
            intro = "| endpoint | now | then | |\n|---|---|---|---|\n"
            yield _Section("Endpoints", intro, tuple(self._row(e) for e in endpoints), "endpoint")
        if self.options.check:
            blocks = tuple(
                f"- {code(self.paths.place(f.place))} **{f.rule}** {escaped(f.message)}\n"
                for f in r.found
                if f.outcome is Outcome.FIX
            )
            if blocks:
                yield _Section("Fixable", "", blocks, "fixable place")
        if r.refused:
            lines = (f"- {code(self.paths.shown(x.path))} {escaped(not_written(x))}\n" for x in r.refused)
            yield _Section("Not written", "", tuple(lines), "file")
        for title, tasks in (
            ("Left by hand", r.by_hand),
            ("What behaves differently", r.hazards),
            ("Assumed: please check", r.assumed),
        ):
            if tasks:
                yield _Section(title, "", tuple(self._task(task) for task in tasks), "place")
        if r.plan.regenerate:
            commands = "\n".join(r.plan.regenerate)
            found = tuple(f"- {code(self.paths.place(t.places[0]))} {escaped(t.finding.message)}\n" for t in r.locks)
            yield _Section("Locks to regenerate", fenced(commands, "sh") + "\n", found or ("",), "lock")
        if r.moves:
            tip = legacy_tip(r)
            yield _Section(
                "Tell those who connect",
                f"{escaped(tip)}\n\n" if tip else "",
                tuple(
                    f"- **{escaped(', '.join(names))}**\n" + "".join(f"  - {escaped(line)}\n" for line in lines)
                    for names, lines in connections(r)
                ),
                "endpoint",
            )
        if r.changes and not self.options.check:
            yield _Section("Changes", "", tuple(self._change(c) for c in r.changes), "file")

    def _row(self, endpoint: Endpoint) -> str:
        new = code(endpoint.new_url) if endpoint.moved else ""
        details = [escaped(state(endpoint)), *(escaped(word) for word in old_words(endpoint) if endpoint.moved)]
        details += [escaped(reason) for reason in endpoint.session_reasons if endpoint.moved]
        cells = (escaped(endpoint.name), code(endpoint.old_url), new, "<br>".join(details))
        return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"

    def _task(self, task: Task) -> str:
        finding = task.finding
        places = ", ".join(code(self.paths.place(place)) for place in task.places)
        title = self.titles.title(finding.rule)
        text = f"- {places} **{finding.rule}** {escaped(finding.message)}"
        text += f" <sub>{escaped(title)}</sub>\n" if title else "\n"
        if is_prose(finding.instruction):
            text += f"  {escaped(finding.instruction)}\n"
        elif finding.instruction:
            text += _indented(fenced(finding.instruction))
        if is_prose(finding.check):
            text += f"  To check: {escaped(finding.check)}\n"
        elif finding.check:
            text += "  To check:\n" + _indented(fenced(finding.check, "sh"))
        return text

    def _change(self, change: FileChange) -> str:
        added, removed = line_counts(change)
        diff = unified(change).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        body = "\n".join(line.removesuffix("\r") for line in diff.split("\n")[2:-1])
        name = _html(self.paths.shown(change.path))
        new = ", new" if change.created else ""
        return (
            f"<details><summary><code>{name}</code> (+{added} -{removed}{new})</summary>\n\n"
            f"{fenced(body, 'diff')}\n</details>\n"
        )

    def ending(self) -> str:
        steps = next_steps(self.reading, self.options)
        if not steps:
            return ""
        return "### Next\n\n" + fenced("\n".join(f"{s.command}  # {s.purpose}" for s in steps), "sh")


def escaped(text: str) -> str:
    """Text in which nothing acts as markup, mentions a user or links an issue, except code between backticks."""
    pieces = re.split(r"(`[^`\n]+`)", " ".join(text.split()))
    return "".join(p if n % 2 else _escaped(p) for n, p in enumerate(pieces))


def code(text: str) -> str:
    """A code span, whatever is in it."""
    text = " ".join(text.split())
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def fenced(text: str, language: str = "") -> str:
    """A code block, whatever is in it."""
    longest = max((len(run) for run in re.findall("`{3,}", text)), default=2)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _escaped(text: str) -> str:
    text = re.sub(r"([\\`*_{}\[\]|~])", r"\\\1", text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;"))
    return re.sub(r"@(?=\w)", "&#64;", re.sub(r"#(?=\d)", "&#35;", text))


def _html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _indented(text: str) -> str:
    return "".join(f"  {line}".rstrip() + "\n" for line in text.splitlines())
