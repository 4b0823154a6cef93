"""A parsed Python file: what holds what, which scope binds which name, and where everything stands.

Nothing here knows about MCP.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cached_property

from migrator.model import Place
from migrator.python.rewrite.edits import At
from migrator.records import record

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@record(eq=False)
class Binding:
    """One way a name gets its value in a scope."""

    kind: str  # assign | unpack | each | import | def | class | param | with | other
    node: ast.AST  # the statement (or `ast.arg`, `ast.alias`) that binds
    value: ast.expr | None = None  # assign: the right side; with: the context expression; each: what is looped over
    index: tuple[int, ...] = ()  # unpack, each: which element of the value, and which of that, and so on
    module: str = ""  # import: absolute dotted module
    name: str = ""  # import: the imported symbol, "" for the module itself


@record(eq=False)
class Scope:
    """A module, class or function body."""

    node: ast.Module | ast.ClassDef | FunctionNode | ast.Lambda
    parent: Scope | None
    bindings: dict[str, list[Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)  # declared global or nonlocal

    def bind(self, name: str, binding: Binding) -> None:
        """Note that `name` is bound here, or in the scope that a global or nonlocal statement names."""
        scope: Scope = self
        if name in self.outer:
            while scope.parent is not None and (scope is self or isinstance(scope.node, ast.ClassDef)):
                scope = scope.parent
                if name in scope.bindings:
                    break
        scope.bindings.setdefault(name, []).append(binding)


class Module:
    """A parsed Python file."""

    def __init__(self, path: str, name: str, text: str, tree: ast.Module) -> None:
        self.path = path
        self.name = name  # dotted, "" when the file is no importable module
        self.text = text
        self.tree = tree
        self.is_package = path.endswith("__init__.py")
        self.parents: dict[ast.AST, ast.AST] = {}
        self.scopes: dict[ast.AST, Scope] = {}
        self.calls: list[ast.Call] = []
        self.compares: list[ast.Compare] = []
        self.matches: list[ast.Match] = []
        _Binder(self).run()

    def __repr__(self) -> str:
        return f"<Module {self.path}>"

    @cached_property
    def lines(self) -> list[str]:
        # ast ends lines only at \n, \r\n and \r; str.splitlines has more (form feed, \x1c ...)
        return re.split(r"(?<=\n)|(?<=\r)(?!\n)", self.text)

    @property
    def scope(self) -> Scope:
        return self.scopes[self.tree]

    def scope_of(self, node: ast.AST) -> Scope:
        """The scope in which the node's names are looked up."""
        seen: ast.AST = node
        current: ast.AST | None = self.parents.get(node)
        while current is not None:
            outside = isinstance(current, FunctionNode | ast.Lambda) and seen is current.args
            if isinstance(current, FunctionNode) and (seen in current.decorator_list or seen is current.returns):
                outside = True
            if current in self.scopes and not outside:
                return self.scopes[current]
            seen, current = current, self.parents.get(current)
        return self.scope

    def owner(self, node: ast.Name) -> Scope:
        """The scope whose binding a name means there; the module's where nothing binds it."""
        first = self.scope_of(node)
        scope: Scope | None = first
        while scope is not None:
            if node.id in scope.bindings and (scope is first or not isinstance(scope.node, ast.ClassDef)):
                return scope
            scope = scope.parent
        return self.scope

    def function_of(self, node: ast.AST) -> FunctionNode | None:
        """The innermost function that holds the node."""
        current = self.parents.get(node)
        while current is not None and not isinstance(current, FunctionNode):
            current = self.parents.get(current)
        return current

    def class_of(self, node: ast.AST) -> ast.ClassDef | None:
        """The class whose body directly holds the function `node`."""
        parent = self.parents.get(node)
        return parent if isinstance(parent, ast.ClassDef) else None

    def statement_of(self, node: ast.AST) -> ast.stmt:
        """The innermost statement that holds (or is) the node."""
        current: ast.AST = node
        while not isinstance(current, ast.stmt):
            current = self.parents[current]
        return current

    def ancestors(self, node: ast.AST) -> Iterator[ast.AST]:
        """The nodes around a node, from the inside out."""
        current = self.parents.get(node)
        while current is not None:
            yield current
            current = self.parents.get(current)

    def _column(self, line: int, byte_column: int) -> int:
        text = self.lines[line - 1] if line <= len(self.lines) else ""
        if text.isascii():
            return byte_column
        return len(text.encode("utf-8")[:byte_column].decode("utf-8", "replace"))

    def place(self, node: ast.AST) -> Place:
        """Where a node stands; the file as a whole for one that was made up."""
        if not hasattr(node, "lineno"):
            return Place(self.path)
        at = self.at(node)
        return Place(self.path, at.line, at.column, at.end_line, at.end_column)

    def at(self, node: ast.AST, kind: str = "") -> At:
        """The node's place for an edit."""
        line, end_line = node.lineno, node.end_lineno or node.lineno  # type: ignore[attr-defined]
        start = self._column(line, node.col_offset)  # type: ignore[attr-defined]
        end = self._column(end_line, node.end_col_offset)  # type: ignore[attr-defined]
        if not kind:
            kind = "stmt" if isinstance(node, ast.stmt) else "expr"
        source = self._segment(node) if kind == "expr" else ""
        return At(self.path, kind, line, start, end_line, end, source)

    def free(self, node: ast.AST, *names: str) -> str:
        """The first of `names` that may be bound where the node stands: not bound there, and read nowhere in the file."""
        taken = {n for n in names if any(isinstance(use, ast.Name) for use in self.loads.get(n, ()))}
        taken |= self.scope_of(node).bindings.keys()
        return next((n for n in names if n not in taken), names[-1] + "_")

    def source(self, node: ast.AST) -> str:
        """The node's source as it stands."""
        return self._segment(node) or ast.unparse(node)

    def _segment(self, node: ast.AST) -> str:
        """As ast.get_source_segment, without splitting the whole text for every node."""
        line, end_line = getattr(node, "lineno", 0), getattr(node, "end_lineno", 0)
        if not line or not end_line or end_line > len(self.lines):
            return ""
        start = self._column(line, node.col_offset)  # type: ignore[attr-defined]
        end = self._column(end_line, node.end_col_offset)  # type: ignore[attr-defined]
        if line == end_line:
            return self.lines[line - 1][start:end]
        return "".join([self.lines[line - 1][start:], *self.lines[line : end_line - 1], self.lines[end_line - 1][:end]])

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """Every node in the order of `ast.walk`, and in a third of its time; `Load`, `Store` and `Del` are left out."""
        found: list[ast.AST] = [self.tree]
        for node in found:
            for name in node._fields:
                value = getattr(node, name, None)
                if value.__class__ is list:
                    found += [v for v in value if isinstance(v, ast.AST)]
                elif isinstance(value, ast.AST) and value.__class__ not in PLAIN:
                    found.append(value)
        return found

    def within(self, scope: Scope) -> Iterable[ast.AST]:
        """The nodes of a scope and of those inside it, in the order of `ast.walk`."""
        return self.nodes if scope.node is self.tree else ast.walk(scope.node)

    @cached_property
    def calls_by_name(self) -> dict[str, list[ast.Call]]:
        """Calls by the last name of what is called; of `Runner[FastMCP](...)` it is Runner."""
        out: dict[str, list[ast.Call]] = {}
        for call in self.calls:
            called = call.func
            if (
                isinstance(called, ast.Subscript)
                and isinstance(called.value, ast.Name)
                and called.value.id[:1].isupper()
            ):
                called = called.value
            last = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            out.setdefault(last, []).append(call)
        return out

    @cached_property
    def loads(self) -> dict[str, list[ast.Name | ast.Attribute]]:
        """Where a name or an attribute is read, by that name."""
        out: dict[str, list[ast.Name | ast.Attribute]] = {}
        for node in self.parents:
            if isinstance(node, ast.Name | ast.Attribute) and isinstance(node.ctx, ast.Load):
                out.setdefault(node.id if isinstance(node, ast.Name) else node.attr, []).append(node)
        return out

    @cached_property
    def aliases(self) -> dict[str, set[str]]:
        """Imported name -> the names it has here."""
        out: dict[str, set[str]] = {}
        for scope in self.scopes.values():
            for alias, bindings in scope.bindings.items():
                for b in bindings:
                    if b.kind == "import" and b.name:
                        out.setdefault(b.name, set()).add(alias)
        return out


