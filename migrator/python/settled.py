"""Servers that speak Streamable HTTP and nothing else: what still names the path of SSE beside theirs leads nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from migrator.model import Endpoint
from migrator.python.applications.app import App
from migrator.python.applications.apps import Apps
from migrator.python.lowlevel.servers import LowLevel
from migrator.python.module import dotted
from migrator.python.serverpaths import address, hosted_at, options, staying_path
from migrator.python.starting.runs import Runs
from migrator.python.starting.starts import Start
from migrator.python.unit import Draft
from migrator.sieve import CODE
from migrator.tree import Unreadable

SETTLED = "settled:"  # how the units of such servers begin: nothing of theirs moves
_OTHERS = (".html", ".java", ".kt")  # files that name routes, too, beside code that is read


class Settled:
    """Reads them in one project. busy: the keys of what this run would move there."""

    def __init__(self, runs: Runs, apps: Apps, low: LowLevel, busy: set[object]) -> None:
        self.project = runs.project
        self.low = low
        self.runs = runs
        self.apps = apps
        self.busy = busy

    def endpoints(self) -> tuple[Endpoint, ...]:
        """One for each, as if it came from the path that SSE has beside its own; none where code may answer that path."""
        old, new = (self.project.sdks.official["paths"][name] for name in ("sse", "http"))
        if not self._named(old):
            return ()
        routes = list(self._routes(old))
        found: dict[object, Endpoint] = {}
        for draft in (*self._started(), *self._served(), *self._wired()):
            path = draft.new_path.rstrip("/")  # a mount's ends with one
            if path.endswith(new) and "{" not in path:
                draft.old_path = path.removesuffix(new) + old
                e = replace(draft.endpoint(SETTLED + draft.name, True), message_path="")
                found.setdefault((e.place.path, e.port, e.new_path), e)
        return tuple(e for e in found.values() if not self._answered(e, routes))

    def _started(self) -> Iterator[Draft]:
        new = set(self.project.words.new)
        for start in self.runs.starts:
            if ("server", start.server.origin) in self.busy:
                continue
            told = self.project.starts.literal(start) is None
            if self.runs.is_live_half(start) or (told and self.project.starts.possible(start) & new):
                draft = self._draft(start, partial(self.runs.calls.argument, start))
                if told:
                    self.runs.selection.choose(draft, start.words, [], None)  # who tells it; nothing is edited
                yield draft

    def _served(self) -> Iterator[Draft]:
        for app in self.apps.live:
            if ("server", app.server.origin) not in self.busy:
                draft = self._draft(app, app.keyword)
                hosted_at(self.project, draft, self.apps.hosting.of(app.module, app.node))
                yield draft

    def _wired(self) -> Iterator[Draft]:
        """Those that are wired by hand with a session manager."""
        both, facts = self.low.both, self.low.facts
        for module, call in both.managers(self.project.code.mentioning(both.manager, tests=False)):
            server = both.server_of(call)
            keys, home = facts.server(module, server) if server is not None else (set(), module)
            if server is None or keys & self.busy:
                continue
            for half in both.halves(module, call):
                draft = Draft(
                    name=f"{module.path}:{dotted(server) or 'server'}",
                    generation=facts.generation(module, (module, server)),
                    place=module.place(call),
                    module=module,
                    rule="",
                    message="",
                )
                draft.files |= {module.path, home.path, half.place[0].path}
                draft.new_path = half.whole_path
                if half.registration is not None:
                    facts.listening(draft, half.home, half.registration)
                draft.stateless = any(
                    k.arg == "stateless" and getattr(k.value, "value", None) is True for k in call.keywords
                )
                yield draft

    def _draft(self, one: Start | App, keyword: Callable[[str], ast.expr | None]) -> Draft:
        project, module = self.project, one.module
        draft = Draft(
            name=project.name_of(module, one.receiver),
            generation=project.generation(one.server, module),
            place=module.place(one.node),
            module=module,
            rule="",
            message="",
        )
        draft.files |= {module.path, one.server.module.path}
        address(project, draft, one.server, keyword, module)
        draft.new_path = staying_path(project, one.server, keyword, module)
        stateless = options(project, one.server, keyword, module)("stateless_http")
        draft.stateless = stateless is not None and project.text(*stateless) == "True"
        return draft

    def _named(self, path: str) -> bool:
        """False when nothing but code and documents could say SSE, and no code names such a path. Cheap."""
        tree = self.project.context.tree
        around = [
            f for kind, files in tree.hits.items() if kind not in ("python", "javascript", "markdown") for f in files
        ]
        return bool(around) or any(path.encode() in tree.read(f) for f in tree.hits.get("python", ()))

    def _answered(self, e: Endpoint, routes: list[tuple[str, str]]) -> bool:
        """True when code may answer the old path: it names that path, or the end of it in the server's own project."""
        folder = self.project.folder
        return any(path == e.old_path or folder(file) == folder(e.place.path) for file, path in routes)

    def _routes(self, last: str) -> Iterator[tuple[str, str]]:
        """(file, path) for every path ending in `last` that code of any language names by itself, as routes do."""
        route = re.compile(rb"[\"'`](?P<path>(?:/[^\"'`\s]*)?" + re.escape(last.encode()) + rb")/?[\"'`?{]")
        tree = self.project.context.tree
        for file in (f for kind, files in tree.hits.items() for f in files if kind in CODE or f.endswith(_OTHERS)):
            try:
                for match in route.finditer(tree.read(file)):
                    yield file, match["path"].decode("utf-8", "replace")
            except Unreadable:
                continue
