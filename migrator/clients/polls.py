"""Requests by hand for an address that moves with a client: `while httpx.get(SERVER_URL).status_code != 200: ...`.

Over SSE a GET was answered with 200 as soon as the server was up. On the new path none is: who waits for one waits in vain.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.clients.addresses import dotted_name
from migrator.clients.room import Room
from migrator.clients.sites import Site
from migrator.deploy.health import Health
from migrator.model import Endpoint, Finding, Outcome, Part, Severity
from migrator.python.code import is_test
from migrator.python.functions import last_name
from migrator.python.module import Module

_POSTS = ("post", "put", "delete", "patch", "options")


def polls(room: Room, moving: Iterable[Site]) -> Iterator[Part]:
    """One finding for each file. moving: the clients whose addresses change in this run."""
    sites = list(moving)
    leaves = {i for s in sites for i in s.leaves}
    if not leaves:
        return
    context, table = room.context, room.context.rules.toml("sdks/clients.toml")["requests"]
    asks = frozenset(table["names"]) - {*_POSTS}
    changed = {o.at.path for s in sites for o in s.operations if hasattr(o, "at")}
    paths = dict.fromkeys([*(s.module.path for s in sites), *sorted(changed | context.code.importers(changed))])
    units = sorted({u for s in sites for u in s.units})
    e = next((e for e in context.servers if e.unit in units), None)
    for module in context.code.loaded(p for p in paths if p.endswith(".py")):
        if is_test(module.path) and not context.settings.tests:
            continue
        calls = [c for name in sorted(asks) for c in module.calls_by_name.get(name, ())]
        found = [c for c in calls if _asks(room, module, c, table["libraries"]) and leaves & _spelled(room, module, c)]
        if found:
            yield _told(module, sorted(found, key=lambda c: c.lineno), e, Health(context))


def _asks(room: Room, module: Module, call: ast.Call, libraries: list[str]) -> bool:
    """True for a request of a library for HTTP, or of what may be one's client; not a dict's `get`."""
    if any(isinstance(a, ast.Constant) and str(a.value).lower() in _POSTS for a in call.args[:1]):
        return False
    names = [dotted_name(v) for v in room.values.of(module, call.func)]
    if any(n.partition(".")[0] in libraries for n in names):
        return True
    plain = last_name(call.func) == "get" or any(names)
    return not plain and any(f"import {name}" in module.text for name in libraries)


def _spelled(room: Room, module: Module, call: ast.Call) -> set[int]:
    given = [*call.args[:2], *(k.value for k in call.keywords if k.arg == "url")]
    return room.leaves(module, [n for n in given if not isinstance(n, ast.Constant)])


def _told(module: Module, calls: list[ast.Call], e: Endpoint | None, health: Health) -> Part:
    lines = list(dict.fromkeys(str(c.lineno) for c in calls))
    many = f"lines {', '.join(lines)} ask" if len(lines) > 1 else "this line asks"
    message = f"{many} for an address that moves with its client, and who waits there for a 200 waits in vain"
    todo = health.instruction(e) if e is not None else health.table["why"]
    rule = "MCP506" if is_test(module.path) else "MCP204"
    unit = e.unit if e is not None else ""
    place = module.place(calls[0])
    return Part((Finding(rule, Severity.WARNING, Outcome.BY_HAND, place, message, todo, unit),), (), unit)
