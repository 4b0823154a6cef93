"""What the project's classes are: what they derive from, and what their instances' attributes can be."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from migrator.python.flow.dicts import copied
from migrator.python.flow.value import Cls, Display, Ext, Field, Func, Lambda, Obj, Slot, Value, is_dict
from migrator.python.functions import decorator_name, last_name, self_assignments
from migrator.python.module import Binding, FunctionNode, Module, Scope, dotted

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

# class Heir(Name), import Name as Base, Base = Name
DERIVED = (r"class(?<!\wclass)\s+\w+[^:]*WORD", r"WORD\s+as\b", r"=\s*[\w.]*WORD[ \t\r]*(?m:$)")
MODELS = {"BaseSettings", "BaseModel", "Struct"}
PLAIN = ("abc.ABC", "builtins.object", "typing.Generic", "typing.Protocol")  # bases that have no attributes to speak of
# what copies an instance with other values for the fields that are named
REPLACERS = ("dataclasses.replace", "copy.replace", "attr.evolve", "attrs.evolve", "msgspec.structs.replace")
COPIERS = ("model_copy", "copy")  # pydantic's: the same
# what a class is given to for other reasons than to make one
NO_MAKERS = ("builtins.", "dataclasses.", "functools.", "typing.", "typing_extensions.", "attr.", "attrs.", "inspect.")


class Classes:
    """One a run; answers are remembered."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._attributes: dict[tuple[int, str], frozenset[Value]] = {}
        self._assignments: dict[ast.AST, dict[str, list[ast.expr]]] = {}
        self._derived: dict[ast.AST, list[Cls]] = {}
        self._by_library: dict[ast.AST, bool] = {}
        self._by_name: dict[ast.AST, bool] = {}

    def enum_of(self, value: Value) -> Cls | None:
        """The project's enum class that a value is a member (or an instance) of."""
        if isinstance(value, Field) and isinstance(value.of, Cls) and self.is_enum(value.of):
            return value.of
        if isinstance(value, Obj) and isinstance(value.of, Cls) and self.is_enum(value.of):
            return value.of
        return None

    def is_enum(self, cls: Cls) -> bool:
        """True for a class that derives from one of `enum`."""
        return any(
            e.name.rpartition(".")[2] in ("Enum", "StrEnum", "IntEnum", "Flag") for e in self.external_bases(cls)
        )

    def counts_in_words(self, cls: Cls) -> bool:
        """True for an enum whose `auto()` is the member's name: a StrEnum, or one that says so itself."""
        if "_generate_next_value_" in self.scope_of(cls).bindings:
            return True
        return any(e.name.rpartition(".")[2] == "StrEnum" for e in self.external_bases(cls))

    def named_as_valued(self, cls: Cls) -> bool:
        """True for an enum whose members' names are their values but for the case: `HTTP = "http"`."""
        members = [(n, b) for n, held in self.scope_of(cls).bindings.items() for b in held if b.kind == "assign"]
        return all(
            isinstance(value := getattr(b.node, "value", None), ast.Constant) and str(value.value).lower() == n.lower()
            for n, b in members
        )

    def is_namespace(self, cls: Cls) -> bool:
        """True for a class of the user's own that argparse fills: `parse_args(namespace=Arguments())`."""
        return any(e.name == "argparse.Namespace" for e in self.external_bases(cls))

    def scope_of(self, cls: Cls) -> Scope:
        """The scope of the class body."""
        return cls.module.scopes[cls.node]

    def bases(self, cls: Cls) -> Iterator[Value]:
        """What the class says that it derives from; of `Generic[T]` the `Generic`."""
        for base in cls.node.bases:  # type: ignore[attr-defined]
            target = base.value if isinstance(base, ast.Subscript) else base
            yield from self.values.of(cls.module, target)

    def external_bases(self, cls: Cls, seen: frozenset[ast.AST] = frozenset()) -> Iterator[Ext]:
        """Outside classes that a class derives from, at any depth."""
        if cls.node in seen:
            return
        for base in self.bases(cls):
            if isinstance(base, Ext):
                yield base
            elif isinstance(base, Cls):
                yield from self.external_bases(base, seen | {cls.node})

    def attribute(self, cls: Cls, name: str) -> frozenset[Value]:
        """What `instance.name` can be, from the class body, its methods' `self.name = ...` and its calls."""
        return self.values.following.answer(
            self._attributes,
            (id(cls.node), name),
            lambda: frozenset(self._attribute(cls, name)),
            frozenset(),
        )

    def _attribute(self, cls: Cls, name: str) -> Iterator[Value]:
        scope = self.scope_of(cls)
        bindings = scope.bindings.get(name, [])
        assigned = list(self._assigned(cls, name))
        own = [v for b in bindings for v in self._bound(cls, scope, b)]
        own += [v for module, value in assigned for v in self.values.of(module, value)]
        yield from own
        found = bool(bindings or assigned)
        # `made = cls.__new__(cls); made.mcp = FastMCP(...)`; another library's method stays one that is replaced
        if found or all(e.name in PLAIN for e in self.external_bases(cls)):
            given = list(self.values.stores.attribute(cls, name, tests=found))
            found = found or bool(given)
            yield from given
            own += given
        is_data = not own or not all(isinstance(v, Func | Display) for v in own)
        if found and is_data and self._set_by_name(cls):
            yield Slot(cls, name)
        if any(isinstance(b.node, ast.AnnAssign) for b in bindings):
            inits = "__init__" in scope.bindings
            yield from self._through_init(cls, name) if inits else self._from_calls(cls, name)
            if self.filled_from_outside(cls):
                yield Slot(cls, name)
                for b in bindings:
                    if isinstance(b.node, ast.AnnAssign):
                        yield from self.annotated(cls.module, b.node.annotation)
        if not found:
            for base in self.bases(cls):
                if isinstance(base, Cls):
                    yield from self.attribute(base, name)
                elif isinstance(base, Ext):
                    yield Ext(f"{base.name}.{name}")

    def _bound(self, cls: Cls, scope: Scope, b: Binding) -> Iterable[Value]:
        """What a name of the class body is for an instance."""
        if b.kind == "def" and any(
            d.rpartition(".")[2] in ("property", "cached_property", "computed_field")
            for d in (decorator_name(x) for x in b.node.decorator_list)  # type: ignore[attr-defined]
        ):
            return self.values.returns(cls.module, b.node)  # type: ignore[arg-type]
        if isinstance(b.node, ast.AnnAssign):
            return self._field_default(cls.module, b)
        return self.values.binding(cls.module, scope, b)

    def made_by(self, value: Value) -> tuple[Cls, ...]:
        """The project's classes that an instance can be of: `self` may be one of a class that derives."""
        if not isinstance(value, Obj) or not isinstance(value.of, Cls):
            return ()
        return (value.of, *(self.derived(value.of) if value.node is None else ()))

    def derived(self, cls: Cls) -> list[Cls]:
        """The project's classes that derive from a class, at any depth."""
        if cls.node not in self._derived:
            self._derived[cls.node] = []  # while it is looked for
            code = self.values.code
            found: dict[ast.AST, Cls] = {}
            near = code.importers([cls.module.path])
            for module in code.mentioning(cls.node.name, within=near, in_form=DERIVED):  # type: ignore[attr-defined]
                for node in module.scopes:
                    other = Cls(module, node)
                    if isinstance(node, ast.ClassDef) and node is not cls.node and cls in self.bases(other):
                        found |= {c.node: c for c in (other, *self.derived(other))}
            self._derived[cls.node] = list(found.values())
        return self._derived[cls.node]

    def annotated(self, module: Module, annotation: ast.expr) -> Iterator[Value]:
        """Instances of the project's settings classes and dataclasses that an annotation names."""
        for node in ast.walk(annotation):
            if isinstance(node, ast.Name | ast.Attribute):
                for value in self.values.of(module, node):
                    if isinstance(value, Cls) and (self.filled_from_outside(value) or _is_dataclass(value)):
                        yield Obj(value, module, None)

    def _field_default(self, module: Module, b: Binding) -> Iterator[Value]:
        value = b.value
        if isinstance(value, ast.Call) and decorator_name(value).rpartition(".")[2] in (
            "Field",
            "field",
            "attrib",
            "ib",
        ):
            for keyword in value.keywords:
                if keyword.arg == "default":
                    yield from self.values.of(module, keyword.value)
                elif keyword.arg == "default_factory":
                    for made in self.values.of(module, keyword.value):
                        if isinstance(made, Lambda):
                            yield from self.values.of(made.module, made.node.body)  # type: ignore[attr-defined]
                        elif isinstance(made, Func):
                            yield from self.values.returns(made.module, made.node)  # type: ignore[arg-type]
            if value.args:
                yield from self.values.of(module, value.args[0])
        elif value is not None:
            yield from self.values.of(module, value)

    def filled_from_outside(self, cls: Cls) -> bool:
        """True for pydantic's and msgspec's models, and dataclasses that a library fills: their fields may be anything."""
        names = {e.name.rpartition(".")[2] for e in self.external_bases(cls)}
        return bool(names & MODELS) or (_is_dataclass(cls) and self._filled_by_library(cls))

    def _filled_by_library(self, cls: Cls) -> bool:
        """True for a class that a function from outside is given to make it: `tyro.cli(Args)`, `decode(data, type=Args)`."""
        if cls.node not in self._by_library:
            self._by_library[cls.node] = False  # while it is looked for
            name = cls.node.name  # type: ignore[attr-defined]
            uses = [(m, u) for m in self.values.code.mentioning(name, tests=False) for u in m.loads.get(name, ())]
            self._by_library[cls.node] = any(
                isinstance(
                    call := m.parents.get(m.parents[u] if isinstance(m.parents[u], ast.keyword) else u), ast.Call
                )
                and call.func is not u
                and any(makes_records(v.name) for v in self.values.of(m, call.func) if isinstance(v, Ext))
                for m, u in uses
            )
        return self._by_library[cls.node]

    def _set_by_name(self, cls: Cls) -> bool:
        """True for a class whose instances get attributes by names that aren't written out: `setattr(config, key, value)`."""
        if cls.node not in self._by_name:
            self._by_name[cls.node] = False  # while it is looked for
            name = cls.node.name  # type: ignore[attr-defined]
            self._by_name[cls.node] = any(
                len(call.args) == 3
                and not isinstance(call.args[1], ast.Constant)
                and any(isinstance(v, Obj) and v.of == cls for v in self.values.of(module, call.args[0]))
                for module in self.values.code.mentioning(name, tests=False)
                for call in module.calls_by_name.get("setattr", ())
            )
        return self._by_name[cls.node]

    def _through_init(self, cls: Cls, name: str) -> Iterator[Value]:
        """What an `__init__` of the user's own gives a field: `super().__init__(port=port, **data)`."""
        for init in (b.node for b in self.scope_of(cls).bindings["__init__"] if isinstance(b.node, FunctionNode)):
            calls = [n for n in ast.walk(init) if isinstance(n, ast.Call) and last_name(n.func) == "__init__"]
            handed = [k for call in calls for k in call.keywords]
            for keyword in handed:
                if keyword.arg == name:
                    yield from self.values.of(cls.module, keyword.value)
            rest = init.args.kwarg.arg if init.args.kwarg is not None else ""
            if rest and any(k.arg is None and dotted(k.value) == rest for k in handed):
                for module, call in self.values.callers.of(cls):
                    yield from self._by_keyword(cls, module, call, name)

    def _by_keyword(self, cls: Cls, module: Module, call: ast.Call, name: str) -> Iterator[Value]:
        for keyword in call.keywords:
            if keyword.arg == name:
                yield from self.values.of(module, keyword.value)
        yield from self._in_splats(cls, module, call, name)

    def _from_calls(self, cls: Cls, name: str) -> Iterator[Value]:
        fields = [
            s.target.id
            for s in cls.node.body  # type: ignore[attr-defined]
            if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)
        ]
        for module, call in self.values.callers.of(cls):
            yield from self._by_keyword(cls, module, call, name)
            if name in fields and fields.index(name) < len(call.args):
                yield from self.values.of(module, call.args[fields.index(name)])
        for module, call in self._replaced(cls, name):
            yield from self._by_keyword(cls, module, call, name)
        for module, update in self._updated(cls):
            yield from self._splatted(cls, module, update, name)

    def _replaced(self, cls: Cls, name: str) -> Iterator[tuple[Module, ast.Call]]:
        """Calls that copy an instance of the class and may give this field another value."""
        for function in sorted({f.rpartition(".")[2] for f in REPLACERS}):
            for module in self.values.code.mentioning(function, tests=False):
                for alias in {function} | module.aliases.get(function, set()):
                    for call in module.calls_by_name.get(alias, ()):
                        if (
                            call.args
                            and any(k.arg in (name, None) for k in call.keywords)
                            and any(
                                isinstance(f, Ext) and f.name in REPLACERS for f in self.values.of(module, call.func)
                            )
                            and any(cls in self.made_by(v) for v in self.values.of(module, call.args[0]))
                        ):
                            yield module, call

    def _updated(self, cls: Cls) -> Iterator[tuple[Module, ast.expr]]:
        """What pydantic is given to copy an instance of the class with other values: `settings.model_copy(update=...)`."""
        for module in self.values.code.mentioning("update", tests=False, in_form=(r"WORD\s*=",)):
            for call in (c for method in COPIERS for c in module.calls_by_name.get(method, ())):
                update = next((k.value for k in call.keywords if k.arg == "update"), None)
                if update is not None and isinstance(call.func, ast.Attribute):
                    if any(cls in self.made_by(v) for v in self.values.of(module, call.func.value)):
                        yield module, update

    def _in_splats(self, cls: Cls, module: Module, call: ast.Call, name: str) -> Iterator[Value]:
        if not any(keyword.arg == name for keyword in call.keywords):
            for keyword in call.keywords:
                if keyword.arg is None:
                    yield from self._splatted(cls, module, keyword.value, name)

    def _splatted(
        self, cls: Cls, module: Module, splat: ast.expr, name: str, seen: frozenset[ast.AST] = frozenset()
    ) -> Iterator[Value]:
        """What `**splat` gives a class's field: of a dict, of `vars(args)`, or anything from outside."""
        for held in self.values.of(module, splat):
            if isinstance(held, Display) and (whole := copied(held.node)) is not None:
                if held.node not in seen:  # `d = {k: v for k, v in d.items()}`
                    yield from self._splatted(cls, held.module, whole, name, seen | {held.node})
                continue
            known = is_dict(held)
            if known:
                known = not self.values.dicts.is_open(held)  # type: ignore[arg-type]
                yield from self.values.dicts.entries(held, {name})  # type: ignore[arg-type]
            for owner in self.values.dicts.namespace(held):
                known = True
                yield from self.values.attribute(owner, name, module, splat)
            if not known:
                yield Slot(cls, name)

    def _assigned(self, cls: Cls, name: str) -> Iterator[tuple[Module, ast.expr]]:
        """The right sides of `self.name = ...` in the class's methods."""
        if cls.node not in self._assignments:
            self._assignments[cls.node] = self_assignments(cls.node)  # type: ignore[arg-type]
        for value in self._assignments[cls.node].get(name, ()):
            yield cls.module, value


def makes_records(name: str) -> bool:
    """True for a function from outside that can be given one of the project's classes to make an instance of it."""
    return not name.startswith(NO_MAKERS) and not name.rpartition(".")[2][:1].isupper()


def _is_dataclass(cls: Cls) -> bool:
    names = {decorator_name(d).rpartition(".")[2] for d in cls.node.decorator_list}  # type: ignore[attr-defined]
    return bool(names & {"dataclass", "define", "frozen", "attrs"})
