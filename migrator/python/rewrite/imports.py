"""Imports and definitions of a rewritten file: what it needs now, what it no longer uses.

Works on `ast` and gives operations that are tied to places; knows nothing about MCP.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Sequence

from migrator.python.functions import is_docstring
from migrator.python.module import Module, dotted
from migrator.python.rewrite.edits import At, EnsureImport, Helper, Insert, RemoveStmt, ReplaceStmt, Unused
from migrator.python.rewrite.plans import EditImport, Local
from migrator.python.rewrite.uses import Dead

ImportNode = ast.Import | ast.ImportFrom
HELPER_ORDER = 1000  # behind imports that are put in at the same place


def helpers(module: Module, wanted: Iterable[Helper]) -> list[Local]:
    """Our definitions, as insertions behind the leading imports, without those whose name is there."""
    found: dict[str, Helper] = {}
    for helper in wanted:
        if helper.name not in module.scope.bindings:
            found.setdefault(helper.name, helper)
    return [_insertion(module, helper.code, HELPER_ORDER + i, apart=True) for i, helper in enumerate(found.values())]


def after_all(old: Module, new: Module, ensured: Sequence[EnsureImport], unused: Sequence[Unused]) -> list[Local]:
    """The operations on `new` (the file after the others) that put imports right and take unused code out."""
    dead = Dead(old, new, unused)
    dead.find()
    return _Imports(new, dead, ensured).operations()


def _insertion(module: Module, code: str, order: int, apart: bool = False) -> Insert:
    """Code behind the leading imports, or behind the docstring, or before everything."""
    anchor: ast.stmt | None = last_import(module.tree)
    if anchor is None and module.tree.body and is_docstring(module.tree.body[0]):
        anchor = module.tree.body[0]
    if anchor is not None:
        return Insert(module.at(anchor), code, "after", order, apart)
    if not module.tree.body:
        return Insert(At(module.path, "stmt", 1, 0, 1, 0), code, "before", order, apart)
    return Insert(module.at(module.tree.body[0]), code, "before", order, apart)


def last_import(tree: ast.Module) -> ImportNode | None:
    """The last import of the block of imports that the file begins with."""
    found: ImportNode | None = None
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found = statement
        elif not (isinstance(statement, ast.If | ast.Try) or is_docstring(statement)):
            break
    return found


def beside(tree: ast.Module, line: str) -> tuple[ImportNode, str] | None:
    """Where an import goes by its kind: after (or before) which import of the block that the file begins with.

    The standard library's go among its own, in the order of the alphabet where these keep it, or above all others;
    the others behind what comes from the same package, and above what is the project's by its dots. None: behind the
    whole block.
    """
    last = last_import(tree)
    leading = tree.body[: tree.body.index(last) + 1] if last is not None else []
    block = [s for s in leading if isinstance(s, ast.Import | ast.ImportFrom) and _package(s) != "__future__"]
    new = ast.parse(line).body[0]
    assert isinstance(new, ast.Import | ast.ImportFrom)
    kind, package = type(new), _package(new)
    if package not in sys.stdlib_module_names:
        kin = [s for s in block if isinstance(s, kind) and _package(s) == package]
        others = [s for s in block if _package(s) not in sys.stdlib_module_names | {""}]
        return ((kin or others)[-1], "after") if others else None
    end = next((i for i, s in enumerate(block) if _package(s) not in sys.stdlib_module_names), len(block))
    own = block[:end]
    same = [s for s in own if isinstance(s, kind)]
    if same:
        names = [_sorted_by(s) for s in same]
        smaller = [s for s in same if _sorted_by(s) < _sorted_by(new)]
        if smaller or names != sorted(names):
            return (smaller[-1] if names == sorted(names) else same[-1]), "after"
        return same[0], "before"
    if own:
        return (own[0], "before") if kind is ast.Import else (own[-1], "after")
    later = [s for s in block if isinstance(s, kind) and _package(s) in sys.stdlib_module_names]
    return (later[-1], "after") if later else (block[0], "before") if block else None


def _standard_first(line: str) -> tuple[bool, str]:
    """Orders new imports: those of the standard library by the alphabet, the others as they were asked for."""
    package = line.split()[1].partition(".")[0]
    return (False, line) if package in sys.stdlib_module_names else (True, "")


def _package(statement: ImportNode) -> str:
    """The package that is imported from, "" for the file's own."""
    if isinstance(statement, ast.Import):
        return statement.names[0].name.partition(".")[0]
    return "" if statement.level else str(statement.module).partition(".")[0]


def _sorted_by(statement: ImportNode) -> str:
    """The name by which imports of one kind are put in order."""
    return (statement.names[0].name if isinstance(statement, ast.Import) else str(statement.module)).lower()


