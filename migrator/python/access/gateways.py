"""Gateways: programs of the repository that hand requests on to a server, and may ask for a credential before they do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from migrator.python.code import is_test
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.unit import Draft

_PORT = re.compile(r"[\w.}\]]:\d{2,5}(?=[/\"'])")  # of an address


class Gateways:
    """Finds them. libraries: by which programs hand requests on."""

    def __init__(self, project: Project, libraries: Iterable[str]) -> None:
        self.project = project
        self._hands_on = re.compile(rf"(?m)^\s*(?:from|import)\s.*\b(?:{'|'.join(libraries)})\b")
        self._programs: dict[str, list[str]] = {}

    def of(self, draft: Draft, near: Iterable[Module]) -> tuple[list[Module], list[Module]]:
        """The modules of gateways that look at a path and name the draft's old one, without those `near` it.

        First those that stand before the draft: its port is said, or none is and both are of one project. Then those of
        which nobody says where they lead.
        """
        port, code, context = draft.port or draft.usual_port, self.project.code, self.project.context
        word = draft.old_path.rstrip("/").rpartition("/")[2]
        if not word:
            return [], []
        hits = context.tree.hits.get("python", ())  # whatever names "/sse", or "sse" alone
        about_mcp = context.tree.mcp_python  # servers and clients themselves
        holders = set(hits if word == "sse" else code.mentioned(word)).difference(about_mcp, (m.path for m in near))
        project = context.versions.of(draft.module.path).manifest
        fronts: list[Module] = []
        perhaps: list[Module] = []
        for module in code.mentioning("path", tests=False, within=holders):
            texts = self._program(module)
            if any(port and re.search(rf":{port}\b", t) for t in texts):
                fronts.append(module)
            elif texts and not any(map(_PORT.search, texts)):
                (fronts if context.versions.of(module.path).manifest == project else perhaps).append(module)
        return fronts, perhaps

    def _program(self, module: Module) -> list[str]:
        """The texts of the program that a module belongs to, if that hands requests on and imports no MCP; else nothing."""
        if module.path not in self._programs:
            code, reach = self.project.code, self.project.code.reachable
            self._programs[module.path] = []
            if not reach(module).isdisjoint(self.project.context.tree.mcp_python):
                return []
            importers = (p for p in code.importers([module.path]) if not is_test(p))
            above = [m for m in code.loaded(importers) if module.path in reach(m)]
            paths = reach(module).union(*map(reach, above))
            texts = [m.text for m in code.loaded(sorted(paths))]
            mcp = not paths.isdisjoint(self.project.context.tree.mcp_python)
            self._programs[module.path] = texts if not mcp and any(map(self._hands_on.search, texts)) else []
        return self._programs[module.path]
