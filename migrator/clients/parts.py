"""What client code adds to the plan: one Part for the sites that share an address, or one of them alone."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from migrator.clients.addresses import Follower
from migrator.clients.claims import Claims
from migrator.clients.doubts import Doubts
from migrator.clients.facts import Fact, facts_of, newer_names
from migrator.clients.frameworks import Frameworks
from migrator.clients.leftovers import Leftover, Leftovers
from migrator.clients.polls import polls
from migrator.clients.room import Room
from migrator.clients.sdk import OfficialClients
from migrator.clients.sites import Site, arguments_of
from migrator.configs.decisions import together
from migrator.configs.parts import known_of
from migrator.context import ClientNeed, Context
from migrator.model import Finding, Outcome, Part, Severity
from migrator.python.code import is_test
from migrator.python.functions import last_name
from migrator.python.products import offered_by
from migrator.python.words.selector import Words

TABLE = "sdks/clients.toml"
HELD = "it belongs to the tests, which --no-tests leaves alone"


def contribute(context: Context) -> Iterator[Part]:
    """The project's SSE clients in Python. Raises SettingsError for an unknown client, FactsError for a bad rule."""
    table = context.rules.toml(TABLE)
    facts = [f for f in facts_of(context.rules.all_toml("frameworks")) if f.kind != "method"]
    paths = _candidates(context, needles(table, facts))
    modules = context.code.loaded(paths)
    if not modules and not any(e.moved for e in context.servers):
        return
    known = known_of(context)
    values = context.code.values
    spoken = context.rules.toml("sdks/words.toml")
    words = Words(values, modules, spoken)
    room = Room(
        context,
        known,
        values,
        Follower(values, words, context.settings.tests, context.path_reads),
        modules,
        frozenset(table["newer"]["names"]) | newer_names(facts),
        Doubts(context, spoken["old"]),
    )
    official, frameworks = OfficialClients(room, table), Frameworks(room, facts)
    sites = [s for m in modules for s in (*official.sites(m), *frameworks.sites(m))]
    shared = any(s.leaves for s in sites)
    for site in sites:
        if site.outcome is not Outcome.FIX:  # what stays keeps its address: nothing else may change it
            beside = site.beside or arguments_of(site.node)
            if site.outcome is Outcome.BY_HAND and not is_test(site.module.path):
                site.held = room.reads_path_of(site.module, beside)
            if shared:
                site.leaves = room.leaves(site.module, beside)
    told = {i for s in sites if not s.note for i in s.leaves or room.leaves(s.module, s.beside or arguments_of(s.node))}
    leftovers = Leftovers(context, known.urls, told)
    handed = [s for s in sites if s.handed and s.outcome is Outcome.FIX and not s.units]
    left_over = list(leftovers.all()) if leftovers.moved or handed else []
    for site in handed:
        _may_get(site, [o for o in left_over if not is_test(o.module.path)], context)
    parts = [*parts_of(sites, context), *leftovers.parts(left_over)]
    parts += polls(room, (s for s in sites if s.outcome is Outcome.FIX))
    context.clients = tuple(dict.fromkeys(_needs(sites, context)))
    left = (s.module.path for s in sites if s.outside and s.outcome is Outcome.BY_HAND)
    context.stays = tuple(dict.fromkeys(left))
    staying = {n for s in sites if s.outcome is not Outcome.FIX for n in s.names}
    moving = ((s.module.path, n) for s in sites if s.outcome is Outcome.FIX for n in s.names if n not in staying)
    context.inferring = frozenset((path, n) for path, n in frameworks.inferring if n not in staying)
    context.addressed = tuple(dict.fromkeys([*moving, *sorted(context.inferring)]))
    yield from Claims(context, parts).with_tests()


def _may_get(site: Site, others: list[Leftover], context: Context) -> None:
    """Leave a client to the user that may be handed an address which this run can't move with it."""
    users = context.code.importers([site.module.path]) if others else set()
    asked = {last_name(n) for a in arguments_of(site.node) for n in ast.walk(a) if isinstance(n, ast.Attribute)}
    other = next((o for o in others if o.module.path in users or _answers(o, asked, site, context)), None)
    if other is not None:
        site.hand(f"it may be handed the address in {other.place}, which is not followed to it")


