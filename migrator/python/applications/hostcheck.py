"""The official SDK's Host check: which moved servers answer 421 behind a name, and `--allowed-host`.

From the release in rules/sdks/official.toml on, a server that was built for localhost answers only requests that name
localhost. What counts is where it was built (1.x: the constructor's host, 2.x: the host given to the application),
not where it listens, so an application that somebody else serves on a public address is checked, too.
"""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Any

from migrator.model import Finding, Outcome, Severity
from migrator.python.flow.value import Obj
from migrator.python.module import Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, EditElements, EnsureImport, Insert
from migrator.python.sdk import Server
from migrator.python.unit import Draft

if TYPE_CHECKING:
    from packaging.version import Version

RUN = ("MCP101", "MCP102")
LAST = "1.99999"  # later than every 1.x


def host_checks(project: Project, drafts: list[Draft]) -> None:
    """Note each checked server, or name its hosts where --allowed-host says which they are."""
    table = project.sdks.official["host_check"]
    noted: set[object] = set()
    for draft in drafts:
        server = _server(project, draft)
        if server is None or draft.generation not in ("official-1", "official-2") or draft.rule == "MCP104":
            continue
        hosts = project.context.settings.allowed_hosts
        draft.host_check = _armed(project, draft, server, table)
        if server.origin in noted or not _checked(project, draft, table):
            continue
        if hosts and _extend(project, draft, server, hosts):
            continue
        if not draft.host_check:
            continue
        if hosts and _allow(project, draft, server, table, hosts):
            continue
        if not hosts and not _public(project, draft, server, table):
            continue
        noted.add(server.origin)
        draft.findings.append(_note(project, draft, server, table))


def newly_checked(project: Project, module: Module, call: ast.Call) -> Finding | None:
    """The note about a low-level server's own application, where its hand-made routes checked no host before."""
    table = project.sdks.official["host_check"]
    given = {k.arg: k.value for k in call.keywords}
    if {"transport_security", None} & set(given) or not _local(project, module, given.get("host"), table):
        return None
    return Finding(
        "MCP603",
        Severity.NOTE,
        Outcome.INFO,
        module.place(call),
        "mcp 2 answers 421 here when a request names another host than localhost, and the routes that were made by hand "
        "for SSE did not: this application is what the old word leads to now",
        "Say the host that is bound (host=...), or transport_security=TransportSecuritySettings("
        f'allowed_hosts=["NAME", "NAME:*"]), from {table["module"]}.',
    )


def _note(project: Project, draft: Draft, server: Server, table: dict[str, Any]) -> Finding:
    version = _release(project, draft)
    first = draft.generation == "official-1"
    release = f"mcp {table['since'] if first else '2'} and later"
    if version is not None and not _below(version, table["since"]):
        release = f"mcp {version}"
    was = _was(project, draft, table["since"]) if first else "its SSE endpoint was checked in the same way"
    place = server.module.place(server.ctor) if server.ctor is not None else draft.place
    settings = 'transport_security=TransportSecuritySettings(allowed_hosts=["NAME", "NAME:*"])'
    where = "FastMCP(...)" if first else f"{'run' if draft.rule in RUN else 'streamable_http_app'}(...)"
    return Finding(
        "MCP603",
        Severity.NOTE,
        Outcome.INFO,
        place,
        f"{release} answers 421 when a request names another host than localhost: this server is built for localhost, "
        f"whatever address it is served at ({was})",
        f"Run mcp-migrate with --allowed-host NAME, or give {where} {settings}, from {table['module']}.",
    )


def _was(project: Project, draft: Draft, since: str) -> str:
    """What the release in use so far did about it, as far as lock and requirement tell."""
    installed = project.context.versions.of(draft.module.path)
    exact, lowest = installed.version("mcp"), installed.lowest("mcp")
    if exact is not None and _below(exact, since):
        return f"mcp {exact} did not check it"
    if exact is None and not installed.admits("mcp", LAST):
        return f"mcp{installed.required['mcp']}, which was required so far, did not check it"
    if exact is None and (lowest is None or _below(lowest, since)):
        return f"mcp before {since} did not check it"
    return "its SSE endpoint was checked in the same way"


