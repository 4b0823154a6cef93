"""The transport that `http_app(transport=kind)` is told: can it be the old one?"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.model import Finding
from migrator.python.applications.app import App
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.starting.oldword import OldWord
from migrator.python.starting.unfollowed import any_transport, handed_in
from migrator.python.words.aliases import excludes


class AppWords:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.old_word = OldWord(project)

    def speak_old(self, module: Module, call: ast.Call | None) -> bool:
        """True when the call's transport can be the old one, by the code or by what is said outside."""
        words = self.project.words
        transport = _transport(call)
        if transport is None or call is None:
            return False
        trace = words.trace(module, transport)
        known = trace.words() | {words.member_word(m) for m in trace.members}
        for enum in trace.instances:
            known |= set(words.enum_members(enum))
        for source in trace.sources:
            known |= words.accepted(source) or set()
        if known & words.old:
            return not excludes(self.project.values, words, module, transport)
        told = "?" in words.possible(trace) and self.old_word.among([(module, transport, trace)], {"?"})
        return told and not self.project.guards.excludes_old(module, call)

    def handed_in(self, apps: list[App]) -> Iterator[Finding]:
        """Applications whose transport comes from outside, where nobody says which words there are."""
        words = self.project.words
        for app in apps:
            transport = _transport(app.call) if app.kind == "live" else None
            if transport is None or app.call is None:
                continue
            trace = words.trace(app.module, transport)
            if "?" not in words.possible(trace) or not self.old_word.passes([(app.module, transport, trace)]):
                continue
            if not self.project.guards.excludes_old(app.module, app.call):
                if names := handed_in(self.project, [trace]):
                    yield any_transport(app.module, app.call, names)


def _transport(call: ast.Call | None) -> ast.expr | None:
    return next((k.value for k in call.keywords if k.arg == "transport"), None) if call is not None else None


__all__ = ["AppWords"]
