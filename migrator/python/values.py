"""What an expression can be: follows names, imports, attributes, calls and parameters through the project.

Flow-insensitive: a name is everything it is ever bound to. Answers are sets of `Value`s; what can't be
followed is a value too (`Opaque`), so that a caller sees that something is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from migrator.python.code import Binding, Code, FunctionNode, Module, Scope, is_test
from migrator.python.stores import Stores
from migrator.python.variables import Variables

STRING_METHODS = {"lower", "upper", "strip", "casefold", "title", "replace", "lstrip", "rstrip", "removeprefix"}
MAKERS = {
    "model_validate",
    "model_validate_json",
    "model_construct",
    "parse_obj",
    "parse_raw",
    "parse_file",
}  # pydantic
VALIDATORS = {"field_validator", "validator"}
DEPTH = 40
STEPS = 20_000  # expressions looked at for one question; past that the answer is "can't be followed"
MOST = 80  # values of one expression; past that nothing can be concluded from them
CALLS = 150  # calls by one name; past that a parameter can be anything
CHAIN = 5  # attributes of attributes that are followed outside the project


@dataclass(frozen=True, eq=False)
class _Located:
    module: Module
    node: ast.AST

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self.node is other.node

    def __hash__(self) -> int:
        return hash((type(self), id(self.node)))


@dataclass(frozen=True)
class Ext:
    """Something outside the project, by its dotted name: a module, class or function."""

    name: str


@dataclass(frozen=True)
class Mod:
    """A module of the project."""

    module: Module


class Func(_Located):
    """A function of the project (node: FunctionDef)."""


class Cls(_Located):
    """A class of the project (node: ClassDef)."""


class Const(_Located):
    """A string or other constant (node: Constant)."""

    @property
    def value(self) -> object:
        return self.node.value  # type: ignore[attr-defined]


class Display(_Located):
    """A dict, list, tuple, set or comprehension (node)."""


class Opaque(_Located):
    """An expression that can't be followed (node)."""


class Param(_Located):
    """A parameter that something outside the project (or unseen) may fill (node: ast.arg)."""


class Lambda(_Located):
    """node: ast.Lambda"""


class Expr(_Located):
    """A computed value (comparison, arithmetic, f-string): known to be built here (node)."""


@dataclass(frozen=True)
class Obj:
    """What a call gives: an instance of a class, or the result of an outside function."""

    of: Ext | Cls | Field
    module: Module
    node: ast.Call | None  # None: the instance that `self` stands for

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Obj) and self.of == other.of and self.node is other.node

    def __hash__(self) -> int:
        return hash((self.of, id(self.node)))


@dataclass(frozen=True)
class Field:
    """An attribute of a value that the project does not define: `args.transport`, `mcp.settings`.

    spot: for an enum's member, where the code names it.
    """

    of: Value
    name: str
    at: int = 0  # tells two spots apart
    spot: tuple[Module, ast.expr] | None = field(default=None, compare=False)


@dataclass(frozen=True)
class Slot:
    """A class attribute that is filled from outside the code (a settings class): `cls.name`."""

    of: Cls
    name: str


@dataclass(frozen=True)
class Entered:
    """What `with X as y` gives y."""

    of: Value


Value = Ext | Mod | Func | Cls | Const | Display | Opaque | Param | Lambda | Expr | Obj | Field | Slot | Entered


