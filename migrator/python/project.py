"""What the rooms for runs, apps and low-level servers share about one project."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import field
from functools import cached_property

from migrator.context import Context
from migrator.model import Finding, Outcome, Place, Severity
from migrator.python.applications.around import lifespan
from migrator.python.applications.asgi import Asgi
from migrator.python.code import Code, is_test
from migrator.python.flow.value import Cls, Const, Obj, constant
from migrator.python.flow.values import Values
from migrator.python.module import Module, dotted
from migrator.python.paths import moved_path
from migrator.python.rewrite.edits import EditCall, Insert, ReplaceExpr
from migrator.python.sdk import Sdks, Server
from migrator.python.sessions import Need, Sessions
from migrator.python.starting.starts import Starts
from migrator.python.unit import KEPT, Draft
from migrator.python.words.declared import Source
from migrator.python.words.guards import Guards
from migrator.python.words.selector import Words
from migrator.records import record

IMPORTS_MCP = re.compile(rb"^\s*(?:from|import)\s+(?:fast)?mcp\b", re.M)
MEND = "Mend the file, run mcp-migrate with the Python that it is written for, or exclude it in the settings; then run this again."
NUMBERS = ("builtins.int", "builtins.str")  # what turns a text into a number, and back


@record(eq=False)
class Project:
    """Tools and answers that several rooms need."""

    context: Context
    code: Code
    values: Values
    sdks: Sdks
    modules: list[Module]
    words: Words
    starts: Starts
    guards: Guards
    sessions: Sessions
    asgi: Asgi
    _needs: dict[tuple[str, str], list[Need]] = field(default_factory=dict)
    _reach: dict[str, set[str]] = field(default_factory=dict)

    @property
    def new_path(self) -> str:
        return self.context.settings.path

    def moved(self, old: str) -> str:
        """Where a path moves: "/mcp/sse" to "/mcp" instead of "/mcp/mcp", unless code tells "/mcp/" from it."""
        moved, new = moved_path(old, self.new_path), self.new_path
        return new if moved == new + new and self._bare(new) else moved

    def _bare(self, path: str) -> bool:
        """False where code names the path with a slash behind it: a check of that prefix would not see it without."""
        spellings = (f'"{path}/"', f"'{path}/'")
        return not any(spelling in m.text for m in self.modules for spelling in spellings)

    # -- sessions

    def folder(self, path: str) -> str:
        """The folder of the project that a file belongs to: of its nearest manifest, else its own."""
        manifest = self.context.versions.of(path).manifest
        return manifest.rpartition("/")[0] if manifest and manifest != path else path.rpartition("/")[0]

    def needs(self, module: Module, generation: str, starter: Module) -> list[Need]:
        """Lines that need a session, in the server's module, what it and its starter import, and its project's MCP files."""
        folder = self.folder(module.path)
        key = (folder, generation)
        if key not in self._needs:
            prefix = f"{folder}/" if folder else ""
            modules = {m.path: m for m in self.modules if m.path.startswith(prefix) and not is_test(m.path)}
            self._needs[key] = list(self.sessions.needs(modules.values(), generation))
        reach = self.reachable(module)
        known = {m.path for m in self.modules}
        beyond = sorted((reach | self.reachable(starter)) - known)
        further = [m for p in beyond if not is_test(p) and (m := self.code.load(p)) is not None]
        out = [*self._needs[key], *self.sessions.needs(further, generation)]
        local = [n for n in out if n.place.path in reach]
        others = [n for n in out if n.place.path not in reach and not self.has_own_server(n.place.path)]
        return [*local, *others]

    def has_own_server(self, path: str) -> bool:
        """True when the file makes a server of its own: what it needs is that server's need."""
        module = self.code.load(path)
        if module is None:
            return False
        made = [c for c in module.calls if self._looks_made(c)]
        return any(
            self.sdks.servers(module, c) or any(map(self.sdks.is_lowlevel, self.values.of(module, c))) for c in made
        )

    def _looks_made(self, call: ast.Call) -> bool:
        last = dotted(call.func).rpartition(".")[2]
        return last[:1].isupper() and ("MCP" in last or "Server" in last)

    def unparsed(self) -> Iterator[Finding]:
        """Of the files that were asked for and can't be parsed, those that import MCP."""
        for path, error in self.code.broken.items():
            if not path.endswith((".py", ".pyw")):
                continue  # server.py.j2 is Python once it is written out: see generated.py
            if self.context.tree.exists(path) and IMPORTS_MCP.search(self.context.tree.read(path)):
                message = f"this file imports MCP and can't be parsed: {error}"
                yield Finding("MCP108", Severity.WARNING, Outcome.BY_HAND, Place(path, error.line), message, MEND)

    def reachable(self, module: Module) -> set[str]:
        """Paths of the project's modules that a module imports, itself included."""
        if module.path not in self._reach:
            seen = {module.path}
            stack = [module]
            while stack and len(seen) < 400:
                for path in self.code.imported(stack.pop()):
                    if path not in seen:
                        seen.add(path)
                        found = self.code.load(path)
                        if found is not None:
                            stack.append(found)
            self._reach[module.path] = seen
        return self._reach[module.path]

    def decide_sessions(self, draft: Draft, module: Module, server: Server | None = None) -> None:
        """Stateless unless the code needs a session, or can't be read, or --mode says otherwise."""
        mode = self.context.settings.mode
        reach = self.reachable(module)
        unknown = [f for f in self.unparsed() if f.place.path in reach]
        if unknown:  # whether it needs a session can't be told
            draft.step = draft.step or "read"
            draft.blocks += unknown
        needs = sorted(self.needs(module, draft.generation, draft.module), key=lambda need: need.place)
        for need in needs:
            if need.kind == "session":
                draft.session_reasons.append(f"{need.place} {need.text}: {need.why}")
            elif need.kind == "progress":
                self._progress(draft, need)
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
            lifespan(self, draft, server, self.context.rules.toml("sdks/lifespans.toml"))

    def _progress(self, draft: Draft, need: Need) -> None:
        installed = self.context.versions.of(draft.module.path)
        version = installed.version("mcp") or installed.lowest("mcp")
        first = self.sessions.table["progress"][0]["first"]
        draft.needs_sdk = first
        if version is None or (str(version) != first and not _at_least(version, first)):
            draft.note(
                "MCP604",
                need.place,
                f"{need.text}: {need.why}",
                f"Require mcp>={first},<2 where the server is installed.",
            )

    # -- what selects

    def evidence(self, name: str) -> bool:
        """True when a file of the project gives the old word to this option or variable: `NAME=sse`."""
        if len(name) < 3:
            return False
        spellings = {name, name.replace("_", "-")}
        pattern = re.compile(
            rb"(?:"
            + b"|".join(re.escape(s.encode()) for s in spellings)
            + rb")[\"'`]?\s{0,3}[=:,\s]\s{0,3}[\"'`]?(?:\$\{\w+:?[-=:|])?sse\b",  # or ${NAME:-sse}
            re.I,
        )
        loose = None
        if name.isupper() and len(name) > 8:  # a variable's own name: a list of its values may follow further down
            loose = re.compile(re.escape(name.encode()) + rb".{0,600}?[\"'`= ]sse[\"'`\s,]", re.S)
        tree = self.context.tree
        for paths in tree.hits.values():
            for path in paths:
                data = tree.read(path)
                if pattern.search(data) or (loose is not None and loose.search(data)):
                    return True
        return False

    def evidence_in_named_file(self, module: Module) -> bool:
        """True when a file that the module or what it imports names gives the old word as the transport."""
        pattern = re.compile(rb"\btransport[\"']?\s{0,3}[:=]\s{0,3}[\"']?sse\b", re.I)
        tree = self.context.tree
        named = [
            p for kind, paths in tree.hits.items() if kind != "python" for p in paths if pattern.search(tree.read(p))
        ]
        return bool(self._told_to(module, named))

    def files_of_word(self, module: Module) -> list[str]:
        """The files that the module or what it imports names, and that hold the old word alone: `Path("mode.txt")`."""
        return self._told_to(module, self._files_of_word)

    @cached_property
    def _files_of_word(self) -> list[str]:
        tree = self.context.tree
        paths = (path for kind, paths in tree.hits.items() if kind != "python" for path in paths)
        return [path for path in paths if tree.read(path).strip().lower() == b"sse"]

    def _told_to(self, module: Module, files: list[str]) -> list[str]:
        """Those of the files that the module, or what it imports, names."""
        texts = [m.text for path in self.reachable(module) if (m := self.code.load(path)) is not None] if files else []
        return [path for path in files if any(path.rpartition("/")[2] in text for text in texts)]

    def evidence_of_argument(self, source: Source) -> bool:
        """True for a word by its place in `sys.argv`, where a file of the project starts its module with the old one."""
        if source.kind != "argv":
            return False
        path = source.module.path
        name = path.rpartition("/")[2].removesuffix(".py")
        stem = path.rpartition("/")[0].rpartition("/")[2] if name in ("__main__", "__init__") else name
        pattern = re.compile(
            re.escape(stem.encode()) + rb"(?:\.py)?[\"'`]?[\s,]{1,8}(?:\s*[\"']?arg(?:ument)?s[\"']?\s*[:=]\s*\[?\s*)?"
            rb"[\"'`]?(?:-\s+)?[\"'`]?sse\b",
            re.I,
        )
        tree = self.context.tree
        return any(pattern.search(tree.read(p)) for paths in tree.hits.values() for p in paths)

    # -- small answers

    def text(self, module: Module, node: ast.expr | None) -> str | None:
        """The string or number that an expression always is."""
        return None if node is None else constant(self.values.of(module, node))

    def usual(self, module: Module, node: ast.expr | None) -> str:
        """The number that an expression is where nothing outside says another, "" when it can't be told."""
        found = self._usual(module, node, 0)
        return found.pop() if len(found) == 1 else ""

    def _usual(self, module: Module, node: ast.expr | None, depth: int) -> set[str]:
        """Every number that it can be then."""
        found: set[str] = set()
        for value in self.values.of(module, node) if node is not None and depth < 5 else ():
            if isinstance(value, Const):
                found.add(str(value.value))
            elif (
                isinstance(value, Obj)
                and value.node is not None
                and value.node.args
                and getattr(value.of, "name", "") in NUMBERS
            ):
                found |= self._usual(value.module, value.node.args[0], depth + 1)
            elif source := self.words.source(value, module):
                for where, default in self.words.defaults(source):
                    found |= self._usual(where, default, depth + 1)
        return {f for f in found if f.isdigit()}

    def home(self, node: ast.AST, likely: Module) -> Module:
        """The module that a node stands in."""
        return likely if node in likely.parents else next((m for m in self.modules if node in m.parents), likely)

    def ctor_argument(self, server: Server, name: str) -> ast.expr | None:
        """The keyword argument `name` of the server's constructor, None when there is none."""
        if server.ctor is None:
            return None
        return next((k.value for k in server.ctor.keywords if k.arg == name), None)

    def settings_of(self, server: Server) -> Iterator[tuple[Module, ast.Assign, ast.Attribute]]:
        """Assignments `server.settings.NAME = value`."""
        for module, assign, target, holder in self._settings_assigned:
            if server in self.sdks.servers(module, holder):
                yield module, assign, target

    @cached_property
    def _settings_assigned(self) -> list[tuple[Module, ast.Assign, ast.Attribute, ast.expr]]:
        """Assignments `x.settings.NAME = value` of all modules, with the x."""
        return [
            (module, assign, target, target.value.value)
            for module in self.modules
            if ".settings." in module.text
            for node in module.nodes
            if isinstance(node, ast.Assign)
            for assign in _parts(node)
            for target in assign.targets[:1]
            if isinstance(target, ast.Attribute)
            and isinstance(target.value, ast.Attribute)
            and target.value.attr == "settings"
        ]

    def global_settings(self, module: Module) -> dict[str, tuple[Module, ast.expr]]:
        """Assignments `fastmcp.settings.NAME = value` in a module and in what it imports."""
        reach = self.reachable(module)
        return {name: (each, value) for each, name, value in self._global_settings if each.path in reach}

    @cached_property
    def _global_settings(self) -> list[tuple[Module, str, ast.expr]]:
        """Those of all modules."""
        return [
            (each, target.attr, node.value)
            for each in self.modules
            if "settings" in each.text
            for node in each.nodes
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Attribute) and "fastmcp.settings" in self.values.names(each, target.value)
        ]

    def generation(self, server: Server, module: Module) -> str:
        """See sdk.Sdks.generation."""
        return self.sdks.generation(server, module.path)

    def name_of(self, module: Module, node: ast.AST) -> str:
        """What an endpoint made by `node` is called: `server.py:mcp`."""
        text = dotted(node) or "server"
        return f"{module.path}:{text}"

    # -- the server object

    def stateless_constructor(self, draft: Draft, server: Server, module: Module, node: ast.expr) -> None:
        """Official 1.x says stateless where the server is made; where that is out of reach, before it starts."""
        if not draft.stateless:
            return
        settings = [(m, a.value) for m, a, target in self.settings_of(server) if target.attr == "stateless_http"]
        for said_in, value in settings:  # a constant in a branch is the choice of whoever takes that branch
            branches = [n for n in said_in.ancestors(value) if isinstance(n, ast.If)]
            if not isinstance(value, ast.Constant) or all("__name__" in said_in.source(n.test) for n in branches):
                self.stateless_said(draft, said_in, value)
        owner, call = self.options_call(server)
        if call is not None:
            given = next((k.value for k in call.keywords if k.arg == "stateless_http"), None)
            if given is not None:
                self.stateless_said(draft, owner, given)
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

    def stateless_said(self, draft: Draft, module: Module, node: ast.expr) -> None:
        """An expression of the user's own for statelessness is kept and reported; a plain False is not one."""
        if isinstance(node, ast.Constant) and node.value is False:
            draft.do(ReplaceExpr(module.at(node), "True"))
            draft.files.add(module.path)
        elif self.text(module, node) != "True":
            draft.decided_by(module, node, "stateless_http")

    def options_call(self, server: Server) -> tuple[Module, ast.Call | None]:
        """The call that takes the options of the SDK's constructor, with its module; None where it is out of reach."""
        if server.ctor is not None and self._takes_options(server):
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

    def _takes_options(self, server: Server) -> bool:
        """True when the constructor call hands its keywords to the SDK's own constructor."""
        origin = server.origin
        if not isinstance(origin, Obj) or not isinstance(origin.of, Cls):
            return True
        return "__init__" not in self.values.classes.scope_of(origin.of).bindings


def _parts(node: ast.Assign) -> Iterator[ast.Assign]:
    """An assignment for each target: `a, b = x, y` as two, with a second target that says that they are one statement."""
    for target in node.targets:
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            for part, value in zip(target.elts, node.value.elts, strict=False):
                yield ast.Assign(targets=[part, target], value=value)
        else:
            yield node if len(node.targets) == 1 else ast.Assign(targets=[target, *node.targets], value=node.value)


def _at_least(version: object, first: str) -> bool:
    from packaging.version import Version

    return Version(str(version)) >= Version(first)
