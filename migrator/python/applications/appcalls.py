"""Writes the call that makes an application anew, in its SDK generation's spelling, and names what a lifespan enters."""

from __future__ import annotations

import ast
from dataclasses import replace

from migrator.python.applications.app import App
from migrator.python.applications.hosts import Hosted
from migrator.python.applications.moments import Moments, conditional
from migrator.python.applications.owners import Owner, Spelling
from migrator.python.module import Module
from migrator.python.pathreads import read_new_path
from migrator.python.project import Project
from migrator.python.rewrite.edited import called
from migrator.python.rewrite.edits import EditCall, EnsureImport, Insert, Operation, ReplaceExpr
from migrator.python.serverpaths import constructor_paths, move_path_constants, move_path_entry
from migrator.python.unit import Draft

DEFAULT_PATH = "/mcp"  # where every SDK serves Streamable HTTP when nothing is said

# what becomes of a call's arguments: see EditCall
_Arguments = tuple[list[tuple[str, str | None]], tuple[tuple[int, str | None], ...]]


class AppCalls:
    """One run over one project."""

    def __init__(self, project: Project, spelling: Spelling) -> None:
        self.project = project
        self.sdks = project.sdks
        self.values = project.values
        self.spelling = spelling
        self.moments = Moments(project.values)
        self._taken: dict[str, set[str]] = {}  # names put in by this run, by file
        self._given: dict[ast.AST, str] = {}  # and by what got the name: several servers may share one call

    def rewrite(self, draft: Draft, app: App, mounted: list[Hosted], inner: str) -> list[Owner]:
        """Add the edits; for each host, the object whose context its lifespan enters (see `tail`)."""
        self.above(app, mounted)
        if draft.generation.startswith("fastmcp"):
            return self.fastmcp(draft, app, mounted, inner)
        receiver = self.official(draft, app, mounted, inner)
        return [receiver] * len(mounted)

    @staticmethod
    def tail(draft: Draft) -> str:
        """What is entered of an owner: `{owner}.session_manager.run()`."""
        return ".lifespan({app})" if draft.generation.startswith("fastmcp") else ".session_manager.run()"

    # -- official SDK

    def official(self, draft: Draft, app: App, mounted: list[Hosted], inner: str) -> Owner:
        """`streamable_http_app()`; the server is what a lifespan enters."""
        project, module = self.project, app.module
        second = draft.generation == "official-2"
        keywords: list[tuple[str, str | None]] = []
        positional: tuple[tuple[int, str | None], ...] = ()
        if app.call is not None:
            names = {k.arg for k in app.call.keywords}
            keywords += [(n, None) for n in ("mount_path", "sse_path", "message_path") if n in names]
            positional = tuple((i, None) for i in range(len(app.call.args)))
        owner = self.receiver(draft, app, bool(mounted))
        if second:
            if draft.path_code or inner != DEFAULT_PATH:
                keywords.append(("streamable_http_path", draft.path_text(inner)))
                path = app.keyword("sse_path")
                if draft.path_code and path is not None:
                    move_path_constants(project, draft, module, path)
            if draft.stateless:
                keywords.append(("stateless_http", "True"))
            if app.call is None:
                given = ", ".join(f"{k}={v}" for k, v in keywords if v is not None)
                draft.do(ReplaceExpr(module.at(app.node), f"lambda: {owner.text}.streamable_http_app({given})"))
                return owner
        else:
            project.stateless.constructor(draft, app.server, module, app.receiver)
            self._constructor_path(draft, app, inner)
        if app.call is None:
            draft.do(ReplaceExpr(module.at(app.node), f"{owner.text}.streamable_http_app"))
            return owner
        edit = EditCall(
            module.at(app.call), method="streamable_http_app", keywords=tuple(keywords), positional=positional
        )
        above = self.above(app, mounted)
        if above is None:
            draft.do(edit)
            return owner
        code = called(module, app.call, edit, f"{owner.text}.streamable_http_app", draft.operations)
        draft.do(ReplaceExpr(module.at(app.node), self.put_above(draft, app, above, owner, code)))
        return owner

    def above(self, app: App, mounted: list[Hosted]) -> ast.stmt | None:
        """Where the application is made for routes that may be left out, which are marked; None for no such route."""
        found = None
        for h in mounted:
            statement = self._made_above(app, h)
            h.made = statement is not None
            found = found or statement
        return found

    def put_above(self, draft: Draft, app: App, above: ast.stmt, owner: Owner, code: str) -> str:
        """Make the application above a statement; returns its name."""
        name = self.fresh(app.module, f"{owner.text.rpartition('.')[2]}_app", app.node)
        draft.do(Insert(app.module.at(above), f"{name} = {code}", order=10))
        return name

    def _made_above(self, app: App, h: Hosted) -> ast.stmt | None:
        """The statement above which the application can always be made, for a route that may be left out of a list."""
        module, mount = app.module, h.mount
        if mount is None or h.inner is not None or h.host is None or h.module is not module or app.call is None:
            return None
        if app.node not in ast.walk(mount) or module.statement_of(h.node) is module.statement_of(mount):
            return None
        moment = self.moments.of(h)
        if moment.always or moment.loop or moment.late or module.scope_of(mount) is not module.scope_of(h.host):
            return None
        above = conditional(module, mount, None, set(module.ancestors(h.host)))
        fits = above is not None and self._fits_above(app, module, module.statement_of(mount), above, deeper=True)
        return above if fits else None

    def receiver(self, draft: Draft, app: App, mounted: bool) -> Owner:
        """The server; with a name where a lifespan needs it and it is made in place."""
        module = app.module
        owner = Owner(module.source(app.receiver), module, app.receiver)
        if not mounted or owner.named or not isinstance(app.receiver, ast.Call):
            return owner
        name = self.fresh(module, "mcp", app.receiver)
        statement = module.statement_of(app.node)
        draft.do(
            Insert(module.at(statement), f"{name} = {owner.text}", order=5),
            ReplaceExpr(module.at(app.receiver), name),
        )
        return Owner(name, module, statement, new=True)

    def _constructor_path(self, draft: Draft, app: App, inner: str) -> None:
        """Official 1.x takes the path where the server is made, or from its settings."""
        whole, draft.new_path = draft.new_path, inner
        before = len(draft.operations)
        constructor_paths(self.project, draft, app.server, "streamable_http_path")
        draft.new_path = whole
        if whole == draft.old_path.rpartition("/")[0] + inner:  # what is put before it stays as it is
            read_new_path(self.project, draft, app.server)
        if not any(_says_path(o) for o in draft.operations[before:]):
            self.path_in_constructor(draft, app, inner)

    def path_in_constructor(self, draft: Draft, app: App, inner: str) -> None:
        """Say a path of its own where the server is made, or in its settings."""
        if inner == DEFAULT_PATH and not draft.path_code:
            return
        server, path = app.server, draft.path_text(inner)
        given = self.project.ctor_argument(server, "streamable_http_path")
        if given is not None:
            if self.project.text(server.module, given) != inner:
                draft.do(ReplaceExpr(server.module.at(given), path))
        elif server.ctor is not None and self.project.stateless.takes_options(server):
            draft.do(EditCall(server.module.at(server.ctor), keywords=(("streamable_http_path", path),)))
            draft.files.add(server.module.path)
        else:
            statement = app.module.statement_of(app.node)
            receiver = app.module.source(app.receiver)
            draft.do(Insert(app.module.at(statement), f"{receiver}.settings.streamable_http_path = {path}", order=5))

    # -- fastmcp

    def fastmcp(self, draft: Draft, app: App, mounted: list[Hosted], inner: str) -> list[Owner]:
        """`http_app()`; the application is what a lifespan enters, so it gets a name where it has none."""
        constructor_paths(self.project, draft, app.server, "")
        code, operations = self._fastmcp_call(draft, app, inner)
        return self.named(draft, app, mounted, code, operations)

    def named(
        self, draft: Draft, app: App, mounted: list[Hosted], code: str, operations: list[Operation]
    ) -> list[Owner]:
        """The application's name for each host. `code`: what makes it, as `operations` would make it in place."""
        owners: list[Owner] = []
        hoisted = False
        for h in mounted:
            module, node = h.app or (app.module, app.node)
            text = module.source(node)
            if isinstance(node, ast.Name | ast.Attribute) and node is not app.node:
                owners.append(Owner(text, module, node))
            elif node is app.node and isinstance(module.parents.get(node), ast.Assign):
                owners.append(Owner(module.source(module.parents[node].targets[0]), module, node))  # type: ignore[attr-defined]
            elif node is app.node and app.call is not None:
                hoisted = True
                owners.append(self._hoist(draft, app, h, module, node, code))
            elif any(n is app.node for n in ast.walk(node)) or not isinstance(node, ast.Call):
                draft.block(
                    module.place(node),
                    "the application has no name here, so no lifespan can enter it",
                    "Give it a name first: mcp_app = ...; mount mcp_app, and enter mcp_app.lifespan(app) in the host's lifespan.",
                    step="wire",
                )
                owners.append(Owner(text, module, node))
            else:
                owners.append(self._hoist(draft, app, h, module, node, text))
        draft.do(*(o for o in operations if not hoisted or isinstance(o, EnsureImport)))
        return owners

    def _hoist(self, draft: Draft, app: App, h: Hosted, module: Module, node: ast.expr, code: str) -> Owner:
        """Give the application a name above the statement that mounts it, or where its host sees it."""
        receiver = module.source(app.receiver) if node is app.node else ""
        last = receiver.rpartition(".")[2]
        base = f"{last}_app" if last.isidentifier() else "mcp_app"
        statement = module.statement_of(node)
        name = self.fresh(module, base, node)
        moment = self.moments.of(h)
        above = self._made_above(app, h)
        if above is not None:
            statement = above
        elif h.host is not None and h.host_module is module and (moment.always or not h.host_name):
            own, host = module.scope_of(node), module.scope_of(h.host)
            above = module.statement_of(h.host)
            if own is host:
                if self._fits_above(app, module, statement, above):
                    statement = above
            elif receiver.startswith("self.") and module.class_of(own.node) is module.class_of(host.node) is not None:
                name = f"self.{name}"
            elif host is module.scope:
                outer = self._outermost(module, node)
                if self._fits_above(app, module, statement, outer):
                    statement = outer
        draft.do(Insert(module.at(statement), f"{name} = {code}", order=10), ReplaceExpr(module.at(node), name))
        return Owner(name, module, statement, new=True)

    @staticmethod
    def _outermost(module: Module, node: ast.expr) -> ast.stmt:
        return next(s for s in module.tree.body if s.lineno <= node.lineno <= (s.end_lineno or s.lineno))

    def _fits_above(self, app: App, module: Module, statement: ast.stmt, above: ast.stmt, deeper: bool = False) -> bool:
        """True when the application can be made above another statement: nothing between shapes it."""
        if above is statement:
            return True
        if above.lineno > statement.lineno:
            return False
        scope = module.scope_of(above)
        beside = module.parents.get(above) is module.parents.get(statement)
        if module.scope_of(statement) is scope and not beside and not deeper:
            return False
        root = module.source(app.receiver).split(".", maxsplit=1)[0]
        if not root.isidentifier():
            return False
        found = scope
        while root not in found.bindings and found.parent is not None:
            found = found.parent
        for b in found.bindings.get(root, ()):
            # a global that a function assigns, or one bound further down
            if found is scope and getattr(b.node, "lineno", 0) >= above.lineno and b.kind != "param":
                return False
        if not found.bindings.get(root):
            return False
        between = "".join(module.lines[above.lineno - 1 : statement.lineno - 1])
        return "custom_route" not in between and f"{root}." not in between.replace(f"{root}.tool", "").replace(
            f"{root}.resource", ""
        ).replace(f"{root}.prompt", "")

    def _fastmcp_call(self, draft: Draft, app: App, inner: str) -> tuple[str, list[Operation]]:
        """The new call as code, and as operations on the old one."""
        module, call = app.module, app.call
        if call is None:
            given = [f'path="{inner}"'] if inner != DEFAULT_PATH else []
            given += ["stateless_http=True"] if draft.stateless else []
            code = f"lambda: {module.source(app.receiver)}.http_app({', '.join(given)})"
            return code, [ReplaceExpr(module.at(app.node), code)]
        operations: list[Operation] = []
        if app.kind == "create_sse_app":
            function, operations = self._function(module, call)
            edit = EditCall(module.at(call), function=function)
            keywords, positional = self._created(draft, call, inner)
        else:
            function = f"{module.source(app.receiver)}.http_app"
            edit = EditCall(module.at(call), method="http_app")
            keywords, positional = (self._httped if app.kind == "http_app" else self._ssed)(draft, app, call, inner)
        keywords += self._stateless(draft, app, call)
        edit = replace(edit, keywords=tuple(keywords), positional=positional)
        return called(module, call, edit, function, draft.operations), [*operations, edit]

    @staticmethod
    def _created(draft: Draft, call: ast.Call, inner: str) -> _Arguments:
        """Those of `create_sse_app(server, message_path, sse_path)`."""
        names = {k.arg for k in call.keywords}
        keywords: list[tuple[str, str | None]] = [(n, None) for n in ("message_path", "sse_path") if n in names]
        keywords.append(("streamable_http_path", draft.path_text(inner)))
        return keywords, tuple((i, None) for i in range(1, len(call.args)))

    def _ssed(self, draft: Draft, app: App, call: ast.Call, inner: str) -> _Arguments:
        """Those of `server.sse_app(path, message_path, middleware)`."""
        keywords: list[tuple[str, str | None]] = []
        if call.args and (middleware := app.keyword("middleware")) in call.args and middleware is not None:
            keywords.append(("middleware", app.module.source(middleware)))
        path = draft.path_code or (f'"{inner}"' if inner != DEFAULT_PATH else None)
        goes = [k.arg for k in call.keywords if k.arg in ("path", "message_path", "sse_path")]
        keywords += [(n, None) for n in goes if n and not (n == "path" and path)]
        keywords += [("path", path)] if path else []
        return keywords, tuple((i, None) for i in range(len(call.args)))

    def _httped(self, draft: Draft, app: App, call: ast.Call, inner: str) -> _Arguments:
        """Those of `server.http_app(path, transport="sse")`."""
        module = app.module
        keywords: list[tuple[str, str | None]] = []
        positional: tuple[tuple[int, str | None], ...] = ()
        path = next((k.value for k in call.keywords if k.arg == "path"), call.args[0] if call.args else None)
        held = app.entries.get("path") if path is None else None
        if held is not None:
            move_path_entry(self.project, draft, *held, inner)
        text = self.project.text(module, path)
        if path is not None and text != inner and (text is not None or draft.path_code):
            if call.args and path is call.args[0]:
                positional = ((0, draft.path_text(inner)),)
            else:
                keywords.append(("path", draft.path_text(inner)))
            if draft.path_code:
                move_path_constants(self.project, draft, module, path)
        transport = next((k.value for k in call.keywords if k.arg == "transport"), None)
        if isinstance(transport, ast.Constant) or self.project.words.is_member(module, transport):
            keywords.append(("transport", '"http"'))
        if inner != DEFAULT_PATH and path is None and held is None:
            keywords.append(("path", f'"{inner}"'))
        return keywords, positional

    def _stateless(self, draft: Draft, app: App, call: ast.Call) -> list[tuple[str, str | None]]:
        """What makes the call's application stateless, where it is to be and the call doesn't say so."""
        said = next((k for k in call.keywords if k.arg in ("stateless_http", "stateless")), None)
        held = app.entries.get("stateless_http")
        if draft.stateless and said is None and held is not None:
            self.project.stateless.said(draft, *held)
        elif draft.stateless and said is None:
            return [("stateless_http", "True")]
        if draft.stateless and said is not None:
            if isinstance(said.value, ast.Constant):
                return [(said.arg or "", "True")]
            self.project.stateless.said(draft, app.module, said.value)
        return []

    def _function(self, module: Module, call: ast.Call) -> tuple[str, list[Operation]]:
        """What takes the place of create_sse_app, and the import that it needs."""
        table = self.sdks.fastmcp["functions"]
        source, name = module.source(call.func), str(table["http_app"])
        if "." in source:
            return f"{source.rpartition('.')[0]}.{name}", []
        old = next((b.module for b in module.scope.bindings.get(source, []) if b.kind == "import"), "")
        replaced = f"{old or table['http_app_module']}:{source}"
        return name, [EnsureImport(module.path, table["http_app_module"], name, replaced)]

    def fresh(self, module: Module, base: str, node: ast.AST) -> str:
        """A name for `node` that the file does not have yet."""
        if node in self._given:
            return self._given[node]
        taken = {n for s in module.scopes.values() for n in s.bindings} | self._taken.setdefault(module.path, set())
        name, number = base, 1
        while name in taken:
            number += 1
            name = f"{base}_{number}"
        self._taken[module.path].add(name)
        self._given[node] = name
        return name


def _says_path(operation: Operation) -> bool:
    if isinstance(operation, EditCall):
        return any(name == "streamable_http_path" and value for name, value in operation.keywords)
    return isinstance(operation, ReplaceExpr) and operation.code.endswith(".streamable_http_path")
