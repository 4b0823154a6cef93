"""What the code says that the release behind the move no longer takes: it is said in the new way, so that the server starts."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall
from migrator.python.unit import Draft

if TYPE_CHECKING:
    from packaging.version import Version


def outgrown(project: Project, drafts: list[Draft]) -> None:
    """Where the requirement is raised across a release: drop the constructor arguments that it took away, turn others."""
    table = project.sdks.fastmcp["outgrown"]
    for draft in drafts:
        if draft.generation != table["generation"] or draft.blocks or not _crossed(project, draft, table["since"]):
            continue
        for name, instead in table["arguments"].items():
            for module, call in _told(project, draft, name):
                draft.do(EditCall(module.at(call), keywords=((name, None),)))
                draft.files.add(module.path)
                message = (
                    f"fastmcp {table['since']} took {name}= away, and the requirement is raised beyond it: it goes"
                )
                draft.note("MCP610", module.place(call), message, instead)
        for module, call in _turned(project, draft, table["turned"]):
            first, second = (module.source(a) for a in call.args[:2])
            draft.do(EditCall(module.at(call), positional=((0, second), (1, first))))
            draft.files.add(module.path)
            message = (
                f"from fastmcp {table['since']} on {module.source(call.func)} takes the server first: {second}, {first}"
            )
            draft.note("MCP610", module.place(call), message)


def _crossed(project: Project, draft: Draft, since: str) -> bool:
    """True when the project runs with an earlier release now, and with that one or a later one afterwards."""
    from packaging.version import Version

    installed, path = project.context.versions.of(draft.module.path), draft.module.path
    before: Version | None = installed.version("fastmcp") or installed.lowest("fastmcp")
    after = project.context.versions.after(path, draft.generation, project.context.settings, draft.needs_sdk)
    return before is not None and after is not None and before < Version(since) <= after


def _near(project: Project, draft: Draft, name: str) -> Iterator[Module]:
    """The modules of the draft's project that say a name."""
    folder = project.folder(draft.module.path)
    return (m for m in project.code.mentioning(name, tests=False) if project.folder(m.path) == folder)


def _told(project: Project, draft: Draft, name: str) -> list[tuple[Module, ast.Call]]:
    """The constructor calls of the draft's project that say an argument."""
    return [
        (module, call)
        for module in _near(project, draft, name)
        for call in module.calls
        if any(k.arg == name for k in call.keywords)
        and any(project.sdks.family_of_class(v) == "fastmcp" for v in project.values.of(module, call.func))
    ]


def _turned(project: Project, draft: Draft, methods: list[str]) -> Iterator[tuple[Module, ast.Call]]:
    """Calls such as `mcp.mount("name", server)`, with the server behind its name."""
    for name in methods:
        for module in _near(project, draft, name):
            for call in module.calls_by_name.get(name, ()):
                if isinstance(call.func, ast.Attribute) and len(call.args) == 2:
                    servers = [bool(project.sdks.servers(module, n)) for n in (call.func.value, *call.args)]
                    if servers == [True, False, True]:
                        yield module, call
