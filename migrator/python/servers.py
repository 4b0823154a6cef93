"""Reads and decides the project's Python servers: every way to start SSE becomes a draft of a move unit."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cached_property

from migrator.clients.facts import facts_of
from migrator.context import Context
from migrator.model import Endpoint, Finding
from migrator.python.access.authpaths import AuthPaths
from migrator.python.applications.apps import Apps
from migrator.python.applications.around import cors, served
from migrator.python.applications.asgi import Asgi
from migrator.python.applications.collisions import one_each, own_pages
from migrator.python.applications.dispatching import led
from migrator.python.applications.hostcheck import host_checks
from migrator.python.applications.mounts import Mounts
from migrator.python.applications.restarts import restarts
from migrator.python.code import Code, is_test
from migrator.python.generated import answered, generated
from migrator.python.handwritten import handwritten
from migrator.python.lowlevel.servers import LowLevel
from migrator.python.module import Module, dotted
from migrator.python.overrides import Overrides
from migrator.python.products import split
from migrator.python.project import Project
from migrator.python.sdk import Sdks
from migrator.python.serverpaths import selected_by
from migrator.python.sessions import Sessions
from migrator.python.settled import Settled
from migrator.python.shown import addresses
from migrator.python.starting.named import Named, may_start
from migrator.python.starting.outgrown import outgrown
from migrator.python.starting.runs import Runs
from migrator.python.starting.startcalls import reworded, start_call
from migrator.python.starting.starts import Starts
from migrator.python.starting.unfollowed import WORD, commanded, unfollowed, unheard
from migrator.python.tried import Tried
from migrator.python.unit import Draft
from migrator.python.unseen import unseen
from migrator.python.words.flags import Flags
from migrator.python.words.guards import Guards
from migrator.python.words.reached import Reached
from migrator.python.words.selector import Words
from migrator.tree import Unreadable

# what a file must hold to start or serve something
STARTS = re.compile(
    rb"\.run(?:_async)?\b.{0,400}?transport|\btransport\b.{0,4000}?\.run|run_sse_async|run_http_async|sse_app|http_app|SseServerTransport|\.run(?:_async)?\(\s*[\"']sse|\.run(?:_async)?\(\s*\*|\.run(?:_async)?\s*,[^\n]{0,200}[\"']sse",
    re.S,
)
# a file that may choose the transport by another name and hand it to one that serves
OPTIONS = re.compile(rb"add_argument|add_option|getenv|environ|sys\.argv|click|typer")
# a word that is no literal: `server.run(kind)`, `mcp.run(kind, **options)`, `mcp.run("stdio" if local else kind)`,
# `getattr(mcp, f"run_{kind}_async")`, and a method that is handed on: `start = mcp.run`
HANDED = re.compile(
    rb"[=(,:]\s*[A-Za-z_][\w.]*\.run(?:_async)?\s*[,)\n}]|\.run(?:_async)?\(\s*(?:[A-Za-z_][\w.]*\s*(?:[,()\[]|if\b)|[\"'(][^\n]{0,40}\bif\b)|getattr\([\w.]+,\s*f?[\"']run_"
)

# what runs where its file does, `mcp.run("sse")`, `main()`, `asyncio.run(main())`: in tests, a server of their own
STARTED = re.compile(rb"^(?:\w+\.)*(?:run\w*|main|serve)\(", re.M)
# the server that a test makes and starts, in a thread or a process
MADE = re.compile(rb"\b(?:FastMCP|MCPServer|Server)\(")
OWN_START = re.compile(rb"\.run(?:_async)?\([^()]*[\"']sse[\"']|\.run_sse_async\(|\bSseServerTransport\(")
# the old word as a constant's name, or part of one
NAMED = re.compile(rb"(?<![A-Za-z0-9])SSE(?![A-Za-z0-9])")


def _stem(path: str) -> bytes:
    parts = path.removesuffix(".py").split("/")
    return (parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]).encode()


class Servers:
    """One run over one project."""

    def __init__(self, context: Context) -> None:
        rules = context.rules
        self.context = context
        self.code: Code = context.code
        self.values = self.code.values
        tables = {name: rules.toml(f"sdks/{name}.toml") for name in ("words", "sessions")}
        self.sdks = Sdks.read(rules, self.values, context.versions)
        self.values.passed = Tried(self.sdks).passed
        self.mounting = [f for f in facts_of(rules.all_toml("frameworks")) if f.kind == "method"]
        makers = {name.split(".")[-2] for fact in self.mounting for name in fact.names}
        self.makers = re.compile("|".join(sorted(map(re.escape, makers))).encode())
        self.modules = self._modules()
        self.words = Words(self.values, self.modules, tables["words"], self.folder)
        self.starts = Starts(self.sdks, self.words)
        self.guards = Guards(self.values, self.words)
        self.sessions = Sessions(self.sdks, tables["sessions"])
        self.project = Project(
            context,
            self.code,
            self.values,
            self.sdks,
            self.modules,
            self.words,
            self.starts,
            self.guards,
            self.sessions,
            Asgi(self.values, rules.toml("sdks/asgi.toml")),
        )
        self.runs, self.apps = Runs(self.project), Apps(self.project)
        self.low = LowLevel(self.project, self.apps.wiring)
        self.busy: set[object] = set()  # keys of the drafts
        self.products: list[Finding] = []  # about servers that are the project's product, or can't be followed

    def _modules(self) -> list[Module]:
        """The modules that can matter, with as few parsed as can be.

        First those that may start or serve something; the rest of the old word's modules only when one of them
        is near such a module: it imports it, is imported by it, or names it.
        """
        tree = self.context.tree
        # only these can start a server at all, or choose its transport (see scan.py)
        known = {*tree.hits.get("python", ()), *tree.mcp_python, *tree.transport_python}
        every = [p for p in self.code.python if p in known and not self._skipped(p)]
        hits = set(tree.hits.get("python", ())) | set(tree.mcp_python)
        named = self.sdks.fastmcp["setting"]
        settings = (str(named["variable"]).encode(), f"settings.{named['attribute']}".encode())
        first = [
            p
            for p in every
            if STARTS.search(data := tree.read(p))
            or (p in hits and (HANDED.search(data) or any(s in data for s in settings)))
            or self.makers.search(data)
        ]
        near: dict[str, Module] = {}
        roots = self._serving(first) or self._serving(self._starting(hits))
        names: set[bytes] = set()
        for module in roots:
            near[module.path] = module
            for path in self.code.imported(module):
                names.add(_stem(path))
            names.add(_stem(module.path))
        if not roots:
            return []
        stems = b"|".join(sorted(re.escape(_stem(m.path)) for m in roots))
        importing = re.compile(rb"^[ \t]*(?:from|import)\b[^\n]*\b(?:" + stems + rb")\b", re.M)
        mention = re.compile(rb"\b(?:" + b"|".join(sorted(map(re.escape, names))) + rb")\b")
        imported = {path for module in roots for path in self.code.imported(module)}
        for path in every:
            if path in near:
                continue
            data = tree.read(path)
            relevant = path in hits or b"transport" in data.lower() or HANDED.search(data) is not None
            chooses = not relevant and OPTIONS.search(data) is not None and importing.search(data) is not None
            if chooses or (relevant and (path in imported or mention.search(data))):
                loaded = self.code.load(path)
                if loaded is not None:
                    near[path] = loaded
        self._constants(near)
        return list(near.values())

    def _constants(self, near: dict[str, Module]) -> None:
        """Add what those modules import that says the word by a constant's name alone: `HANDLERS = {SSE: dated}`."""
        queue = list(near.values())
        while queue:
            for path in self.code.imported(queue.pop()):
                if path not in near and not self._skipped(path) and NAMED.search(self.context.tree.read(path)):
                    loaded = self.code.load(path)
                    if loaded is not None:
                        near[path] = loaded
                        queue.append(loaded)

    def _serving(self, paths: Iterable[str]) -> list[Module]:
        return [m for m in self.code.loaded(paths) if self._has_server(m)]

    def _starting(self, hits: set[str]) -> list[str]:
        """Files that know nothing of MCP or of transports, and start what they import: `app.server.run(conf.kind())`.

        Looked for only where the old word stands in Python and nothing starts a server otherwise.
        """
        read = self.context.tree.read
        made = [p for p in self.context.tree.mcp_python if b"FastMCP(" in read(p)]
        if not made or not any(WORD.search(read(p)) for p in hits):
            return []
        return [p for p in sorted(self.code.importers(made)) if not self._skipped(p) and HANDED.search(read(p))]

    def _skipped(self, path: str) -> bool:
        """Tests of a project that can't be servers themselves: nothing is started where they are run."""
        try:
            data = self.context.tree.read(path)
        except Unreadable:
            return True
        return is_test(path) and b"__main__" not in data and not STARTED.search(data) and not self._serves_itself(data)

    def _serves_itself(self, data: bytes) -> bool:
        """True for a test that makes a server and starts it over SSE: what reaches both that and the project's moves.

        Where there is no other server nobody can say what the project's clients reach: they stay, and so does the test.
        """
        own = self.context.settings.tests and MADE.search(data) and OWN_START.search(data)
        return bool(own) and self._has_more_than_tests

    @cached_property
    def _has_more_than_tests(self) -> bool:
        tree = self.context.tree
        return any(MADE.search(tree.read(p)) for p in tree.mcp_python if not is_test(p))

    def _has_server(self, module: Module) -> bool:
        """True when something in the module resolves to an MCP server, to the SDK's SSE transport, or mounts one."""
        data = self.context.tree.read(module.path)
        if b"SseServerTransport" in data or self.makers.search(data):
            return True
        methods = self.sdks.run_methods | self.sdks.run_sse_methods | self.sdks.every_app_method
        for node in module.nodes:
            if isinstance(node, ast.Attribute) and node.attr in methods:
                if isinstance(node.value, ast.Name) and node.value.id in ("asyncio", "uvicorn", "anyio", "subprocess"):
                    continue
                if isinstance(node.value, ast.Call) and dotted(node.value.func) == "super":
                    return True
                if self.sdks.servers(module, node.value):
                    return True
        for call in module.calls_by_name.get("getattr", ()):
            if may_start(call) and self.sdks.servers(module, call.args[0]):
                return True
        return "create_sse_app" in module.text

    def folder(self, path: str) -> str:
        """The folder of the project that a file belongs to: of its nearest manifest."""
        manifest = self.context.versions.of(path).manifest
        return manifest.rpartition("/")[0] if manifest and manifest != path else ""

    def drafts(self) -> list[Draft]:
        """Every endpoint that speaks SSE, with what would move it."""
        runs, apps = self.runs, self.apps
        runs.others, apps.others = apps.half_paths, runs.half_paths
        started, served_by_apps = runs.drafts(), apps.drafts()
        # what serves Streamable HTTP beside a start can be an application, and the other way round
        for draft in started:
            apps.live_halves(draft)
        for draft in served_by_apps:
            runs.live_halves(draft)
        named = Named(self.project)
        drafts = [
            *started,
            *named.drafts(),
            *served_by_apps,
            *self.low.drafts(),
            *Mounts(self.project, self.mounting).drafts(),
        ]
        products = self.context.rules.toml("sdks/products.toml")
        drafts, self.products = split(self.project, drafts, products)
        self.products += handwritten(self.project, products)
        told = list(unseen(self.project))
        self.products += [*told, *commanded(self.project), *generated(self.project), *answered(self.project)]
        lost = list(unfollowed(self.project, runs.starts, drafts))
        self.products += lost
        self.context.unfollowed = tuple(dict.fromkeys(f.place.path for f in (*told, *lost) if f.counts))
        self.products += named.handed_in()
        self.products += apps.words.handed_in(apps.live)
        self.products += unheard(self.project, runs.starts, drafts, [f.place for f in told])
        http = self.context.rules.toml("sdks/http.toml")
        AuthPaths(self.project, http).apply(drafts)
        led(self.code, drafts)
        Overrides(self.project).apply(drafts)
        cors(self.project, drafts, http)
        served(self.project, drafts)
        host_checks(self.project, drafts)
        outgrown(self.project, drafts)
        own_pages(self.project, drafts)
        one_each(drafts)
        self._flags(drafts)
        self._reached(drafts)
        restarts(self.project, drafts, self.context.rules.toml("sdks/lifespans.toml"))
        addresses(self.project, drafts)
        names: dict[str, int] = {}
        for draft in drafts:
            count = names[draft.name] = names.get(draft.name, 0) + 1
            if count > 1:
                draft.name = f"{draft.name}#{count}"
        self.busy = {key for d in drafts for key in d.keys}
        self.context.started = tuple(start_call(draft, start) for draft, start in runs.rewritten)
        self.context.reworded = frozenset(reworded(drafts))
        return drafts

    def settled(self) -> tuple[Endpoint, ...]:
        """Those of the servers without a draft that speak Streamable HTTP alone; none where SSE is the product."""
        if self.products or self.context.settings.legacy_sse == "keep":
            return ()
        return Settled(self.runs, self.apps, self.low, self.busy).endpoints()

    def _flags(self, drafts: list[Draft]) -> None:
        """Flags and commands that are named for the old transport learn a new name."""
        if self.context.settings.legacy_sse == "keep":
            return
        for draft in drafts:
            if draft.blocks:
                continue
            if not draft.starts:
                here = [c for c in draft.module.calls if draft.module.place(c) == draft.place]
                draft.starts += [(draft.module, c) for c in here[:1]]
            before = len(draft.selectors)
            Flags(self.project, draft).move(draft.starts)
            if len(draft.selectors) > before:
                draft.selected_by = selected_by(draft, False)

    def _reached(self, drafts: list[Draft]) -> None:
        """What selects a server that no option, variable or word selects: the condition around its start, if any."""
        reached = Reached(self.guards, (start.node for start in self.runs.starts))
        for draft in drafts:
            nodes = draft.starts or [
                (draft.module, c) for c in draft.module.calls if draft.module.place(c) == draft.place
            ]
            if draft.selected_by == "always" and nodes and (found := reached.condition(*nodes[0])):
                draft.selected_by = f"code: {found}"


__all__ = ["Servers"]
