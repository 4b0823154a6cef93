"""One run: settings, look, plan, write, report. The command line says what, this does it in order."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import apply as applying
from migrator import merge, printing, progress, roots, rulebook, scan, settings_file, survey
from migrator.asked import CannotTell, changed_since, rewritten
from migrator.choice import REST, Choice, for_files
from migrator.main import PROGRAM
from migrator.model import Finding, Outcome, Place, Plan, Severity
from migrator.order import Failure, Order, check_questions, order_of
from migrator.records import record
from migrator.reports.reading import asked
from migrator.settings import SettingsError
from migrator.survey import Surveyed

if TYPE_CHECKING:
    from migrator.baseline import Baseline

__all__ = ["Failure", "Order", "Project", "order_of", "plan_of", "run"]


@record(frozen=True)
class Project:
    """One analysis root of a run."""

    loaded: settings_file.Loaded
    surveyed: Surveyed
    rules: rulebook.Rulebook

    @property
    def root(self) -> Path:
        return Path(self.surveyed.looked.root)


def run(order: Order, looks: dict[str, list[Surveyed]] | None = None) -> int:
    """Carry the order out and print. Returns the exit status."""
    projects: list[Project] = []
    try:
        printing.check_formats(order.formats, order.outputs)
        check_questions(order)
        progress.wanted = not order.quiet and sys.stderr.isatty()
        projects = list(_projects(order, looks or {}))
        if order.since is not None:
            projects = _changed_since(order.since, projects)
        projects = _endpoints_below(projects)
        if order.show in ("settings", "files"):
            printing.write(_shown(order.show, projects))
            return 0
        return _plan_and_report(order, projects)
    except (
        Failure,
        SettingsError,
        rulebook.RulebookError,
        roots.NoSuchPath,
        printing.CannotPrint,
        CannotTell,
    ) as error:
        print(f"{PROGRAM}: {error}{_own_facts(error, projects)}", file=sys.stderr)
        return 2


def _own_facts(error: Exception, projects: Sequence[Project]) -> str:
    """Whose a fact is that turns out wrong where it is used: those that are shipped are tested."""
    own = {name: None for p in projects for name in p.loaded.settings.extra_rules}
    return f" (in {', '.join(own)})" if own and isinstance(error, rulebook.RulebookError) else ""


def _projects(order: Order, looks: dict[str, list[Surveyed]]) -> Iterable[Project]:
    given: dict[str, bytes] = {}
    if order.stdin is not None:
        targets = [_from_stdin(order, order.stdin)]
        given = {targets[0].chosen[0]: sys.stdin.buffer.read()}
    else:
        if "-" in order.paths:
            raise Failure("standard input needs a name: mcp-migrate check - --stdin-filename FILE")
        if not order.paths and order.writes:
            raise Failure("say what to rewrite: mcp-migrate . (or mcp-migrate --dry-run . to look first)")
        targets = roots.targets(list(order.paths or (".",)))
    for target in targets:
        loaded = _settings(target.root, order)
        try:
            rules = rulebook.load(loaded.settings, Path(target.root))
        except rulebook.RulebookError as error:
            raise Failure(f"{loaded.spelled('extra-rules')}: {error}") from None
        _check_clients(loaded, rules)
        surveyed = looks.get(target.root)
        if surveyed is None:
            surveyed = _surveyed(target, loaded, given)
        for one in surveyed:
            yield Project(loaded, one, rules)


def _settings(root: str, order: Order) -> settings_file.Loaded:
    """The settings of one project. Raises SettingsError, naming a settings file as one types it from here."""
    try:
        return settings_file.load(Path(root), order.settings)
    except SettingsError as error:
        here = printing.from_here(Path(root))
        if here == "." or str(error).startswith("--"):
            raise
        raise SettingsError(f"{here}{os.sep}{error}") from None


def _from_stdin(order: Order, name: str) -> roots.Target:
    """The project of the file on standard input. Raises Failure."""
    if order.paths not in ((), ("-",)):
        raise Failure("--stdin-filename names the only file of the run: give no other path")
    if order.writes and (order.formats != ("text",) or order.outputs):
        raise Failure("a file from standard input is rewritten to standard output: --format and --output are for check")
    return roots.target_of(name)


def _changed_since(revision: str, projects: Iterable[Project]) -> list[Project]:
    """The projects with only the files that changed; one with nothing to look at where none did."""
    projects = list(projects)
    found = [(project, changed_since(revision, project.surveyed)) for project in projects]
    some = [replace(project, surveyed=surveyed) for project, surveyed in found if surveyed is not None]
    if some:
        return some
    return [replace(p, surveyed=Surveyed(scan.Looked(p.surveyed.looked.root), ())) for p in projects[:1]]


def _endpoints_below(projects: list[Project]) -> list[Project]:
    """The projects with the names of --endpoint as each of them says it: a report of several says where it lies, too."""
    if len(projects) == 1:
        return projects
    named = []
    for project in projects:
        prefix = merge.prefix_of(project.root, [p.root for p in projects])
        settings = project.loaded.settings
        names = tuple(name.removeprefix(f"{prefix}/") for name in settings.endpoint)
        loaded = replace(project.loaded, settings=replace(settings, endpoint=names))
        named.append(replace(project, loaded=loaded))
    return named


def _check_clients(loaded: settings_file.Loaded, rules: rulebook.Rulebook) -> None:
    """Raises Failure for the name of a client that the rulebook doesn't hold."""
    settings = loaded.settings
    named = [("client", settings.client)] if settings.client else []
    named += [("clients", client) for _, client in settings.clients]
    known = rules.all_toml("clients") if named else {}
    for key, name in named:
        if name not in known:
            nearest = rulebook.nearest(name, list(known))
            raise Failure(f'{loaded.spelled(key)}: there is no client "{name}"{nearest} (known: {", ".join(known)})')


