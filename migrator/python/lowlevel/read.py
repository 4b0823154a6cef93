"""Finds the parts of hand-wired SSE servers: transport objects, their streams, and where messages are posted.

By resolution, never by names: a class of the same name from elsewhere is not the SDK's. Decides nothing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import field

from migrator.python.flow.value import Cls, Ext, Func, Obj, Value
from migrator.python.functions import is_docstring, names_of, walk_own
from migrator.python.lowlevel.opened import Opened, opened
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import RemoveStmt, Unused
from migrator.python.rewrite.uses import exported
from migrator.python.unit import Draft
from migrator.records import record

STREAM = "connect_sse"
POST = "handle_post_message"


@record(eq=False)
class Run:
    """`server.run(read, write, options)` on the streams of a transport."""

    module: Module
    call: ast.Call
    receiver: ast.expr
    options: ast.expr | None
    function: FunctionNode | None  # the function that holds the call: the stream's own, or a helper of it
    extra: tuple[ast.keyword, ...] = ()  # raise_exceptions, stateless


@record(eq=False)
class Stream:
    """One `async with X.connect_sse(...)` statement."""

    module: Module
    node: ast.AsyncWith  # or the one of the stack that it is put on
    call: ast.Call
    function: FunctionNode
    run: Run | None
    site: ast.stmt | None  # the statement of the `with` body that runs the server
    carriers: tuple[ast.stmt, ...] = ()  # `cm = X.connect_sse(...)`, `read, write = streams`: only the run needs them

    @property
    def arguments(self) -> tuple[ast.expr, ast.expr, ast.expr] | None:
        """The ASGI scope, receive and send that the stream is made of."""
        found: dict[str, ast.expr] = dict(zip(("scope", "receive", "send"), self.call.args, strict=False))
        found.update({k.arg: k.value for k in self.call.keywords if k.arg})
        if len(found) != 3 or any(isinstance(a, ast.Starred) for a in self.call.args):
            return None
        return (found["scope"], found["receive"], found["send"]) if set(found) == {"scope", "receive", "send"} else None


@record(eq=False)
class Given:
    """The transport as an argument of a function of the project, or of a class: `SseEndpoint(sse, server)`.

    function: the one that gets it (a class's __init__). attribute: under which a class keeps it, "" otherwise.
    """

    module: Module
    use: ast.expr
    call: ast.Call
    target: Module
    function: FunctionNode
    parameter: ast.arg
    attribute: str = ""


@record(eq=False)
class Transport:
    """One `SseServerTransport(...)` and everything that uses it."""

    module: Module
    call: ast.Call
    statement: ast.stmt
    streams: list[Stream] = field(default_factory=list)
    posts: list[tuple[Module, ast.Attribute]] = field(default_factory=list)  # X.handle_post_message
    given: list[Given] = field(default_factory=list)
    others: list[tuple[Module, ast.AST, str]] = field(default_factory=list)  # uses that can't be moved, and why

    @property
    def target(self) -> ast.expr | None:
        """What the transport is assigned to."""
        s = self.statement
        if isinstance(s, ast.Assign) and s.value is self.call and len(s.targets) == 1:
            return s.targets[0]
        if isinstance(s, ast.AnnAssign) and s.value is self.call:
            return s.target
        return None

    @property
    def endpoint(self) -> ast.expr | None:
        """The expression of the message path."""
        if self.call.args:
            return self.call.args[0]
        return next((k.value for k in self.call.keywords if k.arg == "endpoint"), None)


class Reader:
    """Reads one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.values = project.values
        self.sdks = project.sdks
        self.names = {n.rpartition(".")[2] for n in self.sdks.sse_transports}

    def transports(self) -> list[Transport]:
        """Every transport object of the project, with its uses."""
        found: dict[ast.AST, Transport] = {}
        own: dict[Value, tuple[Module, ast.ClassDef]] = {
            Cls(module, node): (module, node) for module, node in self._own_classes()
        }
        self.names |= {node.name for _, node in own.values()}
        for module in self.project.modules:
            if not any(name in module.text for name in self.names):
                continue
            for call in module.calls:
                for value in self._called(module, call):
                    if isinstance(value, Ext) and value.name in self.sdks.sse_transports:
                        found[call] = Transport(module, call, module.statement_of(call))
                    elif value in own:
                        found[call] = transport = Transport(module, call, module.statement_of(call))
                        transport.others.append((*own[value], _changed(own[value][1])))
        if found:
            self._uses(found)
        return list(found.values())

    def _own_classes(self) -> Iterator[tuple[Module, ast.ClassDef]]:
        """The project's own kinds of transport."""
        for module in self.project.modules:
            if any(name in module.text for name in self.names):
                for node in module.nodes:
                    if isinstance(node, ast.ClassDef) and node.bases:
                        bases = self.values.classes.external_bases(Cls(module, node))
                        if any(base.name in self.sdks.sse_transports for base in bases):
                            yield module, node

    def _called(self, module: Module, call: ast.Call) -> frozenset[Value]:
        last = dotted(call.func).rpartition(".")[2]
        if not last or (last not in self.names and not self._aliased(module, last)):
            return frozenset()
        return self.values.of(module, call.func)

    def _aliased(self, module: Module, name: str) -> bool:
        return any(
            b.kind in ("import", "assign")
            and (b.name in self.names or (b.value is not None and dotted(b.value).rpartition(".")[2] in self.names))
            for scope in module.scopes.values()
            for b in scope.bindings.get(name, [])
        )

    def _uses(self, found: dict[ast.AST, Transport]) -> None:
        modules = {m.path: m for word in (STREAM, POST) for m in self.values.code.mentioning(word)}
        modules.update({t.module.path: t.module for t in found.values()})
        for module in modules.values():
            for attribute in [
                a for a in module.loads if a in (STREAM, POST) or (a.startswith("_") and a.endswith("writers"))
            ]:
                for node in module.loads[attribute]:
                    if not isinstance(node, ast.Attribute):
                        continue
                    for transport in self._owners(module, node.value, found):
                        if attribute in (STREAM, POST):
                            self._use(transport, module, node)
                        else:
                            transport.others.append((module, node, f"it reads the transport's private {attribute}"))

    def _owners(self, module: Module, node: ast.expr, found: dict[ast.AST, Transport]) -> list[Transport]:
        """The transports that an expression can be."""
        owners = [found[v.node] for v in self.values.of(module, node) if isinstance(v, Obj) and v.node in found]
        return list(dict.fromkeys(owners)) or list(dict.fromkeys(self._stored(module, node, found)))

    def _stored(self, module: Module, node: ast.expr, found: dict[ast.AST, Transport]) -> Iterator[Transport]:
        """Transports kept in a dictionary, one a session: `transports[session_id]`, or in `app.state`; also by name."""
        if isinstance(node, ast.Name):
            for b in module.scope_of(node).bindings.get(node.id, []):
                if b.kind == "assign" and b.value is not None and not isinstance(b.value, ast.Name):
                    yield from self._stored(module, b.value, found)
            return
        if isinstance(node, ast.Attribute):
            for transport in found.values() if state_name(node) else ():
                held = [transport.target, *(s.targets[0] for s in self.in_state(transport))]
                if any(t is not None and state_name(t) == state_name(node) for t in held):
                    yield transport
            return
        holder: ast.expr | None = None
        if isinstance(node, ast.Subscript):
            holder = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("get", "pop"):
            holder = node.func.value
        text = dotted(holder) if holder is not None else ""
        if not text:
            return
        for transport in found.values():
            if any(dotted(s.targets[0].value) == text for s in self.stores(transport)):  # type: ignore[attr-defined]
                yield transport

    def kept(self, transport: Transport) -> list[ast.Assign]:
        """Statements that put the transport where others find it."""
        return [*self.stores(transport), *self.in_state(transport)]

    def stores(self, transport: Transport) -> Iterator[ast.Assign]:
        """Statements `holder[key] = transport` in the function that makes the transport."""
        module = transport.module
        for node in module.within(module.scope_of(transport.statement)):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Subscript):
                if any(isinstance(v, Obj) and v.node is transport.call for v in self.values.of(module, node.value)):
                    yield node

    def in_state(self, transport: Transport) -> Iterator[ast.Assign]:
        """Statements `app.state.sse = transport`, and others that put it where nothing in the project reads it again."""
        module = transport.module
        for node in module.within(module.scope_of(transport.statement)):
            if not isinstance(node, ast.Assign) or len(node.targets) != 1 or node.value is transport.call:
                continue
            target = node.targets[0]
            if isinstance(target, ast.Attribute) and any(
                isinstance(v, Obj) and v.node is transport.call for v in self.values.of(module, node.value)
            ):
                near = self.values.code.mentioning(target.attr)
                if state_name(target) or not any(self._reads(m, target.attr) for m in near):
                    yield node

    def _reads(self, module: Module, attribute: str) -> bool:
        read = any(isinstance(n, ast.Attribute) for n in module.loads.get(attribute, ()))
        return read or any(f"{quote}{attribute}{quote}" in module.text for quote in "'\"")  # getattr(state, "sse")

    def only_imported(self, module: Module, target: ast.Name) -> bool:
        """True when a name is read in other files only, and each of them loses its import with the last use."""
        if module.scope_of(target) is not module.scope or any(
            isinstance(n, ast.Name) for n in module.loads.get(target.id, ())
        ):
            return False
        if target.id in exported(module):
            return False
        seen = False
        for other in self.values.code.importing(target.id, module):
            for alias in self._imports(other, target.id, module):
                seen = True
                if other.is_package or alias in exported(other) or not other.loads.get(alias):
                    return False
        return seen

    def _imports(self, module: Module, name: str, source: Module) -> Iterator[str]:
        """What a module calls a name that it imports from `source`."""
        for scope in module.scopes.values():
            for alias, bindings in scope.bindings.items():
                for b in bindings:
                    if b.kind == "import" and b.name == name and self.values.code.find(b.module, module) is source:
                        yield alias

    def _use(self, transport: Transport, module: Module, node: ast.Attribute) -> None:
        if node.attr == POST:
            transport.posts.append((module, node))
            return
        call = module.parents.get(node)
        found = opened(module, call) if isinstance(call, ast.Call) and call.func is node else None
        function = module.function_of(node)
        if found is None or function is None:
            transport.others.append((module, node, f"{STREAM} is not opened by an async with statement of its own"))
            return
        assert isinstance(call, ast.Call)
        alias = self._alias(module, function, node.value)
        if alias is not None:
            found.carriers.append(alias)
        run, site = self._run(module, found, function)
        stream = Stream(module, found.node, call, function, run, site, tuple(found.carriers))
        if not any(s.node is found.node for s in transport.streams):
            transport.streams.append(stream)

    def _alias(self, module: Module, function: FunctionNode, node: ast.expr) -> ast.stmt | None:
        """`transport = request.app.state.sse`: a name of the handler that is only used to open the stream."""
        scope = module.scopes[function]
        if not isinstance(node, ast.Name) or len(found := scope.bindings.get(node.id, [])) != 1:
            return None
        if found[0].kind != "assign" or not isinstance(found[0].value, ast.Name | ast.Attribute | ast.Subscript):
            return None
        uses = [n for n in module.loads.get(node.id, ()) if isinstance(n, ast.Name) and module.owner(n) is scope]
        return module.statement_of(found[0].node) if len(uses) == 1 else None

    # -- the run inside

    def _run(self, module: Module, found: Opened, function: FunctionNode) -> tuple[Run | None, ast.stmt | None]:
        """The run, and its statement. Adds the statements that only unpack the streams to the carriers."""
        node, names = found.node, set(found.names)
        for statement in node.body:
            if isinstance(statement, ast.Assign) and _unpacks(statement, names):
                names |= {n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)}
                found.carriers.append(statement)
        calls = [
            n
            for statement in node.body
            for n in (statement, *walk_own(statement))
            if isinstance(n, ast.Call) and any(names & names_of(a) for a in (*n.args, *(k.value for k in n.keywords)))
        ]
        calls = [c for c in calls if not any(c is not o and c in ast.walk(o) for o in calls)]
        if len(calls) != 1 or module.function_of(calls[0]) is not function:
            return None, None
        call = calls[0]
        site = module.statement_of(call)
        value = site.value if isinstance(site, ast.Expr | ast.Return | ast.Assign) else None
        if not isinstance(value, ast.Await) or value.value is not call or node is site:
            return None, None
        if isinstance(call.func, ast.Attribute) and call.func.attr == "run":
            return self._as_run(module, call, function), site
        return self._through(module, call, names), site

    def _as_run(self, module: Module, call: ast.Call, function: FunctionNode | None) -> Run:
        assert isinstance(call.func, ast.Attribute)
        given = {k.arg: k.value for k in call.keywords if k.arg}
        starred = any(isinstance(a, ast.Starred) for a in call.args)
        options = given.get("initialization_options")
        if options is None and starred and len(call.args) > 1:
            options = call.args[1]
        elif options is None and not starred and len(call.args) > 2:
            options = call.args[2]
        extra = tuple(k for k in call.keywords if k.arg in ("raise_exceptions", "stateless"))
        return Run(module, call, call.func.value, options, function, extra)

    def _through(self, module: Module, call: ast.Call, names: set[str]) -> Run | None:
        """A function of the project that is handed the streams and runs the server on them."""
        for value in self.values.of(module, call.func):
            if not isinstance(value, Func):
                continue
            function = value.node
            assert isinstance(function, FunctionNode)
            parameters = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
            runs = [
                n
                for n in walk_own(function)
                if isinstance(n, ast.Call)
                and isinstance(n.func, ast.Attribute)
                and n.func.attr == "run"
                and n.args
                and parameters & names_of(n.args[0])
            ]
            own = [s for s in function.body if not is_docstring(s)]
            if len(runs) == 1 and len(own) == 1:
                return self._as_run(value.module, runs[0], function)
        return None

    def opened_unseen(self) -> tuple[Module, ast.Attribute] | None:
        """A place that opens a stream of something that can't be followed."""
        for module in self.values.code.mentioning(STREAM):
            if not any(name in module.text or "mcp" in module.text for name in self.names):
                continue
            for node in module.loads.get(STREAM, ()):
                if isinstance(node, ast.Attribute) and not any(
                    isinstance(v, Obj | Ext) for v in self.values.of(module, node.value)
                ):
                    return module, node
        return None


