"""The report for the terminal: what moves, the diff, what is left, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from migrator.model import Endpoint, FileChange, Finding, Plan, Severity
from migrator.reports import ReportOptions
from migrator.reports.diff import unified
from migrator.reports.paint import Painter, printable
from migrator.reports.paths import Paths
from migrator.reports.reading import Group, Reading, Task, line_counts, plural, read
from migrator.reports.rules import Titles
from migrator.reports.sentences import (
    PRODUCT,
    connections,
    is_prose,
    legacy_tip,
    next_steps,
    not_written,
    old_words,
    state,
    summary,
)

_IGNORES = "MCP00"  # the rules about ignore comments
_MOST_PLACES = 4  # of one task, without --verbose
_SEVERITY_STYLE = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: "quiet"}


def render(plan: Plan, options: ReportOptions) -> str:
    """The report in `options.width` columns. Lines that people copy (diffs, commands, code) are never wrapped."""
    reading = read(plan, options)
    report = _Report(reading, options)
    if options.quiet:
        report.left_in_short()
    elif options.check:
        report.places_found()
        report.accepted()
    else:
        report.body()
        report.connecting()
        report.locks()
        if options.verbose:
            report.tasks("Notes", [t for t in reading.notes if t.finding.rule != PRODUCT])
            report.rules()
            report.settings()
        report.accepted()
    report.ending()
    return report.page.text()


def body(plan: Plan, options: ReportOptions) -> str:
    """What moves, the diff and what needs a look: the report without its beginning and end, for one endpoint of many."""
    report = _Report(read(plan, options), options)
    report.body()
    return report.page.text()


class _Report:
    def __init__(self, reading: Reading, options: ReportOptions) -> None:
        self.reading, self.options = reading, options
        self.page = Painter(options.width, options.color)
        self.paths = Paths(reading.plan, options, people=True)
        self.titles = Titles(reading.plan)

    def body(self) -> None:
        """What moves, what changes and what is left."""
        self.endpoints()
        self.changes()
        self.refused()
        self.tasks("What behaves differently", self.reading.hazards)
        self.tasks("Assumed: please check", self.reading.assumed)
        self.tasks("Left by hand", self.reading.by_hand)
        self.tasks("Left as it is", [t for t in self.reading.notes if t.finding.rule == PRODUCT])

    # The check

    def left_in_short(self) -> None:
        """--quiet: a line for each place that makes check fail and that this run leaves."""
        for finding in self.reading.found if self.options.check else self.reading.left:
            self._place_line(finding)

    def places_found(self) -> None:
        for finding in self.reading.found:
            self._place_line(finding)
            if finding.instruction:
                self._instruction(finding.instruction, 4)
            if self.options.verbose and self.titles.why(finding.rule):
                self.page.prose(self.titles.why(finding.rule), 4, "quiet")
        for task in self.reading.by_hand:
            if task.finding.rule.startswith(_IGNORES):  # fails no check, but should not be overlooked either
                for place in task.places:
                    self._place_line(replace(task.finding, place=place), "[note]")

    def _place_line(self, finding: Finding, kind: str = "") -> None:
        page = self.page
        where = page.paint(printable(self.paths.place(finding.place, column=True)), "place")
        rule = page.paint(finding.rule, _SEVERITY_STYLE[finding.severity])
        kind = kind or ("[fixable]" if finding.outcome == "fix" else "[by hand]")
        page.raw(f"{where}: {rule} {printable(finding.message)} {page.paint(kind, 'quiet')}")

    # What moves

    def endpoints(self) -> None:
        moves, stays = self.reading.moves, self.reading.stays
        if not moves and not stays:
            return
        self.page.heading("Endpoints")
        for endpoint in (*moves, *stays):
            self._endpoint(endpoint)

    def _endpoint(self, endpoint: Endpoint) -> None:
        page = self.page
        style = "bad" if not endpoint.moved else "good"
        page.raw(f"  {page.paint(printable(endpoint.name), 'strong')}  {page.paint(printable(state(endpoint)), style)}")
        old, new = printable(endpoint.old_url), printable(endpoint.new_url)
        if not endpoint.moved:
            page.raw(f"    {old}")
        elif len(old) + len(new) + 7 <= self.options.width:
            page.raw(f"    {old} → {page.paint(new, 'add')}")
        else:
            page.raw(f"    {old}")
            page.raw(f"    → {page.paint(new, 'add')}")
        if endpoint.moved:
            if endpoint.selected_by not in ("", "always"):
                page.prose(f"selected by {printable(endpoint.selected_by)}", 4, hang=6)
            for line in old_words(endpoint):
                page.prose(printable(line), 4, hang=6)
            reasons = endpoint.session_reasons
            most = len(reasons) if self.options.verbose or len(reasons) <= _MOST_PLACES else _MOST_PLACES - 1
            for reason in reasons[:most]:
                page.prose(f"because {printable(reason)}", 4, hang=6)
            if len(reasons) > most:
                page.raw(
                    page.paint(f"    and {plural(len(reasons) - most, 'more reason')} (--verbose lists them)", "quiet")
                )
            return
        for unit in self.reading.plan.units:
            if unit.id == endpoint.unit:
                for block in unit.blocks:
                    page.prose(f"because of {printable(self.paths.place(block.place))}, see below", 4, hang=6)

    # The diff

    def changes(self) -> None:
        if not self.reading.groups:
            return
        self.page.heading("Changes")
        for group in self.reading.groups:
            self._group(group)

    @property
    def _whole(self) -> bool:
        return self.options.show_diff or self.options.verbose

    def _group(self, group: Group) -> None:
        page = self.page
        title = printable(group.title)
        if self._whole:
            line = "─" * max(2, min(self.options.width, 100) - len(title) - 4)
            page.raw(f"── {page.paint(title, 'strong')} {page.paint(line, 'quiet')}")
        elif not self._same_name(group):
            page.raw(f"  {page.paint(title, 'strong')}")
        indent = "" if self._whole else "  " if self._same_name(group) else "    "
        for change in group.changes:
            added, removed = line_counts(change)
            numbers = f"{page.paint(f'+{added}', 'add')} {page.paint(f'-{removed}', 'remove')}"
            new = "  new file" if change.created else ""
            page.raw(f"{indent}{page.paint(printable(self.paths.shown(change.path)), 'place')}  {numbers}{new}")
            if self._whole:
                self._diff(change)
                page.raw()
        for path in group.elsewhere:
            shown = page.paint(printable(self.paths.shown(path)), "place")
            page.raw(f"{indent}{shown}  changes for both, shown above")
        if self._whole and group.elsewhere:
            page.raw()

    @staticmethod
    def _same_name(group: Group) -> bool:
        """True for a server whose only change is in the file that it has its name from."""
        return len(group.changes) == 1 and not group.elsewhere and group.title.startswith(f"{group.changes[0].path}:")

    def _diff(self, change: FileChange) -> None:
        styles = {"+": "add", "-": "remove", "@": "hunk", "\\": "quiet"}
        text = unified(change).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        for line in text.split("\n")[2:-1]:
            self.page.raw(printable(line.removesuffix("\r")), styles.get(line[:1], ""))

    # What is left

    def refused(self) -> None:
        """What could not be written."""
        if self.reading.refused:
            self.page.heading("Not written")
        for refusal in self.reading.refused:
            self.page.raw(f"  {self.page.paint(printable(self.paths.shown(refusal.path)), 'place')}")
            self.page.prose(printable(not_written(refusal)), 4)

    def tasks(self, title: str, tasks: Sequence[Task]) -> None:
        if not tasks:
            return
        self.page.heading(title)
        for task in tasks:
            self._task(task)

    def _task(self, task: Task) -> None:
        page, finding = self.page, task.finding
        most = len(task.places) if self.options.verbose else _MOST_PLACES
        first, *others = task.places[: max(most, 1)]
        rule = page.paint(finding.rule, _SEVERITY_STYLE[finding.severity])
        page.raw(f"  {page.paint(printable(self.paths.place(first)), 'place')}  {rule}")
        for place in others:
            page.raw(f"  {page.paint(printable(self.paths.place(place)), 'place')}")
        hidden = len(task.places) - 1 - len(others)
        if hidden:
            page.raw(page.paint(f"  and {plural(hidden, 'more place')} (--verbose lists them)", "quiet"))
        page.prose(printable(finding.message), 4)
        if finding.instruction:
            self._instruction(finding.instruction, 4)
        if is_prose(finding.check):
            page.prose(f"To check: {printable(finding.check)}", 4, hang=6)
        elif finding.check:
            page.prose("To check:", 4)
            page.code(_steerless(finding.check))

    def _instruction(self, text: str, indent: int) -> None:
        """The next step. Its lines may be code or sentences: only what is too long and reads as prose is wrapped."""
        for line in text.splitlines() or [""]:
            shown = printable(line)
            if len(shown) + indent + 2 > self.options.width and is_prose(line):
                self.page.prose(shown, indent + 2)
            else:
                self.page.raw(" " * (indent + 2) + shown if shown.strip() else "")

    def connecting(self) -> None:
        """What the people who connect must change."""
        if not self.reading.moves:
            return
        self.page.heading("Tell those who connect")
        for names, lines in connections(self.reading):
            most = len(names) if self.options.verbose else _MOST_PLACES
            for name in names[:most]:
                self.page.raw(f"  {self.page.paint(printable(name), 'strong')}")
            if len(names) > most:
                self.page.raw(self.page.paint(f"  and {plural(len(names) - most, 'more endpoint')} above", "quiet"))
            for line in lines:
                self.page.prose(printable(line), 4, hang=6)
        tip = legacy_tip(self.reading)
        if tip:
            self.page.prose(tip, 2, "quiet")

    def locks(self) -> None:
        if not self.reading.plan.regenerate:
            return
        self.page.heading("Locks to regenerate")
        for task in self.reading.locks:
            path, message = task.places[0].path, task.finding.message
            place, name = self.paths.place(task.places[0]), path.rpartition("/")[2]
            if message.startswith(name):
                message = f"{place}{message[len(name) :]}"
            elif not message.startswith(path):
                message = f"{place}: {message}"
            self.page.prose(printable(message), 2, hang=4)
        for command in self.reading.plan.regenerate:
            self.page.code(printable(command), 4, "strong")

    # --verbose

    def rules(self) -> None:
        """The title and the reason of each rule that this report names."""
        named = {f.rule for f in (*self.reading.fixed, *self.reading.found)}
        named |= {t.finding.rule for t in (*self.reading.hazards, *self.reading.notes)}
        known = [rule for rule in sorted(named) if self.titles.title(rule)]
        if known:
            self.page.heading("Rules")
        for rule in known:
            self.page.raw(f"  {self.page.paint(rule, 'strong')}  {self.titles.title(rule)}")
            self.page.prose(self.titles.why(rule), 4, "quiet")

    def settings(self) -> None:
        settings = self.reading.plan.settings
        if not settings:
            return
        self.page.heading("Settings that differ from the defaults")
        for key, value in settings.items():
            self.page.raw(f"  {key} = {printable(str(value))}")

    def accepted(self) -> None:
        """What check lets pass: its number, or each place with --verbose."""
        accepted = self.reading.accepted
        if not accepted:
            return
        if not self.options.verbose:
            self.page.gap()
            self.page.raw(
                f"{plural(len(accepted), 'place')} accepted (ignore comments, baseline); --verbose lists them", "quiet"
            )
            return
        self.page.heading("Accepted")
        for f in accepted:
            place = self.page.paint(printable(self.paths.place(f.place)), "place")
            self.page.raw(f"  {place}  {f.rule} {printable(f.accepted)}")

    # The end

    def ending(self) -> None:
        """The summary, and the next command to type."""
        page, options = self.page, self.options
        page.gap()
        style = "good" if self.reading.clean else "strong"
        page.prose(summary(self.reading, options), 0, style)
        if options.quiet:
            return
        steps = next_steps(self.reading, options)
        for number, step in enumerate(steps):
            page.raw(
                f"{'Next:' if not number else 'then:'} {page.paint(printable(step.command), 'strong')}  {page.paint(f'({step.purpose})', 'quiet')}"
            )


def _steerless(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
