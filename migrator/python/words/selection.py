"""Moves what selects a start: the option, variable or test that says which transport it serves."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.python.code import is_test
from migrator.python.functions import last_name
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.starting.starts import POSITION
from migrator.python.unit import Draft
from migrator.python.words.branches import passed_by
from migrator.python.words.choosing import Chooser
from migrator.python.words.lookups import unanswered
from migrator.python.words.protection import Protection
from migrator.python.words.rivals import Rivals
from migrator.python.words.selector import Test, Trace

# Streamable HTTP served by the code itself, or the word handed to a run() that can serve it
LIVE = re.compile(
    r"streamable_http_app|StreamableHTTPSessionManager|run_streamable_http_async|run_http_async|http_app\(|create_streamable_http_app"
    r"|\.run(?:_async)?\([^)]*transport\s*=\s*(?![\"']s)|\.run(?:_async)?\([^)]*[\"'](?:streamable-http|http)[\"']|\.run(?:_async)?\(\*\*"
)


class Selection:
    """Answers for every start of one project."""

    def __init__(self, project: Project) -> None:
        self.project, self.words, self.values = project, project.words, project.values

    def choose(
        self,
        draft: Draft,
        sinks: list[tuple[Module, ast.expr, Trace]],
        tests: Iterable[Test],
        start: tuple[Module, ast.AST] | None,
    ) -> Chooser | None:
        """Move the selectors of a start: those its transport comes from, and those it stands under.

        start: what serves the old transport whatever the word is; None for one that is told the word.
        """
        tests = list(tests)
        rivals = Rivals(self.words, tests, *start) if start is not None else None
        if rivals is None or not rivals.elsewhere():
            trial = draft.copy()
            chooser = self._choose(trial, sinks, tests, start is None)
            lost = self._lost(trial, chooser) if chooser is not None else {}
            if not lost or not rivals:
                draft.become(trial)
                if chooser is not None and lost:
                    self._protect(draft, lost, chooser.new)
                if chooser is not None:
                    self._doubt(draft, chooser, sinks)
                return chooser
        rivals.part(draft, tell=self.project.context.settings.old_word == "alias")
        return self._choose(draft, sinks, [], False)

    def _choose(
        self, draft: Draft, sinks: list[tuple[Module, ast.expr, Trace]], tests: list[Test], passthrough: bool
    ) -> Chooser | None:
        relevant = [t for t in tests if self._selects(t)]
        named = sinks if passthrough else []  # a start that always says the word: what selects it are the tests around
        keys: frozenset[object] = frozenset().union(*(t.keys for _, _, t in named), *(t.trace.keys for t in relevant))
        if not keys and (passthrough or not sinks):
            return None
        core, keys = keys, self._closure(keys)
        self._apart(draft, core, keys)
        new = self._new_word(draft, keys, sinks if passthrough else [])
        served = self._serves_new(draft, keys, new)
        family = self.project.sdks.fastmcp if draft.generation.startswith("fastmcp") else self.project.sdks.official
        fixed = "" if passthrough else str(family["transport"])
        chooser = Chooser(
            self.words, draft, keys, new, self.project.context.settings.old_word == "alias", served, fixed
        )
        chooser.run(sinks)
        draft.keys |= {("selector", k) for k in keys}
        draft.removed += [(module, arm) for arm, module in chooser.removed_arms.items()]
        return chooser

    def _lost(self, draft: Draft, chooser: Chooser) -> dict[str, tuple[Module, ast.AST]]:
        """What asks who says the old word for credentials, and would not any more; where each begins."""
        paths = draft.files | {t.module.path for t in chooser.tests}
        modules = [m for m in self.project.modules if m.path in paths and not is_test(m.path)]
        before, after = (
            passed_by(self.values, modules, holds) | rows for holds, rows in (chooser.ends(False), chooser.ends(True))
        )
        table = self.project.context.rules.toml("sdks/http.toml")["auth"]
        return Protection(self.values, table, before, after).lost(modules)

    def _protect(self, draft: Draft, lost: dict[str, tuple[Module, ast.AST]], new: str) -> None:
        module, node = next(iter(lost.values()))
        draft.block(
            module.place(node),
            f"{', '.join(list(lost)[:3])}: what this branch sets up is not set up for {new}, which takes its place",
            "Set it up there too (or nowhere), so that a request without a credential is refused as before; "
            "then run mcp-migrate again.",
            step="auth",
        )

    def _doubt(self, draft: Draft, chooser: Chooser, sinks: list[tuple[Module, ast.expr, Trace]]) -> None:
        """Block the draft where a question that can't be answered for the new word decides about credentials."""
        table = self.project.context.rules.toml("sdks/http.toml")["auth"]
        operands = [*((t.module, t.operand) for t in chooser.tests), *((m, e) for m, e, _ in sinks)]
        for module in dict.fromkeys(m for m, _ in operands):
            for choice in unanswered(self.words, module, [e for _, e in operands], chooser.keys):
                read = Protection.reading(self.values, table)
                parts = (
                    [choice.body, choice.orelse] if isinstance(choice, ast.IfExp) else [*choice.body, *choice.orelse]
                )
                if any(name for part in parts for name in read.names(module, part)):
                    draft.block(
                        module.place(choice.test),
                        f"whether {module.source(choice.test)} holds for {chooser.new} can't be told, and it decides about credentials",
                        "Ask for the words themselves, or say it for both; then run mcp-migrate again.",
                        step="auth",
                    )

    def _selects(self, test: Test) -> bool:
        """True for a test of something that can be the old word."""
        if set(test.words) & self.words.old:
            return True
        for source in test.trace.sources:
            accepted = self.words.accepted(source)
            if accepted is not None and accepted & self.words.old:
                return True
        return bool(test.trace.words() & self.words.old) or any(
            set(self.words.enum_members(e)) & self.words.old for e in test.trace.enums
        )

    def _serves_new(self, draft: Draft, keys: frozenset[object], new: str) -> bool:
        """True when the code at hand already offers `new` and something in it serves Streamable HTTP."""
        known: set[str] = set()
        for test in self.words.tests_of(keys):
            known |= set(test.words)
            branch = test.module.parents.get(test.node)
            if isinstance(branch, ast.If | ast.IfExp) and branch.orelse:  # what else may come has a branch of its own
                known |= test.trace.words()
            for source in test.trace.sources:
                known |= self.words.accepted(source) or set()
            for enum in test.trace.enums:
                known |= set(self.words.enum_members(enum))
        if new not in known:
            return False
        near = [m for m in self.project.modules if m.path in draft.files]
        return any(LIVE.search(m.text) or self._told_by_place(m) for m in near)

    def _told_by_place(self, module: Module) -> bool:
        """True when a server's `run(kind)` is told a word that isn't written there."""
        calls = (call for name in POSITION for call in module.calls_by_name.get(name, ()) if call.args)
        return any(
            isinstance(call.func, ast.Attribute)
            and not isinstance(call.args[0], ast.Constant | ast.Starred)
            and self.project.sdks.servers(module, call.func.value)
            for call in calls
        )

    def _closure(self, keys: frozenset[object]) -> frozenset[object]:
        """Keys of every selector that shares a source with these."""
        while True:
            more = keys.union(*(t.trace.keys for t in self.words.tests_of(keys)), frozenset())
            if more == keys:
                return keys
            keys = more

    def _apart(self, draft: Draft, core: frozenset[object], keys: frozenset[object]) -> None:
        """Block the draft where code that checks its word checks that of a client, too: `check(kind)`, `check(upstream)`.

        core: the keys of the start's own selectors; keys: those with all that shares a test with them.
        """
        opens = {
            name.rpartition(".")[2] for name in self.project.context.rules.toml("sdks/clients.toml")["sse"]["names"]
        }
        tests = self.words.tests_of(keys)
        for test in tests:
            if test.trace.keys & core or not opens & {last_name(n) for n in ast.walk(_chosen_by(test))}:
                continue
            shared = next(t for t in tests if t.trace.keys & core and t.trace.keys - core)
            names = sorted({s.name for s in test.trace.sources if s.name}) or [test.module.source(test.operand)]
            draft.block(
                shared.module.place(shared.node),
                f"this asks for the word of a client's transport, too ({', '.join(names)}: {test.module.place(test.node)}), "
                "which is not to move with the server",
                "Let the server's word be checked by code of its own, then run mcp-migrate again.",
            )
            return

    def _new_word(self, draft: Draft, keys: frozenset[object], sinks: list[tuple[Module, ast.expr, Trace]]) -> str:
        """The word that the selector uses for the new transport from now on: one it has, else the SDK's own."""
        tests = self.words.tests_of(keys)
        offered: set[str] = set()
        known = {word for test in tests for word in test.words}
        for trace in (*(t.trace for t in tests), *(t for _, _, t in sinks)):
            known |= trace.words()
            for source in trace.sources:
                offered |= self.words.accepted(source) or set()
            for enum in trace.enums:
                offered |= set(self.words.enum_members(enum))
        known |= offered
        family = "fastmcp" if draft.generation.startswith("fastmcp") else "official"
        table = self.project.sdks.fastmcp if family == "fastmcp" else self.project.sdks.official
        sdk = [table["transport"], "streamable-http"]
        if not offered & {*sdk}:
            for word in self._made_into(tests, sdk):
                if word in offered:
                    return word
        # where the word itself reaches the SDK, it must be one that the SDK knows
        allowed = sdk if sinks else list(self.words.new)
        said = self._said_by_starts(draft) if known.isdisjoint(self.words.new) else set()
        if len(said) == 1 and said & {*allowed}:
            return said.pop()
        for word in dict.fromkeys([*[w for w in self.words.new if w in known], *allowed]):
            if word in allowed and (word in known or word == allowed[0]):
                return str(word) if word in known else str(table["transport"])
        return str(table["transport"])

    def _said_by_starts(self, draft: Draft) -> set[str]:
        """What the draft's other starts call the new transport, which nothing is compared with: those of an `else`."""
        starts = self.project.starts.all([m for m in self.project.modules if m.path in draft.files])
        literals = {self.project.starts.literal(s) for s in starts if s.module.path == draft.module.path}
        return {word for word in literals if word is not None and word in self.words.new}

    def _made_into(self, tests: Iterable[Test], allowed: list[str]) -> Iterator[str]:
        """The project's own words for what the SDK calls otherwise: `if kind == "http": kind = "streamable-http"`."""
        for test in tests:
            arm = test.module.parents.get(test.node)
            if not isinstance(arm, ast.If) or arm.test is not test.node or test.negative or test.holder is not None:
                continue
            for statement in arm.body:
                if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant):
                    same = [t for t in statement.targets if test.module.source(t) == test.module.source(test.operand)]
                    if same and statement.value.value in allowed:
                        yield from (word for word in test.words if word in self.words.new)


def _chosen_by(test: Test) -> ast.AST:
    """What is done where a test holds: the `if`, the `case` or the table that it decides."""
    above = test.module.parents.get(test.node)
    while isinstance(above, ast.BoolOp | ast.UnaryOp):
        above = test.module.parents.get(above)
    return above if isinstance(above, ast.If | ast.IfExp) else test.node
