"""Where the session manager of a hand-wired server is made, and under which name its users see it."""

from __future__ import annotations

import ast

from migrator.python.flow.value import Func, Mod
from migrator.python.functions import argument, default_of
from migrator.python.lowlevel.read import Run, Stream, Transport
from migrator.python.module import Binding, FunctionNode, Module, Scope, dotted
from migrator.python.project import Project
from migrator.records import record

NAME = "session_manager"


@record(eq=False)
class Manager:
    """A session manager to be made.

    name: how the handler calls it. server: the expression of the server it serves.
    how: "replace" (the transport's statement), "before" or "after" `anchor`, "top" of the function `anchor`.
    scope: where the name is bound; None for an attribute of `cls`.
    aliases: functions that get it as an argument, and what they call it; classes that keep it, and their attribute.
    """

    name: str
    server: str
    module: Module
    anchor: ast.stmt
    how: str
    scope: Scope | None
    cls: ast.ClassDef | None = None
    aliases: tuple[tuple[ast.AST, str], ...] = ()

    def seen_from(self, module: Module, node: ast.AST, instance: str = "") -> str:
        """How `node` can call the manager; "" when it can't. `instance`: an object of `cls` that is known there."""
        for outer in module.ancestors(node):
            for holder, name in self.aliases:
                if outer is holder:
                    return name
                if isinstance(outer, FunctionNode) and module.class_of(outer) is holder and outer.args.args:
                    return f"{outer.args.args[0].arg}.{name}"
        if self.cls is not None:
            attribute = self.name.rpartition(".")[2]
            if module is self.module:
                for outer in module.ancestors(node):
                    if isinstance(outer, FunctionNode) and module.class_of(outer) is self.cls and outer.args.args:
                        return f"{outer.args.args[0].arg}.{attribute}"
            return f"{instance}.{attribute}" if instance else ""
        if module is not self.module:
            return ""
        scope: Scope | None = module.scope_of(node)
        while scope is not None and scope is not self.scope:
            scope = scope.parent
        return self.name if scope is not None else ""


@record(eq=False)
class Served:
    """The server of a stream, as an expression that holds outside the handler."""

    text: str  # "server", "self.mcp._mcp_server"
    root: str  # "server", "self"
    module: Module
    imported: str = ""  # the module that the root has to be imported from first


