"""Makes the lifespan of a host application run the session managers of the servers mounted in it."""

from __future__ import annotations

import ast

from migrator.python.code import FunctionNode, Module
from migrator.python.edits import EditCall, EnsureImport, Insert, Operation, ReplaceStmt
from migrator.python.hosting import Hosted
from migrator.python.unit import Draft
from migrator.python.values import Cls, Func, Obj, Values, decorator_name, walk_own


class Wiring:
    """Makes a host's lifespan run a server's session manager."""

    def __init__(self, values: Values, modules: list[Module]) -> None:
        self.values = values
        self.modules = modules
        # several servers in one host: its lifespan enters all of them, and the last draft carries the edit
        self._entered: dict[object, list[str]] = {}
        self._carrier: dict[object, Draft] = {}
        self._last: dict[object, ast.stmt] = {}
        self._made: dict[object, tuple[Operation, ...]] = {}

    def _gather(self, draft: Draft, key: object, running: str) -> list[str]:
        contexts = self._entered.setdefault(key, [])
        if running not in contexts:
            contexts.append(running)
        draft.keys.add(("host", key))
        return contexts

    def _only(self, draft: Draft, key: object, *operations: Operation) -> None:
        carrier = self._carrier.get(key)
        if carrier is not None:
            previous, draft_operations = self._made[key], carrier.operations
            carrier.operations[:] = [o for o in draft_operations if o not in previous]
        self._carrier[key] = draft
        self._made[key] = operations
        draft.do(*operations)

    def wire(self, draft: Draft, hosted: Hosted, running: str, visible_from: ast.AST | None, tag: str = "") -> None:
        """Add the edits. `running`: the expression to enter ("mcp.session_manager.run()"; {app}: the lifespan's argument).

        visible_from: a node of the statement that binds what `running` names (None: bound at module level or by an
        enclosing function before the host). Blocks the draft when no safe place is found.
        """
        module, host = hosted.host_module, hosted.host
        if host is not None and module is not None and module is hosted.module:
            statement = module.statement_of(host)
            before = visible_from is None or self._bound_before(module, visible_from, statement)
            lifespan = next((k.value for k in host.keywords if k.arg == "lifespan"), None)
            startup = any(k.arg in ("on_startup", "on_shutdown") for k in host.keywords) or self._has_events(
                module, hosted
            )
            splat = any(k.arg is None for k in host.keywords)
            if lifespan is not None and not startup and self._nest(draft, module, lifespan, running, visible_from):
                return
            if lifespan is None and not startup and not splat and before and self._own_init(host, module):
                self._new_lifespan(draft, module, statement, host, running, tag)
                return
        self._wrap(draft, hosted, running, tag)

    def _own_init(self, host: ast.Call, module: Module) -> bool:
        return not any(isinstance(v, Obj) and isinstance(v.of, Cls) for v in self.values.of(module, host))

    def _bound_before(self, module: Module, node: ast.AST, statement: ast.stmt) -> bool:
        bound = module.statement_of(node)
        if module.scope_of(bound) is not module.scope_of(statement):
            scope = module.scope_of(statement)
            above = module.scope_of(bound)
            current = scope.parent
            while current is not None:
                if current is above:
                    return True
                current = current.parent
            return False
        return bound.lineno <= statement.lineno

    def _has_events(self, module: Module, hosted: Hosted) -> bool:
        name = hosted.host_name
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and node.attr in ("on_event", "add_event_handler"):
                if not name or module.source(node.value) in (name, f"{name}.router"):
                    return True
        return False

    def _nest(self, draft: Draft, module: Module, lifespan: ast.expr, running: str, visible: ast.AST | None) -> bool:
        """Wrap the `yield` of the host's own lifespan."""
        for value in self.values.of(module, lifespan):
            if not isinstance(value, Func) or value.module is not module:
                continue
            function = value.node
            assert isinstance(function, FunctionNode)
            yields = [n for n in walk_own(function) if isinstance(n, ast.Yield)]
            if not isinstance(function, ast.AsyncFunctionDef) or len(yields) != 1:
                return False
            if not any(decorator_name(d).rpartition(".")[2] == "asynccontextmanager" for d in function.decorator_list):
                return False
            root = running.split(".", maxsplit=1)[0].split("(", maxsplit=1)[0]
            if not self._sees(module, function, root, visible):
                return False
            statement = module.statement_of(yields[0])
            if not isinstance(statement, ast.Expr) or statement.value is not yields[0]:
                return False
            text = module.source(statement)
            if "\n" in text:
                return False
            key = ("yield", module.path, statement.lineno)
            first = function.args.args[0].arg if function.args.args else "None"
            contexts = self._gather(draft, key, running.replace("{app}", first))
            self._only(draft, key, ReplaceStmt(module.at(statement), f"async with {', '.join(contexts)}:\n    {text}"))
            return True
        return False

    def _sees(self, module: Module, function: ast.AST, root: str, visible: ast.AST | None) -> bool:
        scope = module.scopes.get(function)
        while scope is not None:
            if root in scope.bindings:
                return True
            scope = scope.parent
        if visible is None:
            return True
        above, scope = module.scope_of(visible), module.scopes.get(function)
        while scope is not None and scope is not above:
            scope = scope.parent
        return scope is not None

    def _new_lifespan(
        self, draft: Draft, module: Module, statement: ast.stmt, host: ast.Call, running: str, tag: str
    ) -> None:
        key = ("lifespan", module.path, host.lineno, host.col_offset)
        name = f"mcp_lifespan{tag}"
        contexts = self._gather(draft, key, running.replace("{app}", "app"))
        code = f"@contextlib.asynccontextmanager\nasync def {name}(app):\n    async with {', '.join(contexts)}:\n        yield"
        self._only(
            draft,
            key,
            Insert(module.at(statement), code, order=50),
            EditCall(module.at(host), keywords=(("lifespan", name),)),
            EnsureImport(module.path, "contextlib"),
        )

    def _wrap(self, draft: Draft, hosted: Hosted, running: str, tag: str) -> None:
        """The form that works for every host: put our context around the lifespan it has."""
        module = hosted.module
        statement = module.statement_of(hosted.node)
        name = hosted.host_name
        if not name or not all(part.isidentifier() for part in name.split(".")):
            draft.block(
                module.place(hosted.node),
                "the application that this server is mounted in has no name here, so its lifespan can't be extended",
                "Enter "
                + running.replace("{app}", "app")
                + " in the lifespan of the outermost application (async with ...: yield).",
                step="wire",
            )
            return
        plain = name.replace(".", "_")
        previous, new = f"_{plain}_lifespan{tag}", f"_{plain}_mcp_lifespan{tag}"
        key = ("wrapped", module.path, id(module.scope_of(statement).node), name)
        contexts = self._gather(draft, key, running.replace("{app}", "app"))
        # behind the last mount that needs it: everything that `contexts` names is bound there
        last = self._last.get(key)
        if last is None or statement.lineno > last.lineno:
            self._last[key] = statement
        code = (
            f"{previous} = {name}.router.lifespan_context\n"
            "@contextlib.asynccontextmanager\n"
            f"async def {new}(app):\n"
            f"    async with {previous}(app) as state, {', '.join(contexts)}:\n"
            "        yield state\n"
            f"{name}.router.lifespan_context = {new}"
        )
        self._only(
            draft,
            key,
            Insert(module.at(self._last[key]), code, where="after", order=60),
            EnsureImport(module.path, "contextlib"),
        )
