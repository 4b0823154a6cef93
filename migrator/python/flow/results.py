"""What a call can give: an instance, what a function of the project returns, a text that goes on as it is."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from migrator.python.code import is_test
from migrator.python.flow.classes import COPIERS, REPLACERS, makes_records
from migrator.python.flow.value import (
    Cls,
    Entered,
    Ext,
    Field,
    Func,
    Lambda,
    Mod,
    Obj,
    Opaque,
    Value,
    is_made_by,
)
from migrator.python.functions import CONTEXTS, argument, decorator_name, is_super, walk_own
from migrator.python.module import FunctionNode, Module

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

STRING_METHODS = {"lower", "upper", "strip", "casefold", "title", "replace", "lstrip", "rstrip", "removeprefix"}
CONTEXT_VARIABLES = ("contextvars.ContextVar",)
MAKERS = {  # pydantic
    "model_validate",
    "model_validate_json",
    "model_construct",
    "parse_obj",
    "parse_raw",
    "parse_file",
}

# what gives the result of the awaitable, or of the function, that it is handed first
RUNNERS = {
    "asyncio.run",
    "asyncio.wait_for",
    "asyncio.shield",
    "asyncio.create_task",
    "asyncio.ensure_future",
    "asyncio.to_thread",
    "anyio.run",
    "anyio.to_thread.run_sync",
    "anyio.from_thread.run",
    "uvloop.run",
    "trio.run",
}
RUNNING = {"run_until_complete", "create_task"}  # methods of event loops and of groups of tasks that do


class Results:
    """Answers for `values`."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def of(self, module: Module, node: ast.Call) -> list[Value]:
        """Everything that the call can give."""
        function = node.func
        if is_super(node):
            return self._super(module, node) or [Opaque(module, node)]
        if isinstance(function, ast.Attribute):
            if function.attr in STRING_METHODS:
                base = self.values.of(module, function.value)
                if base and not any(isinstance(v, Mod | Ext | Cls) for v in base):
                    return list(base)
            if function.attr in MAKERS:
                made = [
                    v
                    for v in self.values.of(module, function.value)
                    if isinstance(v, Cls) and self.values.classes.filled_from_outside(v)
                ]
                if made:
                    return [Obj(v, module, node) for v in made]
            if function.attr == "__new__" and node.args and not is_test(module.path):
                made = [v for v in self.values.of(module, node.args[0]) if isinstance(v, Cls)]
                if made:
                    return [Obj(v, module, node) for v in made]
            if function.attr in COPIERS:  # its fields may be anything anyway
                copied = [v for v in self.values.of(module, function.value) if self._is_model(v)]
                if copied:
                    return copied
            if function.attr == "get" and len(node.args) < 2 and (held := self._of_context(module, node, function)):
                return held
            if function.attr == "get" and node.args:
                found = self.values.dicts.get(module, node, function)
                if found is not None:
                    return found
            if function.attr in RUNNING and node.args:
                return list(self.values.of(module, node.args[0]))
        out: list[Value] = []
        for target in self.values.of(module, function):
            out += self._result(module, node, target)
        return out or [Opaque(module, node)]

    def _of_context(self, module: Module, node: ast.Call, function: ast.Attribute) -> list[Value]:
        """What `kind.get()` of a context variable gives; [] for the `get` of anything else."""
        made = [v for v in self.values.of(module, function.value) if is_made_by(v, CONTEXT_VARIABLES)]
        found = [v for m in made for v in self.values.stores.in_context(m)]
        return [*found, *(v for a in node.args for v in self.values.of(module, a))] if made else []

    def entered(self, module: Module, node: ast.expr | None) -> list[Value]:
        """What `with node as x` gives x: what the project's own context manager yields, or its class's method returns."""
        functions = self.values.of(module, node.func) if isinstance(node, ast.Call) else ()
        ours = any(isinstance(f, Func) and self._is_context(f) for f in functions)
        out: list[Value] = []
        for value in self.values.of(module, node):
            methods = [
                m
                for name in ("__enter__", "__aenter__")
                if isinstance(value, Obj) and isinstance(value.of, Cls)
                for m in self.values.classes.attribute(value.of, name)
                if isinstance(m, Func)
            ]
            given = [v for m in methods for v in self._result(module, node, m)]  # type: ignore[arg-type]
            out += [value if isinstance(v, Obj) and v.node is None else v for v in given]  # return self
            if not given:
                out.append(value if ours else Entered(value))
        return out

    def _is_context(self, function: Func) -> bool:
        """True for a context manager that is no method: what a method gives, its class may have from anybody."""
        if function.module.class_of(function.node) is not None:
            return False
        decorators = function.node.decorator_list  # type: ignore[attr-defined]
        return any(decorator_name(d).rpartition(".")[2] in CONTEXTS for d in decorators)

    def _is_model(self, value: Value) -> bool:
        return (
            isinstance(value, Obj) and isinstance(value.of, Cls) and self.values.classes.filled_from_outside(value.of)
        )

    def _super(self, module: Module, node: ast.Call) -> list[Value]:
        """The instance as the project's own classes see it that the one around derives from."""
        function = module.function_of(node)
        owner = module.class_of(function) if function is not None else None
        bases = self.values.classes.bases(Cls(module, owner)) if owner is not None else ()
        return [Obj(b, module, node) for b in bases if isinstance(b, Cls)]

    def _result(self, module: Module, node: ast.Call, target: Value) -> Iterable[Value]:
        if isinstance(target, Ext):
            if target.name == "pydantic_settings.CliApp.run" and node.args:
                return [Obj(v, module, node) for v in self.values.of(module, node.args[0]) if isinstance(v, Cls)]
            if (
                target.name == "importlib.import_module"
                and len(node.args) == 1
                and isinstance(node.args[0], ast.Constant)
            ):
                found = self.values.code.find(str(node.args[0].value), module)
                return [Mod(found)] if found is not None else [Obj(target, module, node)]
            if target.name == "builtins.str" and node.args:
                return self.values.of(module, node.args[-1])
            if target.name == "builtins.type" and len(node.args) == 1:
                return [c for v in self.values.of(module, node.args[0]) for c in self.values.classes.made_by(v)]
            if target.name.rpartition(".")[2] == "cast" and len(node.args) == 2:
                return self.values.of(module, node.args[1])
            if target.name == "builtins.getattr" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                return self._got(module, node, str(node.args[1].value))
            if target.name in (*REPLACERS, "copy.copy", "copy.deepcopy") and node.args:
                return self.values.of(module, node.args[0])
            if target.name in RUNNERS and node.args:
                return [r for v in self.values.of(module, node.args[0]) for r in self._ran(module, node, v)]
            made = list(self._records(module, node)) if makes_records(target.name) else []
            return made or [Obj(target, module, node)]
        if isinstance(target, Cls):
            if self.values.classes.is_enum(target) and node.args:
                return [Obj(target, module, node), *self.values.of(module, node.args[0])]
            if any(e.name.rpartition(".")[2] == "TypedDict" for e in self.values.classes.external_bases(target)):
                return [Obj(Ext("builtins.dict"), module, node)]
            return [Obj(target, module, node)]
        if isinstance(target, Func):
            returned = self._handed_back(module, node, target)
            if returned is None:
                returned = self.values.returns(target.module, target.node)  # type: ignore[arg-type]
            return [self.values.variables.here(module, node, target, v) for v in returned]
        if isinstance(target, Lambda):
            return self.values.of(target.module, target.node.body)  # type: ignore[attr-defined]
        if isinstance(target, Field):
            return [Obj(target, module, node)]
        if isinstance(target, Obj) and isinstance(target.of, Cls):
            called = self.values.classes.attribute(target.of, "__call__")
            return [v for c in called for v in self._result(module, node, c)]
        return [Opaque(module, node)]

    def _handed_back(self, module: Module, node: ast.Call, target: Func) -> list[Value] | None:
        """What a function gives that returns what it is given: this call's own, not that of others. None for other functions.

        `def known(kind): kind = kind.lower(); if kind not in KINDS: raise ...; return kind`
        """
        function = target.node
        assert isinstance(function, FunctionNode)
        given = [n.value for n in walk_own(function) if isinstance(n, ast.Return | ast.Yield)]
        name = given[0].id if given and isinstance(given[0], ast.Name) else ""
        arg = next((a for a in (*function.args.args, *function.args.kwonlyargs) if a.arg == name), None)
        if arg is None or not all(isinstance(g, ast.Name) and g.id == name for g in given):
            return None
        bound = [b for b in target.module.scopes[function].bindings[name] if b.kind != "param"]
        if not all(b.kind == "assign" and _cuts(b.value, name) for b in bound):
            return None
        method = target.module.class_of(function) is not None
        static = any(decorator_name(d).endswith("staticmethod") for d in function.decorator_list)
        passed = argument(node, function, arg, method and not static)
        return list(self.values.of(module, passed)) if passed is not None else None

    def _ran(self, module: Module, node: ast.Call, given: Value) -> Iterable[Value]:
        return self._result(module, node, given) if isinstance(given, Func | Lambda) else [given]

    def _records(self, module: Module, node: ast.Call) -> Iterator[Value]:
        """Instances of the project's models and dataclasses that a library's function is given to make."""
        for given in (*node.args, *(k.value for k in node.keywords if k.arg is not None)):
            if isinstance(given, ast.Name | ast.Attribute):
                for value in self.values.of(module, given):
                    if isinstance(value, Cls) and self.values.classes.filled_from_outside(value):
                        yield Obj(value, module, node)

    def _got(self, module: Module, node: ast.Call, name: str) -> Iterator[Value]:
        """`getattr(args, "transport", "stdio")`: the attribute, or what is given for one that isn't there."""
        for base in self.values.of(module, node.args[0]):
            yield from self.values.attribute(base, name, module, node)
        for default in node.args[2:]:
            yield from self.values.of(module, default)


def _cuts(node: ast.expr | None, name: str) -> bool:
    """True for `name.strip().lower()`, `str(name)` and the name itself."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in STRING_METHODS:
        return _cuts(node.func.value, name)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "str" and len(node.args) == 1:
        return _cuts(node.args[0], name)
    return isinstance(node, ast.Name) and node.id == name
