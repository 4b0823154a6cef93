"""Who calls a function of the project, or makes an instance of a class of it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set
from typing import TYPE_CHECKING

from migrator.python.code import is_test
from migrator.python.flow.tabled import through_tables
from migrator.python.flow.value import Cls, Func, Obj
from migrator.python.module import FunctionNode, Module, dotted

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

MIDDLEWARE = ("add_middleware", "Middleware")  # app.add_middleware(Guard, key=x), Middleware(Guard, key=x)
EACH = ("map", "imap", "imap_unordered", "map_async")  # of a pool, an executor, builtins: one call for each element
SPREADING = ("starmap", "starmap_async")  # the same, and an element is a row of arguments
# name(...), name[T](...), import name as other, and the body of a class, where `cls(...)` makes it
CALLED = (r"WORD\s*[(\[]", r"WORD\s+as\b", r"class\s+WORD")
MOST = 150  # calls by one name; past that a parameter can be anything


class Callers:
    """One a run; answers are remembered."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._found: dict[ast.AST, list[tuple[Module, ast.Call]]] = {}
        self._handed_on: dict[ast.AST, list[tuple[Module, ast.Call, ast.expr]]] = {}

    def of(self, target: Func | Cls) -> list[tuple[Module, ast.Call]]:
        """Calls in the project that reach the function, or make the class."""
        return self.values.following.answer(self._found, target.node, lambda: self._look(target), [])

    def _look(self, target: Func | Cls) -> list[tuple[Module, ast.Call]]:
        values = self.values
        name = target.node.name  # type: ignore[attr-defined]
        known, wanted = [name], {target}  # names: those under which other files export it again, too
        owner = self._owner(target)
        if isinstance(target, Cls) or owner is not None:
            made = Cls(target.module, owner or target.node)
            heirs = [d for d in values.classes.derived(made) if "__init__" not in values.classes.scope_of(d).bindings]
            wanted = {made, *heirs}
            known = [c.node.name for c in (made, *heirs)]  # type: ignore[attr-defined]
            name = known[0]
        near: set[str] | None = None
        if target.node in target.module.tree.body:  # who calls it has imported it
            near = values.code.importers([target.module.path])
        elif values.code.calls_of(name) > MOST and name != getattr(owner, "name", ""):
            # a common name is looked for only where the module of its definition is named
            near = {target.module.path} | self.naming(target.module)
        if near is not None and values.code.calls_of(name, near) > MOST:
            return []
        out: list[tuple[Module, ast.Call]] = []
        # what a test passes says nothing about what the program passes
        tests = is_test(target.module.path)
        for each in known:
            for module in values.code.mentioning(each, tests=tests, within=near, in_form=CALLED):
                renamed = module.aliases.get(each, set())
                known += [n for n in renamed if n not in known and n in module.scope.bindings]
                for alias in {each, "cls"} | renamed:
                    for call in module.calls_by_name.get(alias, ()):
                        if wanted & values.of(module, call.func) and (module, call) not in out:
                            out.append((module, call))
        out += self._from_heirs(made, wanted) if owner is not None else []
        out += [found for found in through_tables(values, known, wanted, near, tests) if found not in out]
        return out

    def _from_heirs(self, cls: Cls, same: Set[Func | Cls]) -> Iterator[tuple[Module, ast.Call]]:
        """`super().__init__(...)` in the classes that derive from one; `same`: it, and those that take its `__init__`."""
        for heir in self.values.classes.derived(cls):
            for call in heir.module.calls_by_name.get("__init__", ()):
                function = heir.module.function_of(call)
                if function is not None and heir.module.class_of(function) is heir.node:
                    made = self.values.of(heir.module, call.func.value)  # type: ignore[attr-defined]
                    if any(isinstance(v, Obj) and v.of in same for v in made):
                        yield heir.module, call

    def handed(self, target: Func, arg: ast.arg, method: bool) -> Iterator[tuple[Module, ast.expr]]:
        """What a parameter gets where its function is handed on: `partial(f, x)`, `Thread(target=f, args=(x,))`, `map(f, xs)`.

        Of a class, what is named where it is handed on: `app.add_middleware(Guard, key=x)`.
        """
        function = target.node
        assert isinstance(function, FunctionNode)
        owner = self._owner(target)
        if owner is not None:
            yield from self._of_middleware(target.module, owner, arg)
            return
        positional = [*function.args.posonlyargs, *function.args.args]
        index = positional.index(arg) - method if arg in positional else -1
        if function not in self._handed_on:
            self._handed_on[function] = list(self._handing(function))
        for module, holder, node in self._handed_on[function]:
            if target not in self.values.of(module, node):
                continue
            given = list(holder.args[holder.args.index(node) + 1 :]) if node in holder.args else []
            for keyword in holder.keywords:
                if keyword.arg == "args" and isinstance(keyword.value, ast.Tuple | ast.List):
                    given = keyword.value.elts
                elif keyword.arg == "kwargs" and isinstance(keyword.value, ast.Dict):
                    for k, v in zip(keyword.value.keys, keyword.value.values, strict=True):
                        if isinstance(k, ast.Constant) and k.value == arg.arg:
                            yield module, v
                elif keyword.arg == arg.arg:
                    yield module, keyword.value
            last = dotted(holder.func).rpartition(".")[2]
            if last in SPREADING and given:
                for where, row in self.values.elements(module, given[0]):
                    yield from self.values.part(where, row, (index,)) if index >= 0 else ()
            elif 0 <= index < len(given) and not any(isinstance(g, ast.Starred) for g in given[: index + 1]):
                known = list(self.values.elements(module, given[index])) if last in EACH else []
                yield from known or [(module, given[index])]

    def _of_middleware(self, home: Module, cls: ast.ClassDef, arg: ast.arg) -> Iterator[tuple[Module, ast.expr]]:
        if cls not in self._handed_on:
            self._handed_on[cls] = [h for h in self._handing(cls) if dotted(h[1].func).rpartition(".")[2] in MIDDLEWARE]
        for module, holder, node in self._handed_on[cls]:
            if Cls(home, cls) in self.values.of(module, node):
                yield from ((module, k.value) for k in holder.keywords if k.arg == arg.arg)

    def _handing(self, function: FunctionNode | ast.ClassDef) -> Iterator[tuple[Module, ast.Call, ast.expr]]:
        """Calls that are given something by a function's name, with more behind it."""
        if self.values.code.calls_of(function.name) > MOST:
            return
        for module in self.values.code.mentioning(function.name, tests=False, in_form=("WORD,",)):
            for node in module.loads.get(function.name, ()):
                parent = module.parents.get(node)
                holder = module.parents.get(parent) if isinstance(parent, ast.keyword) else parent
                if isinstance(holder, ast.Call) and holder.func is not node:
                    yield module, holder, node

    def naming(self, module: Module) -> set[str]:
        """Paths of the files that name a module, as an import of it must."""
        parts = module.path.removesuffix(".py").split("/")
        stem = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
        return set(self.values.code.mentioned(stem))

    def _owner(self, target: Func | Cls) -> ast.ClassDef | None:
        return target.module.class_of(target.node) if target.node.name == "__init__" else None  # type: ignore[attr-defined]
