"""Clients that put the endpoint's path behind the address that they get: `SSEServerInfo(base_url="http://host:8000")`."""

from __future__ import annotations

import ast

from migrator.clients.room import Room
from migrator.clients.sites import ByHand, Site
from migrator.configs.decisions import Action
from migrator.python.module import Module


def decide_base(room: Room, site: Site, module: Module, node: ast.expr, old: str, new: str) -> None:
    """Judge the address that comes of `node` and `old`: the site moves if it moves to that of `node` and `new`.

    Raises ByHand and Offered, as Room.address does for whole addresses. Edits nothing.
    """
    literal = [s for s in room.follow.spellings(module, node) if s.literal]
    if not literal:  # there is no address to change: what is said of whole ones would mislead
        try:
            room.address(site, module, node)
        except ByHand as error:
            raise ByHand(str(error), f"once that server answers at {new}: {site.todo}") from None
        site.check = f"see that the server at {module.source(node)} answers at {new}"
        return
    for spelled in literal:
        base = spelled.text.rstrip("/")
        decision = room.known.urls.decide(base + old, module.path)
        site.units |= {decision.unit} if decision.unit else set()
        if decision.action in (Action.HAND, Action.LEFT):
            raise ByHand(decision.reason, decision.instruction, decision.unit)
        if decision.url != base + new:
            raise ByHand(f"it puts {new} behind its address {spelled.text}, and what is there moves to {decision.url}")
        if decision.assumed:
            site.assumed, site.check = True, decision.check


def whole(module: Module, node: ast.expr, new: str) -> str:
    """The expression of the whole address: `node` with `new` behind it, whether or not it ends in a slash."""
    source = module.source(node)
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and source[1:-1] == node.value:
        return f"{source[0]}{node.value.rstrip('/')}{new}{source[0]}"
    simple = isinstance(node, ast.Name | ast.Attribute | ast.Call | ast.Subscript | ast.Constant | ast.JoinedStr)
    return f'{source if simple else f"({source})"}.rstrip("/") + "{new}"'
