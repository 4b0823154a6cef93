"""What goes together with the branches that go: the code in them, and functions that nothing else reaches.

if kind == "sse":
    serve_sse()       # the branch goes, and with it serve_sse, and what only serve_sse calls
elif kind == "http":
    serve_http()
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator.python.edits import Unused
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.python.unit import Draft
from migrator.python.uses import addressed, exported
from migrator.python.value import Func
from migrator.tree import Unreadable

DEPTH = 6  # functions that call functions
MANIFESTS = ("pyproject.toml", "setup.cfg")  # they name functions as commands


class Leaving:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.values = project.values

    def goes(self, draft: Draft, module: Module, node: ast.AST) -> bool:
        """True when a node stands in a branch that goes, or in a function that only such branches reach.

        Then the functions between are taken out, and those that only they or the branches call.
        """
        if not self._goes(draft, module, node, 0):
            return False
        draft.leaves = True
        self._helpers(draft)
        return True

    def _goes(self, draft: Draft, module: Module, node: ast.AST, depth: int) -> bool:
        if not draft.removed:
            return False
        if any(where is module and _within(module, node, arm) for where, arm in draft.removed):
            return True
        for outer in module.ancestors(node):
            if isinstance(outer, FunctionNode) and self._unreached(draft, module, outer, depth):
                draft.do(Unused(module.path, outer.name))
                return True
        return False

    def _unreached(self, draft: Draft, module: Module, function: FunctionNode, depth: int) -> bool:
        """True when every use of a function goes."""
        if depth > DEPTH or not self._free(module, function):
            return False
        uses = list(_uses(module, function))
        return bool(uses) and all(self._goes(draft, module, use, depth + 1) for use in uses)

    def _helpers(self, draft: Draft) -> None:
        """Functions that what goes calls: those that nothing else uses lose their last use."""
        seen: set[ast.AST] = set()
        todo = [(module, part) for module, arm in draft.removed for part in _parts(arm)]
        while todo:
            module, root = todo.pop()
            for node in ast.walk(root):
                if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                    continue
                for value in self.values.of(module, node.func):
                    if not isinstance(value, Func) or value.module is not module or value.node in seen:
                        continue
                    seen.add(value.node)
                    if isinstance(value.node, FunctionNode) and self._free(module, value.node):
                        draft.do(Unused(module.path, value.node.name))
                        if self._unreached(draft, module, value.node, 0):
                            todo.append((module, value.node))

    # -- who else may use a function

    def _free(self, module: Module, function: FunctionNode) -> bool:
        """True for a plain function that nobody outside its file can know."""
        scope = module.scope_of(function)
        if (
            function.decorator_list
            or isinstance(scope.node, ast.ClassDef)
            or len(scope.bindings.get(function.name, ())) != 1
        ):
            return False
        if scope.parent is not None:
            return True
        if function.name in exported(module) or addressed(module, function.name):
            return False
        return not self._imported(module, function.name) and not self._told(function.name)

    def _imported(self, module: Module, name: str) -> bool:
        """True when another file that knows the module names the function."""
        code = self.project.code
        others = {path for path in code.mentioned(name) if path != module.path}
        return bool(others) and bool(others & (self.values.callers.naming(module) | code.importers([module.path])))

    def _told(self, name: str) -> bool:
        """True when a file that is no Python names it, as commands are told what to run: "module:name"."""
        tree = self.project.context.tree
        paths = [path for kind, found in tree.hits.items() if kind != "python" for path in found]
        paths += [path for path in tree.files if path.endswith(MANIFESTS)]
        address = re.compile(rb":\s?" + re.escape(name.encode()) + rb"(?!\w)")
        for path in dict.fromkeys(paths):
            try:
                if address.search(tree.read(path)):
                    return True
            except Unreadable:
                continue
        return False


def _within(module: Module, node: ast.AST, arm: ast.AST) -> bool:
    """True inside an arm, without what comes behind its `else` or `elif`."""
    inner = node
    for outer in module.ancestors(node):
        if outer is arm:
            return not (isinstance(arm, ast.If) and inner in arm.orelse)
        inner = outer
    return False


def _parts(arm: ast.AST) -> Iterator[ast.AST]:
    """What of an arm goes."""
    return (part for part in ast.iter_child_nodes(arm) if part not in getattr(arm, "orelse", ()))


def _uses(module: Module, function: FunctionNode) -> Iterator[ast.AST]:
    """Where a function's name is read, outside of itself."""
    scope = module.scope_of(function)
    for node in module.loads.get(function.name, ()):
        if isinstance(node, ast.Name) and module.owner(node) is scope and function not in module.ancestors(node):
            yield node
