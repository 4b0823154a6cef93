"""The line of the program: scan -> read -> link -> decide -> rewrite -> Plan."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

from migrator import progress, suppress
from migrator.choice import Choice
from migrator.chosen import chosen, looked_for
from migrator.context import Context
from migrator.contributions import Contribution, asked, contributions, owned, started, without_guesses
from migrator.leftbehind import with_left_behind
from migrator.model import Endpoint, FileChange, Finding, Plan
from migrator.python.code import Code
from migrator.python.servers import Servers
from migrator.python.unit import joined
from migrator.render import Bundle, Rendered, render
from migrator.rulebook import Rulebook, load
from migrator.scan import lock_may_be_stale, scan
from migrator.settings import Settings
from migrator.stillnamed import still_named
from migrator.tree import Tree
from migrator.unexplained import unexplained
from migrator.units import Unit
from migrator.versions.resolved import Versions
from migrator.writtenout import written_out


def make_plan(root: Path, settings: Settings) -> Plan:
    """Everything that one run over `root` finds and would write. Writes nothing, runs nothing."""

    tree = scan(root, settings)
    if not (any(tree.hits.values()) or tree.open_python or lock_may_be_stale(tree)):
        return Plan(str(root), files_scanned=len(tree.files))
    return plan_tree(tree, settings, load(settings, root))


def plan_tree(tree: Tree, settings: Settings, rules: Rulebook, choice: Choice | None = None) -> Plan:
    """The plan for a scanned tree. `choice`: what it changes of it; what `--endpoint` says unless it is given."""
    planning = _Planning(tree, settings, rules, choice or Choice.of(settings))
    planning.decide()
    planning.link()
    planning.rewrite()
    return planning.plan()


class _Planning:
    """One plan, from step to step."""

    def __init__(self, tree: Tree, settings: Settings, rules: Rulebook, choice: Choice) -> None:
        self.choice = choice
        self.ignores = suppress.read(tree)
        published = frozenset(rules.toml("sdks/products.toml")["distributions"])
        progress.at("read")
        self.context = Context(tree, settings, rules, Versions.read(tree, rules), Code(tree, published))
        self.servers = Servers(self.context)
        self.rendered = Rendered(tree)
        self.units: dict[str, Unit] = {}
        self.added: list[Contribution] = []
        self.changes: tuple[FileChange, ...] = ()

    def decide(self) -> None:
        """Which servers would move. A unit whose edits fail is by hand for the rooms that follow."""
        progress.at("servers")
        self.units = {unit.id: unit for unit in map(Unit, joined(self.servers.drafts()))}
        self.context.host_checked = frozenset(unit.id for unit in self.units.values() if unit.host_checked)
        self.context.path_reads = {id(read): unit.id for unit in self.units.values() for read in unit.path_reads}
        for unit in self.units.values():
            unit.decide(self.ignores, self.context.settings, self.choice)
        render(self.context.tree, self._bundles(), self.rendered)
        self.context.endpoints = self._endpoints()

    def link(self) -> None:
        """What has to change with them, and what else there is to change."""
        self.added = contributions(self.context, self.units, self.choice)

    def rewrite(self) -> None:
        """What is written, and so which units move."""
        progress.at("write")
        parts = {c.bundle.id: c.part for c in self.added}
        self.changes = tuple(owned(c, parts) for c in render(self.context.tree, self._bundles(), self.rendered))
        changed = {unit for c in self.changes for unit in (*c.units, *c.follows)}
        for unit in list(self.units.values()):
            if not unit.bundle.failure and unit.id not in changed:
                del self.units[unit.id]  # an earlier run moved it: there is nothing to tell of it
            unit.settle()
        published = self.context.published
        self.context.endpoints = tuple(replace(e, published=published.get(e.name, ())) for e in self._endpoints())

    def plan(self) -> Plan:
        """All of it, with what there is to say."""
        tree = self.context.tree
        return Plan(
            root=str(tree.root),
            endpoints=(*self.context.endpoints, *started(self.added)),
            units=tuple(unit.outcome() for unit in self.units.values()),
            changes=self.changes,
            findings=tuple(sorted(self._findings(), key=lambda f: (f.place.path, f.place.line, f.rule))),
            regenerate=tuple(dict.fromkeys(c for a in self.added if not a.bundle.failure for c in a.part.regenerate)),
            files_scanned=len(tree.files),
        )

    def _bundles(self) -> list[Bundle]:
        return [*(unit.bundle for unit in self.units.values()), *(a.bundle for a in self.added)]

    def _endpoints(self) -> tuple[Endpoint, ...]:
        return tuple(e for unit in self.units.values() for e in unit.endpoints())

    def _findings(self) -> list[Finding]:
        context, ignores = self.context, self.ignores
        findings = without_guesses(self.servers.products, self.added)
        findings += self.servers.project.unparsed()
        findings += [f for unit in self.units.values() for f in unit.findings()]
        findings += [f for a in self.added for f in a.findings()]
        findings = with_left_behind(context, self.servers.settled(), asked, findings)
        findings += unexplained(context, findings)
        findings += still_named(context, self.changes, findings)
        findings += written_out(self.changes)
        wanted = partial(looked_for, context.tree, context.settings)
        findings = [*ignores.accept(dict.fromkeys(findings)), *ignores.problems(wanted)]
        return [f for f in findings if chosen(f, context.settings)]