def _answers(other: Leftover, asked: set[str], site: Site, context: Context) -> bool:
    """True for an address that a member of that name gives, in a module that the client's imports: `spec.url`."""
    function = other.module.function_of(other.node)
    named = function is not None and function.name in asked
    return named and site.module.path in context.code.importers([other.module.path])


def _needs(sites: list[Site], context: Context) -> Iterator[ClientNeed]:
    """What the clients that move need of their packages."""
    moved = {e.unit for e in context.servers if e.moved}
    for site in sites:
        alone = not site.units and not is_test(site.module.path)
        if site.need and site.outcome is Outcome.FIX and (site.units & moved or alone):
            yield site.need


def needles(table: dict[str, Any], facts: list[Fact]) -> re.Pattern[bytes]:
    """Finds the names that a module with a client must hold."""
    own = {n.rpartition(".")[2] for n in (*table["sse"]["names"], *table["group"]["old"])}
    lasts = own | {mark for f in facts for mark in f.marks}
    return re.compile("|".join(map(re.escape, sorted(lasts))).encode())


def _candidates(context: Context, pattern: re.Pattern[bytes]) -> list[str]:
    """Files that may hold a client: one that takes its address from another module need not say SSE itself."""
    tree = context.tree
    hits = tree.hits.get("python", ())
    users = context.code.importers([p for p in hits if b"/sse" in tree.read(p)])
    files = dict.fromkeys([*hits, *tree.mcp_python, *tree.transport_python, *sorted(users)])
    return [p for p in files if p.endswith(".py") and pattern.search(tree.read(p))]


def parts_of(sites: list[Site], context: Context) -> Iterator[Part]:
    """Sites that share a literal move together: all of them, or none."""
    products = frozenset(context.rules.toml("sdks/products.toml")["distributions"])
    for group in _groups(sites):
        stays = next((s for s in group if s.outcome is not Outcome.FIX), None)
        units = {u for s in group for u in s.units}
        units = units or {u for s in group for u in s.perhaps if not is_test(s.module.path)}
        for site in group:
            if site.outcome is not Outcome.FIX:
                continue
            if stays is not None:
                site.hand(f"it shares its address with line {stays.node.lineno} of {stays.module.path}, which stays")  # type: ignore[attr-defined]
            elif is_test(site.module.path) and not context.settings.tests:
                site.hand(HELD)
        moved = all(s.outcome is Outcome.FIX for s in group)
        for site in (s for s in group if s.outcome is Outcome.BY_HAND):
            published = offered_by(context, site.module.path, products)
            if published:
                site.leave(f"{published} offers SSE to its own users")
            elif is_test(site.module.path) and not any(e.moved for e in context.servers):
                site.leave("it stands in a test, and no server moves")
        operations = tuple(dict.fromkeys(o for s in group for o in s.operations)) if moved else ()
        unit, also = together(sorted(units))
        held = sorted({u for s in group for u in s.held})
        yield Part(tuple(_finding(s) for s in group), operations, next(iter(held), unit), bool(held), also=also)


def _groups(sites: list[Site]) -> list[list[Site]]:
    groups: list[tuple[set[int], list[Site]]] = []
    for site in sites:
        leaves, members = set(site.leaves), [site]
        rest = []
        for other in groups:
            if other[0] & leaves:
                leaves |= other[0]
                members = [*other[1], *members]
            else:
                rest.append(other)
        groups = [*rest, (leaves, members)]
    return [members for _, members in groups]


def _finding(site: Site) -> Finding:
    return Finding(
        site.rule,
        Severity.NOTE if site.note else Severity.WARNING,
        site.outcome,
        site.module.place(site.node),
        site.message,
        site.instruction,
        site.unit,
        site.assumed and site.outcome is Outcome.FIX,
        site.check if site.outcome is Outcome.FIX else "",
    )
