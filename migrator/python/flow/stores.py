"""What is put into things after they are made: `config.transport = x`, `options["transport"] = x`, `d.update(...)`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from migrator.python.code import is_test
from migrator.python.flow.value import Cls, Display, Mod, Obj, Param, Value
from migrator.python.module import Module, dotted

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

GIVEN = re.compile(rb"\.([A-Za-z_]\w*)(?=\s*=[^=])")
FILES = 30  # files that assign an attribute of that name; past that it says nothing about one class


class Stores:
    """Finds the right sides. One a run."""

    def __init__(self, values: Values) -> None:
        self.values = values
        self._items: dict[ast.AST, list[tuple[str, ast.Constant | str, ast.expr]]] = {}
        self._gifts: dict[str, dict[str, list[tuple[ast.expr, ast.expr]]]] = {}
        self._attributes: dict[str, list[tuple[Module, ast.expr, ast.expr]]] = {}

    def attribute(self, owner: Cls | Mod | Obj, name: str, tests: bool = True) -> Iterator[Value]:
        """What code outside a class (or module, or of one object) gives to `instance.name`; `tests`: of tests, too."""
        for module, holder, value in self._assigned(name):
            if not tests and is_test(module.path):
                continue
            if any(self._is(held, owner) for held in self.values.of(module, holder)):
                yield from self.values.of(module, value)

    def set_by_name(self, owner: Obj) -> bool:
        """True for an object that its own file gives attributes by names which aren't written out."""
        module = owner.module
        set_ = [c.args[0] for c in module.calls_by_name.get("setattr", ()) if len(c.args) == 3]
        held = [n.value for n in module.loads.get("__dict__", ()) if isinstance(n, ast.Attribute)]
        return any(owner in self.values.of(module, node) for node in (*set_, *held))

    def context_object(self) -> Iterator[Value]:
        """What a command line's context is given to hand on (`ctx.obj = server`), as far as it is an object."""
        for module, _, value in self._assigned("obj"):
            yield from (v for v in self.values.of(module, value) if isinstance(v, Obj))

    def in_context(self, made: Obj) -> Iterator[Value]:
        """What `ContextVar("kind", default="stdio")` holds by itself, and what it is set to."""
        holder = made.module.parents.get(made.node) if made.node is not None else None
        for keyword in made.node.keywords if made.node is not None else ():
            if keyword.arg == "default":
                yield from self.values.of(made.module, keyword.value)
        stored = [n for n in ast.walk(holder) if isinstance(n, ast.Name)] if holder is not None else []
        for name in {n.id for n in stored if isinstance(n.ctx, ast.Store)}:
            for module in self.values.code.mentioning(name, tests=False):
                for call in module.calls_by_name.get("set", ()):
                    held = call.func.value if isinstance(call.func, ast.Attribute) and len(call.args) == 1 else None
                    if held is not None and made in self.values.of(module, held):
                        yield from self.values.of(module, call.args[0])

    def _is(self, held: Value, owner: Cls | Mod | Obj) -> bool:
        """True for the module, class or object itself, an instance of it, or a parameter that is said to be one."""
        if isinstance(held, Param):
            annotation = held.node.annotation  # type: ignore[attr-defined]
            names = (n for n in ast.walk(annotation) if isinstance(n, ast.Name | ast.Attribute)) if annotation else ()
            return any(owner in self.values.of(held.module, n) for n in names)
        return held == owner or (isinstance(held, Obj) and held.of == owner)

    def _assigned(self, name: str) -> list[tuple[Module, ast.expr, ast.expr]]:
        if name not in self._attributes:
            found = self._attributes[name] = []
            paths = self._files.get(name.encode(), [])
            for path in paths if len(paths) <= FILES else ():
                module = self.values.code.load(path)
                if module is not None:
                    found += [(module, holder, value) for holder, value in self._given(module).get(name, ())]
        return self._attributes[name]

    def _given(self, module: Module) -> dict[str, list[tuple[ast.expr, ast.expr]]]:
        """What a module gives to attributes of anything but `self`, by the attribute's name."""
        if module.path not in self._gifts:
            found = self._gifts[module.path] = {}
            for node in module.parents:
                if not isinstance(node, ast.Assign):
                    continue
                for target in node.targets:
                    if isinstance(target, ast.Attribute):
                        if not _is_own(module, target.value):
                            found.setdefault(target.attr, []).append((target.value, node.value))
        return self._gifts[module.path]

    @cached_property
    def _files(self) -> dict[bytes, list[str]]:
        """The files that give something to an attribute, by its name: those that have to do with transports."""
        tree = self.values.code.tree
        found: dict[bytes, list[str]] = {}
        for path in sorted({*tree.hits.get("python", ()), *tree.mcp_python, *tree.transport_python}):
            for name in set(GIVEN.findall(tree.read(path))):
                found.setdefault(name, []).append(path)
        return found

    def of_attribute(self, module: Module, node: ast.Subscript) -> Iterator[ast.expr]:
        """Right sides of `ctx.obj[key] = ...`, and the key's value in `ctx.obj = {...}`, by the attribute's name."""
        if not isinstance(node.value, ast.Attribute) or not isinstance(node.slice, ast.Constant):
            return
        name, key = node.value.attr, node.slice.value
        for other in module.parents:
            if not isinstance(other, ast.Assign):
                continue
            for target in other.targets:
                if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
                    held = target.value
                    if isinstance(held, ast.Attribute) and (held.attr, target.slice.value) == (name, key):
                        yield other.value
                elif isinstance(target, ast.Attribute) and target.attr == name and isinstance(other.value, ast.Dict):
                    for k, v in zip(other.value.keys, other.value.values, strict=True):
                        if isinstance(k, ast.Constant) and k.value == key:
                            yield v

    def items(self, held: Display | Obj, keys: set[object]) -> Iterator[ast.expr]:
        """Right sides of `d[key] = ...` and the like, in the scope where the dict got its name."""
        names = _names(held)
        if names:
            yield from self.of_names(held.module, held.node, names, keys)  # type: ignore[arg-type]

    def of_names(self, module: Module, node: ast.AST, names: set[str], keys: set[object]) -> Iterator[ast.expr]:
        """The same for dicts by their names, in the scope of a node."""
        scope = module.scope_of(node).node
        if scope not in self._items:
            self._items[scope] = [row for inner in ast.walk(scope) for row in _puts(inner)]
        for name, key, value in self._items[scope]:
            if name in names and (not keys or (key if isinstance(key, str) else key.value) in keys):
                yield value

    def keys(self, held: Display | Obj) -> Iterator[ast.Constant]:
        """The keys of `d[key] = ...` in the scope where the dict got its name."""
        names = _names(held)
        if names:
            list(self.of_names(held.module, held.node, names, set()))  # type: ignore[arg-type]
            for name, key, _ in self._items[held.module.scope_of(held.node).node]:  # type: ignore[arg-type]
                if name in names and isinstance(key, ast.Constant):
                    yield key

    def takes_more(self, held: Display | Obj) -> bool:
        """True for a dict that gets keys or other dicts which aren't written out, in the scope where it got its name.

        `found[key] = value` in a loop over lines, `options.update(json.load(file))`, `options |= read()`.
        """
        return any(True for _ in self._taking(held))

    def taken(self, held: Display | Obj) -> Iterator[ast.expr]:
        """Those other dicts: `options.update(vars(args))`."""
        for node in self._taking(held):
            if isinstance(node, ast.AugAssign):
                yield node.value
            elif isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
                yield node.args[0]

    def _taking(self, held: Display | Obj) -> Iterator[ast.AST]:
        names, module = _names(held), held.module
        scope = module.scope_of(held.node) if names else None  # type: ignore[arg-type]
        for node in ast.walk(scope.node) if scope is not None else ():
            if (name := _unwritten(node)) is not None and name.id in names and module.owner(name) is scope:
                yield node

    def open(self, held: Display | Obj) -> bool:
        """True for a dict that gets keys which aren't written out: `d[name] = function` in a decorator."""
        names = _names(held)
        return any(
            isinstance(node, ast.Subscript)
            and isinstance(node.ctx, ast.Store)
            and isinstance(node.value, ast.Name)
            and node.value.id in names
            and not isinstance(node.slice, ast.Constant)
            for node in (held.module.nodes if names else ())
        )


