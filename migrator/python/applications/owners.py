"""How a server or an application is written at another place: as it stands, under an import's name, or not at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.flow.value import Mod
from migrator.python.flow.values import Values
from migrator.python.module import Binding, FunctionNode, Module, Scope
from migrator.python.rewrite.edits import EnsureImport, Insert, Operation
from migrator.records import record


@record(eq=False)
class Owner:
    """A name chain ("mcp", "self.mcp", "mcp_app") and the place where it means what is meant."""

    text: str
    module: Module
    node: ast.AST  # where `text` stands, or the statement that a new name is put before
    new: bool = False  # the name is put in by this run, in the scope of `node`

    @property
    def root(self) -> str:
        return self.text.split(".", maxsplit=1)[0]

    @property
    def named(self) -> bool:
        """True for names and attributes of names: a call would make another object."""
        return all(part.isidentifier() for part in self.text.split("."))


@record(frozen=True)
class Spelled:
    """The owner as one place writes it, and what that place needs for it."""

    text: str
    operations: tuple[Operation, ...] = ()


class Spelling:
    """Answers for one project."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def of(self, owner: Owner, module: Module, node: ast.AST) -> Spelled | None:
        """The owner at `node` (a function: inside its body), or None when it can't be seen from there."""
        if not owner.named:
            return None
        target = module.scopes[node] if isinstance(node, FunctionNode) else module.scope_of(node)
        home = self._home(owner)
        if any(isinstance(b.node, ast.comprehension) for b in home.bindings.get(owner.root, ())):
            return None  # a name that a comprehension's own turns have
        if module is owner.module:
            return Spelled(owner.text) if self._same(module, home, target, owner.root) else None
        if home is not owner.module.scope:
            return None
        return self._elsewhere(owner, module, target)

    def before(self, owner: Owner, module: Module, statement: ast.stmt) -> bool:
        """True when the name is bound before the statement runs: above it, or further out."""
        if module is not owner.module:
            return True
        if owner.text != owner.root:  # an attribute: only what the same function did above is sure
            made = module.statement_of(owner.node)
            same = module.scope_of(made) is module.scope_of(statement)
            return same and (made.lineno < statement.lineno or (owner.new and made is statement))
        home = self._home(owner)
        if home is not module.scope_of(statement):
            return True
        if owner.new:
            return module.statement_of(owner.node).lineno <= statement.lineno
        nodes = [b.node for b in home.bindings.get(owner.root, ())]
        return bool(nodes) and all(_line(n) < statement.lineno for n in nodes)

    def _home(self, owner: Owner) -> Scope:
        """The scope whose binding the owner's first name is."""
        scope: Scope | None = owner.module.scope_of(owner.node)
        if owner.new and owner.root == owner.text:
            assert scope is not None
            return scope
        return _binding_scope(scope, owner.root) or owner.module.scope

    def _same(self, module: Module, home: Scope, target: Scope, root: str) -> bool:
        for scope in _chain(target):
            if scope is home:
                return True
            if root in scope.bindings:
                return self._self_of(module, scope, root) is not None and self._self_of(
                    module, scope, root
                ) is self._self_of(module, home, root)
        return False

    def _self_of(self, module: Module, scope: Scope, root: str) -> ast.ClassDef | None:
        """The class whose instance `root` is in a method's scope."""
        function = scope.node
        if not isinstance(function, FunctionNode):
            return None
        arguments = [*function.args.posonlyargs, *function.args.args]
        return module.class_of(function) if arguments and arguments[0].arg == root else None

    # -- in another file

    def _elsewhere(self, owner: Owner, module: Module, target: Scope) -> Spelled | None:
        origins = [(owner.module, owner.root), *self._origins(owner.module, owner.root)]
        rest = owner.text.removeprefix(owner.root)
        for scope in _chain(target):
            for alias, bindings in scope.bindings.items():
                for b in bindings:
                    if b.kind != "import":
                        continue
                    for value in self.values._import(module, b):
                        if isinstance(value, Mod):
                            for source, name in origins:
                                if value.module is source and not (owner.new and source is not owner.module):
                                    return Spelled(f"{alias}.{name}{rest}")
                    found = self.values.code.find(b.module, module) if b.name else None
                    if found is not None and (found, b.name) in origins:
                        return Spelled(alias + rest)
        return self._imported(owner, module, target, rest)

    def _origins(self, module: Module, name: str) -> Iterator[tuple[Module, str]]:
        """The files that an imported name comes from."""
        for _ in range(6):
            b = next((b for b in module.scope.bindings.get(name, ()) if b.kind == "import" and b.name), None)
            found = self.values.code.find(b.module, module) if b is not None else None
            if b is None or found is None:
                return
            module, name = found, b.name
            yield module, name

    def _imported(self, owner: Owner, module: Module, target: Scope, rest: str) -> Spelled | None:
        """A new import, beside one of the same file."""
        taken = {n for s in module.scopes.values() for n in s.bindings}
        name, spelled = owner.root, owner.root
        if name in taken:
            spelled = f"{owner.module.name.rpartition('.')[2]}_{name}"
            if spelled in taken:
                return None
            name = f"{name} as {spelled}"
        for scope in _chain(target):
            for b in (b for bindings in scope.bindings.values() for b in bindings):
                source = _source(module, b)
                if not source or self.values.code.find(b.module, module) is not owner.module:
                    continue
                if scope is module.scope:
                    return Spelled(spelled + rest, (EnsureImport(module.path, source, name),))
                at = module.at(module.statement_of(b.node))
                return Spelled(spelled + rest, (Insert(at, f"from {source} import {name}", where="after", order=1),))
        if self._reaches(owner.module, module) or not owner.module.name:
            return None  # an import here would run in a circle
        if self.values.code.find(owner.module.name, module) is not owner.module:
            return None
        return Spelled(spelled + rest, (EnsureImport(module.path, owner.module.name, name),))

    def _reaches(self, start: Module, wanted: Module) -> bool:
        seen, stack = {start.path}, [start]
        while stack and len(seen) < 400:
            current = stack.pop()
            for scope in current.scopes.values():
                for b in (b for bindings in scope.bindings.values() for b in bindings if b.kind == "import"):
                    for name in (b.module, f"{b.module}.{b.name}"):
                        found = self.values.code.find(name, current) if name.strip(".") else None
                        if found is wanted:
                            return True
                        if found is not None and found.path not in seen:
                            seen.add(found.path)
                            stack.append(found)
        return False


def _chain(scope: Scope) -> Iterator[Scope]:
    """The scopes in which a name of `scope` is looked up: classes only when they are the first."""
    current: Scope | None = scope
    while current is not None:
        if current is scope or not isinstance(current.node, ast.ClassDef):
            yield current
        current = current.parent


def _binding_scope(scope: Scope | None, name: str) -> Scope | None:
    return next((s for s in _chain(scope) if name in s.bindings), None) if scope is not None else None


def _line(node: ast.AST) -> int:
    return int(getattr(node, "lineno", 0))


def _source(module: Module, b: Binding) -> str:
    """What stands behind `from` in a from-import, dots included; "" for anything else."""
    statement = module.parents.get(b.node) if b.kind == "import" and b.name else None
    if not isinstance(statement, ast.ImportFrom):
        return ""
    return "." * statement.level + (statement.module or "")
