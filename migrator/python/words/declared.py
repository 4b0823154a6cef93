"""Where words enter from outside, and what their declarations say: choices, defaults, enums, names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import field
from functools import cached_property

from migrator.python.flow.value import Cls, Const, Func, Obj, Opaque
from migrator.python.functions import decorator_name, default_of
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.optioncalls import (
    PARSERS,
    casts,
    elements,
    is_flag,
    is_option_text,
    of_parser,
    option_dest,
    split_words,
)
from migrator.python.words.vocabulary import Vocabulary
from migrator.records import record

CHOICES = ("Choice", "Choices", "OneOf", "in_")  # click's, decouple's, marshmallow's (environs), attrs'
PATTERN = re.compile(r"[\^(|:]sse[|)$]|^sse\||\|sse$")  # "^(stdio|sse)$"


@record(frozen=True)
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


def in_dict(source: Source) -> bool:
    """True for an option that its command finds in a dict: `def main(**options)`."""
    return source.kind == "command" and getattr(source.node, "arg", source.name) != source.name


class Declared(Vocabulary):
    """Finds the declarations of sources."""

    @cached_property
    def options(self) -> dict[str, list[tuple[Module, ast.Call]]]:
        """The options of the project's parsers (argparse, optparse), by dest."""
        found: dict[str, list[tuple[Module, ast.Call]]] = {}
        for module in self.modules:
            for call in module.calls:
                if of_parser(call):
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
                (module, call)
                for d in function.decorator_list
                for module, call in ((source.module, d), *self._held_options(source.module, d))
                if isinstance(call, ast.Call)
                and decorator_name(call).rpartition(".")[2] in ("option", "argument")
                and option_dest(call) == source.name
            ]
            out += [(source.module, c) for c in self._typer_calls(function, source.node)]
            return out
        if source.kind == "env" and isinstance(source.node, ast.Call) and casts(source.node):
            return [(source.module, source.node)]
        return []

    def _held_options(self, module: Module, decorator: ast.expr) -> Iterator[tuple[Module, ast.AST]]:
        """The calls that a decorator of the project's own makes: `kind = click.option("--kind")`, `@kind`, `@common`."""
        for value in self.values.of(module, decorator.func if isinstance(decorator, ast.Call) else decorator):
            if isinstance(value, Obj) and value.node is not None:
                yield value.module, value.node
            elif isinstance(value, Func):
                yield from ((value.module, n) for n in ast.walk(value.node))

    def _typer_calls(self, function: FunctionNode, arg: ast.AST) -> Iterator[ast.Call]:
        roots = [default_of(function, arg), arg.annotation]  # type: ignore[arg-type, attr-defined]
        for root in roots:
            for node in ast.walk(root) if root is not None else ():
                if isinstance(node, ast.Call) and decorator_name(node).rpartition(".")[2] in (
                    "Option",
                    "Argument",
                    "Parameter",
                ):
                    yield node  # of typer, and of cyclopts

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
                if not is_option_text(call.args[0]):
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
            for literal_module, literal in self._arguments_of(module, call):  # choices=get_args(Transport)
                named = self.annotated(literal_module, literal)
                declared = declared or named is not None
                words |= named or set()
        for holder_module, holder in self.field_lists(source):
            declared = True
            words |= {w for e in elements(holder) if (w := self.word(holder_module, e))}
        if self.closed(source) is not None:
            return {*words, *self.old}
        for annotation in self.annotations(source):
            named = self.annotated(source.module, annotation)
            if named is not None:
                declared = True
                words |= named
        return words if declared else None

    def _arguments_of(self, module: Module, call: ast.Call) -> Iterator[tuple[Module, ast.expr]]:
        """What `get_args` is called with among an option's choices, or where they got their name."""
        for keyword in call.keywords:
            if keyword.arg in ("choices", "type"):
                made = [(v.module, v.node) for v in self.values.of(module, keyword.value) if isinstance(v, Obj)]
                for where, root in [(module, keyword.value), *((m, n) for m, n in made if n is not None)]:
                    for node in ast.walk(root):
                        if isinstance(node, ast.Call) and decorator_name(node).rpartition(".")[2] == "get_args":
                            yield from ((where, argument) for argument in node.args[:1])

    def annotations(self, source: Source) -> list[ast.expr]:
        """The annotations of a parameter or of a settings class's field."""
        if source.kind == "slot":
            assert isinstance(source.node, ast.ClassDef)
            return [
                s.annotation
                for s in source.node.body
                if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name) and s.target.id == source.name
            ]
        own = source.kind in ("command", "param") and not in_dict(source)
        annotation = getattr(source.node, "annotation", None) if own else None
        return [annotation] if annotation is not None else []

    def option_enums(self, module: Module, call: ast.Call) -> Iterator[Cls]:
        """The enums that an option takes its words from."""
        for keyword in call.keywords:
            if keyword.arg in ("type", "choices"):
                for node in ast.walk(keyword.value):
                    if isinstance(node, ast.Name | ast.Attribute):
                        for value in self.values.of(module, node):
                            if isinstance(value, Cls) and self.values.classes.is_enum(value):
                                yield value

    def choice_lists(self, module: Module, call: ast.Call) -> Iterator[tuple[Module, ast.expr]]:
        """The list displays of an option's choices (argparse `choices=`, click.Choice)."""
        for keyword in call.keywords:
            if keyword.arg == "choices":
                yield from self.displays(module, keyword.value)
            elif keyword.arg in ("type", "click_type"):
                yield from self._offered(module, keyword.value)
        for cast in casts(call):
            yield from self._offered(module, cast)

    def field_lists(self, source: Source) -> Iterator[tuple[Module, ast.expr]]:
        """The lists of words that a class's field is checked against: `attrs.field(validator=in_(["stdio", "sse"]))`."""
        for statement in source.node.body if source.kind == "slot" else ():  # type: ignore[attr-defined]
            if isinstance(statement, ast.AnnAssign) and getattr(statement.target, "id", "") == source.name:
                for node in ast.walk(statement):
                    if isinstance(node, ast.Call):
                        yield from self._offered(source.module, node)

    def _offered(self, module: Module, node: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
        """The lists of words in what checks or converts one: `click.Choice([...])`."""
        for where, made in self._made(module, node):
            if decorator_name(made).rpartition(".")[2] in CHOICES and made.args:
                yield from self.displays(where, made.args[0])

    def closed(self, source: Source) -> ast.expr | None:
        """What the word goes through that names the words it lets pass in no list: a lambda, an enum, a pattern."""
        if source.kind == "env" and isinstance(source.node, ast.Call):
            for cast in casts(source.node):
                texts = {*self._texts_of(source.module, cast)}
                if texts & self.old and not texts & {*self.new} and not [*self._offered(source.module, cast)]:
                    return cast
        for module, call in self.declarations(source):
            for keyword in call.keywords:
                if keyword.arg == "choices" and {*map(str.lower, split_words(keyword.value))} & self.old:
                    return keyword.value
                if keyword.arg in ("type", "callback", "parser", "click_type", "pattern", "regex"):
                    if any(map(self._is_closed, self._texts_of(module, keyword.value))):
                        return keyword.value
        for statement in source.node.body if source.kind == "slot" else ():  # type: ignore[attr-defined]
            if isinstance(statement, ast.AnnAssign) and getattr(statement.target, "id", "") == source.name:
                names = [n for n in ast.walk(statement) if isinstance(n, ast.Name)]
                held = [v for n in names for v in self.values.of(source.module, n) if isinstance(v, Opaque)]
                kinds = [v.node for v in held if v.module is source.module]  # Kind = Annotated[...]
                for node in (n for root in (statement, *kinds) for n in ast.walk(root)):
                    if isinstance(node, ast.Constant) and isinstance(node.value, str) and self._is_closed(node.value):
                        return node
        return None

    def _is_closed(self, text: str) -> bool:
        """True for a pattern that lets the old word pass, and none for the new transport."""
        return PATTERN.search(text) is not None and not any(word in text for word in self.new)

    def _texts_of(self, module: Module, node: ast.expr) -> Iterator[str]:
        """The texts in an expression, and in the function, class or pattern that it names."""
        named = [v.node for v in self.values.of(module, node) if isinstance(v, Func | Cls | Obj) and v.node is not None]
        for root in (node, *named):
            yield from (n.value for n in ast.walk(root) if isinstance(n, ast.Constant) and isinstance(n.value, str))

    def _made(self, module: Module, node: ast.expr) -> list[tuple[Module, ast.Call]]:
        """The call that makes what an expression is, by whatever name it is known."""
        if isinstance(node, ast.Name | ast.Attribute):
            values = self.values.of(module, node)
            return [(v.module, v.node) for v in values if isinstance(v, Obj) and isinstance(v.node, ast.Call)]
        return [(module, node)] if isinstance(node, ast.Call) else []

    @cached_property
    def option_calls(self) -> list[tuple[Module, ast.Call]]:
        """The declarations of options of any kind: argparse, click, typer."""
        names = (*PARSERS, "option", "argument", "Option", "Argument")
        named = [(m, c) for m in self.modules for name in names for c in m.calls_by_name.get(name, ())]
        return [(m, c) for m, c in named if of_parser(c) or decorator_name(c).rpartition(".")[2] not in PARSERS]

    @cached_property
    def listed(self) -> list[tuple[ast.expr, ast.Call]]:
        """The lists of words that options offer, each with its option's declaration."""
        return [(holder, call) for m, call in self.option_calls for _, holder in self.choice_lists(m, call)]

    @cached_property
    def checkers(self) -> dict[ast.AST, tuple[ast.arg, Module, ast.Call]]:
        """Functions that options hand their words to: `callback=check`, `type=known`, `type=Known()`, `action=Known`.

        With the parameter that gets the word, and the option's declaration. Not those that give the old word its new
        meaning, ours among them: what they ask is no choice of a transport.
        """
        from migrator.python.words.aliases import renames  # which reads words itself

        found: dict[ast.AST, tuple[ast.arg, Module, ast.Call]] = {}
        for module, call in self.option_calls:
            for keyword in call.keywords:
                if keyword.arg not in ("callback", "type", "parser", "click_type", "action"):
                    continue
                for value in self.values.of(module, keyword.value):
                    made = value.of if isinstance(value, Obj) and isinstance(value.of, Cls) else None
                    method, nth = self.values.classes.attribute(made, "convert") if made is not None else (), 1
                    if keyword.arg == "action" and isinstance(value, Cls):  # (self, parser, namespace, values, ...)
                        method, nth = self.values.classes.attribute(value, "__call__"), 3
                    for function in [value, *method]:
                        if isinstance(function, Func) and not renames(self, function):  # type: ignore[arg-type]
                            given = function.node.args.args  # type: ignore[attr-defined]
                            index = nth if method else len(given) - 1
                            if 0 <= index < len(given):
                                found[function.node] = (given[index], module, call)
        return found

    def declared(self, module: Module, call: ast.Call) -> Source | None:
        """The source that an option's declaration stands for: argparse's own, or the parameter of a command."""
        if of_parser(call):
            dest = option_dest(call)
            return Source("option", ("option", module.path, dest), dest, module, call) if dest else None
        for outer in module.ancestors(call):
            if isinstance(outer, FunctionNode):
                given = [*outer.args.posonlyargs, *outer.args.args, *outer.args.kwonlyargs]
                for arg in given:
                    mine = arg.arg == option_dest(call) if call in outer.decorator_list else False
                    if mine or call in (default_of(outer, arg), *ast.walk(arg)):
                        return Source("command", ("param", id(arg)), arg.arg, module, arg)
                return self.in_keywords(module, outer, option_dest(call)) if call in outer.decorator_list else None
        return None

    def in_keywords(self, module: Module, function: FunctionNode, name: str) -> Source | None:
        """An option of a command that takes it among others: `@click.option("--kind") def main(**options)`."""
        arg = function.args.kwarg
        own = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
        if arg is None or any(a.arg == name for a in own) or not self.is_command(module, function):
            return None
        source = Source("command", ("param", id(arg), name), name, module, arg)
        given = [k.arg for _, call in self.declarations(source) for k in call.keywords]
        return source if self.declarations(source) and "expose_value" not in given else None

    def namesakes(self, source: Source) -> list[Source]:
        """Options by the name of a source that can't be followed to them, which offer the old word in the same project."""
        folder = self.folder(source.module.path)
        found = []
        for module, call in self.option_calls:
            if option_dest(call) == source.name and self.folder(module.path) == folder and not is_flag(call):
                if any(self.word(m, e) in self.old for m, h in self.choice_lists(module, call) for e in elements(h)):
                    found.append(self.declared(module, call))
        return [s for s in found if s is not None]


__all__ = ["Declared", "Source", "in_dict"]
