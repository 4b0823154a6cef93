"""Makes the lifespan of a host application run the session managers of the servers mounted in it."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import field

from migrator.python.applications.asgi import Asgi
from migrator.python.applications.contexts import Context, Fixed, Owned
from migrator.python.applications.entered import Entered
from migrator.python.applications.hosts import Hosted
from migrator.python.applications.moments import ALWAYS, Moment, Moments, conditional
from migrator.python.applications.owners import Owner, Spelling
from migrator.python.flow.value import Ext, Func, Obj
from migrator.python.flow.values import Values
from migrator.python.functions import decorator_name, walk_own
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import EditCall, EnsureImport, Insert, Operation, ReplaceStmt
from migrator.python.unit import Draft
from migrator.records import record


@record(eq=False)
class Shared:
    """Several servers in one host: its lifespan enters all of them, and the last draft carries the edit."""

    contexts: list[str] = field(default_factory=list)
    draft: Draft | None = None
    made: tuple[Operation, ...] = ()
    last: ast.stmt | None = None
    tag: str = ""  # ends the names that are put in


class Wiring:
    """Makes a host's lifespan run a server's session manager. One a run: hosts are shared."""

    def __init__(self, values: Values, modules: list[Module], asgi: Asgi) -> None:
        self.values = values
        self.modules = modules
        self.asgi = asgi
        self.spelling = Spelling(values)
        self.moments = Moments(values)
        self.entered = Entered(values)
        self._shared: dict[object, Shared] = {}
        self._eventful: dict[ast.Call, bool] = {}
        self._wraps: dict[object, int] = {}  # how many times a name's lifespan was wrapped

    def wire(
        self,
        draft: Draft,
        hosted: Hosted,
        running: str,
        visible_from: ast.AST | None,
        moment: Moment = ALWAYS,
        tag: str = "",
    ) -> None:
        """Add the edits. `running`: the expression to enter ("mcp.session_manager.run()"; {app}: the lifespan's argument).

        visible_from: a node of the statement that binds what `running` names (None: bound at module level or by an
        enclosing function before the host). Blocks the draft when no safe place is found.
        """
        self._wire(draft, hosted, Fixed(running, visible_from), tag, moment)

    def enter(self, draft: Draft, hosted: Hosted, owners: Sequence[Owner], tail: str) -> None:
        """As wire(), for `{owner}{tail}`: the first of `owners` that can be seen from the place is written there.

        Nothing for a host whose lifespan enters the application's already.
        """
        entered = self.entered.conditions(hosted, owners)
        if None in entered:
            return
        if entered:
            draft.block(
                hosted.module.place(hosted.node),
                "the host's lifespan runs the session manager only under a condition",
                "Let it run the session manager in every case (async with ...: yield).",
                step="wire",
            )
            return
        context = Owned(self.spelling, owners, tail)
        moment = ALWAYS if hosted.made else self.moments.of(hosted)
        chosen = self.entered.chosen(hosted) if moment.always and not moment.late else None
        if any(o.text == chosen for o in owners):
            chosen = None
        if chosen == "":
            draft.block(
                hosted.module.place(hosted.node),
                "which application is mounted here is decided elsewhere, and it has no name here",
                "Give it a name where it is mounted (mcp_app = ...), and enter mcp_app.router.lifespan_context(mcp_app) "
                "in the lifespan of the outermost application.",
                step="wire",
            )
        elif chosen is not None:
            running = f"{chosen}.router.lifespan_context({chosen})"
            assert hosted.app is not None
            self._wire(draft, hosted, Fixed(running, hosted.app[1]), "", moment)
        elif moment.late:
            self._late(draft, hosted, context, moment)
        else:
            self._wire(draft, hosted, context, "", moment)

    def _wire(self, draft: Draft, hosted: Hosted, context: Context, tag: str, moment: Moment) -> None:
        module, host = hosted.host_module, hosted.host
        local = module is hosted.module or (isinstance(context, Owned) and not hosted.host_name)
        if host is not None and module is not None and local and moment.always:
            statement = module.statement_of(host)
            lifespan = next((k.value for k in host.keywords if k.arg == "lifespan"), None)
            if isinstance(lifespan, ast.Constant) and lifespan.value is None:
                lifespan = None
            startup = any(k.arg in ("on_startup", "on_shutdown") for k in host.keywords) or self._has_events(host)
            splat = any(k.arg is None for k in host.keywords)
            if lifespan is not None and not startup and self._nest(draft, module, lifespan, context):
                return
            if lifespan is None and not startup and not splat and self._own_init(host, module):
                if self._new_lifespan(draft, module, statement, host, context, tag):
                    return
        self._wrap(draft, hosted, context, tag, moment)

    # -- a mount that happens while the host runs

    def _late(self, draft: Draft, hosted: Hosted, context: Owned, moment: Moment) -> None:
        """Inside the lifespan: around its `yield`. In a start handler: around the lifespan that calls the handler."""
        module, function = hosted.module, moment.function
        assert function is not None
        if moment.always and moment.late == "lifespan" and self._nest_in(draft, module, function, context):
            return
        if moment.always and moment.late == "startup":
            name = hosted.host_name
            seen = module.scope_of(function)
            bound = name.isidentifier() and any(name in s.bindings for s in (seen, module.scope))
            if bound and name not in module.scopes[function].bindings and context.behind(module, function) is not None:
                self._around(draft, module, function, name, context, "", ALWAYS)
                return
        draft.block(
            module.place(hosted.node),
            "the application is mounted while its host is running already, too late for the host's lifespan to run it",
            "Mount it where the host is made, and enter the session manager in the host's lifespan (async with ...: yield).",
            step="wire",
        )

    # -- several servers in one host

    def _gather(self, draft: Draft, key: object, running: str) -> Shared:
        shared = self._shared.setdefault(key, Shared())
        if running not in shared.contexts:
            shared.contexts.append(running)
        draft.keys.add(("host", key))
        return shared

    def _only(self, draft: Draft, shared: Shared, *operations: Operation) -> None:
        if shared.draft is not None:
            shared.draft.operations[:] = [o for o in shared.draft.operations if o not in shared.made]
        shared.draft, shared.made = draft, operations
        draft.do(*operations)

    # -- the forms

    def _own_init(self, host: ast.Call, module: Module) -> bool:
        """True when the call makes the framework's own class: a subclass may not hand `lifespan` on."""
        made = [v.of for v in self.values.of(module, host) if isinstance(v, Obj)]
        return all(isinstance(of, Ext) and of.name in self.asgi.applications for of in made)

    def _has_events(self, host: ast.Call) -> bool:
        """True when start and stop handlers may belong to the host: with `lifespan=` they would not run any more."""
        if host not in self._eventful:
            self._eventful[host] = any(
                self._of_host(module, node, host)
                for name in ("on_event", "add_event_handler")
                for module in self.values.code.mentioning(name)
                for node in module.loads.get(name, ())
            )
        return self._eventful[host]

    def _of_host(self, module: Module, node: ast.AST, host: ast.Call) -> bool:
        """False for a handler of another application, and for an `on_event` of something else."""
        receiver = node.value if isinstance(node, ast.Attribute) else None
        if isinstance(receiver, ast.Attribute) and receiver.attr == "router":
            receiver = receiver.value
        made = [v.node for v in self.values.of(module, receiver) if isinstance(v, Obj)]
        if host in made:
            return True
        return _starts_or_stops(module, node) and not (made and all(_is_application(n) for n in made))

    def _nest(self, draft: Draft, module: Module, lifespan: ast.expr, context: Context) -> bool:
        """Wrap the `yield` of the host's own lifespan."""
        for value in self.values.of(module, lifespan):
            if not isinstance(value, Func) or value.module is not module:
                continue
            assert isinstance(value.node, FunctionNode)
            return self._nest_in(draft, module, value.node, context)
        return False

    def _nest_in(self, draft: Draft, module: Module, function: FunctionNode, context: Context) -> bool:
        yields = [n for n in walk_own(function) if isinstance(n, ast.Yield)]
        if not isinstance(function, ast.AsyncFunctionDef) or len(yields) != 1:
            return False
        if not any(decorator_name(d).rpartition(".")[2] == "asynccontextmanager" for d in function.decorator_list):
            return False
        spelled = context.inside(module, function)
        statement = module.statement_of(yields[0])
        if spelled is None or not isinstance(statement, ast.Expr) or statement.value is not yields[0]:
            return False
        text = module.source(statement)
        if "\n" in text:
            return False
        arguments = [*function.args.posonlyargs, *function.args.args]
        first = arguments[-1].arg if arguments else "None"  # behind `self`, if it is a method
        shared = self._gather(draft, ("yield", module.path, statement.lineno), spelled.text.replace("{app}", first))
        code = f"async with {', '.join(shared.contexts)}:\n    {text}"
        self._only(draft, shared, ReplaceStmt(module.at(statement), code))
        draft.do(*spelled.operations)
        return True

    def _new_lifespan(
        self,
        draft: Draft,
        module: Module,
        statement: ast.stmt,
        host: ast.Call,
        context: Context,
        tag: str,
    ) -> bool:
        spelled = context.at_host(module, statement)
        if spelled is None:
            return False
        key = ("lifespan", module.path, host.lineno, host.col_offset)
        shared = self._gather(draft, key, spelled.text.replace("{app}", "app"))
        plain = context.plain(module, statement)
        draft.do(*spelled.operations)
        if plain and len(shared.contexts) == 1:
            self._only(draft, shared, EditCall(module.at(host), keywords=(("lifespan", plain),)))
            return True
        name = f"mcp_lifespan{tag}"
        self._only(
            draft,
            shared,
            Insert(
                module.at(statement),
                f"@contextlib.asynccontextmanager\nasync def {name}({_arguments(module, statement, shared.contexts)}):\n"
                f"    async with {', '.join(shared.contexts)}:\n        yield",
                order=50,
            ),
            EditCall(module.at(host), keywords=(("lifespan", name),)),
            EnsureImport(module.path, "contextlib"),
        )
        return True

    def _wrap(self, draft: Draft, hosted: Hosted, context: Context, tag: str, moment: Moment) -> None:
        """The form that works for every host: put our context around the lifespan it has."""
        module = hosted.module
        name = hosted.host_name
        mount = hosted.mount if hosted.mount is not None and hosted.inner is None else hosted.node
        beside = set(module.ancestors(hosted.node))
        elsewhere = not moment.always and conditional(module, mount, None, beside) is not None
        if context.behind(module, hosted.node) is None:
            what = "the server can't be seen where it is mounted"
        elif not name or not all(part.isidentifier() for part in name.split(".")):
            what = "the application that this server is mounted in has no name here"
        elif elsewhere:
            what = "this route may be left out or made several times, and the lifespan can't know"
        else:
            self._around(draft, module, hosted.node, name, context, tag, moment)
            return
        draft.block(
            module.place(mount if elsewhere else hosted.node),
            f"{what}, so the lifespan that has to run it can't be extended",
            "Enter the session manager in the lifespan of the outermost application "
            "(async with ...: yield), where both have a name.",
            step="wire",
        )

    def _around(
        self,
        draft: Draft,
        module: Module,
        node: ast.AST,
        name: str,
        context: Context,
        tag: str,
        moment: Moment,
    ) -> None:
        """Wrap the lifespan of the host called `name`, behind the statement of `node`."""
        spelled = context.behind(module, node)
        assert spelled is not None
        statement = module.statement_of(node)
        scope = id(module.scope_of(statement).node)
        # one around all mounts that happen together; one each for those that may be left out
        block = "" if moment.always else _block(module, statement)
        shared = self._gather(draft, ("wrapped", module.path, scope, name, block), spelled.text.replace("{app}", "app"))
        # behind the last mount that needs it: everything that the contexts name is bound there
        if shared.last is None or statement.lineno > shared.last.lineno:
            shared.last = statement
        if not shared.tag:
            number = self._wraps[name, scope] = self._wraps.get((name, scope), 0) + 1
            shared.tag = f"{tag}_{number}" if number > 1 else tag or " "
        plain, tag = name.replace(".", "_"), shared.tag.strip()
        previous, new = f"_{plain}_lifespan{tag}", f"_{plain}_mcp_lifespan{tag}"
        arguments = _arguments(module, statement, shared.contexts, previous, loop=moment.loop)
        code = (
            f"{previous} = {name}.router.lifespan_context\n"
            "@contextlib.asynccontextmanager\n"
            f"async def {new}({arguments}):\n"
            f"    async with {previous}(app) as state, {', '.join(shared.contexts)}:\n"
            "        yield state\n"
            f"{name}.router.lifespan_context = {new}"
        )
        self._only(
            draft,
            shared,
            Insert(module.at(shared.last), code, where="after", order=60),
            EnsureImport(module.path, "contextlib"),
        )
        draft.do(*spelled.operations)


def _starts_or_stops(module: Module, node: ast.AST) -> bool:
    """True for `app.on_event("startup")` and its like."""
    call = module.parents.get(node)
    if not isinstance(call, ast.Call) or call.func is not node:
        return False
    return any(isinstance(a, ast.Constant) and a.value in ("startup", "shutdown") for a in call.args[:1])


def _is_application(call: ast.Call | None) -> bool:
    name = decorator_name(call).rpartition(".")[2] if call is not None else ""
    return name in ("FastAPI", "Starlette")


def _arguments(module: Module, statement: ast.stmt, contexts: list[str], *new: str, loop: bool = False) -> str:
    """The parameters of a new lifespan.

    What it names is a default where it would not be seen, in a class body, or would change, in a loop.
    """
    scope = module.scope_of(statement)
    if not loop and not isinstance(scope.node, ast.ClassDef):
        return "app"
    roots = dict.fromkeys(c.split(".", maxsplit=1)[0] for c in contexts)
    names = [*new, *(root for root in roots if loop or root in scope.bindings)]
    return ", ".join(["app", *(f"{name}={name}" for name in names)])


def _block(module: Module, statement: ast.stmt) -> str:
    """Which branch of which statement it stands in."""
    parent = module.parents[statement]
    branch = next(
        (name for name, value in ast.iter_fields(parent) if isinstance(value, list) and statement in value), ""
    )
    return f"{id(parent)} {branch}"