class Values:
    """The resolver. One a run; answers are remembered."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self._memo: dict[int, frozenset[Value]] = {}
        self._partial: dict[int, frozenset[Value]] = {}
        self._active: set[object] = set()
        self._callers: dict[ast.AST, list[tuple[Module, ast.Call]]] = {}
        self._callers_active: set[ast.AST] = set()
        self._handed_on: dict[ast.AST, list[tuple[Module, ast.Call, ast.expr]]] = {}
        self._self_assignments: dict[ast.AST, dict[str, list[ast.expr]]] = {}
        self._returns: dict[ast.AST, list[ast.expr]] = {}
        self._attr_memo: dict[tuple[int, str], frozenset[Value]] = {}
        self._truncated = False
        self._steps = 0
        self.open_ended: set[ast.AST] = set()  # functions with too many callers to look at
        self.stores = Stores(self)
        self.variables = Variables(self)

    # -- expressions

    def of(self, module: Module, node: ast.expr | None) -> frozenset[Value]:
        """Everything the expression can be."""
        if node is None:
            return frozenset()
        key = id(node)
        if key in self._memo:
            return self._memo[key]
        if key in self._partial:
            self._truncated = True
            return self._partial[key]
        outermost = not self._active
        if outermost:
            self._steps = 0
        self._steps += 1
        if key in self._active or len(self._active) > DEPTH * 5:
            self._truncated = True
            return frozenset()
        if self._steps > STEPS:
            self._truncated = True
            return frozenset([Opaque(module, node)])
        before, self._truncated = self._truncated, False
        self._active.add(key)
        try:
            result = frozenset(self._expression(module, node))
            if len(result) > MOST:
                result = frozenset([Opaque(module, node)])
        finally:
            self._active.discard(key)
        if outermost or not self._truncated:
            self._memo[key] = result
        else:  # holds for this question only: a cycle cut it short
            self._partial[key] = result
        if outermost:
            self._partial.clear()
        self._truncated = (before or self._truncated) and not outermost
        return result

    def _expression(self, module: Module, node: ast.expr) -> Iterable[Value]:
        if isinstance(node, ast.Constant):
            return [Const(module, node)]
        if isinstance(node, ast.Name):
            return self.name(module, module.scope_of(node), node)
        if isinstance(node, ast.Attribute):
            return self._attribute(module, node)
        if isinstance(node, ast.Call):
            return self._call(module, node)
        if isinstance(node, ast.IfExp):
            return [*self.of(module, node.body), *self.of(module, node.orelse)]
        if isinstance(node, ast.BoolOp):
            return [v for x in node.values for v in self.of(module, x)]
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
        name = node.id
        first = True
        while scope is not None:
            if name in scope.bindings and (first or not isinstance(scope.node, ast.ClassDef)):
                found = [v for b in scope.bindings[name] for v in self.binding(module, scope, b)]
                if scope.parent is None or not self._only_none(found):
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
        if b.kind == "assign":
            return self.of(module, b.value)
        if b.kind == "def":
            return [Func(module, b.node)]
        if b.kind == "class":
            return [Cls(module, b.node)]
        if b.kind == "import":
            return self._import(module, b)
        if b.kind == "param":
            return self.parameter(module, scope, b.node)  # type: ignore[arg-type]
        if b.kind == "with":
            inner = self.of(module, b.value)
            return [Entered(v) for v in inner] if b.index is None else [Opaque(module, b.node)]
        if b.kind == "unpack" and b.index is not None:
            return self._unpacked(module, b)
        if b.kind == "each":
            return self._each(module, b)
        return [Opaque(module, b.node)]

    def _unpacked(self, module: Module, b: Binding) -> list[Value]:
        out: list[Value] = []
        assert b.index is not None
        for value in self.of(module, b.value):
            if isinstance(value, Display) and isinstance(value.node, ast.Tuple | ast.List):
                if b.index < len(value.node.elts):
                    out += self.of(value.module, value.node.elts[b.index])
            elif isinstance(value, Obj) and isinstance(value.of, Field) and value.of.name == "parse_known_args":
                out += [value] if b.index == 0 else []
            else:
                out.append(Opaque(module, b.node))
        return out or [Opaque(module, b.node)]

    def _each(self, module: Module, b: Binding) -> list[Value]:
        """What a loop's variable is: the elements of a list or dict that is written down."""
        found: list[Value] = []
        for value in self.of(module, b.value) if b.index is None else ():
            if isinstance(value, Cls) and self.is_enum(value):
                found.append(Obj(value, module, None))
        for where, element in self.elements(module, b.value):
            part: ast.expr | None = element
            if b.index is not None:
                elements = element.elts if isinstance(element, ast.Tuple | ast.List) else []
                part = elements[b.index] if b.index < len(elements) else None
            if part is None or part not in where.parents:  # not in the file: a pair of ours
                return [Opaque(module, b.node)]
            found += self.of(where, part)
        return found or [Opaque(module, b.node)]

    def elements(self, module: Module, node: ast.expr | None) -> Iterator[tuple[Module, ast.expr]]:
        """The elements of what is looped over; those of `d.items()` and `enumerate(x)` as pairs."""
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
        if b.name:
            inner = self.code.find(f"{b.module}.{b.name}", module)
            if inner is not None:
                return [Mod(inner)]
        return [Ext(f"{b.module}.{b.name}" if b.name else b.module)]

    def member(self, module: Module, name: str) -> list[Value]:
        """What a module's global name is."""
        key = (module.path, name)
        if key in self._active:
            self._truncated = True
            return []
        self._active.add(key)
        try:
            return [v for b in module.scope.bindings.get(name, []) for v in self.binding(module, module.scope, b)]
        finally:
            self._active.discard(key)

    # -- attributes

    def _attribute(self, module: Module, node: ast.Attribute) -> list[Value]:
        out: list[Value] = []
        for base in self.of(module, node.value):
            out += self.attribute(base, node.attr, module, node)
        return out or [Opaque(module, node)]

    def attribute(self, base: Value, name: str, module: Module, node: ast.expr) -> list[Value]:
        if isinstance(base, Mod):
            if name in base.module.scope.bindings:
                return [*self.member(base.module, name), *self.stores.attribute(base, name)]
            inner = self.code.find(f"{base.module.name}.{name}", base.module) if base.module.is_package else None
            return [Mod(inner)] if inner else [Opaque(module, node)]
        if isinstance(base, Ext):
            return [Ext(f"{base.name}.{name}")]
        if name in ("value", "name") and self.enum_of(base) is not None:
            return [base]
        if isinstance(base, Obj) and isinstance(base.of, Cls):
            held = list(self.instance_attribute(base.of, name))
            return held if held and not self.is_namespace(base.of) else [*held, Field(base, name)]
        if isinstance(base, Cls):
            if self.is_enum(base) and any(b.kind == "assign" for b in self.scope_of_class(base).bindings.get(name, ())):
                return [Field(base, name, id(node), (module, node))]
            return list(self.instance_attribute(base, name)) or [Field(base, name)]
        if name == "value" and (isinstance(base, Const | Param | Slot) or _is_text(base)):
            return [base]
        if isinstance(base, Param) and base.node.annotation is not None:  # type: ignore[attr-defined]
            made = list(self._annotated(base.module, base.node.annotation))  # type: ignore[attr-defined]
            found = [v for m in made for v in self.attribute(m, name, module, node)]
            if found:
                return found
        if isinstance(base, Obj | Field | Param | Slot | Entered | Opaque):
            return [Field(base, name)] if _length(base) < CHAIN else [Opaque(module, node)]
        return [Opaque(module, node)]

    def enum_of(self, value: Value) -> Cls | None:
        """The project's enum class that a value is a member (or an instance) of."""
        if isinstance(value, Field) and isinstance(value.of, Cls) and self.is_enum(value.of):
            return value.of
        if isinstance(value, Obj) and isinstance(value.of, Cls) and self.is_enum(value.of):
            return value.of
        return None

    def is_enum(self, cls: Cls) -> bool:
        return any(
            e.name.rpartition(".")[2] in ("Enum", "StrEnum", "IntEnum", "Flag") for e in self.external_bases(cls)
        )

    def is_namespace(self, cls: Cls) -> bool:
        """True for a class of the user's own that argparse fills: `parse_args(namespace=Arguments())`."""
        return any(e.name == "argparse.Namespace" for e in self.external_bases(cls))

    def scope_of_class(self, cls: Cls) -> Scope:
        return cls.module.scopes[cls.node]

    def bases(self, cls: Cls) -> Iterator[Value]:
        for base in cls.node.bases:  # type: ignore[attr-defined]
            target = base.value if isinstance(base, ast.Subscript) else base
            yield from self.of(cls.module, target)

    def external_bases(self, cls: Cls, seen: frozenset[ast.AST] = frozenset()) -> Iterator[Ext]:
        """Outside classes that a class derives from, at any depth."""
        if cls.node in seen:
            return
        for base in self.bases(cls):
            if isinstance(base, Ext):
                yield base
            elif isinstance(base, Cls):
                yield from self.external_bases(base, seen | {cls.node})

    def instance_attribute(self, cls: Cls, name: str, seen: frozenset[ast.AST] = frozenset()) -> frozenset[Value]:
        """What `instance.name` can be, from the class body, its methods' `self.name = ...` and its calls."""
        key = (id(cls.node), name)
        if key in self._attr_memo:
            return self._attr_memo[key]
        if key in self._active or cls.node in seen:
            self._truncated = True
            return frozenset()
        before, self._truncated = self._truncated, False
        self._active.add(key)
        try:
            result = frozenset(self._instance_attribute(cls, name, seen))
        finally:
            self._active.discard(key)
        if not self._truncated:
            self._attr_memo[key] = result
        self._truncated = before or self._truncated
        return result

    def _instance_attribute(self, cls: Cls, name: str, seen: frozenset[ast.AST]) -> Iterator[Value]:
        module, scope = cls.module, self.scope_of_class(cls)
        found = False
        is_field = False
        for b in scope.bindings.get(name, []):
            if b.kind == "def" and any(
                d.rpartition(".")[2] in ("property", "cached_property", "computed_field")
                for d in (_decorator_name(x) for x in b.node.decorator_list)  # type: ignore[attr-defined]
            ):
                yield from self.returns(module, b.node)  # type: ignore[arg-type]
            elif isinstance(b.node, ast.AnnAssign):
                is_field = True
                yield from self._field_default(module, b)
            else:
                yield from self.binding(module, scope, b)
            found = True
        for assign_module, value in self.self_assignments(cls, name):
            found = True
            yield from self.of(assign_module, value)
        if found:
            yield from self.stores.attribute(cls, name)
        if is_field and not self._defines_init(cls):
            yield from self._from_calls(cls, name)
            if self._filled_from_outside(cls):
                yield Slot(cls, name)
                for b in scope.bindings.get(name, []):
                    yield from self._annotated(module, b.node.annotation) if isinstance(b.node, ast.AnnAssign) else ()
        if not found:
            for base in self.bases(cls):
                if isinstance(base, Cls):
                    yield from self.instance_attribute(base, name, seen | {cls.node})
                elif isinstance(base, Ext):
                    yield Ext(f"{base.name}.{name}")

    def _annotated(self, module: Module, annotation: ast.expr) -> Iterator[Value]:
        """Instances of the project's settings classes and dataclasses that an annotation names."""
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name | ast.Attribute):
                for value in self.of(module, node):
                    if isinstance(value, Cls) and (self._filled_from_outside(value) or _is_dataclass(value)):
                        yield Obj(value, module, None)

    def _field_default(self, module: Module, b: Binding) -> Iterator[Value]:
        value = b.value
        if isinstance(value, ast.Call) and _decorator_name(value).rpartition(".")[2] in (
            "Field",
            "field",
            "attrib",
            "ib",
        ):
            for keyword in value.keywords:
                if keyword.arg == "default":
                    yield from self.of(module, keyword.value)
                elif keyword.arg == "default_factory":
                    for made in self.of(module, keyword.value):
                        if isinstance(made, Lambda):
                            yield from self.of(made.module, made.node.body)  # type: ignore[attr-defined]
                        elif isinstance(made, Func):
                            yield from self.returns(made.module, made.node)  # type: ignore[arg-type]
            if value.args:
                yield from self.of(module, value.args[0])
        elif value is not None:
            yield from self.of(module, value)

    def _filled_from_outside(self, cls: Cls) -> bool:
        names = {e.name.rpartition(".")[2] for e in self.external_bases(cls)}
        return bool(names & {"BaseSettings", "BaseModel"})

    def _defines_init(self, cls: Cls) -> bool:
        return "__init__" in self.scope_of_class(cls).bindings

    def _from_calls(self, cls: Cls, name: str) -> Iterator[Value]:
        fields = [
            s.target.id
            for s in cls.node.body  # type: ignore[attr-defined]
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        ]
        for module, call in self.callers(cls):
            for keyword in call.keywords:
                if keyword.arg == name:
                    yield from self.of(module, keyword.value)
            if name in fields and fields.index(name) < len(call.args):
                yield from self.of(module, call.args[fields.index(name)])
            if not any(keyword.arg == name for keyword in call.keywords):
                for keyword in call.keywords:
                    if keyword.arg is None:
                        yield from self._splatted(cls, module, keyword.value, name)

    def _splatted(self, cls: Cls, module: Module, splat: ast.expr, name: str) -> Iterator[Value]:
        """What `**splat` gives a class's field: of a dict, of `vars(args)`, or anything from outside."""
        for held in self.of(module, splat):
            known = is_dict(held)
            if known:
                yield from self.entries(held, {name})  # type: ignore[arg-type]
            for owner in self.namespace(held):
                known = True
                yield from self.attribute(owner, name, module, splat)
            if not known:
                yield Slot(cls, name)

    def self_assignments(self, cls: Cls, name: str) -> Iterator[tuple[Module, ast.expr]]:
        """The right sides of `self.name = ...` in the class's methods."""
        if cls.node not in self._self_assignments:
            self._self_assignments[cls.node] = _self_assignments(cls.node)  # type: ignore[arg-type]
        for value in self._self_assignments[cls.node].get(name, ()):
            yield cls.module, value

    # -- calls

    def _call(self, module: Module, node: ast.Call) -> list[Value]:
        function = node.func
        if isinstance(function, ast.Attribute):
            if function.attr in STRING_METHODS:
                base = self.of(module, function.value)
                if base and not any(isinstance(v, Mod | Ext | Cls) for v in base):
                    return list(base)
            if function.attr in MAKERS:
                made = [
                    v for v in self.of(module, function.value) if isinstance(v, Cls) and self._filled_from_outside(v)
                ]
                if made:
                    return [Obj(v, module, node) for v in made]
            if function.attr == "get" and node.args:
                found = self._get(module, node, function)
                if found is not None:
                    return found
            if isinstance(function.value, ast.Call) and _is_super(function.value):
                return [Opaque(module, node)]
        out: list[Value] = []
        for target in self.of(module, function):
            out += self._result(module, node, target)
        return out or [Opaque(module, node)]

    def _result(self, module: Module, node: ast.Call, target: Value) -> Iterable[Value]:
        if isinstance(target, Ext):
            short = target.name.rpartition(".")[2]
            if target.name in ("builtins.str", "typing.cast", "cast") and node.args:
                return self.of(module, node.args[-1])
            if short in ("cast",) and len(node.args) == 2:
                return self.of(module, node.args[1])
            if target.name in ("dataclasses.replace", "copy.replace", "copy.copy", "copy.deepcopy") and node.args:
                return self.of(module, node.args[0])
            return [Obj(target, module, node)]
        if isinstance(target, Cls):
            if self.is_enum(target) and node.args:
                return [Obj(target, module, node), *self.of(module, node.args[0])]
            return [Obj(target, module, node)]
        if isinstance(target, Func):
            return [self.variables.here(module, node, target, v) for v in self.returns(target.module, target.node)]  # type: ignore[arg-type]
        if isinstance(target, Lambda):
            return self.of(target.module, target.node.body)  # type: ignore[attr-defined]
        if isinstance(target, Field):
            return [Obj(target, module, node)]
        if isinstance(target, Obj) and isinstance(target.of, Cls):
            called = self.instance_attribute(target.of, "__call__")
            return [v for c in called for v in self._result(module, node, c)]
        return [Opaque(module, node)]

    def _get(self, module: Module, node: ast.Call, function: ast.Attribute) -> list[Value] | None:
        """`d.get(key, default)` of a dict."""
        base = self.of(module, function.value)
        if any(isinstance(v, Ext) for v in base):  # os.environ.get, requests.get
            return None
        key = node.args[0]
        found: list[Value] = []
        known = False
        for value in base:
            if is_dict(value):
                known = True
                found += self.entries(value, self._keys(module, key))  # type: ignore[arg-type]
                if self._is_open(value):  # type: ignore[arg-type]
                    found.append(Opaque(module, node))
            for owner in self.namespace(value):
                known = True
                for text in self._keys(module, key):
                    found += self.attribute(owner, str(text), module, node)
        if not known and not any(isinstance(v, Obj | Opaque | Param | Field) for v in base):
            return None
        if len(node.args) > 1:
            found += self.of(module, node.args[1])
        if not known or any(isinstance(v, Opaque) or (isinstance(v, Obj) and not is_dict(v)) for v in base):
            found.append(Opaque(module, node))
        return found

    def _keys(self, module: Module, key: ast.expr) -> set[object]:
        """The constants that an index is one of; empty for any."""
        found = self.of(module, key)
        return {v.value for v in found if isinstance(v, Const)} if all(isinstance(v, Const) for v in found) else set()

    def entries(self, display: Display | Obj, keys: set[object], seen: frozenset[int] = frozenset()) -> list[Value]:
        """The values under some keys (no keys: any) of a dict display, or of what `dict(name=...)` gives."""
        if id(display.node) in seen:  # d = {**d, ...}
            return []
        seen |= {id(display.node)}
        out: list[Value] = []
        module = display.module
        for k, v in pairs(display):
            if k is None:
                for inner in self.of(module, v):
                    if is_dict(inner):
                        out += self.entries(inner, keys, seen)  # type: ignore[arg-type]
            elif (not keys or k in keys) if isinstance(k, str) else self._is_key(module, k, keys):
                out += self.of(module, v)
        for value in self.stores.items(display, keys):
            out += self.of(module, value)
        return out

    def _is_open(self, display: Display | Obj) -> bool:
        """True for a dict that takes in others which are not written down: `{**DEFAULTS, **json.load(file)}`."""
        splats = [v for k, v in pairs(display) if k is None]
        return any(not is_dict(v) for splat in splats for v in self.of(display.module, splat))

    def _is_key(self, module: Module, key: ast.expr, keys: set[object]) -> bool:
        return not keys or any(isinstance(x, Const) and x.value in keys for x in self.of(module, key))

    def _subscript(self, module: Module, node: ast.Subscript) -> list[Value]:
        out: list[Value] = []
        for base in self.of(module, node.value):
            if is_dict(base):
                out += self.entries(base, self._keys(module, node.slice))  # type: ignore[arg-type]
                if self._is_open(base):  # type: ignore[arg-type]
                    out.append(Opaque(module, node))
            elif isinstance(base, Display) and isinstance(base.node, ast.Tuple | ast.List):
                for element in base.node.elts:
                    out += self.of(base.module, element)
            elif isinstance(base, Cls) and self.is_enum(base):
                out.append(Obj(base, module, None))
            elif isinstance(node.slice, ast.Constant):
                for owner in self.namespace(base):
                    out += self.attribute(owner, str(node.slice.value), module, node)
        if out and any(
            isinstance(v, Opaque) or (isinstance(v, Obj) and not is_dict(v)) for v in self.of(module, node.value)
        ):
            out.append(Opaque(module, node))
        if not out:
            out = [v for held in self.stores.of_attribute(module, node) for v in self.of(module, held)]
        return out or [Opaque(module, node)]

    def namespace(self, value: Value) -> Iterable[Value]:
        """The object whose attributes a dict holds: `vars(object)`, `asdict(object)`, `object.model_dump()`."""
        node = value.node if isinstance(value, Obj | Opaque) else None
        if not isinstance(node, ast.Call):
            return ()
        if isinstance(value, Obj) and value.of in (Ext("builtins.vars"), Ext("dataclasses.asdict")) and node.args:
            return self.of(value.module, node.args[0])
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("model_dump", "dict", "_asdict"):
            return self.of(value.module, node.func.value)  # type: ignore[union-attr]
        return ()

    def item_assignments(self, module: Module, node: ast.Subscript) -> Iterator[ast.expr]:
        """Right sides of `d[key] = ...` for the same name and key in the same scope."""
        if isinstance(node.value, ast.Name) and isinstance(node.slice, ast.Constant):
            yield from self.stores.of_names(module, node, {node.value.id}, {node.slice.value})

    # -- functions

    def returns(self, module: Module, function: FunctionNode) -> Iterator[Value]:
        """What the function can return."""
        key = ("returns", id(function))
        if key in self._active:
            self._truncated = True
            return
        self._active.add(key)
        try:
            if function not in self._returns:
                self._returns[function] = [
                    n.value for n in walk_own(function) if isinstance(n, ast.Return | ast.Yield) and n.value is not None
                ]
            for node in self._returns[function]:
                yield from self.of(module, node)
        finally:
            self._active.discard(key)

    def parameter(self, module: Module, scope: Scope, arg: ast.arg) -> Iterator[Value]:
        """What a parameter can be: its default and what callers in the project pass."""
        function = scope.node
        if isinstance(function, ast.Lambda):
            yield Param(module, arg)
            return
        assert isinstance(function, FunctionNode)
        cls = module.class_of(function)
        arguments = [*function.args.posonlyargs, *function.args.args]
        decorators = {_decorator_name(d).rpartition(".")[2] for d in function.decorator_list}
        if cls is not None and arguments and arg is arguments[0] and "staticmethod" not in decorators:
            yield Cls(module, cls) if "classmethod" in decorators else Obj(Cls(module, cls), module, None)
            return
        validated = self._validated(module, cls, function, arg) if cls is not None else None
        if validated is not None:
            yield validated
            return
        default = default_of(function, arg)
        count = 0
        if default is not None:
            value = self._option_default(module, default)
            yield from self.of(module, value) if value is not None else ()
        seen_open = bool(function.decorator_list) and not decorators <= {"staticmethod", "classmethod"}
        for caller, call in self.callers(Func(module, function)):
            passed = self.argument(call, function, arg, cls is not None and "staticmethod" not in decorators)
            if passed is not None:
                count += 1
                yield from self.of(caller, passed)
                continue
            for splat in [k.value for k in call.keywords if k.arg is None]:
                for held in self.of(caller, splat):
                    if is_dict(held):
                        entries = self.entries(held, {arg.arg})  # type: ignore[arg-type]
                        count += bool(entries)
                        yield from entries
                    for owner in self.namespace(held):
                        count += 1
                        yield from self.attribute(owner, arg.arg, caller, splat)
        for caller, passed in self._handed(
            Func(module, function), arg, cls is not None and "staticmethod" not in decorators
        ):
            count += 1
            yield from self.of(caller, passed)
        if seen_open or (count == 0 and default is None) or (count == 0 and not self.callers(Func(module, function))):
            yield Param(module, arg)

    def _handed(self, target: Func, arg: ast.arg, method: bool) -> Iterator[tuple[Module, ast.expr]]:
        """What a parameter gets where its function is handed on: `partial(f, x)`, `Thread(target=f, args=(x,))`."""
        function = target.node
        assert isinstance(function, FunctionNode)
        positional = [*function.args.posonlyargs, *function.args.args]
        index = positional.index(arg) - method if arg in positional else -1
        if function not in self._handed_on:
            self._handed_on[function] = list(self._handing(function))
        for module, holder, node in self._handed_on[function]:
            if target not in self.of(module, node):
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
            if 0 <= index < len(given) and not any(isinstance(g, ast.Starred) for g in given[: index + 1]):
                yield module, given[index]

    def _handing(self, function: FunctionNode) -> Iterator[tuple[Module, ast.Call, ast.expr]]:
        """Calls that are given something by a function's name, with more behind it."""
        if self.code.calls_of(function.name) > CALLS:
            return
        for module in self.code.mentioning(function.name):
            if f"{function.name}," not in module.text or is_test(module.path):
                continue
            for node in module.loads.get(function.name, ()):
                parent = module.parents.get(node)
                holder = module.parents.get(parent) if isinstance(parent, ast.keyword) else parent
                if isinstance(holder, ast.Call) and holder.func is not node:
                    yield module, holder, node

    def _validated(self, module: Module, cls: ast.ClassDef, function: FunctionNode, arg: ast.arg) -> Slot | None:
        """The field that a pydantic validator is given: `@field_validator("transport") def check(cls, value)`."""
        for decorator in function.decorator_list:
            if isinstance(decorator, ast.Call) and _decorator_name(decorator).rpartition(".")[2] in VALIDATORS:
                names = [a.value for a in decorator.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                if len(names) == 1 and arg in function.args.args[1:2]:
                    return Slot(Cls(module, cls), names[0])
        return None

    def _option_default(self, module: Module, default: ast.expr) -> ast.expr | None:
        """The default that `typer.Option("x", ...)` stands for."""
        if isinstance(default, ast.Call) and _decorator_name(default).rpartition(".")[2] in (
            "Option",
            "Argument",
            "Field",
        ):
            if default.args:
                return default.args[0]
            return next((k.value for k in default.keywords if k.arg == "default"), None)
        return default

    @staticmethod
    def argument(call: ast.Call, function: FunctionNode, arg: ast.arg, method: bool) -> ast.expr | None:
        """The expression a call passes for a parameter."""
        for keyword in call.keywords:
            if keyword.arg == arg.arg:
                return keyword.value
        positional = [*function.args.posonlyargs, *function.args.args]
        if arg in positional:
            index = positional.index(arg) - (1 if method else 0)
            if 0 <= index < len(call.args) and not any(isinstance(a, ast.Starred) for a in call.args[: index + 1]):
                return call.args[index]
        return None

    def _naming(self, module: Module) -> set[str]:
        """Paths of the files that name a module, as an import of it must."""
        parts = module.path.removesuffix(".py").split("/")
        stem = parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]
        return set(self.code.mentioned(stem))

    def _owner(self, target: Func | Cls) -> ast.ClassDef | None:
        return target.module.class_of(target.node) if target.node.name == "__init__" else None  # type: ignore[attr-defined]

    def callers(self, target: Func | Cls) -> list[tuple[Module, ast.Call]]:
        """Calls in the project that reach the function, or make the class."""
        if target.node in self._callers:
            return self._callers[target.node]
        if target.node in self._callers_active:
            self._truncated = True
            return []
        self._callers_active.add(target.node)
        name = target.node.name  # type: ignore[attr-defined]
        wanted = {target}
        if name == "__init__" and isinstance(target, Func):
            owner = target.module.class_of(target.node)
            if owner is not None:
                name, wanted = owner.name, {Cls(target.module, owner)}
        out: list[tuple[Module, ast.Call]] = []
        before, self._truncated = self._truncated, False
        try:
            near: set[str] | None = None
            if target.node in target.module.tree.body:  # who calls it has imported it
                near = self.code.importers([target.module.path])
            elif self.code.calls_of(name) > CALLS and name != getattr(self._owner(target), "name", ""):
                # a common name is looked for only where the module of its definition is named
                near = {target.module.path} | self._naming(target.module)
            if near is not None and self.code.calls_of(name, near) > CALLS:
                self._callers[target.node] = []
                self.open_ended.add(target.node)
                return []
            # what a test passes says nothing about what the program passes
            tests = is_test(target.module.path)
            known = [name]  # and the names under which other files export it again
            for each in known:
                for module in self.code.mentioning(each, tests=tests, within=near):
                    renamed = module.aliases.get(each, set())
                    known += [n for n in renamed if n not in known and n in module.scope.bindings]
                    for alias in {each, "cls"} | renamed:
                        for call in module.calls_by_name.get(alias, ()):
                            if wanted & self.of(module, call.func) and (module, call) not in out:
                                out.append((module, call))
        finally:
            self._callers_active.discard(target.node)
        if not self._truncated:
            self._callers[target.node] = out
        self._truncated = before or self._truncated
        return out


