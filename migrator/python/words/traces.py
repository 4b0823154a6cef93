"""Follows a word backwards to everything that it can come from."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import field
from functools import cached_property
from typing import Any

from migrator.python.flow.value import Cls, Const, Display, Ext, Field, Obj, Opaque, Param, Slot, Value
from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.declared import CHOICES, Declared, Source
from migrator.python.words.optioncalls import casts, is_option_text
from migrator.records import record

ENV_FUNCTIONS = {"os.getenv", "os.environ.get", "environ.get", "getenv"}
NAMESPACES = {"types.SimpleNamespace", "argparse.Namespace"}


@record(eq=False)
class Trace:
    """Everything that an expression's word can come from."""

    sources: dict[Source, None] = field(default_factory=dict)
    consts: dict[Const, None] = field(default_factory=dict)  # string constants that flow in
    members: dict[Value, None] = field(default_factory=dict)  # enum members that flow in (Field)
    enums: dict[Cls, None] = field(default_factory=dict)
    instances: dict[Cls, None] = field(default_factory=dict)  # enums of which any member can flow in
    unsaid: bool = False  # nothing can flow in: None

    @cached_property
    def keys(self) -> frozenset[object]:
        """What joins two traces: their sources; without any, the constants themselves."""
        keys: set[object] = {s.key for s in self.sources}
        if not keys:
            keys |= {("const", id(c.node)) for c in self.consts}
            keys |= {("enum", id(e.node)) for e in (self.enums if len(self.members) > 1 else self.instances)}
        return frozenset(keys)

    def words(self) -> set[str]:
        """The words that the value can be, in lower case."""
        return {str(c.value).lower() for c in self.consts if isinstance(c.value, str)}


