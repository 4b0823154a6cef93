"""Functions that pydantic calls with what fills a model: a field's value, or the dict of them all.

`@field_validator("kind")`, `Annotated[str, AfterValidator(check)]`, `@model_validator(mode="before")`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.python.flow.value import Cls, Func, Lambda, Obj, Param, Slot
from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

DECORATORS = {"field_validator", "validator"}
OF_ALL = {"model_validator", "root_validator"}
ANNOTATIONS = ("AfterValidator", "BeforeValidator", "PlainValidator", "WrapValidator")


class Validators:
    """Answers for `values.parameters`."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def fields(self, module: Module, function: FunctionNode | ast.Lambda, arg: ast.arg) -> list[Slot]:
        """The fields whose value a parameter gets; [] for one that is no validator's."""
        cls = module.class_of(function)
        if cls is not None and isinstance(function, FunctionNode) and arg in function.args.args[1:2]:
            if named := _decorated(cls, function):
                return [Slot(Cls(module, cls), name) for name in named]
        return self._annotated.get(function, []) if arg in function.args.args[:1] else []

    def filled(self, data: Param) -> list[Obj]:
        """The model whose fields the dict holds that a parameter gets: `@model_validator(mode="before") def check(cls, data)`."""
        function = data.module.parents.get(data.module.parents.get(data.node))  # type: ignore[arg-type]
        cls = data.module.class_of(function) if isinstance(function, FunctionNode) else None
        if cls is None or data.node not in function.args.args[1:2]:  # type: ignore[union-attr]
            return []
        names = {decorator_name(d).rpartition(".")[2] for d in function.decorator_list}  # type: ignore[union-attr]
        return [Obj(Cls(data.module, cls), data.module, None)] if names & OF_ALL else []

    @cached_property
    def _annotated(self) -> dict[ast.AST, list[Slot]]:
        """The functions that annotations name, each with the fields of these annotations."""
        found: dict[ast.AST, list[Slot]] = {}
        for name in ANNOTATIONS:
            for module in self.values.code.mentioning(name, tests=False):
                for call in module.calls_by_name.get(name, ()):
                    for check in self.values.of(module, call.args[0]) if call.args else ():
                        if isinstance(check, Func | Lambda):
                            found.setdefault(check.node, []).extend(self._annotated_with(module, call))
        return found

    def _annotated_with(self, module: Module, call: ast.Call) -> Iterator[Slot]:
        """The fields of the annotation around a call, or of those that use its name: `Kind = Annotated[...]`."""
        statement = module.statement_of(call)
        cls = module.parents.get(statement)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            if isinstance(cls, ast.ClassDef):
                yield Slot(Cls(module, cls), statement.target.id)
                return
        given = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        names = {n.id for n in ast.walk(statement) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for name in names if given is not None else ():
            for user in self.values.code.mentioning(name, tests=False):
                for use in user.loads.get(name, ()):
                    held = user.statement_of(use)
                    owner = user.parents.get(held)
                    if not isinstance(held, ast.AnnAssign) or not isinstance(held.target, ast.Name):
                        continue
                    same = any(getattr(v, "node", None) is given for v in self.values.of(user, use))
                    if isinstance(owner, ast.ClassDef) and same:
                        yield Slot(Cls(user, owner), held.target.id)


def _decorated(cls: ast.ClassDef, function: FunctionNode) -> list[str]:
    """The fields that a method's decorator names; of "*" those that it asks for: `if info.field_name == "kind"`."""
    found: list[str] = []
    for decorator in function.decorator_list:
        if isinstance(decorator, ast.Call) and decorator_name(decorator).rpartition(".")[2] in DECORATORS:
            found += [a.value for a in decorator.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if "*" not in found:
        return found
    targets = [s.target for s in cls.body if isinstance(s, ast.AnnAssign)]
    fields = [t.id for t in targets if isinstance(t, ast.Name)]
    texts = {n.value for n in ast.walk(function) if isinstance(n, ast.Constant)}
    return [f for f in fields if f in texts] or fields


__all__ = ["Validators"]
