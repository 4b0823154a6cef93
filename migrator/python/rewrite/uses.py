"""Which names of a rewritten file lost their last use: imports and definitions that can go.

Works on `ast`; knows nothing about MCP.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import field

from migrator.python.module import FunctionNode, Module, Scope, dotted
from migrator.python.rewrite.edits import Unused
from migrator.records import record


def _annotations(tree: ast.AST) -> Iterator[ast.AST]:
    """Places whose strings hold code: annotations, casts, bounds of type variables."""
    for node in ast.walk(tree):
        if isinstance(node, ast.arg) and node.annotation is not None:
            yield node.annotation
        elif isinstance(node, FunctionNode) and node.returns is not None:
            yield node.returns
        elif isinstance(node, ast.AnnAssign):
            yield node.annotation
        elif isinstance(node, ast.Call) and dotted(node.func).rpartition(".")[2] in {"cast", "TypeVar", "NewType"}:
            yield from node.args
            yield from (k.value for k in node.keywords if k.arg == "bound")


def _quoted_names(module: Module, names: set[str]) -> Iterator[tuple[str, ast.AST]]:
    for place in _annotations(module.tree):
        for node in ast.walk(place):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                try:
                    inner = ast.parse(node.value.strip(), mode="eval")
                except (SyntaxError, ValueError):
                    continue
                for name in ast.walk(inner):
                    if isinstance(name, ast.Name) and name.id in names:
                        yield name.id, node


def exported(module: Module) -> set[str]:
    """The strings in statements that set or extend `__all__`."""
    found: set[str] = set()
    for statement in module.tree.body:
        if any(isinstance(node, ast.Name) and node.id == "__all__" for node in ast.walk(statement)):
            found.update(
                node.value
                for node in ast.walk(statement)
                if isinstance(node, ast.Constant) and isinstance(node.value, str)
            )
    return found


def addressed(module: Module, name: str) -> bool:
    """Whether a string names it as servers are told where their application is: "module:name"."""
    return any(
        isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(f":{name}")
        for node in module.nodes
    )


def removable(module: Module, alias: ast.alias) -> bool:
    """Not re-exported, not marked to be kept, not the only line of a guarded block."""
    statement = module.parents[alias]
    assert isinstance(statement, ast.Import | ast.ImportFrom)
    if alias.name == "*" or (isinstance(statement, ast.ImportFrom) and statement.module == "__future__"):
        return False
    if module.is_package and isinstance(module.parents[statement], ast.Module):
        return False
    lines = module.lines[statement.lineno - 1 : statement.end_lineno or statement.lineno]
    return not any("# noqa" in line.lower() or "#noqa" in line.lower() for line in lines)


def scope_name(module: Module, scope: Scope) -> str:
    """A name for a scope that stays the same when lines move."""
    parts = []
    node: ast.AST = scope.node
    for each in (node, *module.ancestors(node)):
        if isinstance(each, FunctionNode | ast.ClassDef):
            parts.append(each.name)
        elif isinstance(each, ast.Lambda):
            parts.append("<lambda>")
    return ".".join(reversed(parts))


def _owner(module: Module, node: ast.AST, name: str) -> Scope:
    """The scope whose binding the name means there; the module where nothing binds it."""
    scope: Scope | None = module.scope_of(node)
    start = scope
    while scope is not None:
        if name in scope.bindings and (scope is start or not isinstance(scope.node, ast.ClassDef)):
            return scope
        scope = scope.parent
    return module.scope


Use = tuple[str, str]  # scope, name


@record
class _Uses:
    """The uses of some names in a module."""

    module: Module
    names: set[str]
    found: list[tuple[Use, ast.AST, str]] = field(default_factory=list)  # use, node, attribute chain

    def collect(self) -> _Uses:
        module, scopes = self.module, {}
        nodes: list[tuple[str, ast.AST]] = list(_quoted_names(module, self.names))
        nodes += [
            (node.id, node)
            for node in module.nodes
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Store) and node.id in self.names
        ]
        for name, node in nodes:
            scope = _owner(module, node, name)
            if scope not in scopes:
                scopes[scope] = scope_name(module, scope)
            self.found.append(((scopes[scope], name), node, self.chain(node)))
        return self

    def chain(self, node: ast.AST) -> str:
        """`a.b.c` around the name `a`."""
        if isinstance(node, ast.Constant):
            return str(node.value).strip()
        while isinstance(parent := self.module.parents.get(node), ast.Attribute) and parent.value is node:
            node = parent
        return dotted(node)

    def counts(self, without: set[ast.AST]) -> Counter[Use]:
        """How often each name is used outside the nodes `without`."""
        counts: Counter[Use] = Counter()
        for use, node, _ in self.found:
            if not without or not (node in without or any(each in without for each in self.module.ancestors(node))):
                counts[use] += 1
        return counts


class Dead:
    """The imported names and definitions that this run took the last use of."""

    def __init__(self, old: Module, new: Module, unused: Sequence[Unused]) -> None:
        self.old, self.new, self.unused = old, new, {o.name for o in unused}
        self.unreached = {(o.scope, o.name) for o in unused if o.scope is not None}
        self.aliases: set[ast.alias] = set()
        self.statements: set[ast.stmt] = set()
        names = set(self.unused)
        for node in new.nodes:
            if isinstance(node, ast.Import | ast.ImportFrom):
                names.update(_bound(alias) for alias in node.names)
        self.before = _Uses(old, names).collect()
        self.uses = _Uses(new, names).collect() if new is not old else self.before
        self.exported = exported(new) | exported(old)

    def find(self) -> None:
        """Fill `aliases` and `statements` with what lost its last use, and what loses it by that."""
        if self.new is self.old and not self.unreached:
            return
        had = self.before.counts(set())
        while True:
            size = len(self.aliases) + len(self.statements)
            left = self.uses.counts(set(self.statements))
            for scope in self.new.scopes.values():
                if isinstance(scope.node, ast.Lambda):
                    continue
                where = scope_name(self.new, scope)
                for name, bindings in scope.bindings.items():
                    if (had[where, name] or (where, name) in self.unreached) and not self.kept(scope, name):
                        imports = [b.node for b in bindings if b.kind == "import" and isinstance(b.node, ast.alias)]
                        if name in self.unused and len(imports) < len(bindings):
                            self.definitions(scope, name, left[where, name])
                        elif len(imports) == len(bindings) and not left[where, name]:
                            self.aliases.update(alias for alias in imports if removable(self.new, alias))
            if len(self.aliases) + len(self.statements) == size:
                break
        self.submodules()

    def kept(self, scope: Scope, name: str) -> bool:
        """True for a name that others may import."""
        return scope.parent is None and name in self.exported

    def definitions(self, scope: Scope, name: str, uses: int) -> None:
        """Mark the definitions of a name that nothing outside them uses."""
        module = self.new
        if scope.parent is None and addressed(module, name):
            return
        statements: list[ast.stmt] = []
        for binding in scope.bindings[name]:
            node = binding.node
            plain = (
                isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name)
            ) or isinstance(node, ast.AnnAssign)
            defined = isinstance(node, FunctionNode | ast.ClassDef) and not node.decorator_list
            if not plain and not defined:
                return
            assert isinstance(node, ast.stmt)
            statements.append(node)
        inside = sum(
            1
            for (_, used), node, _ in self.uses.found
            if used == name and any(each in statements for each in module.ancestors(node))
        )
        if uses and uses > inside:
            return
        self.statements.update(statements)

    def submodules(self) -> None:
        """`import a.b` beside another import of `a`: unused when nothing is reached through `a.b`."""
        left = [chain for use, _, chain in self.uses.found if not use[0]]
        had = [chain for use, _, chain in self.before.found if not use[0]]
        plain = [
            alias
            for statement in self.new.tree.body
            if isinstance(statement, ast.Import)
            for alias in statement.names
            if not alias.asname
        ]
        for alias in plain:
            others = [a.name for a in plain if a is not alias and _bound(a) == _bound(alias)]
            rest = [chain for chain in left if chain.split(".")[0] == _bound(alias)]
            if (
                "." in alias.name
                and any(_under(chain, alias.name) for chain in had)
                and rest
                and all(any(_under(chain, other) for other in others) for chain in rest)
                and not any(_under(chain, alias.name) for chain in rest)
                and removable(self.new, alias)
            ):
                self.aliases.add(alias)


def _under(chain: str, name: str) -> bool:
    return chain == name or chain.startswith(f"{name}.")


def _bound(alias: ast.alias) -> str:
    return alias.asname or alias.name.split(".")[0]