class Traced(Declared):
    """Answers for one expression."""

    @cached_property
    def _traces(self) -> dict[int, Trace]:
        return {}

    def trace(self, module: Module, node: ast.expr) -> Trace:
        """Follow the expression's word backwards."""
        key = id(node)
        if key not in self._traces:
            trace = Trace()
            self._collect(self.values.of(module, node), trace, module, set())
            self._traces[key] = trace
        return self._traces[key]

    def is_member(self, module: Module, node: ast.expr | None) -> bool:
        """True for an expression that is always one and the same member of an enum: `Transport.SSE.value`."""
        if node is None:
            return False
        trace = self.trace(module, node)
        return len(trace.members) == 1 and not (trace.sources or trace.consts or trace.instances)

    def gather(self, found: Iterable[Value], module: Module) -> Trace:
        """The trace of values that are known already."""
        trace = Trace()
        self._collect(found, trace, module, set())
        return trace

    def _collect(self, found: Iterable[Value], trace: Trace, module: Module, seen: set[object]) -> None:
        for value in found:
            if isinstance(value, Const):
                if isinstance(value.value, str):
                    trace.consts[value] = None
                trace.unsaid |= value.value is None
                continue
            enum = self.values.classes.enum_of(value)
            if enum is not None:
                trace.enums[enum] = None
                if isinstance(value, Field):
                    trace.members[value] = None
                else:
                    trace.instances[enum] = None
                continue
            source = self.source(value, module)
            if source is None:
                continue
            trace.sources[source] = None
            trace.unsaid |= self.unsaid(source)
            if (source.key, source.where) in seen:
                continue
            seen.add((source.key, source.where))
            for enum in self.made_into(source):
                trace.enums[enum] = trace.instances[enum] = None
            for inner_module, default in self.defaults(source):
                self._collect(self.values.of(inner_module, default), trace, inner_module, seen)

    def possible(self, trace: Trace) -> set[str]:
        """The words that can flow in, as far as the code tells; "?" for one that can be anything."""
        out = trace.words()
        for enum in trace.enums:
            out |= set(self.enum_members(enum)) or {"?"}  # of numbers: `kind.name.lower()` may say it
        for source in trace.sources:
            accepted = self.accepted(source)
            out |= {"?"} if accepted is None else accepted
        return out

    def unsaid(self, source: Source) -> bool:
        """True for a variable or an option without a default: it is None where nobody says it."""
        node = source.node
        if source.kind == "env":
            beside = source.module.parents.get(node)
            if isinstance(beside, ast.BoolOp) and node is not beside.values[-1]:
                return False
            asked = dotted(node.func) if isinstance(node, ast.Call) else ""
            return asked.rpartition(".")[2] in ("get", "getenv") and not any(True for _ in self.defaults(source))
        if source.kind not in ("option", "command") or any(True for _ in self.defaults(source)):
            return False
        calls = [call for _, call in self.declarations(source)]
        return any(
            is_option_text(call.args[0]) and not any(k.arg in ("required", "action") for k in call.keywords)
            for call in calls
            if call.args
        )

    def made_into(self, source: Source) -> Iterator[Cls]:
        """The enums that make a member of the word before the code has it: `type=Kind`, `Choice(Kind)`, `kind: Kind`."""
        given = [(source.module, n) for a in self.annotations(source) for n in _names(a)]
        if source.kind == "env" and isinstance(source.node, ast.Call):
            given += [(source.module, cast) for cast in casts(source.node)]
        given += [(m, k.value) for m, c in self.declarations(source) for k in c.keywords if k.arg == "type"]
        yield from (e for module, node in given for e in self._enums(module, node))
        yield from (enum for enum, _ in self.by_name(source))

    def by_name(self, source: Source) -> Iterator[tuple[Cls, bool]]:
        """The enums whose members an option takes by their names, in any letters or not: `type=click.Choice(Kind)`."""
        for module, call in self.declarations(source):
            for kind in (k.value for k in call.keywords if k.arg == "type"):
                for where, made in self._made(module, kind):
                    if decorator_name(made).rpartition(".")[2] in CHOICES:
                        folded = any(k.arg == "case_sensitive" for k in made.keywords)  # it is by itself
                        yield from ((e, folded) for a in made.args[:1] for e in self._enums(where, a))

    def _enums(self, module: Module, node: ast.expr) -> Iterator[Cls]:
        yield from (v for v in self.values.of(module, node) if isinstance(v, Cls) and self.values.classes.is_enum(v))

    def source(self, value: Value, module: Module) -> Source | None:
        """The source that a value stands for."""
        if isinstance(value, Obj):
            return self._of_call(value)
        if isinstance(value, Field):
            return self._field(value, module)
        if isinstance(value, Param):
            return self._of_parameter(value)
        if isinstance(value, Slot):
            return Source("slot", ("slot", id(value.of.node), value.name), value.name, value.of.module, value.of.node)
        if isinstance(value, Opaque):
            return self._of_opaque(value.module, value.node)
        return None

    def _of_call(self, value: Obj) -> Source | None:
        """What a call gives whose function is known: a variable of the environment, or nothing that can be followed."""
        node = value.node
        if node is None:
            return None
        if isinstance(value.of, Ext):
            name = value.of.name
            if node in self.values.variables.name_of:
                text = self.values.variables.name_of[node]
                return Source("env", ("env", text, self.folder(value.module.path)), text, value.module, node)
            if name in ENV_FUNCTIONS or name.endswith("environ.get"):
                return self._env(value.module, node, node.args[:1])
            reads = name.rpartition(".")[2] in ("getenv", "config", "env", "get_env", "str")
            # or flask.current_app.config.get("KIND")
            if node.args and (reads or (name.endswith(".get") and _is_variable(node.args[0]))):
                return self._env(value.module, node, node.args[:1])
        if isinstance(value.of, Field) and isinstance(value.of.of, Param) and node.args:
            first = node.args[0]  # options.pop("kind")
            if value.of.name == "pop" and isinstance(first, ast.Constant):
                if (option := self._in_keywords(value.of.of, str(first.value))) is not None:
                    return option
        if isinstance(value.of, Field) and value.of.name in ("str", "get") and node.args:
            if _is_variable(node.args[0]):  # Env().str("KIND", "stdio")
                return self._env(value.module, node, node.args[:1])
        return Source("opaque", ("call", id(node)), "", value.module, node)

    def _of_parameter(self, value: Param) -> Source:
        """A parameter: of a command, of a function that a framework calls to check a word, or of any other."""
        function = value.module.parents.get(value.module.parents.get(value.node))  # type: ignore[arg-type]
        checked = self.checkers.get(function) if isinstance(function, FunctionNode) else None
        if checked is not None and value.node is checked[0]:
            declared = self.declared(*checked[1:])
            if declared is not None:
                return declared
        command = isinstance(function, FunctionNode) and self.is_command(value.module, function)
        kind = "command" if command else "param"
        found = Source(kind, ("param", id(value.node)), value.node.arg, value.module, value.node)  # type: ignore[attr-defined]
        own = set(ast.walk(function)) if command and function is not None else set()
        shared = [call for _, call in self.declarations(found) if call not in own]  # by other commands, too
        key = ("shared", id(shared[0])) if shared else found.key
        return Source(kind, key, found.name, value.module, value.node)

    def _of_opaque(self, module: Module, node: ast.AST) -> Source:
        """What can't be computed: a word of the command line, a variable, an entry of something that is looked up."""
        option = self._of_argv(module, node)
        if option is not None:
            return Source("argv", ("argv", self.folder(module.path)), option or "the first argument", module, node)
        if isinstance(node, ast.For | ast.comprehension):
            held = self._held(module, node.iter)
            if held is not None:
                return Source("each", held.key, held.name, module, node.iter, held=held)
        if isinstance(node, ast.Subscript):
            if "os.environ" in self.values.names(module, node.value) or _is_variable(node.slice):
                return self._env(module, node, [node.slice])
            if isinstance(node.slice, ast.Constant):
                return self._entry(module, node, node.value, node.slice.value)
        if isinstance(node, ast.Call) and node.args:
            first = node.args[0]
            if isinstance(node.func, ast.Name):  # config("NAME")
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.isupper():
                    return self._env(module, node, node.args[:1])
            elif isinstance(node.func, ast.Attribute):
                if self.values.dicts.is_option(module, node):
                    first = node.args[1]
                if node.func.attr == "get" and _is_variable(first):
                    return self._env(module, node, [first])
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    return self._entry(module, node, node.func.value, first.value)
        return Source("opaque", ("node", id(node)), "", module, node)

    def _entry(self, module: Module, node: ast.AST, holder: ast.expr, name: object) -> Source:
        """The entry `name` of something whose entries can't be seen: the same one wherever the file asks for it."""
        for held in self.values.of(module, holder):
            if isinstance(held, Param) and (option := self._in_keywords(held, str(name))) is not None:
                return option
        return Source("opaque", (module.path, f"{dotted(holder)}[{name!r}]"), str(name), module, node)

    def _in_keywords(self, held: Param, name: str) -> Source | None:
        """The option of a command that it finds under a name in its `**options`."""
        function = held.module.parents.get(held.module.parents[held.node])
        if isinstance(function, FunctionNode) and function.args.kwarg is held.node:
            return self.in_keywords(held.module, function, name)
        return None

    def entry(self, module: Module, holder: ast.expr, name: str) -> Trace:
        """The trace of the entry `name` of something whose entries can't be seen."""
        trace = Trace()
        trace.sources[self._entry(module, holder, holder, name)] = None
        return trace

    def _held(self, module: Module, node: ast.expr, depth: int = 0) -> Source | None:
        """The option, parameter or variable that a loop goes through, split or as a list."""
        values = self.values.of(module, node)
        found = [s for v in values if (s := self.source(v, module)) is not None]
        if len(found) == 1 and found[0].kind in ("option", "command", "env"):
            return found[0]
        for value in values if depth < 4 else ():
            if isinstance(value, Display) and isinstance(value.node, ast.ListComp | ast.SetComp):
                words, each = value.node, value.node.generators[0]  # [t.strip() for t in text.split(",")]
                names = {n.id for n in ast.walk(words.elt) if isinstance(n, ast.Name)}
                if isinstance(each.target, ast.Name) and names == {each.target.id}:
                    return self._held(value.module, each.iter, depth + 1)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and depth < 4:
            return self._held(module, node.func.value, depth + 1)
        return None

    def _of_argv(self, module: Module, node: ast.AST, depth: int = 0) -> str | None:
        """The option whose word is cut out of sys.argv by hand, "" for a bare argument; None for anything else."""
        if (
            not isinstance(node, ast.Subscript | ast.Call)
            or depth > 4
            or isinstance(getattr(node, "slice", None), ast.Slice)
        ):
            return None
        if "argv" not in module.text:
            return None
        used = False
        option = ""
        for part in ast.walk(node):
            if isinstance(part, ast.Constant) and isinstance(part.value, str) and part.value.startswith("--"):
                option = part.value.rstrip("=")
            elif isinstance(part, ast.Name | ast.Attribute):
                for v in self.values.of(module, part):
                    if isinstance(v, Ext) and v.name == "sys.argv":
                        used = True
                    elif isinstance(v, Opaque) and isinstance(v.node, ast.For | ast.comprehension):
                        used = used or self._over_argv(v.module, v.node.iter)
                    elif isinstance(v, Opaque) and isinstance(getattr(v.node, "slice", None), ast.Slice):
                        used = used or self._over_argv(v.module, v.node)  # type: ignore[arg-type]
        if not used:
            return None
        child: ast.AST = node
        for outer in module.ancestors(node) if not option else ():
            if isinstance(outer, ast.If) and child in outer.body:  # if arg.startswith("--transport="): word = arg[12:]
                texts = (p.value for p in ast.walk(outer.test) if isinstance(p, ast.Constant))
                option = next((t.rstrip("=") for t in texts if isinstance(t, str) and t.startswith("--")), "")
            if option or isinstance(outer, FunctionNode):
                break
            child = outer
        return option

    def _over_argv(self, module: Module, node: ast.expr) -> bool:
        return any(
            "sys.argv" in self.values.names(module, part)
            for part in ast.walk(node)
            if isinstance(part, ast.Name | ast.Attribute)
        )

    def _env(self, module: Module, node: ast.AST, name: list[ast.expr]) -> Source:
        names = [v.value for n in name for v in self.values.of(module, n) if isinstance(v, Const)]
        text = str(names[0]) if names else ""
        return Source("env", ("env", text or id(node), self.folder(module.path)), text, module, node)

    def _field(self, value: Field, module: Module) -> Source:
        if value.name == "value" and isinstance(value.of, Field):  # of an enum that the option was made into
            inner = self._field(value.of, module)
            if inner.kind in ("option", "subcommand"):
                return inner
        if isinstance(value.of, Param) and (option := self._in_keywords(value.of, value.name)) is not None:
            return option
        options = self.options.get(value.name)
        if options and self._may_be_namespace(value.of):
            first_module, call = max(
                options, key=lambda o: _shared(o[0].path, module.path)
            )  # the nearest: not another project's
            return Source("option", ("option", first_module.path, value.name), value.name, first_module, call)
        for first_module, call in self.subcommands.get(value.name, ()):
            if self._may_be_namespace(value.of):
                key = ("subcommand", first_module.path, value.name)
                return Source("subcommand", key, value.name, first_module, call)
        base = value.of
        return Source("field", ("field", base, value.name), value.name, module, _node_of(base))

    def _may_be_namespace(self, value: Value) -> bool:
        if isinstance(value, Obj):
            if isinstance(value.of, Cls):
                return self.values.classes.is_namespace(value.of)
            if isinstance(value.of, Ext):  # SimpleNamespace(**vars(args))
                return value.of.name in NAMESPACES and any(k.arg is None for k in getattr(value.node, "keywords", ()))
            return isinstance(value.of, Field) and value.of.name in (
                "parse_args",
                "parse_known_args",
                "parse_intermixed_args",
            )
        return isinstance(value, Param | Opaque)


def _names(annotation: ast.expr) -> Iterator[ast.expr]:
    """The names in an annotation, but for what its calls are given: `Annotated[Kind | None, typer.Option(...)]`."""
    if isinstance(annotation, ast.Name | ast.Attribute):
        yield annotation
    elif not isinstance(annotation, ast.Call):
        yield from (
            n for child in ast.iter_child_nodes(annotation) if isinstance(child, ast.expr) for n in _names(child)
        )


def _is_variable(node: ast.expr) -> bool:
    """True for a key that is written as environment variables are: `config["MCP_TRANSPORT"]`."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isupper()


def _shared(a: str, b: str) -> int:
    """How many folders (and the file itself) two paths have in common, from the root."""
    count = 0
    for x, y in zip(a.split("/"), b.split("/"), strict=False):
        if x != y:
            break
        count += 1
    return count


def _node_of(value: Value) -> ast.AST:
    inner: Any = value
    while isinstance(inner, Field):
        inner = inner.of
    node = getattr(inner, "node", None)
    return node if isinstance(node, ast.AST) else ast.Constant(value=None)


__all__ = ["Trace", "Traced"]
