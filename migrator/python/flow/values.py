"""What an expression can be: follows names, imports, attributes, calls and parameters through the project.

Flow-insensitive: a name is everything it is ever bound to. Answers are sets of `Value`s; what can't be
followed is a value too (`Opaque`), so that a caller sees that something is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

from migrator.python.code import Code
from migrator.python.flow import djangosettings, lazy
from migrator.python.flow.callers import Callers
from migrator.python.flow.classes import Classes
from migrator.python.flow.dicts import Dicts
from migrator.python.flow.following import Following
from migrator.python.flow.parameters import Parameters
from migrator.python.flow.results import Results
from migrator.python.flow.stores import Stores
from migrator.python.flow.value import (
    Cls,
    Const,
    Display,
    Entered,
    Expr,
    Ext,
    Field,
    Func,
    Lambda,
    Mod,
    Obj,
    Opaque,
    Param,
    Slot,
    Value,
    depth,
    is_dict,
    is_text,
)
from migrator.python.flow.variables import Variables
from migrator.python.functions import walk_own
from migrator.python.module import Binding, FunctionNode, Module, Scope

DEPTH = 200  # look-ups within look-ups
STEPS = 12_000  # expressions looked at for one question; past that the answer is "can't be followed"
MOST = 80  # values of one expression; past that nothing can be concluded from them
NAMESPACES = (Ext("types.SimpleNamespace"), Ext("argparse.Namespace"))
CHAIN = 5  # attributes of attributes that are followed outside the project


class Values:
    """The resolver. One a run (`Code.values`); answers are remembered."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._memo: dict[int, frozenset[Value]] = {}
        self._members: dict[tuple[str, str], list[Value]] = {}
        self._returned: dict[tuple[str, int], list[Value]] = {}
        self.following = Following()
        self.passed: Callable[[Module, Binding], bool] = lambda module, binding: False  # imports that never succeed
        self._steps = 0
        self.classes = Classes(self)
        self.dicts = Dicts(self)
        self.callers = Callers(self)
        self.stores = Stores(self)
        self.variables = Variables(self)
        self.parameters = Parameters(self)
        self.results = Results(self)

    # -- expressions

    def of(self, module: Module, node: ast.expr | None) -> frozenset[Value]:
        """Everything the expression can be."""
        if node is None:
            return frozenset()
        key = id(node)
        if key in self._memo:  # nearly always
            return self._memo[key]
        if not self.following.depth:
            self._steps = 0
        self._steps += 1
        if self.following.depth > DEPTH:
            self.following.give_up()
            return frozenset()
        if self._steps > STEPS:
            self.following.give_up(too_much=True)
            return frozenset([Opaque(module, node)])
        found = self.following.answer(self._memo, key, lambda: self._found(module, node), frozenset())
        return found if found or self.following.depth else frozenset([Opaque(module, node)])

    def _found(self, module: Module, node: ast.expr) -> frozenset[Value]:
        found = frozenset(self._expression(module, node))
        return found if len(found) <= MOST else frozenset([Opaque(module, node)])

    def names(self, module: Module, node: ast.expr | None) -> set[str]:
        """The dotted names of what the expression can be and the project doesn't define: {"uvicorn.run"}."""
        return {v.name for v in self.of(module, node) if isinstance(v, Ext)}

    def _expression(self, module: Module, node: ast.expr) -> Iterable[Value]:
        if isinstance(node, ast.Constant):
            return [Const(module, node)]
        if isinstance(node, ast.Name):
            return self.name(module, module.scope_of(node), node)
        if isinstance(node, ast.Attribute):
            return self._attribute(module, node)
        if isinstance(node, ast.Call):
            return self.results.of(module, node)
        if isinstance(node, ast.IfExp):
            return [*self.of(module, node.body), *self.of(module, node.orelse)]
        if isinstance(node, ast.BoolOp):
            *firsts, last = (self.of(module, x) for x in node.values)
            found = [v for first in firsts for v in first]
            if isinstance(node.op, ast.Or):  # None comes out of it only where the last is None
                found = [v for v in found if not (isinstance(v, Const) and v.value is None)]
            return [*found, *last]
        if isinstance(node, ast.Await | ast.NamedExpr | ast.Starred):
            return self.of(module, node.value)
        if isinstance(node, ast.Subscript):
            return self._subscript(module, node)
        if isinstance(node, ast.Dict | ast.List | ast.Tuple | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
            return [Display(module, node)]
        if isinstance(node, ast.Lambda):
            return [Lambda(module, node)]
        if isinstance(node, ast.Compare | ast.UnaryOp | ast.BinOp | ast.JoinedStr | ast.GeneratorExp):
            return [Expr(module, node)]
        return [Opaque(module, node)]

    def name(self, module: Module, scope: Scope | None, node: ast.Name) -> Iterable[Value]:
        """What a name can be, in its scope or those around it."""
        name = node.id
        first = True
        while scope is not None:
            in_class = isinstance(scope.node, ast.ClassDef)
            own = in_class and any(b.value is node for b in scope.bindings.get(name, ()))  # class App: mcp = mcp
            if name in scope.bindings and (first or not in_class) and not own:
                found = [v for b in scope.bindings[name] for v in self.binding(module, scope, b)]
                if scope.parent is None or not self._only_none(found):
                    if not found and self.following.in_circle:  # x = f(x) says nothing more of x
                        return []
                    return found or [Opaque(module, node)]
                return found
            first = False
            scope = scope.parent
        for star in module.scope.bindings.get("*", []):
            source = self.code.find(star.module, module)
            if source is not None and name in source.scope.bindings:
                return self.member(source, name)
        return [Ext(f"builtins.{name}")]

    @staticmethod
    def _only_none(values: list[Value]) -> bool:
        return bool(values) and all(isinstance(v, Const) and v.value is None for v in values)

    def binding(self, module: Module, scope: Scope, b: Binding) -> Iterable[Value]:
        """What one binding of a name makes it."""
        if b.kind == "assign":
            return self.of(module, b.value)
        if b.kind == "def":
            return [Func(module, b.node)]
        if b.kind == "class":
            return [Cls(module, b.node)]
        if b.kind == "import":
            return [] if self.passed(module, b) else self._import(module, b)
        if b.kind == "param":
            return self.parameters.of(module, scope, b.node)  # type: ignore[arg-type]
        if b.kind == "with":
            entered = self.results.entered(module, b.value)
            return self._unpacked(module, b, entered) if b.index else entered
        if b.kind == "unpack" and b.index:
            return self._unpacked(module, b, self.of(module, b.value))
        if b.kind == "each":
            return self._each(module, b)
        return [Opaque(module, b.node)]

    def _unpacked(self, module: Module, b: Binding, held: Iterable[Value]) -> list[Value]:
        out: list[Value] = []
        for value in held:
            if isinstance(value, Display) and isinstance(value.node, ast.Tuple | ast.List):
                for where, part in self.part(value.module, value.node, b.index):
                    out += self.of(where, part)
            elif isinstance(value, Obj) and isinstance(value.of, Field) and value.of.name == "parse_known_args":
                out += [value] if b.index == (0,) else []
            else:
                out.append(Opaque(module, b.node))
        return out or [Opaque(module, b.node)]

    def _each(self, module: Module, b: Binding) -> list[Value]:
        """What a loop's variable is: the elements of a list or dict that is written down."""
        found: list[Value] = []
        for value in self.of(module, b.value) if not b.index else ():
            if isinstance(value, Cls) and self.classes.is_enum(value):
                found.append(Obj(value, module, None))
        for where, element in self.elements(module, b.value):
            parts = list(self.part(where, element, b.index))
            if not parts or any(part not in inside.parents for inside, part in parts):  # a pair of ours
                return [Opaque(module, b.node)]
            for inside, part in parts:
                found += self.of(inside, part)
        return found or [Opaque(module, b.node)]

    def part(self, module: Module, node: ast.expr, index: tuple[int, ...]) -> Iterator[tuple[Module, ast.expr]]:
        """What stands in a tuple or list at `index`: the second of its second for (1, 1)."""
        if not index:
            yield module, node
            return
        here = [(module, node)] if isinstance(node, ast.Tuple | ast.List) or node not in module.parents else []
        for where, display in here or ((v.module, v.node) for v in self.of(module, node) if isinstance(v, Display)):
            if isinstance(display, ast.Tuple | ast.List) and index[0] < len(display.elts):
                yield from self.part(where, display.elts[index[0]], index[1:])

    def elements(self, module: Module, node: ast.expr | None) -> Iterator[tuple[Module, ast.expr]]:
        """The elements of what is looped over; those of `d.items()`, `enumerate(x)` and `zip(x, y)` as tuples."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and not node.args:
            for value in self.of(module, node.func.value) if node.func.attr in ("items", "values") else ():
                if isinstance(value, Display) and isinstance(value.node, ast.Dict):
                    for k, v in zip(value.node.keys, value.node.values, strict=True):
                        if node.func.attr == "values":
                            yield value.module, v
                        elif k is not None:
                            yield value.module, ast.Tuple(elts=[k, v])
        elif (
            isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "enumerate" and node.args
        ):
            for where, element in self.elements(module, node.args[0]):
                yield where, ast.Tuple(elts=[node.func, element])
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "zip":
            columns = [list(self.elements(module, a)) for a in node.args]
            for i in range(min(map(len, filter(None, columns)), default=0)):  # those that can't be listed go along
                row = [column[i] if column else (None, node.func) for column in columns]
                where = next(m for m, _ in row if m is not None)
                yield where, ast.Tuple(elts=[e if m is where else node.func for m, e in row])
        else:
            for value in self.of(module, node):
                if isinstance(value, Display) and isinstance(value.node, ast.List | ast.Tuple | ast.Set):
                    for e in value.node.elts:
                        yield value.module, e
                elif isinstance(value, Display) and isinstance(value.node, ast.Dict):
                    for k in value.node.keys:
                        if k is not None:
                            yield value.module, k

    def _import(self, module: Module, b: Binding) -> Iterable[Value]:
        source = self.code.find(b.module, module) if b.module or b.name else None
        if source is None and not b.module and b.name:
            source = self.code.find(b.name, module)
            return [Mod(source)] if source else [Ext(b.name)]
        if source is not None:
            if not b.name:
                return [Mod(source)]
            if b.name in source.scope.bindings:
                return self.member(source, b.name)
            inner = self.code.find(f"{b.module}.{b.name}" if b.module else b.name, module)
            if inner is not None:
                return [Mod(inner)]
            if source.scope.bindings.get("*"):
                return self.name(source, source.scope, ast.Name(id=b.name))
            if made := lazy.given(self, source, b.name):
                return made
        if b.name:
            inner = self.code.find(f"{b.module}.{b.name}", module)
            if inner is not None:
                return [Mod(inner)]
        return [Ext(f"{b.module}.{b.name}" if b.name else b.module)]

    def member(self, module: Module, name: str) -> list[Value]:
        """What a module's global name is."""
        bindings = module.scope.bindings.get(name, ())
        return self.following.answer(
            self._members,
            (module.path, name),
            lambda: [v for b in bindings for v in self.binding(module, module.scope, b)],
            [],
        )

    # -- attributes

    def _attribute(self, module: Module, node: ast.Attribute) -> list[Value]:
        out: list[Value] = []
        for base in self.of(module, node.value):
            out += self.attribute(base, node.attr, module, node)
        return out or [Opaque(module, node)]

    def attribute(self, base: Value, name: str, module: Module, node: ast.expr) -> list[Value]:
        """What an attribute of `base` can be."""
        if isinstance(base, Mod):
            if name in base.module.scope.bindings:
                return [*self.member(base.module, name), *self.stores.attribute(base, name)]
            inner = self.code.find(f"{base.module.name}.{name}", base.module) if base.module.is_package else None
            return [Mod(inner)] if inner else lazy.given(self, base.module, name) or [Opaque(module, node)]
        if isinstance(base, Ext):
            held = djangosettings.setting(self, module, name) if base.name == djangosettings.SETTINGS else []
            return held or [Ext(f"{base.name}.{name}")]
        if name in ("value", "name") and self.classes.enum_of(base) is not None:
            return [base]
        if name == "__class__" and (classes := self.classes.made_by(base)):
            return list(classes)
        if isinstance(base, Obj) and isinstance(base.of, Cls):
            held = list(self.classes.attribute(base.of, name))
            for heir in self.classes.made_by(base)[1:]:
                held += [v for v in self.classes.attribute(heir, name) if not isinstance(v, Ext)]
            return held if held and not self.classes.is_namespace(base.of) else [*held, Field(base, name)]
        if isinstance(base, Cls):
            if self.classes.is_enum(base) and any(
                b.kind == "assign" for b in self.classes.scope_of(base).bindings.get(name, ())
            ):
                return [Field(base, name, id(node), (module, node))]
            return list(self.classes.attribute(base, name)) or [Field(base, name)]
        if name == "value" and (isinstance(base, Const | Param | Slot) or is_text(base)):
            return [base]
        if isinstance(base, Param) and base.node.annotation is not None:  # type: ignore[attr-defined]
            made = list(self.classes.annotated(base.module, base.node.annotation))  # type: ignore[attr-defined]
            found = [v for m in made for v in self.attribute(m, name, module, node)]
            if found:
                return found
        if isinstance(base, Param) and name == "obj" and (handed := list(self.stores.context_object())):
            return handed
        if isinstance(base, Obj) and base.of in NAMESPACES and (held := list(self._in_namespace(base, name))):
            return held
        if isinstance(base, Obj | Field | Param | Slot | Entered | Opaque):
            return [Field(base, name)] if depth(base) < CHAIN else [Opaque(module, node)]
        return [Opaque(module, node)]

    def _in_namespace(self, base: Obj, name: str) -> Iterator[Value]:
        """What `SimpleNamespace(name=x)` holds, and what it is given later."""
        for keyword in base.node.keywords if base.node is not None else ():
            if keyword.arg == name:
                yield from self.of(base.module, keyword.value)
            elif keyword.arg is None:
                yield Field(base, name)
        yield from self.stores.attribute(base, name)
        if self.stores.set_by_name(base):
            yield Field(base, name)

    # -- parts

    def _subscript(self, module: Module, node: ast.Subscript) -> list[Value]:
        out: list[Value] = []
        for base in self.of(module, node.value):
            if is_dict(base):
                out += self.dicts.under(base, module, node.slice)  # type: ignore[arg-type]
                if self.dicts.is_open(base):  # type: ignore[arg-type]
                    out.append(Opaque(module, node))
            elif isinstance(base, Display) and isinstance(base.node, ast.Tuple | ast.List):
                for element in base.node.elts:
                    out += self.of(base.module, element)
            elif isinstance(base, Cls) and self.classes.is_enum(base):
                out.append(Obj(base, module, None))
                if self.classes.named_as_valued(base):  # then what names a member is the word, too
                    out += self.of(module, node.slice)
            elif isinstance(base, Cls):  # of a generic class: Runner[FastMCP]
                out.append(base)
            elif isinstance(node.slice, ast.Constant):
                for owner in self.dicts.namespace(base):
                    out += self.attribute(owner, str(node.slice.value), module, node)
        if out and any(
            isinstance(v, Opaque) or (isinstance(v, Obj) and not is_dict(v)) or self.dicts.is_called(v)
            for v in self.of(module, node.value)
        ):
            out.append(Opaque(module, node))
        if not out:
            out = [v for held in self.stores.of_attribute(module, node) for v in self.of(module, held)]
        return out or [Opaque(module, node)]

    def item_assignments(self, module: Module, node: ast.Subscript) -> Iterator[ast.expr]:
        """Right sides of `d[key] = ...` for the same name and key in the same scope."""
        if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
            yield from self.stores.of_names(module, node, {node.value.id}, {node.slice.value})

    # -- functions

    def returns(self, module: Module, function: FunctionNode) -> list[Value]:
        """What the function can return."""
        return self.following.answer(
            self._returned,
            ("returns", id(function)),
            lambda: [
                value
                for n in walk_own(function)
                if isinstance(n, ast.Return | ast.Yield) and n.value is not None
                for value in self.of(module, n.value)
            ],
            [],
        )
