"""`--interactive`: one endpoint at a time, with its whole diff: apply, skip, explain, stop.

Each question is a plan of its own, made from the files as they are by then: what is shown is what is written.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import field, replace

from migrator import apply as applying
from migrator import explaining, printing, running, scan
from migrator.choice import Choice, units_with
from migrator.model import MoveUnit, Outcome, Plan
from migrator.records import record
from migrator.reports import ReportOptions, text
from migrator.reports.reading import plural, unit_title
from migrator.rulebook import RulebookError
from migrator.survey import Surveyed

ANSWERS = {"apply": "ay", "skip": "sn", "explain": "e?", "stop": "tq"}
WORDS = {"yes": "apply", "no": "skip", "quit": "stop"}
PROMPT = "[a]pply  [s]kip  [e]xplain  s[t]op: "
NOT_NOW = "it has a question of its own"
REST = "the rest: what belongs to no endpoint"  # the last question, where there is anything


@record
class Tally:
    """What became of the questions. regenerate: commands that the files written by now ask for."""

    applied: int = 0
    skipped: int = 0
    files: set[str] = field(default_factory=set)
    regenerate: list[str] = field(default_factory=list)
    stopped: bool = False


def run(project: running.Project, whole: Plan) -> tuple[running.Project, Tally]:
    """Ask about each endpoint of a project and write what is accepted. Returns the project as it is then.

    whole: its plan as a whole.
    """
    tally = Tally()
    questions = list(_questions(project, whole))
    for unit in whole.units:
        if not unit.moved and unit.step not in ("ignored", "choose"):
            printing.write(f"{unit_title(unit)} stays: mcp-migrate --why-not tells what blocks it\n")
    of = sum(title != REST for title, _ in questions)
    for number, (title, choice) in enumerate(questions, 1):
        plan = running.plan_of(project, choice=choice)
        if not plan.changes:
            continue
        plan = _about(plan, choice)
        printing.write(f"\n{title}\n" if title == REST else f"\n[{number} of {of}] {title}\n")
        answer = _ask(project, plan)
        if answer == "stop":
            tally.stopped = True
            break
        if answer == "skip":
            tally.skipped += 1
            continue
        done = applying.apply(plan, project.root, project.loaded.settings)
        for refusal in done.refused:
            printing.write(f"not written: {printing.from_here(project.root / refusal.path)} {refusal.reason}")
        tally.applied += bool(done.written)
        tally.skipped += not done.written
        tally.files.update(str(project.root / path) for path in done.written)
        tally.regenerate += done.plan.regenerate if done.written else ()
        project = _again(project)
    return project, tally


def said(tally: Tally) -> str:
    """The summary line."""
    parts = [f"{tally.applied} applied", f"{tally.skipped} skipped", f"{plural(len(tally.files), 'file')} changed"]
    return ", ".join(parts) + (", stopped before the last question." if tally.stopped else ".")


def _questions(project: running.Project, whole: Plan) -> Iterator[tuple[str, Choice]]:
    """What to ask about: the units that move and were asked about, then what belongs to none."""
    chosen, only = Choice.of(project.loaded.settings), project.surveyed.only
    named = units_with(whole, only) if only else {unit.id for unit in whole.units}
    for unit in whole.units:
        if unit.moved and unit.id in named and chosen.has(unit.endpoints):
            yield unit_title(unit), Choice(frozenset(unit.endpoints), frozenset(), NOT_NOW)
    if chosen.alone is None:
        yield REST, Choice(frozenset(), frozenset(only) if only else None, NOT_NOW)


def _about(plan: Plan, choice: Choice) -> Plan:
    """The plan with only what the question is about: the other endpoints stay for now, which needs no words."""
    units: tuple[MoveUnit, ...] = tuple(u for u in plan.units if choice.has(u.endpoints))
    ids = {unit.id for unit in units}
    others = {unit.id for unit in plan.units} - ids
    changed = {change.path for change in plan.changes}
    return replace(
        plan,
        units=units,
        endpoints=tuple(e for e in plan.endpoints if e.unit in ids),
        findings=tuple(
            f
            for f in plan.findings
            if f.unit not in others and (f.unit in ids or f.place.path in changed) and choice.why not in f.message
        ),
    )


def _ask(project: running.Project, plan: Plan) -> str:
    """Show the change and return the answer: "apply", "skip" or "stop". The end of the input means stop."""
    options: ReportOptions = printing.options(dry_run=True)
    printing.write(text.body(plan, options))
    for refusal in applying.refusals(plan, project.root, project.loaded.settings):
        printing.write(f"would not be written: {printing.from_here(project.root / refusal.path)} {refusal.reason}")
    while True:
        sys.stdout.write(PROMPT)
        sys.stdout.flush()
        line = sys.stdin.readline()
        if not line:
            sys.stdout.write("\n")
            return "stop"
        word = line.strip().lower()
        answer = WORDS.get(word) or next((a for a, keys in ANSWERS.items() if word == a or (word and word in keys)), "")
        if answer == "explain":
            printing.write(_explained(plan))
        elif answer:
            return answer


def _explained(plan: Plan) -> str:
    """The rules behind the change, and behind what will be different after it."""
    told = []
    for rule in sorted({f.rule for f in plan.findings if f.outcome is Outcome.FIX or f.rule.startswith("MCP6")}):
        try:
            told.append(explaining.explained(rule))
        except RulebookError as error:
            told.append(f"{error}\n")
    return "\n".join(told)


def _again(project: running.Project) -> running.Project:
    """The project as it is on disk now."""
    settings, only = project.loaded.settings, project.surveyed.only
    looked = scan.look(project.surveyed.looked.root, settings.exclude, only, scan.needles_for(settings, project.root))
    return replace(project, surveyed=Surveyed(looked, only))
