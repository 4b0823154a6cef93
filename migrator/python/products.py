"""Projects whose product is SSE: they offer it to their own users, so it is explained and left alone (MCP107)."""

from __future__ import annotations

import re
import tomllib
from typing import Any

from migrator.context import Context
from migrator.model import Finding, Outcome, Severity
from migrator.python.code import is_test
from migrator.python.flow.value import Const, Ext
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.unit import Draft

CLIENT = "mcp.client.sse.sse_client"


def split(project: Project, drafts: list[Draft], table: dict[str, Any]) -> tuple[list[Draft], list[Finding]]:
    """Drafts that are servers of the project's own, and notes about those that are its product."""
    names = frozenset(table["distributions"])
    # one that speaks SSE alone is reached over it by its own users: it moves as any other server does
    may_pass_on = [d for d in drafts if d.rule == "MCP105"]
    bridges = _bridges(project) if may_pass_on else []
    own: list[Draft] = []
    notes: list[Finding] = []
    for draft in drafts:
        published = offered_by(project.context, draft.module.path, names)
        why = ""
        if published and draft.rule != "MCP101":  # a server that it always runs is its own
            why = f"{published} offers SSE to its own users"
        elif draft in may_pass_on and _bridged(project, draft, bridges):
            why = "this program passes MCP on between transports: it reaches other servers over SSE and serves them over SSE"
        if not why:
            own.append(draft)
            continue
        message = f"{draft.message}; {why}, so it is left alone"
        notes.append(Finding("MCP107", Severity.NOTE, Outcome.INFO, draft.place, message))
    return own, notes


def offered_by(context: Context, path: str, names: frozenset[str]) -> str:
    """Which of the distributions `names` a file is the code of, "" for none; its examples are not."""
    if any(p in ("examples", "example", "samples", "docs", "demo") for p in path.split("/")):
        return ""
    published = distribution(context, path)
    return published if published in names else ""


def distribution(context: Context, path: str) -> str:
    """The name under which the project around a file is published; "" when nothing says."""
    manifest = context.versions.of(path).manifest
    return published(context, manifest.rpartition("/")[0] if manifest else path.rpartition("/")[0])


def published(context: Context, folder: str) -> str:
    """The name under which the project in a folder is published; "" when its pyproject.toml doesn't say."""
    file = f"{folder}/pyproject.toml".lstrip("/")
    if not context.tree.exists(file):
        return ""
    try:
        data = tomllib.loads(context.tree.text(file).text)
    except (ValueError, OSError):
        return ""
    name = data.get("project", {}).get("name") or data.get("tool", {}).get("poetry", {}).get("name") or ""
    return re.sub(r"[-_.]+", "-", str(name)).lower()


def _bridges(project: Project) -> list[Module]:
    """Modules that open an SSE client to an address that their caller gives."""
    out = []
    hits = frozenset(project.context.tree.hits.get("python", ()))
    for module in project.code.mentioning("sse_client", tests=False, within=hits):
        for call in module.calls:
            if Ext(CLIENT) in project.values.of(module, call.func):
                url = next((k.value for k in call.keywords if k.arg == "url"), call.args[0] if call.args else None)
                found = project.values.of(module, url) if url is not None else frozenset()
                if not any(isinstance(v, Const) for v in found):
                    out.append(module)
                    break
    return out


def _bridged(project: Project, draft: Draft, bridges: list[Module]) -> bool:
    """True when one program holds both: some module imports the server and such a client."""
    if not bridges:
        return False
    paths = {m.path for m in bridges}
    for path in sorted(project.code.importers([draft.module.path])):
        if is_test(path):
            continue
        module = project.code.load(path)
        if module is None:
            continue
        reach = project.code.reachable(module)
        if draft.module.path in reach and reach & paths:
            return True
    return False