def is_dict(value: Value) -> bool:
    """True for a dict that is written down: a display, or `dict(name=...)`."""
    if isinstance(value, Obj):
        return value.of == Ext("builtins.dict") and value.node is not None
    return isinstance(value, Display) and isinstance(value.node, ast.Dict)


def pairs(value: Display | Obj) -> Iterator[tuple[ast.expr | str | None, ast.expr]]:
    """Keys and values of such a dict; a key is an expression, or the name of a keyword; None before a splat."""
    node = value.node
    if isinstance(node, ast.Dict):
        yield from zip(node.keys, node.values, strict=True)
    elif isinstance(node, ast.Call):
        yield from ((k.arg, k.value) for k in node.keywords)
        yield from ((None, a) for a in node.args)


def _is_text(value: Value) -> bool:
    """True for what an environment function gives: text has no `value`, so it went into an enum first."""
    return (
        isinstance(value, Obj) and isinstance(value.of, Ext) and value.of.name.rpartition(".")[2] in ("getenv", "get")
    )


def _is_dataclass(cls: Cls) -> bool:
    names = {_decorator_name(d).rpartition(".")[2] for d in cls.node.decorator_list}  # type: ignore[attr-defined]
    return bool(names & {"dataclass", "define", "frozen", "attrs"})


