"""The official SDK's Host check: which moved servers answer 421 behind a name, and `--allowed-host`.

From the release in rules/sdks/official.toml on, a server that was built for localhost answers only requests that name
localhost. What counts is where it was built (1.x: the constructor's host, 2.x: the host given to the application),
not where it listens, so an application that somebody else serves on a public address is checked, too.
"""

from __future__ import annotations

import ast
from typing import Any

from migrator.model import Finding, Outcome, Severity
from migrator.python.code import Module
from migrator.python.edits import EditCall, EnsureImport
from migrator.python.project import Project
from migrator.python.sdk import Server
from migrator.python.unit import Draft
from migrator.python.values import Ext

SERVES = ("uvicorn.run", "uvicorn.Config")


def host_checks(project: Project, drafts: list[Draft]) -> None:
    """Note each checked server, or name its hosts where --allowed-host says which they are."""
    table = project.sdks.official["host_check"]
    noted: set[object] = set()
    for draft in drafts:
        server = _server(project, draft)
        if server is None or draft.generation not in ("official-1", "official-2") or draft.rule == "MCP104":
            continue
        if not _armed(project, draft, server, table) or not _public(project, draft, server, table):
            continue
        hosts = project.context.settings.allowed_hosts
        if hosts and _allow(project, draft, server, table, hosts):
            continue
        if server.origin in noted:
            continue
        noted.add(server.origin)
        draft.findings.append(_note(project, draft, server, table))


def _note(project: Project, draft: Draft, server: Server, table: dict[str, Any]) -> Finding:
    version = project.context.versions.of(draft.module.path).version("mcp")
    release = f"mcp {version}" if version is not None else f"mcp {table['since']} and later"
    place = server.module.place(server.ctor) if server.ctor is not None else draft.place
    where = "FastMCP(...)" if draft.generation == "official-1" else "streamable_http_app(...)"
    return Finding(
        "MCP603",
        Severity.NOTE,
        Outcome.INFO,
        place,
        f"{release} answers 421 when a request names another host than localhost: this server is built for localhost "
        "and served at an address that has a name (its SSE endpoint was checked in the same way)",
        f"Run with --allowed-host NAME, or give {where} "
        'transport_security=TransportSecuritySettings(allowed_hosts=["NAME", "NAME:*"]).',
    )


def _server(project: Project, draft: Draft) -> Server | None:
    for key in draft.keys:
        if isinstance(key, tuple) and key[0] == "server":
            return project.sdks.server(key[1])
    return None


def _armed(project: Project, draft: Draft, server: Server, table: dict[str, Any]) -> bool:
    """True when the check is on, as far as release and constructor tell."""
    installed = project.context.versions.of(draft.module.path)
    version = installed.version("mcp")
    if version is not None:
        from packaging.version import Version

        if Version(str(version)) < Version(table["since"]):
            return False
    call = _call(draft)
    given = [k.arg for k in call.keywords] if call is not None else []
    if draft.generation == "official-2":
        host = next((k.value for k in call.keywords if k.arg == "host"), None) if call is not None else None
        return "transport_security" not in given and _local(project, draft.module, host, table) and None not in given
    if server.ctor is None or any(k.arg in ("transport_security", None) for k in server.ctor.keywords):
        return False
    if any(target.attr == "transport_security" for _, _, target in project.settings_of(server)):
        return False
    return _local(project, server.module, project.ctor_argument(server, "host"), table)


def _local(project: Project, module: Module, host: ast.expr | None, table: dict[str, Any]) -> bool:
    return host is None or project.text(module, host) in table["local"]


def _public(project: Project, draft: Draft, server: Server, table: dict[str, Any]) -> bool:
    """True unless the server is plainly only reached by localhost's own name."""
    if draft.generation == "official-1":
        for module, assign, target in project.settings_of(server):
            if target.attr == "host":
                return project.text(module, assign.value) not in table["local"]
    if draft.rule not in ("MCP103", "MCP105"):
        return False  # run() listens where the constructor says
    seen = False
    for path in sorted(draft.files):
        found = project.code.load(path)
        for call in found.calls if found is not None else ():
            assert found is not None
            if any(isinstance(v, Ext) and v.name in SERVES for v in project.values.of(found, call.func)):
                seen = True
                host = next((k.value for k in call.keywords if k.arg == "host"), None)
                if not _local(project, found, host, table):
                    return True
    return not seen


def _call(draft: Draft) -> ast.Call | None:
    """The call that makes the application or starts the server."""
    return next((c for c in draft.module.calls if draft.module.place(c) == draft.place), None)


def _allow(project: Project, draft: Draft, server: Server, table: dict[str, Any], hosts: tuple[str, ...]) -> bool:
    """Name the hosts in the code. False when there is no place for them."""
    names = [name for host in hosts for name in (host, f"{host}:*")] + list(table["hosts"])
    origins = [f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")] + list(table["origins"])
    listed = [", ".join(f'"{n}"' for n in dict.fromkeys(each)) for each in (names, origins)]
    code = f"TransportSecuritySettings(allowed_hosts=[{listed[0]}], allowed_origins=[{listed[1]}])"
    call, module = (server.ctor, server.module) if draft.generation == "official-1" else (_call(draft), draft.module)
    if call is None:
        return False
    draft.do(
        EditCall(module.at(call), keywords=(("transport_security", code),)),
        EnsureImport(module.path, table["module"], "TransportSecuritySettings"),
    )
    draft.files.add(module.path)
    return True