class _Imports:
    """Turns wanted and dead imports into operations, one for each statement."""

    def __init__(self, module: Module, dead: Dead, ensured: Sequence[EnsureImport]) -> None:
        self.module, self.dead, self.ensured = module, dead, ensured
        self.added: dict[ImportNode, list[str]] = {}  # names for an existing from-import
        self.instead: dict[ImportNode, dict[str, list[str]]] = {}  # module -> names, in an import's place
        self.fresh: dict[str, list[str]] = {}  # module -> names, at the end of the leading imports
        self.imports = [n for n in module.nodes if isinstance(n, ast.Import | ast.ImportFrom)]

    def operations(self) -> list[Local]:
        for wanted in self.ensured:
            self.place(wanted)
        for modules in [m for s, m in self.instead.items() if isinstance(self.module.parents[s], ast.Module)]:
            for name in set(modules) & set(self.fresh):  # one statement for what comes from one module
                modules[name] += [n for n in self.fresh.pop(name) if n not in modules[name]]
        found: list[Local] = []
        gone: set[ast.stmt] = set(self.dead.statements)
        for statement in self.imports:
            drop = tuple(i for i, alias in enumerate(statement.names) if alias in self.dead.aliases)
            code = "\n".join(_lines(self.instead.get(statement, {})))
            add = tuple(self.added.get(statement, ()))
            at = self.module.at(statement)
            if len(drop) == len(statement.names) and not add:
                if code:
                    found.append(ReplaceStmt(at, code))
                else:
                    gone.add(statement)
                continue
            if drop or add:
                found.append(EditImport(at, drop, add))
            if code:
                found.append(Insert(at, code, "after"))
        for i, line in enumerate(sorted(_lines(self.fresh), key=_standard_first)):
            kin = beside(self.module.tree, line)
            if kin is None:
                found.append(_insertion(self.module, line, i))
            else:
                found.append(Insert(self.module.at(kin[0]), line, kin[1], i))
        found += [RemoveStmt(self.module.at(each)) for each in self.cleared(gone)]
        return found

    def cleared(self, gone: set[ast.stmt]) -> list[ast.stmt]:
        """What to take out so that `gone` goes and no guard around imports is left with nothing to guard."""
        found: set[ast.stmt] = set()
        for statement in gone:
            parent = self.module.parents[statement]
            guard = self.module.parents[parent] if isinstance(parent, ast.ExceptHandler) else parent
            if isinstance(guard, ast.Try) and statement not in self.dead.statements:
                if _guards_nothing(guard, gone):
                    found.add(guard)
                elif not all(each in gone for each in getattr(parent, "body", [])):
                    found.add(statement)
            elif isinstance(parent, ast.If) and _for_checkers(parent) and all(s in gone for s in parent.body):
                found.add(parent)
            else:
                found.add(statement)
        return sorted(found, key=lambda s: s.lineno)

    def place(self, wanted: EnsureImport) -> None:
        """Decide where an import goes."""
        if self.there(wanted):
            return
        name = wanted.name or wanted.module.split(".")[0]
        beside = self.old_imports(wanted.instead_of)
        for statement in beside:
            _append(self.instead.setdefault(statement, {}), wanted)
        if any(self.module.scope_of(statement) is self.module.scope for statement in beside):
            return
        if beside and self.covered(name, wanted.module):
            return
        for statement in self.imports:
            if (
                wanted.name
                and isinstance(self.module.parents[statement], ast.Module)
                and isinstance(statement, ast.ImportFrom)
                and statement.module == wanted.module
                and not statement.level
                and statement.names[0].name != "*"
            ):
                names = self.added.setdefault(statement, [])
                if wanted.name not in names:
                    names.append(wanted.name)
                return
        _append(self.fresh, wanted)

    def old_imports(self, name: str) -> list[ImportNode]:
        """Where `module:name` is imported and goes; or else where it stays, inside a guard or function."""
        module, _, symbol = name.partition(":")
        found = [
            (statement, alias)
            for statement in self.imports
            for alias in statement.names
            if name and _is(statement, alias, module, symbol)
        ]
        dead = [statement for statement, alias in found if alias in self.dead.aliases]
        return dead or [
            statement
            for statement, _ in found
            if not isinstance(parent := self.module.parents[statement], ast.Module)
            and not (isinstance(parent, ast.If) and _for_checkers(parent))
        ]

    def there(self, wanted: EnsureImport) -> bool:
        return any(
            not alias.asname and alias not in self.dead.aliases and _is(statement, alias, wanted.module, wanted.name)
            for statement in self.imports
            if isinstance(self.module.parents[statement], ast.Module | ast.Try)
            and self.module.scope_of(statement) is self.module.scope
            for alias in statement.names
        )

    def covered(self, name: str, module: str) -> bool:
        """Whether every use of the name is in a function that gets an import of its own."""
        scopes = [self.module.scope_of(s).node for s, modules in self.instead.items() if module in modules]
        return all(
            any(each in scopes for each in self.module.ancestors(node))
            for node in self.module.nodes
            if isinstance(node, ast.Name) and node.id == name
        )


def _guards_nothing(guard: ast.Try, gone: set[ast.stmt]) -> bool:
    """Whether a `try` around imports only handles that these imports fail."""
    handled = [s for handler in guard.handlers for s in handler.body]
    return (
        all(s in gone for s in guard.body)
        and all(s in gone or isinstance(s, ast.Pass | ast.Raise) for s in handled)
        and not guard.orelse
        and not guard.finalbody
    )


def _for_checkers(statement: ast.If) -> bool:
    return dotted(statement.test).endswith("TYPE_CHECKING") and not statement.orelse


def _append(modules: dict[str, list[str]], wanted: EnsureImport) -> None:
    names = modules.setdefault(wanted.module, [])
    if wanted.name not in names:
        names.append(wanted.name)


def _is(statement: ImportNode, alias: ast.alias, module: str, name: str) -> bool:
    if isinstance(statement, ast.Import):
        return not name and alias.name == module
    return not statement.level and statement.module == module and bool(name) and alias.name == name


def _lines(modules: dict[str, list[str]]) -> list[str]:
    """One import statement for each module (and for the names of each)."""
    found = []
    for module, names in modules.items():
        if "" in names:
            found.append(f"import {module}")
        named = ", ".join(name for name in names if name)
        if named:
            found.append(f"from {module} import {named}")
    return found