def _surveyed(target: roots.Target, loaded: settings_file.Loaded, given: dict[str, bytes]) -> list[Surveyed]:
    try:
        needles = scan.needles_for(loaded.settings, Path(target.root))
        return survey.survey(target, loaded.settings.exclude, needles, given)
    except ValueError as error:
        if isinstance(error, rulebook.RulebookError):
            raise
        raise Failure(f"{loaded.spelled('exclude')}: {error}") from None
    except OSError as error:
        raise Failure(f"{target.root}: can't be listed: {error.strerror or error}") from None


def _plan_and_report(order: Order, projects: Sequence[Project]) -> int:
    if order.keep:
        return _keep_baseline(order, projects)
    if order.interactive:
        return _ask_and_write(order, projects)
    plans = [plan_of(project, narrow=not order.check) for project in projects]
    _check_endpoints(order, plans)
    if order.show == "why-not":
        whole = merge.merged(plans)
        printing.write(printing.why_not(whole))
        return _status(order, whole) if order.check else 0
    plans = [_asked_about(order, plan, project) for plan, project in zip(plans, projects, strict=True)]
    if order.stdin is not None and order.writes:
        return _rewrite_stdin(plans[0], projects[0])
    applied = []
    if order.writes:
        applied = [
            applying.apply(p, project.root, project.loaded.settings) for p, project in zip(plans, projects, strict=True)
        ]
        plans = [one.plan for one in applied]
    elif order.dry_run and not order.quiet and order.stdin is None:
        for plan, project in zip(plans, projects, strict=True):
            for refusal in applying.refusals(plan, project.root, project.loaded.settings):
                where = printing.from_here(project.root / refusal.path)
                print(f"{PROGRAM}: would not be written: {where} {refusal.reason}", file=sys.stderr)
    whole = merge.merged(plans)
    only = merge.joined_paths(
        whole.root, [(p.root, project.surveyed.only) for p, project in zip(plans, projects, strict=True)]
    )
    options = printing.options(
        dry_run=order.dry_run,
        check=order.check,
        quiet=order.quiet,
        verbose=order.verbose,
        applied=merge.applied(whole, applied) if order.writes else None,
        only=only,
        paths=(order.stdin,) if order.stdin is not None else order.paths or (".",),
        given=order.settings | ({} if order.since is None else {"since": order.since}),
    )
    printing.report(whole, options, order.formats, order.outputs)
    return _status(order, whole)


def _asked_about(order: Order, plan: Plan, project: Project) -> Plan:
    """The part of a project's plan that its named files ask about; all of it where none was named."""
    if not project.surveyed.only:
        return plan
    return asked(plan, printing.options(check=order.check, only=project.surveyed.only))


def _ask_and_write(order: Order, projects: Sequence[Project]) -> int:
    """One endpoint at a time; then what is left."""
    from migrator import interactive

    wholes = [plan_of(project) for project in projects]
    _check_endpoints(order, wholes)
    plans, tallies = [], []
    for project, whole in zip(projects, wholes, strict=True):
        after, tally = interactive.run(project, whole)
        plans.append(_asked_about(replace(order, check=True), plan_of(after), after))
        tallies.append(tally)
        if tally.stopped:
            break
    left = merge.merged(plans)
    printing.write("")
    printing.report(left, printing.options(check=True, quiet=True), ("text",), ())
    for tally in tallies:
        printing.write(interactive.said(tally))
        for command in dict.fromkeys(tally.regenerate):
            printing.write(f"Next: {command}  (brings the lock up to date)")
    return 1 if left.deprecated else 0


def _rewrite_stdin(plan: Plan, project: Project) -> int:
    """The file from standard input to standard output, as it becomes; what is left of it to standard error."""
    (path,) = project.surveyed.only
    after, why_not = rewritten(plan, path, project.surveyed.looked.held[path])
    sys.stdout.buffer.write(after)
    sys.stdout.buffer.flush()
    for finding in plan.left:
        print(f"{finding.place}: {finding.rule} {finding.message}", file=sys.stderr)
    if why_not:
        print(f"{PROGRAM}: {why_not}", file=sys.stderr)
    return 1 if plan.left or why_not else 0