def drop(draft: Draft, reader: Reader, transport: Transport) -> None:
    """Take the transport object out, once nothing uses it."""
    target, module = transport.target, transport.module
    stores = reader.kept(transport)
    draft.do(*(RemoveStmt(module.at(store)) for store in stores))
    holder = module.parents.get(transport.statement)
    if isinstance(holder, ast.Try) and not holder.orelse and not holder.finalbody:
        if all(s is transport.statement or s in stores for s in holder.body):
            draft.do(RemoveStmt(module.at(holder)))
    if isinstance(target, ast.Name):
        if reader.only_imported(module, target):
            draft.do(RemoveStmt(module.at(transport.statement)))
        draft.do(Unused(module.path, target.id))
    elif target is not None:
        draft.do(RemoveStmt(module.at(transport.statement)))
    if isinstance(transport.endpoint, ast.Name):
        draft.do(Unused(module.path, transport.endpoint.id))


def state_name(node: ast.expr) -> str:
    """The name by which an application's state keeps something: "sse" of `request.app.state.sse`; "" elsewhere."""
    return node.attr if isinstance(node, ast.Attribute) and dotted(node.value).rpartition(".")[2] == "state" else ""


def _unpacks(statement: ast.Assign, names: set[str]) -> bool:
    """`read, write = streams`, `read = streams[0]`."""
    value = statement.value
    if isinstance(value, ast.Subscript) and isinstance(value.slice, ast.Constant):
        value = value.value
    targets = [e for t in statement.targets for e in (t.elts if isinstance(t, ast.Tuple | ast.List) else [t])]
    return isinstance(value, ast.Name) and value.id in names and all(isinstance(t, ast.Name) for t in targets)


def _changed(cls: ast.ClassDef) -> str:
    """What a kind of transport that is the project's own does in its own way, as a reason."""
    methods = [s.name for s in cls.body if isinstance(s, FunctionNode)]
    return f"{cls.name} is the project's own transport ({', '.join(methods) or 'as the SDK has it'})"