class Placing:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self._names: dict[tuple[ast.AST, str, str], str] = {}
        self._taken: set[tuple[str, str]] = set()

    # -- the server's expression

    def served(self, stream: Stream, run: Run) -> Served | None:
        """The server without the handler's own names; None when it belongs to one connection."""
        if run.function is not stream.function and run.function is not None:
            return self._through(stream, run, run.function)
        text = self.outside(run.module, run.receiver, run.function)
        return Served(text, _root(text), run.module) if text is not None else None

    def _through(self, stream: Stream, run: Run, helper: FunctionNode) -> Served | None:
        """The server of a function that is handed the streams: its argument, or a name of its own module."""
        call = next((n for n in ast.walk(stream.site) if isinstance(n, ast.Call)), None) if stream.site else None
        if call is None:
            return None
        module = stream.module
        positional = [a.arg for a in (*helper.args.posonlyargs, *helper.args.args)]
        if isinstance(run.receiver, ast.Name) and run.receiver.id in positional:
            given = {k.arg: k.value for k in call.keywords}
            given.update(zip(positional, call.args, strict=False))
            argument = given.get(run.receiver.id)
            text = self.outside(module, argument, stream.function) if argument is not None else None
            return Served(text, _root(text), module) if text is not None else None
        text = self.outside(run.module, run.receiver, helper)
        if text is None or run.module is module:
            return Served(text, _root(text), module) if text is not None else None
        root = _root(text)
        if root not in run.module.scope.bindings:
            return None
        if isinstance(call.func, ast.Attribute) and any(
            isinstance(v, Mod) and v.module is run.module for v in self.project.values.of(module, call.func.value)
        ):
            text = f"{module.source(call.func.value)}.{text}"
            return Served(text, _root(text), module)
        if isinstance(call.func, ast.Name):
            for b in module.owner(call.func).bindings.get(call.func.id, []):
                if b.kind == "import" and self.project.code.find(b.module, module) is run.module:
                    known = module.scope.bindings.get(root, [])
                    if not known:
                        return Served(text, root, module, b.module)
                    if all(k.kind == "import" and k.module == b.module and k.name == root for k in known):
                        return Served(text, root, module)
        return None

    def outside(self, module: Module, node: ast.expr, function: FunctionNode | None) -> str | None:
        """The expression with the function's plain local names replaced by what they stand for; None when it can't be."""
        if isinstance(node, ast.Constant):
            return module.source(node)
        if isinstance(node, ast.Attribute):
            base = self.outside(module, node.value, function)
            return None if base is None else f"{base}.{node.attr}"
        if isinstance(node, ast.Call) and dotted(node.func) == "getattr" and not node.keywords:
            parts = [self.outside(module, a, function) for a in node.args]
            return None if None in parts else f"getattr({', '.join(str(p) for p in parts)})"
        if not isinstance(node, ast.Name):
            return None
        scope = module.scopes.get(function) if function is not None else None
        if scope is None or node.id not in scope.bindings:
            return node.id
        found = scope.bindings[node.id]
        if len(found) == 1 and found[0].kind == "assign" and found[0].value is not None:
            return self.outside(module, found[0].value, function)
        if len(found) == 1 and self._is_self(module, function, found[0]):
            return node.id
        if len(found) == 1 and isinstance(found[0].node, ast.arg) and function is not None:
            default = default_of(function, found[0].node)  # nobody passes more than the request
            if isinstance(default, ast.Name | ast.Attribute):
                return self.outside(module, default, None)
            return self._given(module, function, found[0].node)
        return None

    def _given(self, module: Module, function: FunctionNode, parameter: ast.arg) -> str | None:
        """What every call and partial() gives a parameter of a function, where that is one name of the same module."""
        target, callers = Func(module, function), self.project.values.callers
        given = list(callers.handed(target, parameter, False))
        for caller, call in callers.of(target):
            found = argument(call, function, parameter, False)
            if found is None:
                return None
            given.append((caller, found))
        said = {dotted(e) if m is module and self._is_global(m, e) else "" for m, e in given}
        return said.pop() or None if len(said) == 1 and module.class_of(function) is None else None

    def _is_global(self, module: Module, node: ast.expr) -> bool:
        while isinstance(node, ast.Attribute):
            node = node.value
        if not isinstance(node, ast.Name) or module.owner(node) is not module.scope:
            return False
        return [b.kind for b in module.scope.bindings.get(node.id, ())] in (["assign"], ["import"])  # no loop's name

    def _is_self(self, module: Module, function: FunctionNode | None, binding: Binding) -> bool:
        if function is None or module.class_of(function) is None or not function.args.args:
            return False
        return binding.node is function.args.args[0]

    # -- the place

    def place(
        self, stream: Stream, served: Served, transport: Transport, handlers: set[FunctionNode]
    ) -> Manager | None:
        """Where to make the manager once for all requests; None when no such place is safe.

        handlers: functions that run for every request.
        """
        module, function = stream.module, stream.function
        own = module.scopes[function]
        if scope_of_handler(served.root, stream, handlers):
            return None
        if served.root in own.bindings:
            return self._on_instance(stream, served, transport)
        scope = own.parent
        if served.imported:
            scope = module.scope
        while (
            not served.imported
            and scope is not None
            and (served.root not in scope.bindings or isinstance(scope.node, ast.ClassDef))
        ):
            scope = scope.parent
        if scope is None:
            return None  # it comes with a star import
        bindings = scope.bindings.get(served.root, [])
        if any(module.scope_of(b.node) is not scope and b.kind != "param" for b in bindings):
            return None  # another function fills it later
        assigned = [b for b in bindings if b.kind not in ("param", "import", "def", "class")]
        attribute = self._late_attribute(module, served, scope)
        lines = [_line(b) for b in assigned] + ([attribute.lineno] if attribute is not None else [])
        if transport.module is module and self._simple(transport):
            at = transport.statement
            made = module.scope_of(at)
            if made.node not in handlers and self._encloses(made, own) and self._encloses(scope, made):
                if made is not scope or all(line <= at.lineno for line in lines):
                    return self._replacing(stream, served, transport, made)
        before: ast.AST = function
        while module.scope_of(before) is not scope:
            before = module.parents[before]
        before = module.statement_of(before)
        if all(line < _first_line(before) for line in lines):
            return self._new(served, module, before, "before", scope)
        if attribute is not None:
            return self._new(served, module, attribute, "after", scope)
        if assigned:
            last = max((b.node for b in assigned), key=lambda n: getattr(n, "lineno", 0))
            statement = module.statement_of(last)
            return self._new(served, module, statement, "after", scope)
        return None

    def _simple(self, transport: Transport) -> bool:
        return isinstance(transport.target, ast.Name) or (
            isinstance(transport.target, ast.Attribute) and isinstance(transport.target.value, ast.Name)
        )

    def _encloses(self, outer: Scope, inner: Scope) -> bool:
        """True when names of `outer` can be used in `inner`."""
        scope: Scope | None = inner
        while scope is not None and scope is not outer:
            scope = scope.parent
        return scope is not None and not isinstance(outer.node, ast.ClassDef)

    def _late_attribute(self, module: Module, served: Served, scope: Scope) -> ast.stmt | None:
        """The last statement of `scope` that sets the attribute chain itself: `self.server = Server(...)`."""
        found: ast.stmt | None = None
        names = [served.text.rsplit(".", i)[0] for i in range(served.text.count(".") + 1)]
        for node in module.within(scope):
            if isinstance(node, ast.Assign | ast.AnnAssign) and module.scope_of(node) is scope:
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    if isinstance(target, ast.Attribute) and dotted(target) in names:
                        if found is None or node.lineno > found.lineno:
                            found = node
        return found

    def _replacing(self, stream: Stream, served: Served, transport: Transport, scope: Scope) -> Manager:
        target = transport.target
        assert target is not None
        if isinstance(target, ast.Attribute):
            owner = self._class_around(stream.module, transport.statement)
            prefix = f"{dotted(target.value)}."
            if owner is not None:
                manager = self._new(served, stream.module, transport.statement, "replace", scope, prefix)
                manager.scope, manager.cls = None, owner
                return manager
        return self._new(served, stream.module, transport.statement, "replace", scope)

    def _class_around(self, module: Module, node: ast.AST) -> ast.ClassDef | None:
        return next((o for o in module.ancestors(node) if isinstance(o, ast.ClassDef)), None)

    def _on_instance(self, stream: Stream, served: Served, transport: Transport) -> Manager | None:
        """The handler is a method, and the server belongs to its object."""
        module, function = stream.module, stream.function
        cls = module.class_of(function)
        binding = module.scopes[function].bindings[served.root][0]
        if cls is None or not self._is_self(module, function, binding):
            return None
        attribute = served.text.split(".")[1] if "." in served.text else ""
        methods = [s for s in cls.body if isinstance(s, FunctionNode) and s.args.args]
        setters = [
            n
            for method in methods
            for n in ast.walk(method)
            if isinstance(n, ast.Assign | ast.AnnAssign)
            and any(
                isinstance(t, ast.Attribute) and t.attr == attribute and dotted(t.value) == method.args.args[0].arg
                for t in (n.targets if isinstance(n, ast.Assign) else [n.target])
            )
            and not (isinstance(n.value, ast.Constant) and n.value.value is None)
        ]
        last = max(setters, key=lambda n: n.lineno) if setters else None
        target = transport.target
        prefix = f"{served.root}."
        inside = transport.module is module and self._class_around(module, transport.statement) is cls
        if inside and isinstance(target, ast.Attribute):
            holder = module.function_of(transport.statement)
            late = last is not None and module.function_of(last) is holder and last.lineno > transport.statement.lineno
            elsewhere = (
                last is not None
                and module.function_of(last) is not holder
                and getattr(holder, "name", "") == "__init__"
            )
            if holder is not None and not late and not elsewhere:
                return self._attribute(served, module, transport.statement, "replace", cls, prefix)
        if last is not None and len(setters) == 1:
            return self._attribute(served, module, last, "after", cls, prefix)
        init = next((m for m in methods if m.name == "__init__"), None)
        if last is None and init is not None:
            return self._attribute(served, module, init.body[-1], "after", cls, prefix)
        return None

    def _attribute(
        self, served: Served, module: Module, anchor: ast.stmt, how: str, cls: ast.ClassDef, prefix: str
    ) -> Manager:
        manager = self._new(served, module, anchor, how, module.scope, prefix)
        manager.scope, manager.cls = None, cls
        return manager

    def _new(
        self, served: Served, module: Module, anchor: ast.stmt, how: str, scope: Scope, prefix: str = ""
    ) -> Manager:
        key = (anchor, how, served.text)
        if key not in self._names:
            self._names[key] = self.free(module, NAME)
        return Manager(prefix + self._names[key], served.text, module, anchor, how, scope)

    def local(self, module: Module, function: FunctionNode) -> str:
        """A name inside one function."""
        name = NAME
        while name in {n.id for n in ast.walk(function) if isinstance(n, ast.Name)}:
            name += "_"
        return name

    def free(self, module: Module, wanted: str) -> str:
        """A name that nothing in the module has."""
        taken = {n for s in module.scopes.values() for n in s.bindings}
        taken |= {n.attr for n in module.nodes if isinstance(n, ast.Attribute)}
        name, count = wanted, 1
        while name in taken or (module.path, name) in self._taken:
            count += 1
            name = f"{wanted}_{count}"
        self._taken.add((module.path, name))
        return name


def _root(text: str) -> str:
    root = text.partition(".")[0].partition("(")[0]
    if root == "getattr":
        root = text.partition("(")[2].partition(",")[0].strip().partition(".")[0]
    return root


def scope_of_handler(root: str, stream: Stream, handlers: set[FunctionNode]) -> bool:
    """True when a name belongs to a function around the stream's that runs for every request."""
    scope = stream.module.scopes[stream.function].parent
    while scope is not None and root not in scope.bindings:
        scope = scope.parent
    return scope is not None and scope.node in handlers


def _first_line(statement: ast.AST) -> int:
    decorators = getattr(statement, "decorator_list", None)
    return decorators[0].lineno if decorators else getattr(statement, "lineno", 0)


def _line(binding: Binding) -> int:
    return getattr(binding.node, "lineno", 0)