def _status(order: Order, plan: Plan) -> int:
    """The exit status for what was asked about."""
    if order.check:
        return 1 if plan.deprecated else 0
    return 1 if plan.left and not order.dry_run else 0


def _check_endpoints(order: Order, plans: Sequence[Plan]) -> None:
    """Raises Failure for an --endpoint that no project has."""
    known = [endpoint.name for endpoint in merge.merged(plans).endpoints if endpoint.unit]
    known += [REST] if known else []
    within = {
        endpoint.name for plan in plans for endpoint in plan.endpoints if endpoint.unit
    }  # as each project says them
    for name in order.settings.get("endpoint", ()):
        if name not in known and name not in within:
            there = f" (there are {', '.join(known)})" if known else ": none was found"
            raise Failure(f'there is no endpoint "{name}"{rulebook.nearest(name, known)}{there}')


def plan_of(project: Project, narrow: bool = False, choice: Choice | None = None) -> Plan:
    """The plan for one project, with what the scan had to leave out among its findings.

    narrow: where files were named, nothing is changed but the units that they belong to.
    choice: what is changed, in place of what the settings say.
    """
    settings, looked, only = project.loaded.settings, project.surveyed.looked, project.surveyed.only
    known = _baseline(project.root / settings.baseline) if settings.baseline else None
    if not (looked.hits or looked.open_python or scan.lock_may_be_stale(looked)):
        plan = Plan(os.fspath(project.root), files_scanned=project.surveyed.count)
    else:
        from migrator.pipeline import plan_tree

        tree = scan.tree_of(looked)
        with progress.bar():
            plan = plan_tree(tree, settings, project.rules, choice)
            chosen = for_files(plan, only, choice or Choice.of(settings)) if narrow and only else None
            if chosen is not None:
                plan = plan_tree(tree, settings, project.rules, chosen)
        if known is not None:
            plan = replace(plan, findings=known.accept(plan.findings, tree))
        if only:
            plan = replace(plan, files_scanned=project.surveyed.count)
    left_out = tuple(f for f in _left_out(looked) if not only or f.place.path in only)
    return replace(plan, findings=plan.findings + left_out, settings=settings_file.changed(settings, project.root))


def _baseline(place: Path) -> Baseline:
    from migrator.baseline import Baseline, BaselineError

    try:
        return Baseline.read(place)
    except BaselineError as error:
        raise Failure(str(error)) from None


def _left_out(looked: scan.Looked) -> Iterable[Finding]:
    """What the scan did not look into.

    A file of the project that can't be read, or that mentions SSE and is too long, makes `check` fail: it would say
    "clean" of what it hasn't seen.
    """
    for path, why in sorted(looked.skipped):
        todo = ""
        if why.startswith(scan.TOO_LONG):
            todo = "Look through this file yourself, or leave it out with exclude."
        elif why.startswith(scan.UNREAD) and path not in looked.local and not os.path.islink(f"{looked.root}/{path}"):
            todo = "Let the user of this run read it, or leave it out with exclude."
        severity, outcome = (Severity.WARNING, Outcome.BY_HAND) if todo else (Severity.NOTE, Outcome.INFO)
        yield Finding("MCP108", severity, outcome, Place(path), why, todo)


def _keep_baseline(order: Order, projects: Sequence[Project]) -> int:
    """Write or prune the baseline of a whole project."""
    from migrator.baseline import Baseline, BaselineError

    if len(projects) != 1 or projects[0].surveyed.only:
        raise Failure("a baseline is of one whole project: give its folder, and nothing else")
    project = projects[0]
    place = project.root / project.loaded.settings.baseline
    known = _baseline(place) if order.keep == "prune" else None
    plan = plan_of(
        replace(project, loaded=replace(project.loaded, settings=replace(project.loaded.settings, baseline="")))
    )
    tree = scan.tree_of(project.surveyed.looked)
    kept = Baseline.of(plan.findings, tree) if known is None else known.pruned(plan.findings, tree)
    try:
        kept.write(place)
    except BaselineError as error:
        raise Failure(str(error)) from None
    gone = sum(known.counts.values()) - sum(kept.counts.values()) if known else 0
    said = f", {gone} taken out" if known else ""
    printing.write(f"{printing.from_here(place)}: {sum(kept.counts.values())} known{said}.")
    return 0


def _shown(what: str, projects: Sequence[Project]) -> str:
    parts = []
    for project in projects:
        if what == "settings":
            parts.append(f"# settings of {project.root}\n" + settings_file.shown(project.loaded))
        else:
            parts.append(printing.files(project.surveyed.looked))
    return "\n".join(parts)
