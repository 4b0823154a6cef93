"""Where a transport's word comes from: follows it backwards to its sources, and finds every test of it.

`Words.trace` answers for one expression; `Words.tests` holds every comparison in the project that names a
transport. Nothing is decided here: `choosing.py` makes the edits.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from migrator.python.code import FunctionNode, Module, Scope, dotted
from migrator.python.values import (
    Cls,
    Const,
    Display,
    Expr,
    Ext,
    Field,
    Obj,
    Opaque,
    Param,
    Slot,
    Value,
    Values,
    decorator_name,
)

ENV_FUNCTIONS = {"os.getenv", "os.environ.get", "environ.get", "getenv"}
COLLECTIONS = {f"builtins.{name}" for name in ("frozenset", "set", "tuple", "list", "sorted")}
HINTS = ("sse", "http", "stdio", "stream")  # a constant or member for a transport says so in its name


@dataclass(frozen=True)
class Source:
    """One place where a word enters from outside the code (or can't be followed further).

    kind: option (argparse), env, argv, command (click/typer parameter), param, slot, field (an attribute of
    something outside the code), each (one of several words that a source holds), opaque.
    key: equal for every read of the same source.
    """

    kind: str
    key: tuple[object, ...]
    name: str  # "--transport", "MCP_TRANSPORT", "transport"
    module: Module = field(compare=False)
    node: ast.AST = field(compare=False)  # where it is read or declared
    where: int = 0  # the same source read at two places is two Sources with one key
    held: Source | None = field(default=None, compare=False)  # each: the source that holds several words

    def __post_init__(self) -> None:
        object.__setattr__(self, "where", id(self.node))


@dataclass(eq=False)
class Trace:
    """Everything that an expression's word can come from."""

    sources: dict[Source, None] = field(default_factory=dict)
    consts: dict[Const, None] = field(default_factory=dict)  # string constants that flow in
    members: dict[Value, None] = field(default_factory=dict)  # enum members that flow in (Field)
    enums: dict[Cls, None] = field(default_factory=dict)
    instances: dict[Cls, None] = field(default_factory=dict)  # enums of which any member can flow in

    @cached_property
    def keys(self) -> frozenset[object]:
        """What joins two traces: their sources; without any, the constants themselves."""
        keys: set[object] = {s.key for s in self.sources}
        if not keys:
            keys |= {("const", id(c.node)) for c in self.consts}
            keys |= {("enum", id(e.node)) for e in self.instances}
        return frozenset(keys)

    def words(self) -> set[str]:
        return {str(c.value).lower() for c in self.consts if isinstance(c.value, str)}


@dataclass(eq=False)
class Test:
    """A comparison of a selector with transport words."""

    module: Module
    node: ast.AST  # Compare, MatchValue (a case) or the Dict of a dispatch
    operand: ast.expr  # what is compared
    words: dict[str, ast.expr]  # lower-case word -> the constant or enum member expression
    negative: bool  # != or not in
    trace: Trace
    holder: ast.expr | None = None  # the list, tuple or set display that holds the words
    holder_module: Module | None = None


class Words:
    """Transport words in one project."""

    def __init__(
        self,
        values: Values,
        modules: Iterable[Module],
        table: dict[str, Any],
        folder: Callable[[str], str] = lambda path: "",
    ) -> None:
        self.values = values
        self.folder = folder  # of the project that a file belongs to: packages of one tree are told apart
        self.modules = list(modules)
        self.old = frozenset(table["old"])
        self.new = tuple(table["new"])
        self.all = self.old | set(self.new) | set(table["other"])
        self._traces: dict[int, Trace] = {}

    # -- words

    def word(self, module: Module, node: ast.expr) -> str:
        """The transport word that a constant or an enum member stands for, in lower case; "" for none."""
        if isinstance(node, ast.Constant):
            return node.value.lower() if isinstance(node.value, str) and node.value.lower() in self.all else ""
        if isinstance(node, ast.Attribute | ast.Name):
            if isinstance(node, ast.Attribute) and node.attr == "value":
                node = node.value
                if not isinstance(node, ast.Attribute | ast.Name):
                    return ""
            text = (node.attr if isinstance(node, ast.Attribute) else node.id).lower()
            if not any(hint in text for hint in HINTS) and text not in self.member_names:
                return ""
            found = self.values.of(module, node)
            for value in found:
                if isinstance(value, Const) and len(found) > 1:
                    return ""  # a variable
                word = self.member_word(value) if not isinstance(value, Const) else str(value.value).lower()
                if word in self.all and (isinstance(node, ast.Attribute) or self._is_constant(module, node)):
                    return word
        return ""

    @cached_property
    def member_names(self) -> set[str]:
        """Names, in lower case, that stand for a transport's word in a class body: `REMOTE = "sse"`."""
        return {
            target.id.lower()
            for module in self.modules
            for scope in module.scopes.values()
            if isinstance(scope.node, ast.ClassDef)
            for statement in scope.node.body
            if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Constant)
            if isinstance(statement.value.value, str) and statement.value.value.lower() in self.all
            for target in statement.targets
            if isinstance(target, ast.Name)
        }

    def _is_constant(self, module: Module, node: ast.Name) -> bool:
        values = self.values.of(module, node)
        return len(values) == 1 and all(isinstance(v, Const) for v in values) and node.id.isupper()

    def member_word(self, value: Value) -> str:
        """The word of an enum member."""
        if isinstance(value, Field) and isinstance(value.of, Cls):
            for b in self.values.scope_of_class(value.of).bindings.get(value.name, []):
                if isinstance(b.value, ast.Constant) and isinstance(b.value.value, str):
                    return b.value.value.lower()
                if isinstance(b.value, ast.Call):  # enum.auto() of a StrEnum
                    return value.name.lower()
        return ""

    # -- traces

    def trace(self, module: Module, node: ast.expr) -> Trace:
        """Follow the expression's word backwards."""
        key = id(node)
        if key not in self._traces:
            trace = Trace()
            self._collect(self.values.of(module, node), trace, module, set())
            self._traces[key] = trace
        return self._traces[key]

    def _collect(self, found: Iterable[Value], trace: Trace, module: Module, seen: set[object]) -> None:
        for value in found:
            if isinstance(value, Const):
                if isinstance(value.value, str):
                    trace.consts[value] = None
                continue
            enum = self.values.enum_of(value)
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
            if (source.key, source.where) in seen:
                continue
            seen.add((source.key, source.where))
            for inner_module, default in self.defaults(source):
                self._collect(self.values.of(inner_module, default), trace, inner_module, seen)

    def source(self, value: Value, module: Module) -> Source | None:
        """The source that a value stands for."""
        if isinstance(value, Obj):
            name = value.of.name if isinstance(value.of, Ext) else ""
            if isinstance(value.of, Ext) and value.node is not None:
                if value.node in self.values.variables.name_of:
                    text = self.values.variables.name_of[value.node]
                    return Source("env", ("env", text, self.folder(value.module.path)), text, value.module, value.node)
                if name in ENV_FUNCTIONS or name.endswith("environ.get"):
                    return self._env(value.module, value.node, value.node.args[:1])
                last = name.rpartition(".")[2]
                if last in ("getenv", "config", "env", "get_env", "str") and value.node.args:
                    return self._env(value.module, value.node, value.node.args[:1])
            if value.node is None:
                return None
            return Source("opaque", ("call", id(value.node)), "", value.module, value.node)
        if isinstance(value, Field):
            return self._field(value, module)
        if isinstance(value, Param):
            function = value.module.parents.get(value.module.parents.get(value.node))  # type: ignore[arg-type]
            command = isinstance(function, FunctionNode) and self.is_command(value.module, function)
            kind = "command" if command else "param"
            return Source(kind, ("param", id(value.node)), value.node.arg, value.module, value.node)  # type: ignore[attr-defined]
        if isinstance(value, Slot):
            return Source("slot", ("slot", id(value.of.node), value.name), value.name, value.of.module, value.of.node)
        if isinstance(value, Opaque):
            node = value.node
            option = self._of_argv(value.module, node)
            if option is not None:
                key = ("argv", self.folder(value.module.path))
                return Source("argv", key, option or "the first argument", value.module, node)
            if isinstance(node, ast.For | ast.comprehension):
                held = self._held(value.module, node.iter)
                if held is not None:
                    return Source("each", held.key, held.name, value.module, node.iter, held=held)
            if isinstance(node, ast.Subscript):
                base = {v.name for v in self.values.of(value.module, node.value) if isinstance(v, Ext)}
                if "os.environ" in base:
                    return self._env(value.module, node, [node.slice])
                if isinstance(node.slice, ast.Constant):
                    text = f"{dotted(node.value)}[{node.slice.value!r}]"
                    return Source("opaque", (value.module.path, text), str(node.slice.value), value.module, node)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args:  # config("NAME")
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str) and first.value.isupper():
                    return self._env(value.module, node, node.args[:1])
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                first = node.args[0]
                if len(node.args) > 1 and any(k.arg == "fallback" for k in node.keywords):
                    first = node.args[1]  # configparser: section, option
                if isinstance(first, ast.Constant):
                    text = f"{dotted(node.func.value)}[{first.value!r}]"
                    return Source("opaque", (value.module.path, text), str(first.value), value.module, node)
            return Source("opaque", ("node", id(node)), "", value.module, node)
        return None

    def _held(self, module: Module, node: ast.expr, depth: int = 0) -> Source | None:
        """The option, parameter or variable that a loop goes through, split or as a list."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and depth < 4:
            return self._held(module, node.func.value, depth + 1)
        found = [s for v in self.values.of(module, node) if (s := self.source(v, module)) is not None]
        return found[0] if len(found) == 1 and found[0].kind in ("option", "command", "env") else None

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
        if not option:  # if arg.startswith("--transport="): word = arg.split("=")[1]
            for outer in module.ancestors(node):
                if isinstance(outer, ast.If):
                    texts = (p.value for p in ast.walk(outer.test) if isinstance(p, ast.Constant))
                    option = next((t.rstrip("=") for t in texts if isinstance(t, str) and t.startswith("--")), "")
                    break
        return option

    def _over_argv(self, module: Module, node: ast.expr) -> bool:
        return any(
            isinstance(v, Ext) and v.name == "sys.argv"
            for part in ast.walk(node)
            if isinstance(part, ast.Name | ast.Attribute)
            for v in self.values.of(module, part)
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
            return isinstance(value.of, Field) and value.of.name in (
                "parse_args",
                "parse_known_args",
                "parse_intermixed_args",
            )
        return isinstance(value, Param | Opaque)

    @cached_property
    def options(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        """argparse options of the project, by dest."""
        found: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules:
            for call in module.calls:
                if isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument":
                    dest = option_dest(call)
                    if dest:
                        found.setdefault(dest, []).append((module, call))
        return found

    @cached_property
    def subcommands(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        """argparse's add_subparsers calls, by dest."""
        found: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules:
            for call in module.calls_by_name.get("add_subparsers", ()):
                for keyword in call.keywords:
                    if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
                        found.setdefault(str(keyword.value.value), []).append((module, call))
        return found

    def parsers(self, source: Source) -> list[tuple[Module, ast.Call]]:
        """The add_parser calls of a subcommand source, those with a literal name."""
        return [
            (module, call)
            for module in self.modules
            for call in module.calls_by_name.get("add_parser", ())
            if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.func, ast.Attribute)
            if any(isinstance(v, Obj) and v.node is source.node for v in self.values.of(module, call.func.value))
        ]

    @cached_property
    def environment(self) -> dict[str, list[tuple[Module, ast.expr]]]:
        """What the code itself puts into environment variables, by their name."""
        found: dict[str, list[tuple[Module, ast.expr]]] = {}
        for module in self.modules:
            if "environ" not in module.text:
                continue
            for node in module.parents:
                name: ast.expr | None = None
                if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Subscript):
                    held, name, value = node.targets[0].value, node.targets[0].slice, node.value
                elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 2:
                    if node.func.attr == "setdefault":
                        held, (name, value) = node.func.value, node.args
                if isinstance(name, ast.Constant) and dotted(held).rpartition(".")[2] == "environ":
                    found.setdefault(str(name.value), []).append((module, value))
        return found

    def declarations(self, source: Source) -> list[tuple[Module, ast.Call]]:
        """The add_argument calls, or click/typer option calls, that declare a source."""
        if source.held is not None:
            return self.declarations(source.held)
        if source.kind == "option":
            mine = [(m, c) for m, c in self.options.get(source.name, []) if m.path == source.module.path]
            return mine or self.options.get(source.name, [])
        if source.kind == "command":
            function = source.module.parents[source.module.parents[source.node]]
            assert isinstance(function, FunctionNode)
            out = [
                (source.module, d)
                for d in function.decorator_list
                if isinstance(d, ast.Call)
                and decorator_name(d).rpartition(".")[2] in ("option", "argument")
                and option_dest(d) == source.name
            ]
            out += [(source.module, c) for c in self._typer_calls(function, source.node)]
            return out
        return []

    def _typer_calls(self, function: FunctionNode, arg: ast.AST) -> Iterator[ast.Call]:
        from migrator.python.values import default_of

        roots = [default_of(function, arg), arg.annotation]  # type: ignore[arg-type, attr-defined]
        for root in roots:
            for node in ast.walk(root) if root is not None else ():
                if isinstance(node, ast.Call) and decorator_name(node).rpartition(".")[2] in ("Option", "Argument"):
                    yield node

    def positional(self, source: Source) -> bool:
        """True for an argument of a click or typer command that has no option string."""
        calls = [decorator_name(c).rpartition(".")[2].lower() for _, c in self.declarations(source)]
        return bool(calls) and all(c == "argument" for c in calls)

    def defaults(self, source: Source) -> Iterator[tuple[Module, ast.expr]]:
        """The default expressions of a declared source."""
        for module, call in self.declarations(source):
            for keyword in call.keywords:
                if keyword.arg == "default" or (keyword.arg in ("const", "flag_value") and is_flag(call)):
                    given = keyword.value.body if isinstance(keyword.value, ast.Lambda) else keyword.value
                    yield from ((module, e) for e in elements(given))
            if decorator_name(call).rpartition(".")[2] in ("Option", "Argument") and call.args:
                if not _is_flag_text(call.args[0]):
                    yield module, call.args[0]
        if source.kind == "option":
            for module in self.modules:
                for call in module.calls_by_name.get("set_defaults", ()):
                    yield from ((module, k.value) for k in call.keywords if k.arg == source.name)
        if source.kind == "env":
            node = source.node
            if isinstance(node, ast.Call):
                if len(node.args) > 1:
                    yield source.module, node.args[1]
                for keyword in node.keywords:
                    if keyword.arg == "default":
                        yield source.module, keyword.value
            yield from self.environment.get(source.name, ())

    def accepted(self, source: Source) -> set[str] | None:
        """The words that a source's declaration admits; None when it admits anything."""
        words: set[str] = set()
        declared = False
        if source.kind == "subcommand":
            return {str(c.args[0].value).lower() for _, c in self.parsers(source)}  # type: ignore[attr-defined]
        calls = self.declarations(source)
        if calls and all(is_flag(c) for _, c in calls):
            consts = (v for m, d in self.defaults(source) for v in self.values.of(m, d))
            return {str(v.value).lower() for v in consts if isinstance(v, Const)}
        for module, call in calls:
            for holder_module, holder in self.choice_lists(module, call):
                declared = True
                for element in elements(holder):
                    for value in self.values.of(holder_module, element):
                        if isinstance(value, Const):
                            words.add(str(value.value).lower())
                        elif self.member_word(value):
                            words.add(self.member_word(value))
            for enum in self.option_enums(module, call):
                declared = True
                words |= set(self.enum_members(enum))
            for literal in self._arguments_of(call):  # choices=get_args(Transport)
                named = self.annotated(module, literal)
                declared = declared or named is not None
                words |= named or set()
        for annotation in self.annotations(source):
            named = self.annotated(source.module, annotation)
            if named is not None:
                declared = True
                words |= named
        return words if declared else None

    def _arguments_of(self, call: ast.Call) -> Iterator[ast.expr]:
        """What `get_args` is called with among an option's choices."""
        for keyword in call.keywords:
            if keyword.arg in ("choices", "type"):
                for node in ast.walk(keyword.value):
                    if isinstance(node, ast.Call) and decorator_name(node).rpartition(".")[2] == "get_args":
                        yield from node.args[:1]

    def annotations(self, source: Source) -> list[ast.expr]:
        """The annotations of a parameter or of a settings class's field."""
        if source.kind == "slot":
            assert isinstance(source.node, ast.ClassDef)
            return [
                s.annotation
                for s in source.node.body
                if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and s.target.id == source.name
            ]
        annotation = getattr(source.node, "annotation", None) if source.kind in ("command", "param") else None
        return [annotation] if annotation is not None else []

    def annotated(self, module: Module, annotation: ast.expr, depth: int = 0) -> set[str] | None:
        """The words that an annotation admits (a Literal, an enum, a name for one); None when it names neither."""
        words: set[str] = set()
        declared = False
        for node in ast.walk(annotation):
            if isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] == "Literal":
                declared = True
                words |= {str(e.value).lower() for e in elements(node.slice) if isinstance(e, ast.Constant)}
            elif isinstance(node, ast.Name | ast.Attribute):
                for value in self.values.of(module, node):
                    if isinstance(value, Cls) and self.values.is_enum(value):
                        declared = True
                        words |= set(self.enum_members(value))
                    elif isinstance(value, Opaque) and isinstance(value.node, ast.Subscript) and depth < 3:
                        inner = self.annotated(value.module, value.node, depth + 1)
                        declared = declared or inner is not None
                        words |= inner or set()
        return words if declared else None

    def option_enums(self, module: Module, call: ast.Call) -> Iterator[Cls]:
        for keyword in call.keywords:
            if keyword.arg in ("type", "choices"):
                for node in ast.walk(keyword.value):
                    if isinstance(node, ast.Name | ast.Attribute):
                        for value in self.values.of(module, node):
                            if isinstance(value, Cls) and self.values.is_enum(value):
                                yield value

    def enum_members(self, enum: Cls) -> dict[str, str]:
        """word -> member name."""
        out = {}
        for name in self.values.scope_of_class(enum).bindings:
            word = self.member_word(Field(enum, name))
            if word:
                out[word] = name
        return out

    def choice_lists(self, module: Module, call: ast.Call) -> Iterator[tuple[Module, ast.expr]]:
        """The list displays of an option's choices (argparse `choices=`, click.Choice)."""
        for keyword in call.keywords:
            if keyword.arg == "choices":
                yield from self._displays(module, keyword.value)
            elif keyword.arg in ("type", "click_type") and isinstance(keyword.value, ast.Call):
                if decorator_name(keyword.value).rpartition(".")[2] == "Choice" and keyword.value.args:
                    yield from self._displays(module, keyword.value.args[0])

    def _displays(self, module: Module, node: ast.expr, depth: int = 0) -> Iterator[tuple[Module, ast.expr]]:
        """The displays that a list of words is made of, those put together with `*` and `+` too."""
        if depth > 5:
            return
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.BitOr):
            yield from self._displays(module, node.left, depth + 1)
            yield from self._displays(module, node.right, depth + 1)
        for value in self.values.of(module, node):
            if isinstance(value, Display) and isinstance(value.node, ast.List | ast.Tuple | ast.Set):
                yield value.module, value.node
                for element in value.node.elts:
                    if isinstance(element, ast.Starred):
                        yield from self._displays(value.module, element.value, depth + 1)
            elif isinstance(value, Expr) and value.node is not node and isinstance(value.node, ast.BinOp):
                yield from self._displays(value.module, value.node, depth + 1)
            elif isinstance(value, Obj) and isinstance(value.of, Ext) and value.of.name in COLLECTIONS:
                if value.node is not None and value.node.args:
                    yield from self._displays(value.module, value.node.args[0], depth + 1)

    def is_command(self, module: Module, function: FunctionNode) -> bool:
        """True for a function that click or typer calls with words from the command line."""
        for decorator in function.decorator_list:
            name = decorator_name(decorator).rpartition(".")[2]
            if name in ("command", "callback", "option", "argument", "group"):
                return True
        text = function.name
        for call in module.calls:  # typer.run(main)
            if dotted(call.func) == "typer.run" and call.args and dotted(call.args[0]) == text:
                return True
        return False

    # -- tests

    @cached_property
    def tests(self) -> list[Test]:
        """Every comparison with a transport word in the modules at hand."""
        out: list[Test] = []
        dispatched = any(self._has_dispatch(m) for m in self.modules)
        for module in self.modules:
            for node in module.compares:
                out += self._compare(module, node)
            for match in module.matches:
                for case in match.cases:
                    out += self._case(module, match, case)
            for call in module.calls_by_name.get("startswith", ()):
                out += self._begins(module, call)
            if dispatched:
                out += self._dispatches(module)
        return out

    def _compare(self, module: Module, node: ast.Compare) -> Iterator[Test]:
        if len(node.ops) != 1:
            return
        op, left, right = node.ops[0], node.left, node.comparators[0]
        if isinstance(op, ast.Eq | ast.NotEq | ast.Is | ast.IsNot):
            for operand, constant in ((left, right), (right, left)):
                word = self.word(module, constant)
                if word and not self.word(module, operand):
                    negative = isinstance(op, ast.NotEq | ast.IsNot)
                    yield Test(module, node, operand, {word: constant}, negative, self.trace(module, operand))
                    return
        elif isinstance(op, ast.In | ast.NotIn) and self._may_list_words(module, right):
            for holder_module, holder in self._displays(module, right):
                words = {w: e for e in elements(holder) if (w := self.word(holder_module, e))}
                if words:
                    yield Test(
                        module,
                        node,
                        left,
                        words,
                        isinstance(op, ast.NotIn),
                        self.trace(module, left),
                        holder,
                        holder_module,
                    )

    def _begins(self, module: Module, call: ast.Call) -> Iterator[Test]:
        """`kind.startswith("sse")`."""
        if isinstance(call.func, ast.Attribute) and len(call.args) == 1 and isinstance(call.args[0], ast.Constant):
            word = self.word(module, call.args[0])
            if word:
                trace = self.trace(module, call.func.value)
                yield Test(module, call, call.func.value, {word: call.args[0]}, False, trace)

    def _may_list_words(self, module: Module, node: ast.expr) -> bool:
        """True for what can be a list of transport words, told from names alone: following every `in` is slow."""
        if isinstance(node, ast.List | ast.Tuple | ast.Set):
            return True
        name = node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""
        if not name:
            return False
        scope: Scope | None = module.scope_of(node)
        while scope is not None:
            bindings = scope.bindings.get(name, ())
            if any(b.kind == "param" for b in bindings):
                return isinstance(scope.node, FunctionNode) and scope.node.name in self.lists[1]
            if any(b.kind == "import" and b.name in self.lists[0] for b in bindings):
                return True
            scope = scope.parent
        return name in self.lists[0]

    @cached_property
    def lists(self) -> tuple[set[str], set[str]]:
        """Names that are given a display with a transport's word, and functions that are called with one."""
        names: set[str] = set()
        calls: set[str] = set()
        for module in self.modules:
            displays = [n for n in module.parents if isinstance(n, ast.List | ast.Tuple | ast.Set)]
            for display in displays:
                if not any(self.word(module, e) for e in display.elts):
                    continue
                for outer in module.ancestors(display):
                    if isinstance(outer, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                        targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
                        names |= {t.id if isinstance(t, ast.Name) else getattr(t, "attr", "") for t in targets}
                    elif isinstance(outer, ast.Call):
                        calls.add(dotted(outer.func).rpartition(".")[2])
                    elif isinstance(outer, ast.arguments):  # a parameter's default
                        holder = module.parents[outer]
                        calls.add(getattr(holder, "name", ""))
                    elif isinstance(outer, ast.stmt):
                        break
        for module in self.modules:
            for call in module.calls:
                for argument in [*call.args, *(k.value for k in call.keywords)]:
                    last = argument.id if isinstance(argument, ast.Name) else getattr(argument, "attr", "")
                    if last in names:
                        calls.add(dotted(call.func).rpartition(".")[2])
        return names, calls

    def _case(self, module: Module, match: ast.Match, case: ast.match_case) -> Iterator[Test]:
        patterns = case.pattern.patterns if isinstance(case.pattern, ast.MatchOr) else [case.pattern]
        words = {w: p.value for p in patterns if isinstance(p, ast.MatchValue) and (w := self.word(module, p.value))}
        if words:
            yield Test(module, case, match.subject, words, False, self.trace(module, match.subject))

    def _has_dispatch(self, module: Module) -> bool:
        """True when the module has a dict with a transport's old word among its keys."""
        if "sse" not in module.text.lower():
            return False
        return any(
            (isinstance(n, ast.Dict) and any(k is not None and self.word(module, k) in self.old for k in n.keys))
            or (
                isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and self.word(module, n.slice) in self.old
            )
            for n in ast.walk(module.tree)
        )

    def _dispatches(self, module: Module) -> Iterator[Test]:
        for node in ast.walk(module.tree):
            key: ast.expr | None = None
            if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
                base, key = node.value, node.slice
            elif (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "get"
                and node.args
            ):
                base, key = node.func.value, node.args[0]
            if key is None or isinstance(key, ast.Constant | ast.Slice):
                continue
            for value in self.values.of(module, base):
                if isinstance(value, Display) and isinstance(value.node, ast.Dict):
                    keys = [*value.node.keys, *self.values.stores.keys(value)]
                    words = {w: k for k in keys if k is not None and (w := self.word(value.module, k))}
                    if words.keys() & self.old:
                        yield Test(module, value.node, key, words, False, self.trace(module, key), None, value.module)

    def tests_of(self, keys: frozenset[object]) -> list[Test]:
        """The tests of the selectors with these keys."""
        return [t for t in self.tests if t.trace.keys & keys]


def _shared(a: str, b: str) -> int:
    """How many folders (and the file itself) two paths have in common, from the root."""
    count = 0
    for x, y in zip(a.split("/"), b.split("/"), strict=False):
        if x != y:
            break
        count += 1
    return count


def elements(node: ast.expr) -> list[ast.expr]:
    """The elements of a display, or the node itself."""
    return list(node.elts) if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]


