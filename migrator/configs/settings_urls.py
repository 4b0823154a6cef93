"""Addresses of this repository's own servers in settings that are not MCP client configuration.

A program's `config.yaml` with `mcp_url: http://localhost:8000/sse` must follow the server as its code does. Only a
value that is that very address, port and path, is taken for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from migrator.configs.addresses import parse, shown
from migrator.configs.decisions import Action
from migrator.configs.moves import Known, Move
from migrator.configs.places import matches, says_sse
from migrator.configs.spans import Node, SetText
from migrator.model import Outcome, Severity
from migrator.python.code import is_test

# mcp_url, tools.mcp, theMcpUrl
_OF_MCP = re.compile(r"(?i:(?:^|[._\- ])mcp(?:$|[._\- s])|^mcp)|(?<=[a-z])Mcp|(?<=[a-z])MCP")


def may_hold(text: str, path: str, known: Known) -> bool:
    """False when the file can't hold such an address, or belongs to the deployment side. Cheap."""
    own = (f":{e.listens}" for e in known.urls.endpoints if e.listens)
    return any(port in text for port in own) and not matches(path, known.clients.deployment)


def moves_of(documents: Sequence[Node], path: str, known: Known, others: Sequence[Move]) -> Iterator[Move]:
    """One move for every text of `documents` that is the address of an own server; `others` are taken care of."""
    seen = {id(m.node) for m in others} | {id(e.node) for m in others for e in m.edits if isinstance(e, SetText)}
    seen |= {id(m.entry.url.value) for m in others if m.entry is not None and m.entry.url is not None}
    chosen = [s for e in known.urls.endpoints if e.moved for s in e.selectors if s.kind == "environment"]
    own = frozenset(n for s in chosen for n in s.names)  # what these say moves with the server
    for root in documents:
        if root.kind == "map" and root.get("apiVersion") and root.get("kind"):
            continue  # a cluster's object
        words = dict(_words_beside(root, frozenset(seen), own))
        asked = dict(_asked(root, known))
        for keys, node in strings(root, (), seen):
            if not re.match(r"https?://", node.value) or asked.get(id(node)):
                continue
            decision = known.urls.decide(node.value, path, streamable=True)
            if not decision.units or decision.assumed or decision.action is not Action.MOVE:
                continue
            message = f"{'.'.join(keys)} is {shown(node.value)} -> {shown(decision.url)}; {decision.reason}"
            edits = (SetText(node, decision.url),)
            move = Move(None, node, "MCP302", message, unit=decision.unit, edits=edits, also=decision.also)
            if id(node) in asked:
                move = move.by_hand("it is asked for a page, and no plain GET on the new path gets one")
                move = replace(
                    move, rule="MCP503", instruction="ask for a page that the server has, or for a connection"
                )
            elif re.match(
                r"sse[A-Z]", keys[-1] if keys else ""
            ):  # sseEndpoint: a reader in JavaScript, one key a transport
                move = move.by_hand(f"{keys[-1]} says SSE, and what its reader calls Streamable HTTP is not known")
                move = replace(move, instruction=f"write {shown(decision.url)} under its reader's key for that")
            elif id(node) in words:
                word = words[id(node)]
                why = f"{word} beside it says SSE, and what its reader calls Streamable HTTP is not known"
                move = replace(move.by_hand(why), instruction=f"write {shown(decision.url)}, and that word in {word}")
            yield move


def may_name(text: str, path: str, known: Known) -> bool:
    """False when the file can't hold an SSE address under a key of MCP's. Cheap."""
    if known.own_only or "/sse" not in text or "mcp" not in text.lower() or is_test(path):
        return False
    return not matches(path, known.clients.deployment)


def unread(documents: Sequence[Node], path: str, known: Known, others: Sequence[Move]) -> Iterator[Move]:
    """`mcp: {url: https://tools.example/sse}` for a program's own reader: nobody here knows who that is; told only."""
    seen = {id(m.node) for m in others} | {id(e.node) for m in others for e in m.edits if isinstance(e, SetText)}
    seen |= {id(m.entry.url.value) for m in others if m.entry is not None and m.entry.url is not None}
    for root in documents:
        asked = dict(_asked(root, known))
        for keys, node in strings(root, (), seen):
            url = parse(node.value) if re.match(r"https?://\S+$", node.value) else None
            named = any(map(_OF_MCP.search, keys)) and not keys[-1].isdigit()
            if url is None or url.last != "sse" or not named or id(node) in asked:
                continue
            decision = known.urls.decide(node.value, path)
            if decision.units or decision.elsewhere:
                continue
            message = (
                f"{'.'.join(keys)} is {shown(node.value)}, an SSE endpoint by its path; who reads it is not known here"
            )
            new = f"{shown(decision.url)}, if it answers there" if decision.action is Action.MOVE else "its new address"
            todo = f"once its server speaks Streamable HTTP, write {new}, and let what reads it speak that"
            yield Move(None, node, "MCP301", message, Outcome.BY_HAND, Severity.NOTE, todo)


def _words_beside(
    node: Node, changed: frozenset[int], own: frozenset[str], depth: int = 0
) -> Iterator[tuple[int, str]]:
    """(id of a text, key of a text beside it that says SSE and is not `changed`) for every such map below `node`.

    own: variables that choose the transport of a server which moves.
    """
    held = {m.key.value: m.value.get("value") or m.value for m in node.members}  # a form's fields hold their values
    texts = {key: value for key, value in held.items() if value.kind == "string" and id(value) not in changed}
    said = [key for key, value in texts.items() if key not in own and says_sse(value.value)]
    for value in held.values() if said else ():
        if value.kind == "string":
            yield id(value), said[0]
    for value in (*(m.value for m in node.members), *node.items) if depth < 30 else ():
        yield from _words_beside(value, changed, own, depth + 1)


def _asked(node: Node, known: Known, probe: bool = False, depth: int = 0) -> Iterator[tuple[int, bool]]:
    """The ids of the texts below `node` that are asked for a page: by a health check, a monitor, a saved request.

    True with those in a command line, of which the deployment side tells.
    """
    method = next((m.value.value for m in node.members if m.key.value == "method" and m.value.kind == "string"), "")
    said = [i.value.rpartition("/")[2] for i in node.items if i.kind == "string"]
    command = not known.fetchers.isdisjoint(said)
    monitored = any(m.key.value in known.monitored for m in node.members)
    probe = probe or monitored or method.upper() in ("GET", "HEAD")
    if node.kind == "string" and probe:
        yield id(node), False
    for member in node.members if depth < 30 else ():
        yield from _asked(member.value, known, probe or member.key.value in known.probes, depth + 1)
    for item in node.items if depth < 30 else ():
        yield from [(id(item), True)] if command else _asked(item, known, probe, depth + 1)


def strings(node: Node, keys: tuple[str, ...], seen: set[int]) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every text below `node` with the keys that lead to it; `seen`: ids of what is left out."""
    if id(node) in seen:
        return
    seen.add(id(node))
    if node.kind == "string":
        yield keys, node
    for m in node.members:
        yield from strings(m.value, (*keys, m.key.value), seen)
    for i, item in enumerate(node.items):
        yield from strings(item, (*keys, str(i)), seen)