def _is_own(module: Module, node: ast.expr) -> bool:
    """True for the `self` of a method, which its class knows of."""
    if not isinstance(node, ast.Name) or node.id != "self":
        return False
    function = module.function_of(node)
    return function is None or any(a.arg == "self" for a in function.args.args[:1])


def _names(held: Display | Obj) -> set[str]:
    """The names that a dict is given where it is made."""
    parent = held.module.parents.get(held.node) if held.node is not None else None
    targets = parent.targets if isinstance(parent, ast.Assign) else [getattr(parent, "target", None)]
    return {t.id for t in targets if isinstance(t, ast.Name)}


def _unwritten(node: ast.AST) -> ast.Name | None:
    """The dict that a statement or call puts something into which isn't written out there."""
    holder: ast.expr | None = None
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store) and not isinstance(node.slice, ast.Constant):
        holder = node.value
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr) and not _is_written(node.value):
        holder = node.target
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "update":
        chosen = [a for x in node.args for a in ((x.body, x.orelse) if isinstance(x, ast.IfExp) else (x,))]
        if not all(map(_is_written, chosen)) or any(k.arg is None for k in node.keywords):
            holder = node.func.value
    return holder if isinstance(holder, ast.Name) else None


def _is_written(node: ast.expr) -> bool:
    if isinstance(node, ast.Dict):
        return all(isinstance(k, ast.Constant) for k in node.keys)
    return isinstance(node, ast.Call) and dotted(node.func) == "dict" and all(k.arg for k in node.keywords)


def _puts(node: ast.AST) -> Iterator[tuple[str, ast.Constant | str, ast.expr]]:
    """(dict's name, key, value) of a statement or call that puts something into a dict."""
    if isinstance(node, ast.Assign):
        for t in node.targets:
            if isinstance(t, ast.Subscript) and isinstance(t.value, ast.Name) and isinstance(t.slice, ast.Constant):
                yield t.value.id, t.slice, node.value
    elif isinstance(node, ast.AugAssign) and isinstance(node.op, ast.BitOr) and isinstance(node.target, ast.Name):
        yield from ((node.target.id, k, v) for k, v in _pairs(node.value))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
        name = node.func.value.id
        if node.func.attr == "update":
            yield from ((name, k.arg, k.value) for k in node.keywords if k.arg is not None)
            chosen = [a for x in node.args for a in ((x.body, x.orelse) if isinstance(x, ast.IfExp) else (x,))]
            for held in chosen:
                yield from ((name, k, v) for k, v in _pairs(held))
        elif node.func.attr == "setdefault" and len(node.args) == 2 and isinstance(node.args[0], ast.Constant):
            yield name, node.args[0], node.args[1]


def _pairs(node: ast.expr) -> Iterator[tuple[ast.Constant | str, ast.expr]]:
    """The keys and values of `{...}` and `dict(...)` that are known by themselves."""
    if isinstance(node, ast.Dict):
        yield from ((k, v) for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "dict":
        yield from ((k.arg, k.value) for k in node.keywords if k.arg is not None)


__all__ = ["Stores"]