def option_dest(call: ast.Call) -> str:
    """The attribute name that an argparse or click option is read by."""
    for keyword in call.keywords:
        if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    for text in texts:
        if not text.startswith("-"):
            return text.replace("-", "_")
    for text in texts:
        if text.startswith("--"):
            return text[2:].split("/")[0].replace("-", "_")
    return texts[0].lstrip("-") if texts else ""


def is_flag(call: ast.Call) -> bool:
    """True for an option that takes no word: `action="store_true"`, `is_flag=True`, `"--sse/--no-sse"`, `flag_value=`."""
    last = decorator_name(call).rpartition(".")[2]
    names = option_names(call)
    for keyword in call.keywords:
        if keyword.arg in ("is_flag", "flag_value"):
            return True
        if keyword.arg == "action":
            action = keyword.value
            text = action.value if isinstance(action, ast.Constant) else dotted(action)
            return str(text).startswith("store_") or str(text).endswith("BooleanOptionalAction")
        if keyword.arg == "default" and last == "option" and isinstance(keyword.value, ast.Constant):
            if isinstance(keyword.value.value, bool):
                return True
    return any("/" in n for n in names)


def option_names(call: ast.Call) -> tuple[str, ...]:
    """The option strings of a declaration."""
    return tuple(
        a.value
        for a in call.args
        if isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value.startswith("-")
    )


def _is_flag_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("-")


def _node_of(value: Value) -> ast.AST:
    inner: Any = value
    while isinstance(inner, Field):
        inner = inner.of
    node = getattr(inner, "node", None)
    return node if isinstance(node, ast.AST) else ast.Constant(value=None)


__all__ = ["Source", "Test", "Trace", "Words", "elements", "is_flag", "option_dest", "option_names"]
