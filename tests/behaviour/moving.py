"""Running the tool on a subject, and what its plan and its files must show."""

from __future__ import annotations

import traceback
from dataclasses import replace
from pathlib import Path

from migrator.model import Plan
from migrator.pipeline import make_plan
from migrator.settings import Settings
from tests.behaviour.subject import SSE_WORD, Route, Start, Subject
from tests.behaviour.tools import Tool, inside, program
from tests.behaviour.verdict import Notebook

WORDS_WITHOUT_A_MAP = {"official": "streamable-http", "fastmcp": "http"}


class Move:
    """One run of the tool over one project folder."""

    def __init__(self, subject: Subject, tool: Tool, notebook: Notebook) -> None:
        self.subject = subject
        self.tool = tool
        self.notebook = notebook
        self.plan: Plan | None = None  # None for tools that are not this project's

    def run(self, project: Path) -> list[Route]:
        """Migrate the project; the routes with the paths that the endpoint map prints, none when blocked.

        Raises Stop when nothing moved.
        """
        original = snapshot(project)
        if self.tool in (program, inside):
            self.plan = self._make_plan(project)
        ran = self.tool(self.subject, project)
        self.notebook.notes.append(f"tool {ran.seconds:.1f} s")
        if ran.status not in (0, 1) or "Traceback (most recent call last)" in ran.output:
            self.notebook.problem("tool-fails", f"status {ran.status}: {ran.output.strip()[-600:]}")
        moved = snapshot(project)
        self._check_python(original, moved)
        if self.subject.expect == "blocked":
            self._check_blocked(original, moved)
            return []
        if original == moved:
            self.notebook.stop("not-moved", self._why_not() or ran.output.strip()[-300:])
        again = self.tool(self.subject, project)
        if snapshot(project) != moved:
            self.notebook.problem("second-run", f"changes files again: {again.output.strip()[-200:]}")
        self._check_golden(moved)
        return [self._on_the_map(route) for route in self.subject.routes]

    def new_start(self, generation: str) -> Start:
        """The start with the new word, from the endpoint map where there is one."""
        if self.subject.new_start is not None:
            return self.subject.new_start
        start = self.subject.start
        if self.plan is None:
            return start.with_word(SSE_WORD, WORDS_WITHOUT_A_MAP[generation.partition("-")[0]])
        for old, new in self.words():
            start = start.with_word(old, new)
        return start

    def words(self) -> list[tuple[str, str]]:
        """(old word, new word) of every selector on the endpoint map."""
        endpoints = self.plan.endpoints if self.plan is not None else ()
        return [(s.old_word, s.new_word) for endpoint in endpoints if endpoint.moved for s in endpoint.selectors]

    def _make_plan(self, project: Path) -> Plan | None:
        try:
            return make_plan(project, replace(Settings(), **self.subject.options))
        except Exception:
            self.notebook.problem("plan-raises", traceback.format_exc(limit=-4)[-800:])
            return None

    def _on_the_map(self, route: Route) -> Route:
        """The route with the path from the map; a path that the subject names must be that one."""
        if self.plan is None:
            return replace(route, new=route.new or route.model)
        old, mark, query = route.old.partition("?")
        mapped = next((e for e in self.plan.endpoints if e.moved and e.old_path == old), None)
        if mapped is None:
            known = ", ".join(f"{e.old_path or '?'} -> {e.new_path} moved={e.moved}" for e in self.plan.endpoints)
            self.notebook.stop(
                "not-in-map", f"no moved endpoint with the old path {route.old} ({known or 'none at all'})"
            )
        if route.new and mapped.new_path + mark + query != route.new:
            self.notebook.problem("wrong-path", f"the endpoint map says {mapped.new_path}, expected {route.new}")
        reasons = " ".join(mapped.session_reasons)
        if mapped.stateless != (self.subject.expect == "stateless"):
            self.notebook.problem("wrong-mode", f"the endpoint map says stateless={mapped.stateless} {reasons}")
        elif self.subject.expect == "stateful" and self.subject.reason not in reasons:
            self.notebook.problem("wrong-reason", f"{self.subject.reason!r} is not in {reasons!r}")
        return replace(route, new=mapped.new_path + mark + query)

    def _check_python(self, original: dict[str, bytes], moved: dict[str, bytes]) -> None:
        for name, data in moved.items():
            if name.endswith(".py") and data != original.get(name):
                try:
                    compile(data, name, "exec", dont_inherit=True)
                except (SyntaxError, ValueError) as error:
                    self.notebook.problem("broken-python", f"{name}: {error}")

    def _check_blocked(self, original: dict[str, bytes], moved: dict[str, bytes]) -> None:
        if original != moved:
            self.notebook.problem("not-blocked", f"changed {', '.join(differing(original, moved))}")
        if self.plan is not None and self.subject.reason not in self._why_not():
            self.notebook.problem("wrong-reason", f"{self.subject.reason!r} is not in {self._why_not()!r}")

    def _check_golden(self, moved: dict[str, bytes]) -> None:
        golden = self.subject.golden
        if golden is not None and golden.is_dir() and (different := differing(snapshot(golden), moved)):
            self.notebook.problem("not-golden", ", ".join(different))

    def _why_not(self) -> str:
        """What the plan says about units that stay."""
        if self.plan is None:
            return ""
        if not self.plan.units:
            return "no unit in the plan"
        blocks = [
            f"{unit.step}: {finding.place} {finding.message}"
            for unit in self.plan.units
            if not unit.moved
            for finding in unit.blocks
        ]
        return "; ".join(blocks) or "units moved, but nothing was written"


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file under a folder by its relative path. What Python compiled doesn't count."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differing(before: dict[str, bytes], after: dict[str, bytes]) -> list[str]:
    """Names that are missing on one side or hold other bytes."""
    return sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
