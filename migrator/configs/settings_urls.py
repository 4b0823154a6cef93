"""Addresses of this repository's own servers in settings that are not MCP client configuration.

A program's `config.yaml` with `mcp_url: http://localhost:8000/sse` must follow the server as its code does. Only a
value that is that very address, port and path, is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from migrator.configs.addresses import shown
from migrator.configs.moves import Known, Move
from migrator.configs.places import matches
from migrator.configs.spans import Node, SetText
from migrator.configs.urls import Action


def may_hold(text: str, path: str, known: Known) -> bool:
    """False when the file can't hold such an address, or belongs to the deployment side. Cheap."""
    own = (f":{e.port}" for e in known.urls.endpoints if e.port)
    return any(port in text for port in own) and not matches(path, known.clients.deployment)


def moves_of(documents: Sequence[Node], path: str, known: Known, others: Sequence[Move]) -> Iterator[Move]:
    """One move for every text of `documents` that is the address of an own server; `others` are taken care of."""
    seen = {id(m.node) for m in others} | {id(e.node) for m in others for e in m.edits if isinstance(e, SetText)}
    for root in documents:
        if root.kind == "map" and root.get("apiVersion") and root.get("kind"):
            continue  # a cluster's object
        for keys, node in _strings(root, (), seen):
            if not re.match(r"https?://", node.value):
                continue
            decision = known.urls.decide(node.value, path, streamable=True)
            if not decision.unit or decision.assumed or decision.action is not Action.MOVE:
                continue
            message = f"{'.'.join(keys)} is {shown(node.value)} -> {shown(decision.url)}; {decision.reason}"
            yield Move(None, node, "MCP302", message, unit=decision.unit, edits=(SetText(node, decision.url),))


def _strings(node: Node, keys: tuple[str, ...], seen: set[int]) -> Iterator[tuple[tuple[str, ...], Node]]:
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.kind == "string":
        yield keys, node
    for m in node.members:
        yield from _strings(m.value, (*keys, m.key.value), seen)
    for i, item in enumerate(node.items):
        yield from _strings(item, (*keys, str(i)), seen)
