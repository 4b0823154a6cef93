"""Servers that one process starts more than once: a session manager runs only once, and SSE had nothing to run (MCP612).

class Controller:
    def start(self): self.server = uvicorn.Server(uvicorn.Config(mcp.sse_app())) ...
    def stop(self): self.server.should_exit = True
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from migrator.model import Place
from migrator.python.code import is_test
from migrator.python.flow.value import Obj
from migrator.python.functions import decorator_name, last_name
from migrator.python.module import FunctionNode, Module, Scope
from migrator.python.project import Project
from migrator.python.sdk import functions
from migrator.python.unit import Draft

APPLICATIONS = ("MCP103", "MCP104", "MCP105")  # servers whose application, with its lifespan, the project holds itself
STOPS = "should_exit"  # uvicorn's: whoever sets it wants the process to go on
WIDE = ("session", "package", "module")  # scopes of fixtures that hold for several tests
WHY = "the session manager that takes the place of SSE runs only once"


def restarts(project: Project, drafts: list[Draft], table: dict[str, Any]) -> None:
    """Tell of the moved servers that the code, or its tests, start again. `table`: rules/sdks/lifespans.toml."""
    for draft in drafts:
        if draft.blocks or draft.leaves:
            continue
        whole = draft.generation == "official-1" and draft.rule != "MCP104" and _made_once(project, draft)
        again = next(_again(project, draft), None) if whole else None
        if again is not None:
            place, how = again
            todo = "Make the server in the function that starts it, so that each start has one of its own."
            draft.note("MCP612", place, f"{draft.name} can be started once in a process, and {how}: {WHY}", todo)
        held = draft.generation in table["entered-once"] and draft.rule in APPLICATIONS
        tested = _tested(project, draft, table, whole) if held else None
        if tested is not None:
            todo = 'Let them share one start (a fixture with scope="session"), or make server and application for each.'
            told = f"an application of {draft.name} can be started once, and tests start one again and again: {WHY}"
            draft.note("MCP612", tested, told, todo)


def _made_once(project: Project, draft: Draft) -> bool:
    """True for a server that a module makes, for all who start it."""
    modules = project.code.loaded(sorted(draft.files))
    return any(
        module.function_of(call) is None and _loop(module, call) is None
        for module in modules
        for call in module.calls
        if any(project.sdks.family_of_class(v) == "official-1" for v in project.values.of(module, call.func))
    )


def _again(project: Project, draft: Draft) -> Iterator[tuple[Place, str]]:
    """Where the program starts it more than once: a loop around the start, or methods that start and stop it."""
    for module, node in draft.starts:
        function = module.function_of(node)
        calls = module.calls_by_name.get(function.name, ()) if function is not None else ()
        for one in (node, *calls):
            if loop := _loop(module, one):
                yield module.place(loop), "this loop starts it again"
    near = draft.files | project.code.importers(draft.files)
    for module in project.code.mentioning(STOPS, tests=False, within=near):
        for node in module.nodes:
            if isinstance(node, ast.ClassDef) and (stop := _stopped(node)) is not None and _starts(node):
                yield module.place(stop), f"{node.name} stops it and may start it again"


def _loop(module: Module, node: ast.AST) -> ast.While | None:
    """The `while` around a node, in its own function."""
    for outer in module.ancestors(node):
        if isinstance(outer, FunctionNode):
            return None
        if isinstance(outer, ast.While):
            return outer
    return None


def _stopped(owner: ast.ClassDef) -> ast.Assign | None:
    """Where a class ends what it serves."""
    for node in ast.walk(owner):
        if isinstance(node, ast.Assign):
            said = isinstance(node.value, ast.Constant) and node.value.value is True
            if said and any(isinstance(t, ast.Attribute) and t.attr == STOPS for t in node.targets):
                return node
    return None


def _starts(owner: ast.ClassDef) -> bool:
    """True for a class that makes the server of the application, too."""
    return any(isinstance(n, ast.Call) and last_name(n.func) in ("Server", "Config") for n in ast.walk(owner))


def _tested(project: Project, draft: Draft, table: dict[str, Any], whole: bool) -> Place | None:
    """The first place of several where tests run the lifespan of the application.

    whole: of all applications of the server, else only of one that a module makes.
    """
    names, first, times = frozenset(table["entering"]), None, 0
    near = draft.files | project.code.importers(draft.files)
    for last in sorted({n.rpartition(".")[2] for n in names}):
        for module in project.code.mentioning(last, within=near) if project.context.settings.tests else ():
            for node in module.nodes if is_test(module.path) else ():
                for item in node.items if isinstance(node, ast.With | ast.AsyncWith) else ():
                    call = item.context_expr
                    if (
                        isinstance(call, ast.Call)
                        and call.args
                        and _is_of(project, draft, module, call.args[0], whole)
                        and names & project.values.names(module, call.func)
                    ):
                        times += _times(project, module, node)
                        first = first or module.place(call)
    return first if times > 1 else None


def _is_of(project: Project, draft: Draft, module: Module, node: ast.expr, whole: bool) -> bool:
    """True for an application that the server's own files make: one for all, or with `whole` by one of their functions."""
    values = project.values
    if isinstance(node, ast.Call):
        made = functions(values.of(module, node.func))
        return whole and any(f.module.path in draft.files for f in made)
    if not whole and not _is_shared(module, node):
        return False
    return any(isinstance(v, Obj) and v.module.path in draft.files for v in values.of(module, node))


def _is_shared(module: Module, node: ast.expr) -> bool:
    """True for what is imported, or made once for the whole file."""
    while isinstance(node, ast.Attribute):
        node = node.value
    scope: Scope | None = module.scope_of(node)
    while scope is not None and isinstance(node, ast.Name):
        if bindings := scope.bindings.get(node.id):
            return all(b.kind == "import" or scope.parent is None for b in bindings)
        scope = scope.parent
    return False


def _times(project: Project, module: Module, node: ast.AST) -> int:
    """How often tests run it, 2 for more than once: a fixture that says nothing else is made for each that takes it."""
    function = module.function_of(node)
    if function is None:
        return 1
    for decorator in function.decorator_list:
        name = decorator_name(decorator).rpartition(".")[2]
        told = decorator.keywords if isinstance(decorator, ast.Call) else []
        if name == "fixture":
            wide = any(k.arg == "scope" and getattr(k.value, "value", "") in WIDE for k in told)
            return 1 if wide else min(2, max(1, _takers(project, function.name)))
        if name == "parametrize":
            return 2
    return 1


def _takers(project: Project, fixture: str) -> int:
    """How many functions of the tests take a fixture by its name."""
    tests = [m for m in project.code.mentioning(fixture) if is_test(m.path)]
    return sum(isinstance(n, ast.arg) and n.arg == fixture for m in tests for n in m.nodes)