def _length(value: Value) -> int:
    count = 0
    while isinstance(value, Field):
        value, count = value.of, count + 1
    return count


def walk_own(function: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a function's own body, without those of functions and classes inside it."""
    stack = list(ast.iter_child_nodes(function))
    while stack:
        node = stack.pop()
        yield node
        if not isinstance(node, FunctionNode | ast.ClassDef | ast.Lambda):
            stack.extend(ast.iter_child_nodes(node))


def default_of(function: FunctionNode, arg: ast.arg) -> ast.expr | None:
    """A parameter's default."""
    a = function.args
    positional = [*a.posonlyargs, *a.args]
    if arg in positional:
        index = positional.index(arg) - (len(positional) - len(a.defaults))
        return a.defaults[index] if index >= 0 else None
    if arg in a.kwonlyargs:
        return a.kw_defaults[a.kwonlyargs.index(arg)]
    return None


def _self_assignments(cls: ast.ClassDef) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = {}
    for method in cls.body:
        if not isinstance(method, FunctionNode) or not method.args.args:
            continue
        me = method.args.args[0].arg
        for node in ast.walk(method):
            if isinstance(node, ast.Assign):
                targets, value = node.targets, node.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                targets, value = [node.target], node.value
            else:
                continue
            pairs = [(target, value) for target in targets]
            for target in targets:  # self.a, self.b = a, b
                if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
                    pairs += zip(target.elts, value.elts, strict=False)
            for target, each in pairs:
                if isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == me:
                    found.setdefault(target.attr, []).append(each)
    return found


def _decorator_name(node: ast.expr) -> str:
    from migrator.python.code import dotted

    return dotted(node.func if isinstance(node, ast.Call) else node)


def _is_super(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Name) and node.func.id == "super"


decorator_name = _decorator_name