BINDING = {
    ast.FunctionDef,
    ast.AsyncFunctionDef,
    ast.Lambda,
    ast.ClassDef,
    ast.Global,
    ast.Nonlocal,
    ast.Assign,
    ast.AnnAssign,
    ast.NamedExpr,
    ast.AugAssign,
    ast.Import,
    ast.ImportFrom,
    ast.For,
    ast.AsyncFor,
    ast.comprehension,
    ast.withitem,
    ast.Call,
    ast.Compare,
    ast.Match,
}
PLAIN = {ast.Load, ast.Store, ast.Del}


def dotted(node: ast.AST) -> str:
    """`a.b.c` for a chain of names, else ""."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


class _Binder:
    """Fills a module's parents and scopes in one pass (iterative: deep trees must not end the run)."""

    def __init__(self, module: Module) -> None:
        self.module = module

    def run(self) -> None:
        module = self.module
        module.scopes[module.tree] = Scope(module.tree, None)
        parents = module.parents
        stack: list[tuple[ast.AST, Scope]] = [(module.tree, module.scopes[module.tree])]
        while stack:
            node, scope = stack.pop()
            kind = type(node)
            inner = self.enter(node, scope) if kind in BINDING else scope
            children: list[ast.AST] = []
            for name in kind._fields:
                value = getattr(node, name, None)
                if value.__class__ is list:
                    children += [v for v in value if isinstance(v, ast.AST)]
                elif isinstance(value, ast.AST) and value.__class__ not in PLAIN:
                    children.append(value)
            outside: set[int] = set()
            if inner is not scope:
                if isinstance(node, FunctionNode):
                    outside = {id(x) for x in [*node.decorator_list, node.args, node.returns] if x is not None}
                elif isinstance(node, ast.Lambda):
                    outside = {id(node.args)}
                elif isinstance(node, ast.ClassDef):
                    outside = {id(x) for x in [*node.decorator_list, *node.bases, *node.keywords]}
            for child in reversed(children):
                parents[child] = node
                stack.append((child, scope if outside and id(child) in outside else inner))

    def enter(self, node: ast.AST, scope: Scope) -> Scope:
        module = self.module
        if isinstance(node, FunctionNode | ast.Lambda):
            inner = module.scopes[node] = Scope(node, scope)
            if isinstance(node, FunctionNode):
                scope.bind(node.name, Binding("def", node))
            a = node.args
            for arg in [*a.posonlyargs, *a.args, *a.kwonlyargs, a.vararg, a.kwarg]:
                if arg is not None:
                    inner.bind(arg.arg, Binding("param", arg))
            return inner
        if isinstance(node, ast.ClassDef):
            scope.bind(node.name, Binding("class", node))
            inner = module.scopes[node] = Scope(node, scope)
            return inner
        if isinstance(node, ast.Global | ast.Nonlocal):
            scope.outer.update(node.names)
        elif isinstance(node, ast.Assign):
            for target in node.targets:
                self.target(target, node.value, node, scope)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr):
            if isinstance(node.target, ast.Name):
                scope.bind(node.target.id, Binding("assign", node, node.value))
        elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
            scope.bind(node.target.id, Binding("other", node))
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.asname:
                    scope.bind(alias.asname, Binding("import", alias, module=alias.name))
                else:
                    root = alias.name.split(".")[0]
                    scope.bind(root, Binding("import", alias, module=root))
        elif isinstance(node, ast.ImportFrom):
            source = self.absolute(node)
            for alias in node.names:
                if alias.name != "*":
                    name = alias.asname or alias.name
                    scope.bind(name, Binding("import", alias, module=source, name=alias.name))
                else:
                    scope.bind("*", Binding("import", alias, module=source))
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            for name, index in targets_of(node.target):
                scope.bind(name, Binding("each", node, node.iter, index))
        elif isinstance(node, ast.withitem):
            if node.optional_vars is not None:
                for name, index in targets_of(node.optional_vars):
                    scope.bind(name, Binding("with", node, node.context_expr, index))
        elif isinstance(node, ast.Call):
            module.calls.append(node)
        elif isinstance(node, ast.Compare):
            module.compares.append(node)
        elif isinstance(node, ast.Match):
            module.matches.append(node)
            for case in node.cases:
                if isinstance(case.pattern, ast.MatchAs) and case.pattern.name is not None:
                    scope.bind(case.pattern.name, Binding("assign", case, node.subject))
        return scope

    def target(self, target: ast.expr, value: ast.expr | None, node: ast.AST, scope: Scope) -> None:
        if isinstance(target, ast.Name):
            scope.bind(target.id, Binding("assign" if value is not None else "other", node, value))
        elif isinstance(target, ast.Tuple | ast.List):
            for name, index in targets_of(target):
                scope.bind(name, Binding("unpack" if value is not None else "other", node, value, index))

    def absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.name.split(".") if self.module.name else []
        if not self.module.is_package:
            package = package[:-1]
        package = package[: len(package) - (node.level - 1)] if node.level > 1 else package
        return ".".join([*package, *([node.module] if node.module else [])])


def targets_of(target: ast.expr) -> Iterator[tuple[str, tuple[int, ...]]]:
    """The names of a target, and where each stands in it: m in `for i, (n, m) in ...` at (1, 1)."""
    if isinstance(target, ast.Name):
        yield target.id, ()
    elif isinstance(target, ast.Starred):
        yield from targets_of(target.value)
    elif isinstance(target, ast.Tuple | ast.List):
        for i, element in enumerate(target.elts):
            yield from ((name, (i, *inner)) for name, inner in targets_of(element))
