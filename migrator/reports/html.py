"""One HTML file that needs nothing else: no network, no scripts; to be read in a browser, or printed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from migrator import __version__
from migrator.model import Endpoint, Finding, Outcome, Plan, Severity
from migrator.reports import ReportOptions
from migrator.reports.html_diff import table
from migrator.reports.json import run_word
from migrator.reports.paths import Paths
from migrator.reports.reading import Group, Reading, Task, line_counts, plural, read
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

# The browser itself is told to load nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
_RUNS = {"check": "check", "dry-run": "dry run, nothing was written", "apply": "the changes were written"}
_SEVERITY_STYLE = {Severity.ERROR: "bad", Severity.WARNING: "warn", Severity.NOTE: ""}


def render(plan: Plan, options: ReportOptions) -> str:
    """The whole page."""
    return _Page(read(plan, options), options).page()


class _Page:
    def __init__(self, reading: Reading, options: ReportOptions) -> None:
        self.reading, self.options = reading, options
        self.paths, self.titles = Paths(reading.plan, options), Titles(reading.plan)

    def page(self) -> str:
        r = self.reading
        sections = [
            ("endpoints", "Endpoints", self._endpoints()),
            ("refused", "Not written", self._refused()),
            ("by-hand", "Left by hand", self._tasks(r.by_hand)),
            ("behaviour", "What behaves differently", self._tasks(r.hazards)),
            ("assumed", "Assumed: please check", self._tasks(r.assumed)),
            ("connect", "Tell those who connect", self._connect()),
            ("versions", "Versions and locks", self._versions()),
            ("places", "Places that change", self._places()),
            ("changes", "Changes", "".join(self._group(group) for group in r.groups)),
            ("next", "Next", self._next()),
            ("notes", "Notes", self._tasks(r.notes)),
            ("accepted", "Accepted", self._accepted()),
            ("rules", "Rules named here", self._rules()),
        ]
        sections = [section for section in sections if section[2]]
        links = "".join(f'<li><a href="#{id_}">{title}</a></li>' for id_, title, _ in sections)
        body = "".join(
            f'<section aria-labelledby="{id_}"><h2 id="{id_}">{title}</h2>{text}</section>\n'
            for id_, title, text in sections
        )
        style = files("migrator.reports").joinpath("html.css").read_text(encoding="utf-8")
        name = escape(Path(r.plan.root).name or r.plan.root)
        facts = f"{name} · {_RUNS[run_word(self.options)]} · {plural(r.plan.files_scanned, 'file')} looked at"
        return (
            f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
            f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY, quote=True)}">\n'
            f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
            f"<title>mcp-migrate: {name}</title>\n"
            f'<link rel="icon" href="data:,">\n<style>\n{style}</style>\n</head>\n<body>\n'
            f'<a class="skip" href="#main">Skip to the report</a>\n'
            f"<header>\n<h1>From SSE to Streamable HTTP</h1>\n"
            f'<p class="summary">{prose(summary(r, self.options))}</p>\n<p class="quiet">{facts}</p>\n</header>\n'
            + (f'<nav aria-label="Sections"><ul>{links}</ul></nav>\n' if links else "")
            + f'<main id="main">\n{body}</main>\n'
            f"<footer>mcp-migrate {escape(__version__)}</footer>\n</body>\n</html>\n"
        )

    def _endpoints(self) -> str:
        endpoints = (*self.reading.moves, *self.reading.stays)
        if not endpoints:
            return ""
        rows = "".join(self._endpoint(endpoint) for endpoint in endpoints)
        return (
            '<div class="scroll"><table class="facts"><caption>Every server here that speaks SSE, or did</caption>'
            '<thead><tr><th scope="col">Server</th><th scope="col">Address now, and then</th>'
            f'<th scope="col">How</th></tr></thead><tbody>{rows}</tbody></table></div>'
        )

    def _endpoint(self, endpoint: Endpoint) -> str:
        place = escape(self.paths.place(endpoint.place))
        address = f"<code>{escape(endpoint.old_url)}</code>"
        if endpoint.moved:
            style = "good"
            address += f"<br><code>→ {escape(endpoint.new_url)}</code>"
            how = [endpoint.selected_by] if endpoint.selected_by not in ("", "always") else []
            how += [*old_words(endpoint), *(f"because {reason}" for reason in endpoint.session_reasons)]
        else:
            style = "bad"
            units = [unit for unit in self.reading.plan.units if unit.id == endpoint.unit]
            how = [f"{self.paths.place(block.place)}: {block.message}" for unit in units for block in unit.blocks]
        lines = [f'<span class="tag {style}">{escape(state(endpoint))}</span>', *map(prose, how)]
        return (
            f'<tr><th scope="row">{escape(endpoint.name)}<br><code class="quiet">{place}</code></th>'
            f'<td class="address">{address}</td><td class="how">{"<br>".join(lines)}</td></tr>'
        )

    def _refused(self) -> str:
        items = "".join(
            f'<li><code class="place">{escape(self.paths.shown(r.path))}</code> {prose(not_written(r))}</li>'
            for r in self.reading.refused
        )
        return f"<ul>{items}</ul>" if items else ""

    def _tasks(self, tasks: Sequence[Task]) -> str:
        items = "".join(f"<li>{self._task(task)}</li>" for task in tasks)
        return f'<ol class="tasks">{items}</ol>' if items else ""

    def _task(self, task: Task) -> str:
        finding = task.finding
        places = ", ".join(f'<code class="place">{escape(self.paths.place(place))}</code>' for place in task.places)
        text = f"{places} {self._rule_tag(finding)}<p>{prose(finding.message)}</p>"
        if is_prose(finding.instruction):
            text += f"<p>{prose(finding.instruction)}</p>"
        elif finding.instruction:
            text += f"<pre>{escape(finding.instruction)}</pre>"
        if is_prose(finding.check):
            text += f"<p>To check: {prose(finding.check)}</p>"
        elif finding.check:
            text += f"<p>To check:</p><pre>{escape(finding.check)}</pre>"
        return text

    def _rule_tag(self, finding: Finding) -> str:
        link = f'<a href="#rule-{finding.rule}">{finding.rule}</a>' if self.titles.rule(finding.rule) else finding.rule
        return f'{link} <span class="tag {_SEVERITY_STYLE[finding.severity]}">{finding.severity.value}</span>'

    def _connect(self) -> str:
        if not self.reading.moves:
            return ""
        items = "".join(
            "".join(f"<dt>{escape(name)}</dt>" for name in names) + "".join(f"<dd>{prose(line)}</dd>" for line in lines)
            for names, lines in connections(self.reading)
        )
        tip = legacy_tip(self.reading)
        return f"<dl>{items}</dl>" + (f'<p class="quiet">{prose(tip)}</p>' if tip else "")

    def _versions(self) -> str:
        """Every finding about requirements and locks, whatever becomes of it, and the commands for the locks."""
        found = [f for f in self.reading.plan.findings if f.rule.startswith("MCP4") and not f.accepted]
        text = self._table("SDK requirements and lock files", found)
        commands = "\n".join(self.reading.plan.regenerate)
        return text + (f"<p>Bring the locks up to date with:</p><pre>{escape(commands)}</pre>" if commands else "")

    def _places(self) -> str:
        fixed = [f for f in self.reading.fixed if not f.rule.startswith("MCP4")]
        return self._table("What was found, and is changed below", fixed)

    def _table(self, caption: str, findings: Sequence[Finding]) -> str:
        words = {Outcome.FIX: "changes", Outcome.BY_HAND: "by hand", Outcome.INFO: "as it is"}
        rows = "".join(
            f'<tr><th scope="row"><code>{escape(self.paths.place(f.place))}</code></th><td>{self._rule_tag(f)}</td>'
            f"<td>{prose(f.message)}</td><td>{words[f.outcome]}</td></tr>"
            for f in findings
        )
        if not rows:
            return ""
        return (
            f'<div class="scroll"><table class="facts"><caption>{caption}</caption><thead><tr>'
            '<th scope="col">Place</th><th scope="col">Rule</th><th scope="col">Finding</th>'
            f'<th scope="col">Outcome</th></tr></thead><tbody>{rows}</tbody></table></div>'
        )

    def _group(self, group: Group) -> str:
        text = f"<h3>{escape(group.title)}</h3>"
        for change in group.changes:
            name = self.paths.shown(change.path)
            added, removed = line_counts(change)
            new = " (new file)" if change.created else ""
            text += (
                f"<details open><summary><code>{escape(name)}</code>{new} "
                f'<span class="plus">+{added}</span> <span class="minus">-{removed}</span></summary>'
                f"{table(change, name)}</details>"
            )
        if group.elsewhere:
            names = ", ".join(f"<code>{escape(self.paths.shown(path))}</code>" for path in group.elsewhere)
            text += f"<p>Shown above, and changes for this one too: {names}</p>"
        return text

    def _next(self) -> str:
        steps = next_steps(self.reading, self.options)
        return "".join(f"<p>{escape(s.purpose)}:</p><pre>{escape(s.command)}</pre>" for s in steps)

    def _accepted(self) -> str:
        items = "".join(
            f"<li><code>{escape(self.paths.place(f.place))}</code> {f.rule} {prose(f.accepted)}</li>"
            for f in self.reading.accepted
        )
        return f"<ul>{items}</ul>" if items else ""

    def _rules(self) -> str:
        named = sorted({f.rule for f in self.reading.plan.findings})
        known = [rule for rule in map(self.titles.rule, named) if rule]
        items = "".join(
            f'<dt id="rule-{rule.id}">{rule.id} {prose(rule.title)}</dt><dd>{paragraphs([rule.why, rule.what])}</dd>'
            for rule in known
        )
        return f"<dl>{items}</dl>" if items else ""


def prose(text: str) -> str:
    """Text in one line, what stands between backticks as code."""
    pieces = re.split(r"`([^`\n]+)`", " ".join(text.split()))
    return "".join(f"<code>{escape(p)}</code>" if n % 2 else escape(p) for n, p in enumerate(pieces))


def paragraphs(texts: Iterable[str]) -> str:
    """Texts of one or more paragraphs, which empty lines part."""
    return "".join(f"<p>{prose(part)}</p>" for text in texts for part in re.split(r"\n\s*\n", text) if part.strip())
