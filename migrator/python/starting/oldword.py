"""Can the old word reach a start or an application? What can give it, and what keeps it away before that sees it."""

from __future__ import annotations

import ast
from functools import cached_property

from migrator.python.flow.value import Cls
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.python.starting.splats import unread
from migrator.python.starting.starts import Start
from migrator.python.words.aliases import excludes, excludes_spread
from migrator.python.words.declared import Source
from migrator.python.words.fields import variables_of
from migrator.python.words.spread import is_spread
from migrator.python.words.traces import Trace
from migrator.python.words.typed import admitted

Told = tuple[Module, ast.expr, Trace]  # where a word is given, and what it can come from


class OldWord:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.words = project.words
        self.values = project.values

    def reaches(self, start: Start) -> bool:
        """True when something can tell the start to serve the old transport."""
        return self.said(start) or self.told_by_file(start)

    def said(self, start: Start) -> bool:
        """True when the words that are handed to the start can be the old one."""
        return self.among(start.words, self.project.starts.possible(start))

    def among(self, words: list[Told], possible: set[str]) -> bool:
        """True when the words that something is told can be the old one. possible: those that can reach it."""
        if possible & self.words.old:
            return not self.normalised(words)
        if "?" not in possible:
            return False
        for module, node, trace in words:
            typed = admitted(self.words, module, node)
            for source in trace.sources:
                if not source.name and source.kind == "opaque" and self.project.evidence.files(source.module):
                    return not self.normalised(words)  # Path("mode.txt").read_text().strip()
                if self.words.accepted(source) is None and source.name:
                    if self.guarded_against(trace.keys) or (typed and not typed & self.words.old):
                        continue
                    if typed:
                        return not self.normalised(words)
                    if any(set(t.words) & self.words.old for t in self.words.tests_of(trace.keys)):
                        return not self.normalised(words)
                    if not self.words.declarations(source) and self.words.namesakes(source):
                        return not self.normalised(words)
                    if source.kind == "slot" and self.words.closed(source) is not None:  # its pattern says the word
                        return not self.normalised(words)
                    argument = self.project.evidence.of_argument(source)
                    names = (source.name, *self.variables(source))
                    if argument or self.own_application or any(self.project.evidence.of_name(n) for n in names):
                        return not self.normalised(words)
        return False

    @cached_property
    def own_application(self) -> bool:
        """True when a start over SSE serves an application of the project's: `mcp.sse_app = guarded`, an override."""
        return any(
            node.attr == "sse_app" and isinstance(node.ctx, ast.Store)
            if isinstance(node, ast.Attribute)
            else isinstance(node, FunctionNode) and node.name == "sse_app" and module.class_of(node) is not None
            for module in self.project.modules
            if "sse_app" in module.text
            for node in module.nodes
        )

    def told_by_file(self, start: Start) -> bool:
        """True for `run(**config["server"])` where a file that the code names can give the old word."""
        return bool(unread(self.words, start)) and self.project.evidence.in_named_file(start.module)

    def variables(self, source: Source) -> tuple[str, ...]:
        """The environment variables that fill a settings class's field."""
        if source.kind != "slot":
            return ()
        return variables_of(self.values, Cls(source.module, source.node), source.name)

    def passes(self, words: list[Told]) -> bool:
        """True when nothing keeps the old word away from what is told words that can be anything."""
        if self.normalised(words) or any(self.guarded_against(trace.keys) for _, _, trace in words):
            return False
        said = [admitted(self.words, module, node) for module, node, _ in words]
        return not all(said) or bool(set().union(*said) & self.words.old)

    def guarded_against(self, keys: frozenset[object]) -> bool:
        """True when the code rejects every word outside a list that lacks the old one."""
        for test in self.words.tests_of(keys):
            if test.negative and test.holder is not None and not set(test.words) & self.words.old:
                return True
        return False

    def normalised(self, words: list[Told]) -> bool:
        """True when the code already gives the old word its new meaning before what is told it sees it."""
        return bool(words) and all(
            excludes_spread(self.values, self.words, trace)
            if is_spread(module, node)
            else excludes(self.values, self.words, module, node)
            for module, node, trace in words
        )
