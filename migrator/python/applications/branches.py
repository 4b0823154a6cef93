"""Branches that serve an application which is made outside of them, and the words that lead there.

app = mcp.sse_app()
...
if args.transport == "sse":
    uvicorn.run(app)
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.applications.hosting import Hosting
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.unit import Draft
from migrator.python.words.choosing import Chooser
from migrator.python.words.leaving import Leaving
from migrator.python.words.selection import Selection

DEPTH = 4  # applications in applications


def choose_by_branch(
    project: Project, selection: Selection, hosting: Hosting, draft: Draft, module: Module, node: ast.expr
) -> Chooser | None:
    """Move the words of the branches in which the application `node` is served, where it is served nowhere else.

    None, and nothing is changed, where there are none, or where such a branch would go: then its word stays as it is.
    """
    places = list(_served(hosting, module, node))
    tests = [project.guards.of(where, at) for where, at in places]
    if not tests or not all(tests):
        return None
    trial = draft.copy()
    chooser = selection.choose(trial, [], list(dict.fromkeys(t for found in tests for t in found)), places[0])
    leaving = Leaving(project)
    if chooser is None or any(leaving.goes(trial.copy(), where, at) for where, at in places):
        return None
    draft.become(trial)
    return chooser


def _served(hosting: Hosting, module: Module, node: ast.expr, depth: int = 0) -> Iterator[tuple[Module, ast.AST]]:
    """Where an application, or the one that it is mounted in, is handed to what serves it; itself where nothing does."""
    for h in hosting.of(module, node):
        if h.host is not None and depth < DEPTH:
            yield from _served(hosting, h.host_module or h.module, h.host, depth + 1)
        else:
            yield h.module, h.node
