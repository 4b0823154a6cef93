"""Transports that are handed on: `SseEndpoint(sse, server)`, `build_app(server, sse)`.

The session manager is handed on in their place. Whoever got the transport calls the manager under the same name.
"""

from __future__ import annotations

import ast

from migrator.python.flow.value import Cls, Func
from migrator.python.lowlevel.job import Job, chain
from migrator.python.lowlevel.place import Manager, Placing
from migrator.python.lowlevel.read import POST, STREAM, Given, Transport
from migrator.python.lowlevel.routes import Routes
from migrator.python.module import FunctionNode, Module, Scope, dotted
from migrator.python.rewrite.edits import EnsureImport, ReplaceExpr
from migrator.python.unit import Draft


class Giving:
    """Answers for one project."""

    def __init__(self, routes: Routes, placing: Placing) -> None:
        self.routes = routes
        self.values = routes.values
        self.placing = placing
        low = routes.project.sdks.official["lowlevel"]
        self.manager_module, self.manager = str(low["manager_module"]), str(low["manager"])
        self.old = sorted(routes.project.sdks.sse_transports)[0]

    # -- reading

    def of(self, module: Module, use: ast.expr) -> Given | None:
        """The argument that an expression is, where the function or class only uses the transport's two methods."""
        parent = module.parents.get(use)
        keyword = parent.arg if isinstance(parent, ast.keyword) else None
        call = module.parents.get(parent) if isinstance(parent, ast.keyword) else parent
        if not isinstance(call, ast.Call) or call.func is use:
            return None
        for value in self.values.of(module, call.func):
            function = value.node if isinstance(value, Func) else self._init(value) if isinstance(value, Cls) else None
            if not isinstance(function, FunctionNode) or not isinstance(value, Func | Cls):
                continue
            arguments = [*function.args.posonlyargs, *function.args.args]
            if value.module.class_of(function) is not None:
                arguments = arguments[1:]
            if keyword is not None:
                named = [a for a in (*arguments, *function.args.kwonlyargs) if a.arg == keyword]
            else:
                index = call.args.index(use)
                named = arguments[index : index + 1]
            for parameter in named:
                attribute = self._plumbing(value.module, function, parameter)
                if attribute is not None:
                    return Given(module, use, call, value.module, function, parameter, attribute)
        return None

    def _init(self, cls: Cls) -> FunctionNode | None:
        body = cls.node.body  # type: ignore[attr-defined]
        return next((n for n in body if isinstance(n, FunctionNode) and n.name == "__init__"), None)

    def _plumbing(self, module: Module, function: FunctionNode, parameter: ast.arg) -> str | None:
        """The attribute that keeps the parameter ("" for none); None when anything else is done with it."""
        attribute = ""
        scope = module.scopes[function]
        for use in module.loads.get(parameter.arg, ()):
            if not isinstance(use, ast.Name) or module.owner(use) is not scope:
                continue
            if self._is_method(module, use):
                continue
            target = _assigned(module, use)
            if target is None or attribute or not self._kept_well(module, function, target):
                return None
            attribute = target.attr
        return attribute

    def _is_method(self, module: Module, use: ast.expr) -> bool:
        parent = module.parents.get(use)
        return isinstance(parent, ast.Attribute) and parent.attr in (STREAM, POST)

    def _kept_well(self, module: Module, function: FunctionNode, target: ast.Attribute) -> bool:
        cls = module.class_of(function)
        own = function.args.args[0].arg if function.args.args else ""
        if cls is None or dotted(target.value) != own:
            return False
        return all(
            self._is_method(module, use)
            for use in module.loads.get(target.attr, ())
            if isinstance(use, ast.Attribute) and cls in module.ancestors(use)
        )

    # -- placing

    def place(self, job: Job) -> Manager | None:
        """Where to make the manager, which every function gets instead of the transport; None when no place is safe."""
        transport = job.transport
        given = next((g for g in transport.given if self._reaches(g, job)), None)
        if given is None or given.module is not transport.module:
            return None
        server = self._server(given, job)
        if server is None:
            return None
        module = given.module
        aliases = tuple(
            (g.target.class_of(g.function) if g.attribute else g.function, g.attribute or g.parameter.arg)
            for g in transport.given
        )
        anchor, how = self._anchor(module, transport, given, server)
        runs = {root for _, root in chain(self.routes, job)}
        if any(o in runs for o in module.ancestors(anchor)):
            return None  # it is made for each request
        name = self.placing.free(module, "session_manager")
        known = tuple((holder, alias) for holder, alias in aliases if holder is not None)
        return Manager(name, module.source(server), module, anchor, how, module.scope_of(anchor), aliases=known)

    def _reaches(self, given: Given, job: Job) -> bool:
        """True when the stream is opened on this argument."""
        stream = job.stream
        if stream.module is not given.target:
            return False
        cls = given.target.class_of(given.function)
        around = [stream.function, *stream.module.ancestors(stream.function)]
        return given.function in around or (cls is not None and cls in around)

    def _server(self, given: Given, job: Job) -> ast.expr | None:
        """The expression of the server at the call that hands the transport on."""
        run = job.run
        if run.module is not given.target:
            return None
        receiver = run.receiver
        parameter = ""
        if isinstance(receiver, ast.Name):
            parameter = receiver.id
        elif isinstance(receiver, ast.Attribute) and isinstance(receiver.value, ast.Name):
            parameter = self._kept_parameter(given, receiver.attr)
        positional = [*given.function.args.posonlyargs, *given.function.args.args]
        if given.target.class_of(given.function) is not None:
            positional = positional[1:]
        names = [a.arg for a in positional]
        for keyword in given.call.keywords:
            if keyword.arg == parameter and parameter:
                return keyword.value
        if parameter in names and names.index(parameter) < len(given.call.args):
            found = given.call.args[names.index(parameter)]
            return None if isinstance(found, ast.Starred) else found
        if isinstance(receiver, ast.Name) and given.module is given.target and self._is_global(given.target, receiver):
            return receiver
        return None

    def _is_global(self, module: Module, name: ast.Name) -> bool:
        return module.owner(name) is module.scope and name.id in module.scope.bindings

    def _kept_parameter(self, given: Given, attribute: str) -> str:
        """The parameter of __init__ that an attribute keeps."""
        for argument in (*given.function.args.args, *given.function.args.kwonlyargs):
            for use in given.target.loads.get(argument.arg, ()):
                if isinstance(use, ast.Name) and given.target.owner(use) is given.target.scopes[given.function]:
                    target = _assigned(given.target, use)
                    if target is not None and target.attr == attribute:
                        return argument.arg
        return ""

    def _anchor(self, module: Module, transport: Transport, given: Given, server: ast.expr) -> tuple[ast.stmt, str]:
        statement = transport.statement
        if isinstance(transport.target, ast.Name):
            made = module.scope_of(statement)
            names = [n for n in ast.walk(server) if isinstance(n, ast.Name)]
            if all(self._seen(made, module.owner(n)) for n in names):
                late = [
                    b.node
                    for n in names
                    if module.owner(n) is made
                    for b in made.bindings.get(n.id, [])
                    if b.kind != "param" and getattr(b.node, "lineno", 0) > statement.lineno
                ]
                if not late:
                    return statement, "replace"
                last = module.statement_of(max(late, key=lambda node: getattr(node, "lineno", 0)))
                if last.lineno < given.use.lineno:
                    return last, "after"
        return module.statement_of(given.call), "before"

    def _seen(self, scope: Scope | None, owner: Scope) -> bool:
        while scope is not None and scope is not owner:
            scope = scope.parent
        return scope is not None

    def to_handlers(self, job: Job) -> bool:
        """True when only the handler's own functions and classes get the transport: copies can get the manager."""
        roots = {root for _, root in chain(self.routes, job)}
        return all(
            g.function in roots or g.target.class_of(g.function) in roots
            for g in job.transport.given
            if self._reaches(g, job)
        )

    # -- editing

    def hand_on(self, draft: Draft, job: Job, manager: Manager) -> None:
        """The manager takes the transport's place in calls and annotations."""
        for given in job.transport.given:
            if self._reaches(given, job):
                draft.do(ReplaceExpr(given.module.at(given.use), manager.name))
                draft.files |= {given.module.path, given.target.path}
            annotation = given.parameter.annotation
            package, _, name = self.old.rpartition(".")
            if annotation is not None and name in given.target.source(annotation):
                code = given.target.source(annotation).replace(name, self.manager)
                draft.do(
                    ReplaceExpr(given.target.at(annotation), code),
                    EnsureImport(given.target.path, self.manager_module, self.manager, f"{package}:{name}"),
                )


def _assigned(module: Module, use: ast.expr) -> ast.Attribute | None:
    """The attribute that an expression is assigned to, in a tuple too."""
    parent = module.parents.get(use)
    if isinstance(parent, ast.Assign) and len(parent.targets) == 1 and parent.value is use:
        return parent.targets[0] if isinstance(parent.targets[0], ast.Attribute) else None
    if isinstance(parent, ast.AnnAssign) and parent.value is use:
        return parent.target if isinstance(parent.target, ast.Attribute) else None
    if isinstance(parent, ast.Tuple):
        statement = module.parents.get(parent)
        if (
            isinstance(statement, ast.Assign)
            and statement.value is parent
            and isinstance(statement.targets[0], ast.Tuple)
        ):
            targets = statement.targets[0].elts
            index = parent.elts.index(use)
            target = targets[index] if len(targets) == len(parent.elts) else None
            return target if isinstance(target, ast.Attribute) else None
    return None
