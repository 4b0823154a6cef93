"""The line of the program: scan -> read -> link -> decide -> rewrite -> Plan."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from migrator import progress
from migrator.becomes import unwritten
from migrator.choice import Choice
from migrator.context import Context
from migrator.model import Endpoint, FileChange, Finding, MoveUnit, Outcome, Part, Place, Plan, Replacement, Severity
from migrator.python.rewrite.edits import Helper, Operation, RemoveArm, RemoveCase
from migrator.render import Bundle, Rendered, edit_path, render
from migrator.settings import Settings
from migrator.tree import Tree

if TYPE_CHECKING:
    from migrator.python.module import Module
    from migrator.python.unit import Draft


def make_plan(root: Path, settings: Settings) -> Plan:
    """Everything that one run over `root` finds and would write. Writes nothing, runs nothing."""
    from migrator.rulebook import load
    from migrator.scan import lock_may_be_stale, scan

    tree = scan(root, settings)
    if not any(tree.hits.values()) and not lock_may_be_stale(tree):
        return Plan(str(root), files_scanned=len(tree.files))
    return plan_tree(tree, settings, load(settings, root))


def plan_tree(tree: Tree, settings: Settings, rules: object, choice: Choice | None = None) -> Plan:
    """The plan for a scanned tree. `choice`: what it changes of it; what `--endpoint` says unless it is given."""
    from migrator import suppress
    from migrator.leftbehind import with_left_behind
    from migrator.python.code import Code
    from migrator.python.servers import Servers
    from migrator.python.unit import joined
    from migrator.stillnamed import still_named
    from migrator.unexplained import unexplained
    from migrator.versions.resolved import Versions

    choice = choice or Choice.of(settings)
    ignores = suppress.read(tree)
    published = frozenset(rules.toml("sdks/products.toml")["distributions"])  # type: ignore[attr-defined]
    progress.at("read")
    context = Context(tree, settings, rules, Versions.read(tree, rules), Code(tree, published))  # type: ignore[arg-type]
    servers = Servers(context)
    progress.at("servers")
    groups: list[list[Draft]] = joined(servers.drafts())
    context.host_checked = frozenset(
        g[0].name
        for g in groups
        if any(d.host_check for d in g) and not any(f.rule == "MCP603" for d in g for f in d.findings)
    )
    findings: list[Finding] = [*servers.products, *servers.project.unparsed()]
    bundles: dict[str, Bundle] = {}
    blocks: dict[str, list[Finding]] = {}
    steps: dict[str, str] = {}
    for group in groups:
        unit = group[0].name
        operations = [o for d in group for o in d.operations]
        operations = outside_removed(operations, [r for d in group for r in d.removed])
        bundles[unit] = Bundle(unit, list(dict.fromkeys(operations)))
        blocks[unit] = [b if d.stateless else _with_sessions(b) for d in group for b in d.blocks]
        steps[unit] = next((d.step for d in group if d.step), "")
        kept = [why for d in group if (why := ignores.reason(_own_finding(d, unit)))]
        if kept:
            bundles[unit].failure = f"ignored: {kept[0]}"
            blocks[unit], steps[unit] = [], "ignored"
        elif not any(chosen(_own_finding(d, unit), settings) for d in group):
            bundles[unit].failure = "its rule is not selected"
            blocks[unit], steps[unit] = [], "ignored"
        elif not choice.has(d.name for d in group):
            bundles[unit].failure = choice.why
            steps[unit] = "choose"
        elif blocks[unit]:
            bundles[unit].failure = blocks[unit][0].message
    rendered = Rendered(tree)
    render(tree, bundles.values(), rendered)  # a unit that fails here is by hand for the rooms that follow
    context.endpoints = endpoints_of(groups, bundles)
    parts = without_overlaps(selected(map(tests_alone, contributions(context)), settings))
    owners = {f"part-{i}": p.unit for i, p in enumerate(parts)}
    progress.at("write")
    refused = choice.refused((p, frozenset(edit_path(e) for e in p.edits)) for p in parts)
    for index, part in enumerate(parts):
        attach(part, f"part-{index}", bundles, blocks, steps)
        if refused[index]:
            bundles[f"part-{index}"].failure = choice.why
    changes = render(tree, bundles.values(), rendered)
    changes = tuple(owned(c, owners) for c in changes)
    context.endpoints = tuple(
        replace(e, published=context.published.get(e.name, ())) for e in endpoints_of(groups, bundles)
    )
    units: list[MoveUnit] = []
    changed = {unit for c in changes for unit in (*c.units, *c.follows)}
    for group in groups:
        unit = group[0].name
        bundle = bundles[unit]
        if not bundle.failure and unit not in changed:  # an earlier run moved it: there is nothing to tell of it
            context.endpoints = tuple(e for e in context.endpoints if e.unit != unit)
            continue
        if bundle.failure and not blocks[unit] and steps[unit] not in ("choose", "ignored"):
            steps[unit] = steps[unit] or "rewrite"
            blocks[unit].append(
                Finding(
                    group[0].rule,
                    Severity.WARNING,
                    Outcome.BY_HAND,
                    group[0].place,
                    f"the edits of this server don't fit together in {bundle.place}: {bundle.failure}",
                    by_hand(group),
                )
            )
        findings += server_findings(group, bundle, blocks[unit])
        units.append(MoveUnit(unit, tuple(d.name for d in group), not bundle.failure, tuple(blocks[unit]), steps[unit]))
    for index, part in enumerate(parts):
        findings += part_findings(part, bundles.get(part.unit), bundles[f"part-{index}"], context)
    findings = with_left_behind(context, servers.settled(), contributions, findings)
    findings += unexplained(context, findings)
    findings += still_named(context, changes, findings)
    findings = [*ignores.accept(dict.fromkeys(findings)), *ignores.problems(partial(looked_for, tree, settings))]
    findings = [f for f in findings if chosen(f, settings)]
    regenerate = tuple(
        dict.fromkeys(c for i, p in enumerate(parts) if not bundles[f"part-{i}"].failure for c in p.regenerate)
    )
    return Plan(
        root=str(tree.root),
        endpoints=(*context.endpoints, *started(parts, bundles)),
        units=tuple(units),
        changes=changes,
        findings=tuple(sorted(findings, key=lambda f: (f.place.path, f.place.line, f.rule))),
        regenerate=regenerate,
        files_scanned=len(tree.files),
    )


def contributions(context: Context) -> Iterable[Part]:
    """What the other rooms add, in the order in which they depend on each other."""
    from importlib import import_module

    for room in ("migrator.clients", "migrator.configs", "migrator.deploy", "migrator.versions"):
        progress.at(room.removeprefix("migrator."))
        try:
            module = import_module(room)
        except ModuleNotFoundError as error:
            if error.name != room:
                raise
            continue
        contribute = getattr(module, "contribute", None)
        if contribute is not None:
            yield from contribute(context)


def owned(change: FileChange, owners: dict[str, str]) -> FileChange:
    """The change with the units it is part of, and those that it only follows (`owners`: of the parts)."""
    units = tuple(u for u in change.units if u not in owners)
    follows = tuple(dict.fromkeys(owners[u] for u in change.units if owners.get(u) and owners[u] not in units))
    return replace(change, units=units, follows=follows)


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
    from migrator.python.code import is_test

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


def tests_alone(part: Part) -> Part:
    """A test that reaches no server of this run tests the old transport itself, or a stand-in: it is only told of."""
    from migrator.python.code import is_test

    paths = {edit_path(e) for e in part.edits}
    if part.unit or not paths or not all(is_test(p) for p in paths):
        return part
    findings = tuple(
        replace(f, severity=Severity.NOTE, outcome=Outcome.INFO, message=f"{f.message}; in a test, so it is left alone")
        for f in part.findings
    )
    return replace(part, findings=findings, edits=())


def without_overlaps(parts: Iterable[Part]) -> list[Part]:
    """Each place is changed by the first room that does it; what a later room would do there is done already."""
    taken: dict[str, list[Replacement]] = {}
    out = []
    for part in parts:
        mine = [e for e in part.edits if isinstance(e, Replacement)]
        free = [e for e in mine if not any(_overlap(e, t) for t in taken.get(e.path, ()))]
        if mine and not free and len(mine) == len(part.edits):
            continue
        for edit in free:
            taken.setdefault(edit.path, []).append(edit)
        edits = tuple(e for e in part.edits if e in free or not isinstance(e, Replacement))
        out.append(replace(part, edits=edits) if len(free) < len(mine) else part)
    return out


def _overlap(one: Replacement, other: Replacement) -> bool:
    return one != other and one.start < max(other.end, other.start + 1) and other.start < max(one.end, one.start + 1)


def removed_spans(removed: list[tuple[Module, ast.AST]]) -> list[tuple[str, tuple[int, int], tuple[int, int]]]:
    """(path, where it begins, where it ends) of code that goes away whole."""
    spans = []
    for module, arm in removed:
        if isinstance(arm, ast.If):
            spans.append((module.path, (arm.lineno, 0), (arm.body[-1].end_lineno or 0, 10**6)))
        elif isinstance(arm, ast.match_case):
            spans.append((module.path, (arm.pattern.lineno, 0), (arm.body[-1].end_lineno or 0, 10**6)))
    return spans


def outside_removed(operations: list[Operation], removed: list[tuple[Module, ast.AST]]) -> list[Operation]:
    """Without the operations on code that goes away whole."""
    spans = removed_spans(removed)
    out = []
    for operation in operations:
        at = getattr(operation, "at", None)
        if at is not None and not isinstance(operation, RemoveArm | RemoveCase):
            place = (at.line, at.column)
            if any(path == at.path and start <= place <= end for path, start, end in spans):
                continue
        out.append(operation)
    return drop_idle_helpers(out)


def drop_idle_helpers(operations: list[Operation]) -> list[Operation]:
    """Without helpers that nothing calls any more. One that another calls stands in front of it."""
    texts: dict[str, list[str]] = {}
    for o in operations:
        at = getattr(o, "at", None)
        if at is not None:
            texts.setdefault(at.path, []).append(repr(o))
    kept: list[Operation] = []
    for o in reversed(operations):
        if isinstance(o, Helper):
            if not any(o.name in text for text in texts.get(o.path, [])):
                continue
            texts[o.path].append(o.code)
        kept.append(o)
    return kept[::-1]


def endpoints_of(groups: list[list[Draft]], bundles: dict[str, Bundle]) -> tuple[Endpoint, ...]:
    """Every server of the groups as an endpoint that moves or stays, by whether its bundle failed."""
    out = []
    for group in groups:
        unit = group[0].name
        out += [d.endpoint(unit, not bundles[unit].failure) for d in group]
    return tuple(out)


def started(parts: list[Part], bundles: dict[str, Bundle]) -> Iterable[Endpoint]:
    """What only runners and variables start: each server once, as moved when one of the places that start it moves."""
    found: dict[tuple[str, str], Endpoint] = {}
    for index, part in enumerate(parts):
        if part.serves is not None:
            e = replace(part.serves, moved=part.serves.moved and not bundles[f"part-{index}"].failure)
            known = found.setdefault((e.name, e.old_url), e)
            if e.moved and not known.moved:
                found[e.name, e.old_url] = e
    names: dict[str, int] = {}
    for e in found.values():
        count = names[e.name] = names.get(e.name, 0) + 1
        yield replace(e, name=f"{e.name}#{count}") if count > 1 else e


def attach(
    part: Part, name: str, bundles: dict[str, Bundle], blocks: dict[str, list[Finding]], steps: dict[str, str]
) -> None:
    """Give a part's edits to its unit, or to a bundle of its own that falls with the unit."""
    own = Bundle(name, list(part.edits))
    bundles[name] = own
    unit = bundles.get(part.unit)
    if unit is None:
        return
    if part.needed:
        unit.edits += own.edits
        own.edits = []
        blocking = [f for f in part.findings if f.outcome is Outcome.BY_HAND]
        if blocking and not unit.failure:
            unit.failure = blocking[0].message
            blocks[part.unit] += blocking
            steps[part.unit] = steps[part.unit] or "needed"
    if unit.failure:
        own.failure = unit.failure


