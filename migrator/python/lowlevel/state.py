"""Servers that are made for one connection: whether one for each request is the same."""

from __future__ import annotations

import ast

from migrator.python.flow.value import Cls, Func
from migrator.python.functions import default_of, walk_own
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project

KEEPERS = {"list", "dict", "set", "defaultdict", "OrderedDict", "Counter", "deque", "Queue", "Event", "Lock", "count"}
DEPTH = 6
HANDED = "the handler is given its server, and it can't be told whether that is one for all connections"


class State:
    """Looks for what a connection's server would lose between two requests."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.values = project.values
        self.sdks = project.sdks

    def kept(self, module: Module, receiver: ast.expr, function: FunctionNode) -> tuple[Module, ast.AST, str] | None:
        """What the connection keeps, and where; None when a server for each request answers the same."""
        root = receiver
        while isinstance(root, ast.Attribute):
            root = root.value
        if not isinstance(root, ast.Name):
            return self._of_value(module, root, function, 0)
        scope = module.scopes[function]
        for binding in scope.bindings.get(root.id, []):
            if binding.kind == "param":
                found = self._of_parameter(module, function, binding.node)
            elif binding.kind == "assign" and binding.value is not None:
                found = self._of_value(module, binding.value, function, 0)
            else:
                found = (module, binding.node, "it is made in a way that can't be followed")
            if found is not None:
                return found
        return self._of_closure(module, function)

    def of_application(self, module: Module, node: ast.expr, function: FunctionNode) -> bool:
        """True for `request.app.state.server`, also by a name of the handler: one server for all connections."""
        return ".app.state." in self._spelled(module, node, function)

    def _spelled(self, module: Module, node: ast.expr, function: FunctionNode) -> str:
        """An expression without the function's own names for parts of it."""
        if isinstance(node, ast.Name):
            found = module.scopes[function].bindings.get(node.id, [])
            value = found[0].value if len(found) == 1 and found[0].kind == "assign" else None
            return self._spelled(module, value, function) if value is not None else node.id
        if isinstance(node, ast.Attribute):
            return f"{self._spelled(module, node.value, function)}.{node.attr}"
        match node:
            case ast.Call(ast.Name("getattr"), [held, ast.Constant(str(name)), *_]):
                return f"{self._spelled(module, held, function)}.{name}"
        return ""

    def _of_parameter(self, module: Module, function: FunctionNode, arg: ast.AST) -> tuple[Module, ast.AST, str] | None:
        assert isinstance(arg, ast.arg)
        default = default_of(function, arg)
        if isinstance(default, ast.Call) and dotted(default.func).rpartition(".")[2] == "Depends" and default.args:
            for value in self.values.of(module, default.args[0]):
                if isinstance(value, Func):
                    return self._of_factory(value, 0)
        return module, arg, HANDED

    def _of_value(
        self, module: Module, node: ast.expr, function: FunctionNode, depth: int
    ) -> tuple[Module, ast.AST, str] | None:
        """What an expression of the handler keeps while the connection lasts."""
        if depth > DEPTH:
            return module, node, "it can't be followed to its end"
        if isinstance(node, ast.Await):
            return self._of_value(module, node.value, function, depth)
        if isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
            return module, node, f"{module.source(node)} is filled while the connection lasts"
        if isinstance(node, ast.Name):
            scope = module.scopes[function]
            for binding in scope.bindings.get(node.id, []):
                if binding.kind == "assign" and binding.value is not None:
                    found = self._of_value(module, binding.value, function, depth + 1)
                    if found is not None:
                        return found
            return None
        if isinstance(node, ast.Call):
            return self._of_call(module, node, function, depth)
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                found = self._of_value(module, child, function, depth + 1)
                if found is not None:
                    return found
        return None

    def _of_call(
        self, module: Module, call: ast.Call, function: FunctionNode, depth: int
    ) -> tuple[Module, ast.AST, str] | None:
        name = dotted(call.func).rpartition(".")[2]
        if name in KEEPERS:
            return module, call, f"{module.source(call)} is filled while the connection lasts"
        for argument in (*call.args, *(k.value for k in call.keywords)):
            found = self._of_value(module, argument, function, depth + 1)
            if found is not None:
                return found
        for value in self.values.of(module, call.func):
            if isinstance(value, Func):
                found = self._of_factory(value, depth + 1)
                if found is not None:
                    return found
            elif isinstance(value, Cls):
                found = self._of_class(value)
                if found is not None:
                    return found
        return None

    def _of_factory(self, factory: Func, depth: int) -> tuple[Module, ast.AST, str] | None:
        """What a function that makes the server keeps for it."""
        function = factory.node
        assert isinstance(function, FunctionNode)
        found = self._of_closure(factory.module, function)
        if found is not None or depth > DEPTH:
            return found
        for node in walk_own(function):
            if isinstance(node, ast.Return) and isinstance(node.value, ast.Call):
                found = self._of_call(factory.module, node.value, function, depth + 1)
                if found is not None:
                    return found
        return None

    def _of_closure(self, module: Module, function: FunctionNode) -> tuple[Module, ast.AST, str] | None:
        """A container of the function that functions inside it use, or a variable that they set."""
        scope = module.scopes[function]
        inner = [n for n in ast.walk(function) if isinstance(n, FunctionNode | ast.Lambda) and n is not function]
        for each in inner:
            for node in ast.walk(each):
                if isinstance(node, ast.Nonlocal):
                    return module, node, f"{', '.join(node.names)} is set by its tools while the connection lasts"
        for name, bindings in scope.bindings.items():
            for binding in bindings:
                value = binding.value if binding.kind == "assign" else None
                keeps = isinstance(value, ast.List | ast.Dict | ast.Set) or (
                    isinstance(value, ast.Call) and dotted(value.func).rpartition(".")[2] in KEEPERS
                )
                if keeps and any(self._fills(module, each, name) for each in inner):
                    return module, binding.node, f"{name} is filled by its tools while the connection lasts"
        return None

    def _fills(self, module: Module, function: ast.AST, name: str) -> bool:
        """True when a function changes a container of that name."""
        for node in ast.walk(function):
            if not isinstance(node, ast.Name) or node.id != name:
                continue
            parent = module.parents.get(node)
            if isinstance(parent, ast.Subscript) and isinstance(parent.ctx, ast.Store | ast.Del):
                return True
            if isinstance(parent, ast.Attribute) and parent.attr in (
                "append",
                "add",
                "update",
                "extend",
                "insert",
                "pop",
                "setdefault",
                "remove",
                "discard",
                "clear",
                "put",
                "put_nowait",
                "set",
            ):
                return True
            if isinstance(parent, ast.AugAssign):
                return True
        return False

    def _of_class(self, cls: Cls) -> tuple[Module, ast.AST, str] | None:
        """A container that instances of a class of the project keep."""
        for node in cls.node.body:  # type: ignore[attr-defined]
            if not isinstance(node, FunctionNode) or node.name != "__init__":
                continue
            for statement in ast.walk(node):
                if isinstance(statement, ast.Assign | ast.AnnAssign) and isinstance(
                    statement.value, ast.List | ast.Dict | ast.Set
                ):
                    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
                    if isinstance(target, ast.Attribute):
                        return cls.module, statement, f"{dotted(target)} is kept while the connection lasts"
        return None
