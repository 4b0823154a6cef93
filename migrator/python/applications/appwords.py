"""The transport that `http_app(transport=kind)` or `http_app(**options)` is told: can it be the old one?"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.model import Finding
from migrator.python.applications.app import App
from migrator.python.flow.value import is_dict
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.sdk import Server
from migrator.python.starting.oldword import OldWord
from migrator.python.starting.splats import entry_of
from migrator.python.starting.starts import Start
from migrator.python.starting.unfollowed import any_transport, handed_in
from migrator.python.unit import Draft
from migrator.python.words.aliases import excludes
from migrator.python.words.spread import is_spread
from migrator.python.words.traces import Trace

ENTRIES = ("path", "stateless_http", "transport")  # what the move changes, wherever it is said


class AppWords:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.old_word = OldWord(project)

    def told(self, module: Module, node: ast.Attribute, call: ast.Call | None, server: Server) -> Start:
        """What the call is told of the transport, as it is read of a start."""
        start = Start(module, node, call, call, server)
        self.project.starts.tell(start)
        return start

    def entries(self, told: Start) -> dict[str, tuple[Module, ast.expr]]:
        """What the dicts that the call is given with `**` say of ENTRIES."""
        if not told.has_splat:
            return {}
        found = ((name, entry_of(self.project.values, told, name)) for name in ENTRIES)
        return {name: entry for name, entry in found if entry is not None}

    def speak_old(self, told: Start) -> bool:
        """True when the transport can be the old one, by the code or by what is said outside."""
        return any(self._speaks_old(told, *word) for word in told.words) or self.old_word.told_by_file(told)

    def _speaks_old(self, told: Start, module: Module, node: ast.expr, trace: Trace) -> bool:
        words = self.project.words
        known = trace.words() | {words.member_word(m) for m in trace.members}
        for enum in trace.instances:
            known |= set(words.enum_members(enum))
        for source in trace.sources:
            known |= words.accepted(source) or set()
        if known & words.old:
            return not (
                self.old_word.normalised([(module, node, trace)])
                if is_spread(module, node)
                else excludes(self.project.values, words, module, node)
            )
        said = "?" in words.possible(trace) and self.old_word.among([(module, node, trace)], {"?"})
        return said and not self.project.guards.excludes_old(told.module, told.call or told.node)

    def block_unread(self, draft: Draft, app: App) -> None:
        """Block an application that is given dicts whose entries aren't all seen: its path can be among them."""
        told = app.told
        if told is None or app.call is None or not told.has_splat:
            return
        values, path = self.project.values, app.entries.get("path")
        held = [v for k in app.call.keywords if k.arg is None for v in values.of(app.module, k.value)]
        hidden = any(not is_dict(v) or values.dicts.is_open(v) for v in held)  # type: ignore[arg-type]
        if hidden or not held or (path is not None and not isinstance(path[1], ast.Constant)):
            draft.block(
                draft.place,
                "the options that the application is given can't all be seen",
                'Let them say transport="http" and stateless_http=True, and where Streamable HTTP is to answer in "path".',
            )

    def handed_in(self, apps: Iterable[App]) -> Iterator[Finding]:
        """Applications whose transport comes from outside, where nobody says which words there are."""
        for app in apps:
            told = app.told
            if told is None or app.call is None or not told.words:
                continue
            if "?" not in self.project.starts.possible(told) or not self.old_word.passes(told.words):
                continue
            if not self.project.guards.excludes_old(app.module, app.call):
                if names := handed_in(self.project, (trace for _, _, trace in told.words)):
                    yield any_transport(app.module, app.call, names)


__all__ = ["AppWords"]
