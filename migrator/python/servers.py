"""Reads and decides the project's Python servers: every way to start SSE becomes a draft of a move unit."""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.context import Context
from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.apps import Apps
from migrator.python.code import Code, Module
from migrator.python.guards import Guards
from migrator.python.lowlevel import LowLevel
from migrator.python.project import Project
from migrator.python.runs import Runs
from migrator.python.sdk import Sdks
from migrator.python.selector import Words
from migrator.python.sessions import Sessions
from migrator.python.starts import Starts
from migrator.python.unit import Draft
from migrator.python.values import Values


class Servers:
    """One run over one project."""

    def __init__(self, context: Context) -> None:
        rules = context.rules
        self.context = context
        self.code: Code = context.code
        self.values = Values(self.code)
        tables = {name: rules.toml(f"sdks/{name}.toml") for name in ("official", "fastmcp", "words", "sessions")}
        self.sdks = Sdks(tables["official"], tables["fastmcp"], self.values, context.versions)
        self.modules = self._modules()
        self.words = Words(self.values, self.modules, tables["words"])
        self.starts = Starts(self.sdks, self.words)
        self.guards = Guards(self.values, self.words)
        self.sessions = Sessions(self.sdks, tables["sessions"])
        self.project = Project(
            context, self.code, self.values, self.sdks, self.modules, self.words, self.starts, self.guards, self.sessions
        )
        self.broken: list[Finding] = []

    def _modules(self) -> list[Module]:
        """The modules that can matter: with the old word, with an MCP import, or with a transport option."""
        tree = self.context.tree
        paths = [p for p in tree.hits.get("python", ()) if p.endswith(".py")]
        paths += getattr(tree, "mcp_python", ())
        if paths:
            for path in self.code.python:
                if path not in paths and b"transport" in tree.read(path):
                    paths.append(path)
        return [m for p in dict.fromkeys(paths) if (m := self.code.load(p)) is not None]

    def drafts(self) -> list[Draft]:
        """Every endpoint that speaks SSE, with what would move it."""
        drafts = [*Runs(self.project).drafts(), *Apps(self.project).drafts(), *LowLevel(self.project).drafts()]
        names: dict[str, int] = {}
        for draft in drafts:
            count = names[draft.name] = names.get(draft.name, 0) + 1
            if count > 1:
                draft.name = f"{draft.name}#{count}"
        return drafts

    def unparsed(self) -> Iterable[Finding]:
        """Files that matter and can't be read."""
        for path, error in self.code.broken.items():
            data = self.context.tree.read(path) if self.context.tree.exists(path) else b""
            if re.search(rb"^\s*(from|import)\s+(fast)?mcp\b", data, re.M):
                yield Finding(
                    "MCP108",
                    Severity.WARNING,
                    Outcome.BY_HAND,
                    Place(path, error.line),
                    f"this file imports MCP and can't be parsed: {error}",
                    "Mend the file (or exclude it in the settings), then run mcp-migrate again.",
                )


__all__ = ["Servers"]
