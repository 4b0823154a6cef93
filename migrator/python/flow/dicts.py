"""What dicts hold: displays, `dict(name=...)`, and the attributes of an object seen through `vars`."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from typing import TYPE_CHECKING

from migrator.python.flow.value import Const, Display, Ext, Field, Obj, Opaque, Param, Value, is_dict, pairs
from migrator.python.module import FunctionNode, Module, dotted

if TYPE_CHECKING:
    from migrator.python.flow.values import Values

PARSERS = ("configparser.ConfigParser", "configparser.RawConfigParser", "configparser.SafeConfigParser")


class Dicts:
    """Answers for `values`."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def get(self, module: Module, node: ast.Call, function: ast.Attribute) -> list[Value] | None:
        """`d.get(key, default)` of a dict, `c.get(section, key, fallback=default)` of a ConfigParser."""
        base = self.values.of(module, function.value)
        if any(isinstance(v, Ext) for v in base):  # os.environ.get, requests.get
            return None
        key = node.args[0]
        found: list[Value] = []
        known = False
        for value in base:
            if is_dict(value):
                known = True
                found += self.under(value, module, key)  # type: ignore[arg-type]
                if self.is_open(value):  # type: ignore[arg-type]
                    found.append(Opaque(module, node))
            for owner in self.namespace(value):
                known = True
                for text in self.keys(module, key):
                    found += self.values.attribute(owner, str(text), module, node)
        if not known and not any(isinstance(v, Obj | Opaque | Param | Field) for v in base):
            return None
        fallback = [k.value for k in node.keywords if k.arg == "fallback"]
        for default in fallback or ([] if self.is_option(module, node) else node.args[1:2]):
            found += self.values.of(module, default)
        unknown = any(
            isinstance(v, Opaque) or (isinstance(v, Obj) and not is_dict(v)) or self.is_called(v) for v in base
        )
        if not known or unknown:
            found.append(Opaque(module, node))
        return found

    def is_option(self, module: Module, node: ast.Call) -> bool:
        """True for `c.get(section, option)` of a ConfigParser, where the second argument is what is looked up."""
        made = self.values.of(module, node.func.value) if isinstance(node.func, ast.Attribute) else ()
        parser = any(isinstance(v, Obj) and isinstance(v.of, Ext) and v.of.name in PARSERS for v in made)
        return len(node.args) > 1 and (parser or any(k.arg == "fallback" for k in node.keywords))

    def keys(self, module: Module, key: ast.expr) -> set[object]:
        """The constants that an index is one of; empty for any."""
        found = self.values.of(module, key)
        return {v.value for v in found if isinstance(v, Const)} if all(isinstance(v, Const) for v in found) else set()

    def under(self, display: Display | Obj, module: Module, key: ast.expr) -> list[Value]:
        """The values under an index. What that is, is asked only where the dict holds anything: following it is slow."""
        if not [*pairs(display), *self.values.stores.items(display, set())]:
            return []
        return self.entries(display, self.keys(module, key))

    def entries(self, display: Display | Obj, keys: set[object]) -> list[Value]:
        """The values under some keys (no keys: any) of a dict display, or of what `dict(name=...)` gives."""
        out: list[Value] = []
        todo, seen = [display], {id(display.node)}
        while todo:
            held = todo.pop()
            module = held.module
            for k, v in pairs(held):
                if k is None:
                    inner = [d for d in self.values.of(module, v) if is_dict(d) and id(d.node) not in seen]  # type: ignore[union-attr]
                    todo += inner  # type: ignore[arg-type]
                    seen.update(id(d.node) for d in inner)  # type: ignore[union-attr]
                elif (not keys or k in keys) if isinstance(k, str) else self._is_key(module, k, keys):
                    out += self.values.of(module, v)
            for value in self.values.stores.items(held, keys):
                out += self.values.of(module, value)
        return out

    def is_open(self, display: Display | Obj) -> bool:
        """True for a dict that takes in what is not written down: `{**DEFAULTS, **json.load(file)}`, `d[name] = value`."""
        splats = [v for k, v in pairs(display) if k is None]
        taken = any(not is_dict(v) for splat in splats for v in self.values.of(display.module, splat))
        return taken or self.values.stores.takes_more(display)

    def namespace(self, value: Value, seen: frozenset[ast.AST] = frozenset()) -> Iterable[Value]:
        """The object whose attributes a dict holds: `vars(object)`, `asdict(object)`, `object.model_dump()`.

        Or will hold: what a validator is given before the object is made. A management command of Django's is given its
        options so: `def handle(self, *args, **options)`.
        """
        if isinstance(value, Param) and _is_of_command(value):
            return [value]
        if isinstance(value, Param):
            function = value.module.parents.get(value.module.parents[value.node])
            if isinstance(function, FunctionNode) and function.args.kwarg is value.node and function.decorator_list:
                return (value,)  # what a library puts into it by the names of options: click
            return self.values.parameters.validators.filled(value)
        node = value.node if isinstance(value, Obj | Opaque | Display) else None
        if isinstance(node, ast.DictComp):  # `d = {k: v for k, v in d.items()}`: seen
            whole = copied(node) if node not in seen else None
            held = self.values.of(value.module, whole) if whole is not None else ()  # type: ignore[union-attr]
            return [o for h in held for o in self.namespace(h, seen | {node})]
        if not isinstance(node, ast.Call):
            return ()
        if isinstance(value, Obj) and value.of in (Ext("builtins.vars"), Ext("dataclasses.asdict")) and node.args:
            return self.values.of(value.module, node.args[0])
        if isinstance(node.func, ast.Attribute) and node.func.attr in ("model_dump", "dict", "_asdict"):
            return self.values.of(value.module, node.func.value)  # type: ignore[union-attr]
        return ()

    def is_called(self, value: Value) -> bool:
        """True for the options of a management command that code gives by name, past the parser: `call_command(..., kind="sse")`."""
        calls = (
            self.values.code.mentioning("call_command") if isinstance(value, Param) and _is_of_command(value) else ()
        )
        return any(True for _ in calls)

    def _is_key(self, module: Module, key: ast.expr, keys: set[object]) -> bool:
        return not keys or any(isinstance(x, Const) and x.value in keys for x in self.values.of(module, key))


def _is_of_command(value: Param) -> bool:
    """True for the `**options` of a `handle` beside an `add_arguments`."""
    arguments = value.module.parents.get(value.node)
    function = value.module.parents.get(arguments) if arguments is not None else None
    holder = value.module.parents.get(function) if function is not None else None
    given = isinstance(function, FunctionNode) and function.name == "handle" and function.args.kwarg is value.node
    beside = holder.body if given and isinstance(holder, ast.ClassDef) else []
    return any(isinstance(n, ast.FunctionDef) and n.name == "add_arguments" for n in beside)


def copied(node: ast.AST) -> ast.expr | None:
    """The dict whose entries a comprehension takes as they are, some of them: `{k: v for k, v in d.items() if v is not None}`."""
    if not isinstance(node, ast.DictComp) or len(node.generators) != 1:
        return None
    each, called = node.generators[0].target, node.generators[0].iter
    same = isinstance(each, ast.Tuple) and list(map(dotted, each.elts)) == [dotted(node.key), dotted(node.value)]
    if not same or not isinstance(called, ast.Call) or not isinstance(called.func, ast.Attribute):
        return None
    return called.func.value if called.func.attr == "items" else None