def _release(project: Project, draft: Draft) -> Version | None:
    """The release of mcp that is in use after the move."""
    versions = project.context.versions
    after = versions.after(draft.module.path, draft.generation, project.context.settings, draft.needs_sdk)
    return after or versions.of(draft.module.path).version("mcp")


def _below(version: Version, text: str) -> bool:
    from packaging.version import Version

    return version < Version(text)


def _checked(project: Project, draft: Draft, table: dict[str, Any]) -> bool:
    """True unless the release in use is known to check no hosts by itself."""
    version, installed = _release(project, draft), project.context.versions.of(draft.module.path)
    if version is None or not _below(version, table["since"]):
        return True
    return installed.version("mcp") is None and installed.admits("mcp", LAST)  # what is installed anew is newer


def _server(project: Project, draft: Draft) -> Server | None:
    for key in draft.keys:
        if isinstance(key, tuple) and key[0] == "server":
            return project.sdks.server(key[1])
    return None


def _armed(project: Project, draft: Draft, server: Server, table: dict[str, Any]) -> bool:
    """True when the check is on, as far as the code tells."""
    call = _call(draft)
    if draft.generation == "official-2":
        given = [k.arg for k in call.keywords] if call is not None else []
        host = next((k.value for k in call.keywords if k.arg == "host"), None) if call is not None else None
        return not {"transport_security", None} & set(given) and _local(project, draft.module, host, table)
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
            if project.asgi.listeners & project.values.names(found, call.func):
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
    names = [name for host in hosts for name in _names(host)] + list(table["hosts"])
    origins = [f"{scheme}://{host}" for host in hosts for scheme in ("https", "http")] + list(table["origins"])
    listed = [", ".join(f'"{n}"' for n in dict.fromkeys(each)) for each in (names, origins)]
    code = f"TransportSecuritySettings(allowed_hosts=[{listed[0]}], allowed_origins=[{listed[1]}])"
    if draft.generation == "official-2":
        place = (draft.module, _call(draft))
    else:
        place = project.stateless.options_call(server)
    module, call = place
    if call is not None:
        draft.do(EditCall(module.at(call), keywords=(("transport_security", code),)))
    elif draft.generation == "official-1" and (receiver := _receiver(draft)) is not None:
        module = draft.module
        code = f"{module.source(receiver)}.settings.transport_security = {code}"
        draft.do(Insert(module.at(module.statement_of(receiver)), code, order=4))
    else:
        return False
    draft.do(EnsureImport(module.path, table["module"], "TransportSecuritySettings"))
    draft.files.add(module.path)
    return True


def _receiver(draft: Draft) -> ast.expr | None:
    """The server in the call that makes the application or starts it, where it has a name there."""
    call = _call(draft)
    receiver = call.func.value if call is not None and isinstance(call.func, ast.Attribute) else None
    return receiver if receiver is not None and dotted(receiver) else None


def _names(host: str) -> tuple[str, ...]:
    """A host as Host headers write it: with any port, unless it says one."""
    return (host,) if re.search(r":(\d+|\*)$", host) else (host, f"{host}:*")


def _extend(project: Project, draft: Draft, server: Server, hosts: tuple[str, ...]) -> bool:
    """Put the hosts into the list that the code has already. False when it has none that can be read."""
    call = _call(draft) if draft.generation == "official-2" else server.ctor
    module = draft.module if draft.generation == "official-2" else server.module
    given = next((k.value for k in call.keywords if k.arg == "transport_security"), None) if call is not None else None
    made = {v.node: v.module for v in project.values.of(module, given) if isinstance(v, Obj) and v.node is not None}
    for node, where in made.items() if given is not None else ():
        listed = next((k.value for k in node.keywords if k.arg == "allowed_hosts"), None)
        if isinstance(listed, ast.List):
            present = {e.value for e in listed.elts if isinstance(e, ast.Constant)}
            missing = tuple(f'"{n}"' for host in hosts for n in _names(host) if n not in present)
            if missing:
                draft.do(EditElements(where.at(listed), append=missing))
                draft.files.add(where.path)
            return True
    return False
