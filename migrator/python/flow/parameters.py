"""What a parameter can be: its default, and what the calls in the project pass."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import TYPE_CHECKING

from migrator.python.flow.validators import Validators
from migrator.python.flow.value import Cls, Func, Obj, Param, Value, is_dict
from migrator.python.functions import argument, decorator_name, default_of
from migrator.python.module import FunctionNode, Module, Scope

if TYPE_CHECKING:
    from migrator.python.flow.values import Values


class Parameters:
    """Answers for `values`."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self.validators = Validators(values)

    def of(self, module: Module, scope: Scope, arg: ast.arg) -> Iterator[Value]:
        """What a parameter can be: its default and what callers in the project pass."""
        function = scope.node
        if isinstance(function, ast.Lambda):
            if checked := self.validators.fields(module, function, arg):
                yield from checked
                return
            given = default_of(function, arg)  # lambda kind=kind: mcp.run(kind)
            yield from self.values.of(module, given) if given is not None else (Param(module, arg),)
            return
        assert isinstance(function, FunctionNode)
        cls = module.class_of(function)
        arguments = [*function.args.posonlyargs, *function.args.args]
        decorators = {decorator_name(d).rpartition(".")[2] for d in function.decorator_list}
        if cls is not None and arguments and arg is arguments[0] and "staticmethod" not in decorators:
            instance = Obj(Cls(module, cls), module, None)
            of_class = "classmethod" in decorators or function.name == "__new__"
            yield from self.values.classes.made_by(instance) if of_class else (instance,)
            return
        if checked := self.validators.fields(module, function, arg):
            yield from checked
            return
        default = default_of(function, arg)
        count = 0
        if default is not None:
            value = self._option_default(module, default)
            yield from self.values.of(module, value) if value is not None else ()
        seen_open = bool(function.decorator_list) and not decorators <= {"staticmethod", "classmethod"}
        if "pass_obj" in decorators and arg is arguments[0]:
            yield from self.values.stores.context_object()
        for caller, call in self.values.callers.of(Func(module, function)):
            passed = argument(call, function, arg, cls is not None and "staticmethod" not in decorators)
            if passed is not None:
                count += 1
                yield from self.values.of(caller, passed)
                continue
            for splat in [k.value for k in call.keywords if k.arg is None]:
                for held in self.values.of(caller, splat):
                    if is_dict(held):
                        entries = self.values.dicts.entries(held, {arg.arg})  # type: ignore[arg-type]
                        count += bool(entries)
                        yield from entries
                    for owner in self.values.dicts.namespace(held):
                        count += 1
                        yield from self.values.attribute(owner, arg.arg, caller, splat)
        for caller, passed in self.values.callers.handed(
            Func(module, function), arg, cls is not None and "staticmethod" not in decorators
        ):
            count += 1
            yield from self.values.of(caller, passed)
        if (
            seen_open
            or (count == 0 and default is None)
            or (count == 0 and not self.values.callers.of(Func(module, function)))
        ):
            yield Param(module, arg)

    def _option_default(self, module: Module, default: ast.expr) -> ast.expr | None:
        """The default that `typer.Option("x", ...)` stands for."""
        if isinstance(default, ast.Call) and decorator_name(default).rpartition(".")[2] in (
            "Option",
            "Argument",
            "Field",
        ):
            if default.args:
                return default.args[0]
            return next((k.value for k in default.keywords if k.arg == "default"), None)
        return default
