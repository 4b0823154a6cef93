"""A server that a parameter or a loop's variable stands for: what the other names are in its call or turn."""

from __future__ import annotations

import ast

from migrator.python.applications.app import App
from migrator.python.flow.value import Func
from migrator.python.module import FunctionNode, Module, targets_of
from migrator.python.project import Project

Given = dict[str, tuple[Module, ast.expr]]  # name -> what it is there


def given(project: Project, app: App) -> Given:
    """The names that the one call, or the one turn of the loop, with the application's server gives; {} if not one."""
    receiver, module = app.receiver, app.module
    if not isinstance(receiver, ast.Name):
        return {}
    scope = module.owner(receiver)
    bindings = scope.bindings.get(receiver.id, ())
    if len(bindings) != 1:
        return {}
    b = bindings[0]
    if b.kind == "param" and isinstance(scope.node, FunctionNode):
        found = _calls(project, app, module, scope.node, receiver.id)
    elif b.kind == "each" and isinstance(b.node, ast.For | ast.AsyncFor | ast.comprehension):
        found = _turns(project, app, module, b.node, receiver.id)
    else:
        return {}
    return found[0] if len(found) == 1 else {}


def _calls(project: Project, app: App, module: Module, function: FunctionNode, name: str) -> list[Given]:
    """What each call that hands the server over gives the function's parameters."""
    offset = 1 if module.class_of(function) is not None else 0
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][offset:]
    defaults = dict(zip(positional[::-1], function.args.defaults[::-1], strict=False))
    out = []
    for caller, call in project.values.callers.of(Func(module, function)):
        names: Given = {n: (module, d) for n, d in defaults.items()}
        names |= {n: (caller, a) for n, a in zip(positional, call.args, strict=False)}
        names |= {k.arg: (caller, k.value) for k in call.keywords if k.arg}
        if name in names and app.server in project.sdks.servers(*names[name]):
            out.append(names)
    return out


def _turns(
    project: Project, app: App, module: Module, loop: ast.For | ast.AsyncFor | ast.comprehension, name: str
) -> list[Given]:
    """What the names of a loop are in each turn with the server."""
    out = []
    targets = list(targets_of(loop.target))
    for where, element in project.values.elements(module, loop.iter):
        names: Given = {t: p for t, index in targets for p in project.values.part(where, element, index)}
        if (
            name in names
            and names[name][1] in names[name][0].parents
            and app.server in project.sdks.servers(*names[name])
        ):
            out.append(names)
    return out