def server_findings(group: list[Draft], bundle: Bundle, blocks: list[Finding]) -> list[Finding]:
    """A unit's own findings: fixed, or by hand with the reason."""
    unit = bundle.id
    out: list[Finding] = []
    gone = removed_spans([r for d in group for r in d.removed])
    for draft in group:
        base = _own_finding(draft, unit)
        if bundle.failure:
            reason = blocks[0] if blocks else None
            where = f" ({reason.place})" if reason else ""
            message = f"{draft.message}; it stays as it is: {bundle.failure}{where}"
            instruction = reason.instruction if reason else by_hand(group)
            base = Finding(draft.rule, Severity.WARNING, Outcome.BY_HAND, draft.place, message, instruction, unit)
        out.append(base)
        if not bundle.failure:
            out += [
                Finding(f.rule, f.severity, f.outcome, f.place, f.message, f.instruction, unit)
                for f in draft.findings
                if not any(p == f.place.path and start[0] <= f.place.line <= end[0] for p, start, end in gone)
            ]
    return out


def _own_finding(draft: Draft, unit: str) -> Finding:
    return Finding(draft.rule, Severity.WARNING, Outcome.FIX, draft.place, draft.message, unit=unit)


def part_findings(part: Part, unit: Bundle | None, own: Bundle, context: Context) -> list[Finding]:
    """A part's findings, turned by hand where its edits are not written."""
    failure = own.failure or (unit.failure if unit is not None else "")
    if not failure:
        return list(part.findings)
    return [
        Finding(
            f.rule,
            f.severity,
            Outcome.BY_HAND if f.outcome is Outcome.FIX else f.outcome,
            f.place,
            f"{f.message} (left: {failure})" if f.outcome is Outcome.FIX else f.message,
            unwritten(f.instruction)
            or (f"It changes together with {part.unit}." if part.unit and f.outcome is Outcome.FIX else ""),
            f.unit,
            f.assumed,
            f.check,
        )
        for f in part.findings
    ]


def by_hand(group: list[Draft]) -> str:
    """What to write, where nothing more exact is known."""
    from migrator.python.snippets import instruction, with_sessions

    text = instruction(group[0].generation, group[0].rule)
    return text if group[0].stateless else with_sessions(text)


def _with_sessions(finding: Finding) -> Finding:
    from migrator.python.snippets import with_sessions

    return replace(finding, instruction=with_sessions(finding.instruction))
