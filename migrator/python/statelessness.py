"""Whether a server that moves keeps sessions, and how its SDK is told: promise, reasons, and the constructor's option."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from migrator.python.applications.around import lifespan
from migrator.python.code import is_test
from migrator.python.flow.value import Cls, Obj
from migrator.python.module import Module, dotted
from migrator.python.rewrite.edits import EditCall, Insert, ReplaceExpr
from migrator.python.sdk import Server
from migrator.python.sessions import Need
from migrator.python.unit import KEPT, Draft

if TYPE_CHECKING:
    from migrator.python.project import Project


class Statelessness:
    """Answers and edits for the drafts of one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._needs: dict[tuple[str, str], list[Need]] = {}  # by the folder of a project, and the SDK's generation

    def decide(self, draft: Draft, module: Module, server: Server | None = None) -> None:
        """Stateless unless the code needs a session, or can't be read, or --mode says otherwise."""
        mode = self.project.context.settings.mode
        reach = self.project.code.reachable(module)
        unknown = [f for f in self.project.unparsed() if f.place.path in reach]
        if unknown:  # whether it needs a session can't be told
            draft.step = draft.step or "read"
            draft.blocks += unknown
        needs = sorted(self._needs_of(module, draft.generation, draft.module), key=lambda need: need.place)
        for need in needs:
            if need.kind == "session":
                draft.session_reasons.append(f"{need.place} {need.text}: {need.why}")
        if mode == "stateless" and draft.session_reasons:
            for need in needs:
                if need.kind == "session":
                    draft.note("MCP601", need.place, f"{need.text} {need.why}; --mode stateless was asked for")
            draft.session_reasons = []
        if mode == "stateful":
            draft.session_reasons.append("--mode stateful")
        if draft.session_reasons:
            draft.stateless = False
            for need in needs:
                if need.kind == "session":
                    draft.note("MCP601", need.place, f"{need.text} {need.why}{KEPT}")
        if server is not None:
            lifespan(self.project, draft, server, self.project.context.rules.toml("sdks/lifespans.toml"))
        for need in needs if draft.stateless else ():  # with a session they have a stream to go by
            if need.kind == "progress":
                self._progress(draft, need)

    def _progress(self, draft: Draft, need: Need) -> None:
        installed = self.project.context.versions.of(draft.module.path)
        version = installed.version("mcp") or installed.lowest("mcp")
        first = self.project.sessions.table["progress"][0]["first"]
        draft.needs_sdk = first
        if version is None or (str(version) != first and not _at_least(version, first)):
            draft.note(
                "MCP604",
                need.place,
                f"{need.text}: {need.why}",
                f"Require mcp>={first},<2 where the server is installed.",
            )

    def constructor(self, draft: Draft, server: Server, module: Module, node: ast.expr) -> None:
        """Official 1.x says stateless where the server is made; where that is out of reach, before it starts."""
        if not draft.stateless:
            return
        settings = [
            (m, a.value) for m, a, target in self.project.settings_of(server) if target.attr == "stateless_http"
        ]
        for said_in, value in settings:  # a constant in a branch is the choice of whoever takes that branch
            branches = [n for n in said_in.ancestors(value) if isinstance(n, ast.If)]
            if not isinstance(value, ast.Constant) or all("__name__" in said_in.source(n.test) for n in branches):
                self.said(draft, said_in, value)
        owner, call = self.options_call(server)
        if call is not None:
            given = next((k.value for k in call.keywords if k.arg == "stateless_http"), None)
            if given is not None:
                self.said(draft, owner, given)
            else:
                draft.do(EditCall(owner.at(call), keywords=(("stateless_http", "True"),)))
            draft.files.add(owner.path)
        if call is not None or settings:
            return
        receiver = module.source(node)
        if isinstance(node, ast.Call) and not (isinstance(node.func, ast.Name) and node.func.id == "super"):
            place = module.place(node)
            draft.block(
                place,
                "the server is made by a call that can't be followed to its constructor",
                "Pass stateless_http=True where FastMCP(...) is called, or assign the server to a name first.",
            )
            return
        if receiver == "super()":
            receiver = "self"
        statement = module.statement_of(node)
        draft.do(Insert(module.at(statement), f"{receiver}.settings.stateless_http = True"))

    def said(self, draft: Draft, module: Module, node: ast.expr) -> None:
        """An expression of the user's own for statelessness is kept and reported; a plain False is not one."""
        if isinstance(node, ast.Constant) and node.value is False:
            draft.do(ReplaceExpr(module.at(node), "True"))
            draft.files.add(module.path)
        elif self.project.text(module, node) != "True":
            draft.decided_by(module, node, "stateless_http")

    def options_call(self, server: Server) -> tuple[Module, ast.Call | None]:
        """The call that takes the options of the SDK's constructor, with its module; None where it is out of reach."""
        if server.ctor is not None and self.takes_options(server):
            return server.module, server.ctor
        inner = self._super_init(server)
        return inner if inner is not None else (server.module, None)

    def _super_init(self, server: Server) -> tuple[Module, ast.Call] | None:
        """The `super().__init__(...)` of the project's own subclass, when it hands on no keywords of its callers."""
        origin = server.origin
        if not isinstance(origin, Obj) or not isinstance(origin.of, Cls):
            return None
        module = origin.of.module
        for call in module.calls_by_name.get("__init__", ()):
            function = module.function_of(call)
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
            if function is not None and module.class_of(function) is origin.of.node:
                if isinstance(receiver, ast.Call) and dotted(receiver.func) == "super":
                    return module, call
        return None

    def takes_options(self, server: Server) -> bool:
        """True when the constructor call hands its keywords to the SDK's own constructor."""
        origin = server.origin
        if not isinstance(origin, Obj) or not isinstance(origin.of, Cls):
            return True
        return "__init__" not in self.project.values.classes.scope_of(origin.of).bindings

    def _needs_of(self, module: Module, generation: str, starter: Module) -> list[Need]:
        """Lines that need a session, in the server's module, what it and its starter import, and its project's MCP files."""
        folder = self.project.folder(module.path)
        key = (folder, generation)
        if key not in self._needs:
            prefix = f"{folder}/" if folder else ""
            modules = {m.path: m for m in self.project.modules if m.path.startswith(prefix) and not is_test(m.path)}
            self._needs[key] = list(self.project.sessions.needs(modules.values(), generation))
        reach = self.project.code.reachable(module)
        known = {m.path for m in self.project.modules}
        beyond = sorted((reach | self.project.code.reachable(starter)) - known)
        further = self.project.code.loaded(p for p in beyond if not is_test(p))
        out = [*self._needs[key], *self.project.sessions.needs(further, generation)]
        local = [n for n in out if n.place.path in reach]
        others = [n for n in out if n.place.path not in reach and not self._has_own_server(n.place.path)]
        return [*local, *others]

    def _has_own_server(self, path: str) -> bool:
        """True when the file makes a server of its own: what it needs is that server's need."""
        module = self.project.code.load(path)
        if module is None:
            return False
        made = [c for c in module.calls if self._looks_made(c)]
        return any(
            self.project.sdks.servers(module, c)
            or any(map(self.project.sdks.is_lowlevel, self.project.values.of(module, c)))
            for c in made
        )

    def _looks_made(self, call: ast.Call) -> bool:
        last = dotted(call.func).rpartition(".")[2]
        return last[:1].isupper() and ("MCP" in last or "Server" in last)


def _at_least(version: object, first: str) -> bool:
    from packaging.version import Version

    return Version(str(version)) >= Version(first)
