"""Decides the starts: `mcp.run(...)` and its relatives, for every SDK generation."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cached_property, partial

from migrator.python.legacy import gone
from migrator.python.project import Project
from migrator.python.sdk import Server
from migrator.python.serverpaths import address, selected_by, staying_path, taken_over
from migrator.python.snippets import instruction
from migrator.python.starting.keepruns import keep_run, stays_kept
from migrator.python.starting.oldword import OldWord
from migrator.python.starting.runcalls import RunCalls
from migrator.python.starting.splats import block_fields, of_file
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft
from migrator.python.words.leaving import Leaving
from migrator.python.words.selection import Selection
from migrator.python.words.selector import Test


class Runs:
    """Drafts for every start that can speak SSE."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.sdks = project.sdks
        self.words = project.words
        self.values = project.values
        self.leaving = Leaving(project)
        self.selection = Selection(project)
        self.old_word = OldWord(project)
        self.calls = RunCalls(project)
        self.others: Callable[[Server], set[str]] = lambda server: set()  # half_paths of applications
        self.rewritten: list[tuple[Draft, Start]] = []

    def drafts(self) -> list[Draft]:
        """One draft for each start that can serve SSE."""
        out: list[Draft] = []
        for start in self.starts:
            draft = self.draft(start)
            if draft is not None:
                out.append(draft)
        self.one_generation(out)
        for draft in out:
            self.live_halves(draft)
        return out

    @cached_property
    def starts(self) -> list[Start]:
        return list(self.project.starts.all(self.project.modules))

    def live_halves(self, draft: Draft) -> None:
        """The starts of the same server that speak Streamable HTTP already, or are told to, become stateless too."""
        for start in self.starts:
            if ("server", start.server.origin) in draft.keys and (self.is_live_half(start) or self._told_new(start)):
                self.calls.live_half(draft, start)

    def half_paths(self, server: Server) -> set[str]:
        """Where the server's starts that speak Streamable HTTP already answer."""
        return {
            staying_path(self.project, server, partial(self.calls.argument, start), start.module)
            for start in self.starts
            if start.server == server and self.is_live_half(start)
        }

    def one_generation(self, drafts: list[Draft]) -> None:
        """A server that is made by whichever SDK is installed can't be written for both."""
        by_place: dict[object, list[Draft]] = {}
        for draft in drafts:
            by_place.setdefault(draft.place, []).append(draft)
        for same in by_place.values():
            generations = sorted({d.generation for d in same})
            if len(generations) < 2:
                continue
            for draft in same:
                draft.operations.clear()
            same[0].block(
                same[0].place,
                f"the server is of {' or '.join(generations)}, whichever import succeeds, and each takes its options in another place",
                "Decide for one SDK and import only that; then, "
                + "; or ".join(f"with {g}: {instruction(g, same[0].rule)}" for g in generations),
            )
            for other in same[1:]:  # the same server; what the first import brings is what a requirement is for
                same[0].keys |= other.keys
                same[0].files |= other.files
                drafts.remove(other)

    # -- which starts

    def draft(self, start: Start) -> Draft | None:
        """What becomes of one start; None when SSE never reaches it."""
        project = self.project
        ctor = start.server.ctor
        if ctor is not None and project.guards.for_another(start.server.module, ctor):
            return None
        literal = project.starts.literal(start)
        tests: list[Test] = []
        old = self.words.old
        if literal is not None:
            if literal not in old or (self._told(start) and project.guards.excludes_old(start.module, start.node)):
                return None
            tests = project.guards.of(start.module, start.node)
        elif not self.old_word.reaches(start) or project.guards.excludes_old(start.module, start.node):
            return None
        else:
            start.words += of_file(self.words, start)
            tests = [
                t
                for _, _, trace in start.words
                for c in trace.consts
                if str(c.value).lower() in old
                for t in project.guards.of(c.module, c.node)
            ]
            made = (t for t in project.guards.of(start.module, start.node) if isinstance(t.node, ast.DictComp))
            tests += [t for t in made if t not in tests]  # a list's words, each made into a start
        generation = project.generation(start.server, start.module)
        place = start.module.place(start.call or start.node)
        rule = "MCP101" if literal is not None else "MCP102"
        message = (
            f"{start.module.source(start.node)} serves the deprecated SSE transport"
            if literal is not None
            else f"{start.module.source(start.node)} can be told to serve the deprecated SSE transport"
        )
        draft = Draft(
            name=project.name_of(start.module, start.receiver),
            generation=generation,
            place=place,
            module=start.module,
            rule=rule,
            message=message,
        )
        draft.keys |= {("server", start.server.origin), ("place", place)}
        draft.starts.append((start.module, start.node))
        draft.starts += [(m, e) for m, e, _ in start.words]
        draft.starts += [(c.module, c.node) for _, _, t in start.words for c in t.consts if str(c.value).lower() in old]
        draft.files |= {start.module.path, start.server.module.path}
        project.stateless.decide(draft, start.server.module, start.server)
        if stays_kept(draft, start):
            address(project, draft, start.server, lambda name: self.calls.argument(start, name), start.module)
            return draft
        keep = project.context.settings.legacy_sse == "keep"
        serving = (start.module, start.node) if literal is not None else None
        chooser = None if keep else self.selection.choose(draft, start.words, tests, serving)
        if chooser is None and literal is None and not keep:
            draft.block(
                place,
                "the transport's word can't be followed to where it comes from",
                f'Pass the new word there: "{(self.sdks.fastmcp if draft.generation.startswith("fastmcp") else self.sdks.official)["transport"]}".',
            )
        draft.selected_by = selected_by(draft, literal is not None and not tests)
        address(project, draft, start.server, lambda name: self.calls.argument(start, name), start.module)
        if self.leaving.goes(draft, start.module, start.node):
            draft.rule = "MCP105"
            taken_over(draft, self.half_paths(start.server) | self.others(start.server))
            if project.context.settings.legacy_sse == "gone":
                gone(draft, start.server, draft.old_path)
            return draft
        block_fields(draft, start, project)
        self.move(draft, start, literal)
        return draft

    @staticmethod
    def _told(start: Start) -> bool:
        """True for a word that comes from somewhere else than the call itself: tests around the call hold for it."""
        return bool(start.words) and not any(isinstance(node, ast.Constant) for _, node, _ in start.words)

    def is_live_half(self, start: Start) -> bool:
        """True for a start that always serves Streamable HTTP."""
        literal = self.project.starts.literal(start)
        return literal in self.words.new or (start.method == "run_http_async" and literal == "http")

    def _told_new(self, start: Start) -> bool:
        """True for a start that can be told the new word, and never the old one."""
        if self.project.starts.literal(start) is not None:
            return False
        guards, new = self.project.guards, set(self.words.new)
        possible = self.project.starts.possible(start)
        if not guards.excludes_old(start.module, start.node):
            if self.old_word.reaches(start):
                return False
        elif "?" in possible:  # another branch serves SSE, by the same word: any new one comes here, or none does
            return not guards.excludes(start.module, start.node, new)
        return any(not guards.excludes(start.module, start.node, {word}) for word in possible & new)

    # -- moving

    def move(self, draft: Draft, start: Start, literal: str | None) -> None:
        """Make the start one of Streamable HTTP, by the policy for the old path."""
        policy = self.project.context.settings.legacy_sse
        if policy == "keep":
            said = self.calls.argument(start, "stateless_http") or self.calls.argument(start, "stateless")
            keep_run(self.project, draft, start, said)
            return
        if policy == "gone":
            gone(draft, start.server, draft.old_path, (start.module, start.node, start.receiver))
        self.calls.rewrite(draft, start, literal)
        self.rewritten.append((draft, start))
