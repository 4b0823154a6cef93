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

from migrator.python.code import is_test
from migrator.python.flow.value import Func
from migrator.python.functions import is_docstring
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import Unused
from migrator.python.rewrite.uses import addressed, exported, removable, scope_name
from migrator.python.unit import Draft
from migrator.tree import Unreadable

DEPTH = 6  # functions that call functions
MOST = 40  # files with a method's name; past that it is taken for a name of others
MANIFESTS = ("pyproject.toml", "setup.cfg")  # they name functions as commands

Use = tuple[Module, ast.AST]


class Leaving:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.values = project.values
        self._known: dict[ast.AST, list[Use] | None] = {}

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
                draft.do(Unused(module.path, outer.name, scope_name(module, module.scope_of(outer))))
                return True
        return False

    def _unreached(self, draft: Draft, module: Module, function: FunctionNode, depth: int) -> bool:
        """True when every use of a function goes."""
        uses = self._uses(module, function) if depth <= DEPTH else None
        return bool(uses) and all(self._goes(draft, m, n, depth + 1) for m, n in uses or ())

    def _helpers(self, draft: Draft) -> None:
        """Functions that what goes calls: those that nothing else uses lose their last use."""
        seen: set[ast.AST] = set()
        todo = [(module, part) for module, arm in draft.removed for part in _parts(arm)]
        while todo:
            module, root = todo.pop()
            for called in (node.func for node in ast.walk(root) if isinstance(node, ast.Call)):
                for value in self.values.of(module, called):
                    if not isinstance(value, Func) or value.module is not module or value.node in seen:
                        continue
                    seen.add(value.node)
                    if isinstance(value.node, FunctionNode) and self._helper(draft, module, value.node):
                        todo.append((module, value.node))

    def _helper(self, draft: Draft, module: Module, function: FunctionNode) -> bool:
        """Take a function out with its last use. True when that goes here; other edits may take the rest of its uses."""
        if self._unreached(draft, module, function, 0):
            draft.do(Unused(module.path, function.name, scope_name(module, module.scope_of(function))))
            return True
        uses = self._uses(module, function)
        if uses and all(m is module for m, _ in uses):
            draft.do(Unused(module.path, function.name))
        return False

    # -- who uses a function

    def _uses(self, module: Module, function: FunctionNode) -> list[Use] | None:
        """Where a function is named, outside of itself; None where somebody may know it who can't be seen."""
        if function not in self._known:
            uses = self._named(module, function)
            inside = {function, *ast.walk(function)}
            self._known[function] = None if uses is None else [(m, n) for m, n in uses if n not in inside]
        return self._known[function]

    def _named(self, module: Module, function: FunctionNode) -> list[Use] | None:
        scope, name = module.scope_of(function), function.name
        if function.decorator_list or len(scope.bindings.get(name, ())) != 1 or name.startswith("__"):
            return None
        if isinstance(scope.node, ast.ClassDef):
            alone = all(s is function or is_docstring(s) for s in scope.node.body)
            return None if alone or scope.node.bases or scope.node.keywords else self._method(function)
        here: list[Use] = [
            (module, n) for n in module.loads.get(name, ()) if isinstance(n, ast.Name) and module.owner(n) is scope
        ]
        if scope.parent is not None:
            return here
        if name in exported(module) or addressed(module, name) or self._told(name):
            return None
        elsewhere = self._imported(module, function)
        return None if elsewhere is None else here + elsewhere

    def _method(self, function: FunctionNode) -> list[Use] | None:
        """Every attribute of a method's name, whatever it is of; None where something else has the name, too."""
        uses: list[Use] = []
        if len(self.project.code.mentioned(function.name)) > MOST:
            return None
        for module in self.project.code.mentioning(function.name):
            for node in _saying(module, function.name):
                if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and not is_test(module.path):
                    uses.append((module, node))
                elif node is not function:
                    return None
        return uses

    def _imported(self, module: Module, function: FunctionNode) -> list[Use] | None:
        """Uses in the files that import a function; None where one does something else with its name."""
        code, name, out = self.project.code, function.name, []
        others = {path for path in code.mentioned(name) if path != module.path}
        for path in sorted(
            others & (self.values.callers.naming(module) | code.importers([module.path])) if others else ()
        ):
            other = code.load(path)
            if other is None or is_test(path):
                return None
            uses: list[Use] = []
            for node in _saying(other, name):
                if isinstance(node, ast.Name | ast.Attribute) and Func(module, function) in self.values.of(other, node):
                    uses.append((other, node))
                elif not isinstance(node, ast.alias) or node.asname or not removable(other, node):
                    return None
            if not uses or name in exported(other):
                return None  # it imports the function for others
            out += uses
        return out

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


def _saying(module: Module, name: str) -> Iterator[ast.AST]:
    """Everything in a module that has a name, or says it in a text."""
    for node in module.parents:
        if isinstance(node, ast.Constant):
            if isinstance(node.value, str) and re.search(rf"\b{name}\b", node.value):
                yield node
        elif name in [getattr(node, key, None) for key in ("id", "attr", "name", "asname", "arg")]:
            yield node
