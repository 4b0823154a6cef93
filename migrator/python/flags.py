"""Flags and commands that are named for the old transport: `--sse`, `--use-sse`, `server.py sse`.

Each gets a new name beside the old one, with the same meaning to the code (`dest` stays): the old one goes on
working and says so. What is decided elsewhere is untouched: these names choose a start, they are not its word.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from migrator.model import Selector
from migrator.python.declared import Source
from migrator.python.edits import EditCall, EditElements, EnsureImport, Helper, Insert, Operation, ReplaceExpr
from migrator.python.functions import decorator_name, default_of
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.newword import helper_of
from migrator.python.optioncalls import elements, is_flag, option_dest, option_names
from migrator.python.project import Project
from migrator.python.selector import HELPER as CURRENT
from migrator.python.unit import Draft
from migrator.python.value import Expr, Ext, Func, Obj
from migrator.python.wordsources import rename_parser

HELPER = "_retired_flag"
CODE = f'''def {HELPER}(old, new):
    """True when the retired name is on the command line: it means Streamable HTTP now."""
    if old not in sys.argv[1:]:
        return False
    print(f"{{old}} is retired: serving Streamable HTTP, say {{new}}", file=sys.stderr)
    return True
'''
TOKEN = re.compile(r"(?<![A-Za-z0-9])(?:sse|SSE)(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Condition:
    """A test that must hold where a start is reached."""

    module: Module
    node: ast.expr


class Flags:
    """Names the flags and commands of one draft anew."""

    def __init__(self, project: Project, draft: Draft) -> None:
        self.project = project
        self.words = project.words
        self.values = project.values
        self.draft = draft
        family = project.sdks.fastmcp if draft.generation.startswith("fastmcp") else project.sdks.official
        self.word = str(family["transport"])
        self.accept_old = project.context.settings.old_word == "alias"
        self.asked: set[int] = set()  # nodes of the conditions

    def move(self, places: Iterable[tuple[Module, ast.AST]]) -> None:
        """Add the edits for what chooses the code at these places."""
        places = list(places)
        for module, node in places:
            if isinstance(node, ast.Name | ast.Attribute | ast.Subscript):  # the word itself
                for source in self.words.trace(module, node).sources:
                    self._source(source)
        conditions = list(self._conditions(places))
        self.asked = {id(part) for c in conditions for part in ast.walk(c.node)}
        for condition in conditions:
            for node in ast.walk(condition.node):
                if isinstance(node, ast.Compare):
                    self._argument(condition.module, node)
                elif isinstance(node, ast.Name | ast.Attribute | ast.Subscript):
                    for source in self.words.trace(condition.module, node).sources:
                        self._source(source)
        for function in self._functions(places):
            self._commands(function)
            self._parsers(function)

    # -- what a place depends on

    def _conditions(self, places: list[tuple[Module, ast.AST]]) -> Iterator[Condition]:
        """The tests around the places and around the calls of the functions that hold them."""
        seen: set[int] = set()
        stack = [(m, c) for m, n in places for m, c in self.project.guards.conditions(m, n)]
        while stack:
            module, node = stack.pop()
            if id(node) in seen:
                continue
            seen.add(id(node))
            yield Condition(module, node)
            for inner in ast.walk(node):  # a test that has a name
                if isinstance(inner, ast.Name | ast.Attribute):
                    stack += [(v.module, v.node) for v in self.values.of(module, inner) if isinstance(v, Expr)]  # type: ignore[misc]

    def _functions(self, places: list[tuple[Module, ast.AST]]) -> Iterator[Func]:
        """The functions that hold the places, and those that call them."""
        stack = [(m, f) for m, n in places if (f := m.function_of(n)) is not None]
        seen: set[ast.AST] = set()
        while stack and len(seen) < 20:
            module, function = stack.pop()
            if function in seen:
                continue
            seen.add(function)
            yield Func(module, function)
            for caller, call in self.values.callers.of(Func(module, function)):
                outer = caller.function_of(call)
                if outer is not None:
                    stack.append((caller, outer))

    # -- options

    def _source(self, source: Source) -> None:
        declared = self.words.declarations(source)
        if source.kind == "command" and not any(option_names(c) for _, c in declared):
            self._parameter(source)
            return
        annotation = getattr(source.node, "annotation", None)
        truth = annotation is not None and "bool" in {dotted(n) for n in ast.walk(annotation)}
        for module, call in declared:
            if (truth or is_flag(call)) and any(TOKEN.search(name) for name in option_names(call)):
                self._option(source, module, call)

    def _option(self, source: Source, module: Module, call: ast.Call) -> None:
        """A declared flag: `add_argument("--sse", ...)`, `@click.option("--sse", ...)`, `typer.Option(..., "--sse")`."""
        taken = {n for c in module.calls for a in option_names(c) for n in a.split("/")}
        put: list[tuple[int, str]] = []
        for i, argument in enumerate(call.args):
            if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
                continue
            if not argument.value.startswith("-") or not TOKEN.search(argument.value):
                continue
            old, new = argument.value, TOKEN.sub(self.word, argument.value)
            if self._elsewhere(old.split("/")[0], call):
                continue
            if not taken & set(new.split("/")):
                put.append((i, f'"{new}"'))
            elif not self._chooses_new(module, new):
                continue
            self._named(source, module, call, old.split("/")[0], new.split("/")[0])
        if put:
            self._keep_name(source, call, put)
            keywords: tuple[tuple[str, str | None], ...] = ()
            if source.kind == "option" and not any(k.arg == "dest" for k in call.keywords):
                keywords = (("dest", f'"{option_dest(call)}"'),)
            if self.accept_old:
                self.do(module, EditCall(module.at(call), keywords=keywords, put=tuple(put)))
            else:
                names = tuple((i, code) for i, code in put if i < len(call.args))
                more = tuple((i, code) for i, code in put if i >= len(call.args))
                self.do(module, EditCall(module.at(call), keywords=keywords, positional=names, put=more))
            self._help(module, call)

    def _elsewhere(self, flag: str, own: ast.AST) -> bool:
        """True when other code of the program handles the flag's text, which would not know a new name."""
        mine = {id(part) for part in ast.walk(own)} | self.asked
        for module in self.project.modules:
            if flag in module.text:
                for node in module.parents:
                    if isinstance(node, ast.Constant) and node.value == flag and id(node) not in mine:
                        if not isinstance(module.parents.get(node), ast.Call) or not self._declares(module, node):
                            return True
        return False

    def _declares(self, module: Module, node: ast.AST) -> bool:
        """True for a name in the declaration of another option: of another parser."""
        call = module.parents[node]
        return decorator_name(call).rpartition(".")[2] in ("add_argument", "option", "Option")  # type: ignore[arg-type]

    def _keep_name(self, source: Source, call: ast.Call, put: list[tuple[int, str]]) -> None:
        """click names the parameter for its first option unless a name stands among them."""
        if decorator_name(call).rpartition(".")[2] == "option":
            if not any(isinstance(a, ast.Constant) and str(a.value).isidentifier() for a in call.args):
                put.append((len(call.args), f'"{source.name}"'))

    def _chooses_new(self, module: Module, name: str) -> bool:
        """True when a start of the new transport hangs on the flag that has the name already."""
        for start in self.project.starts.all([m for m in self.project.modules if m.path in self.draft.files]):
            if self.project.starts.literal(start) in self.words.new:
                for where, condition in self.project.guards.conditions(start.module, start.node):
                    for node in ast.walk(condition):
                        if isinstance(node, ast.Name | ast.Attribute):
                            for source in self.words.trace(where, node).sources:
                                if any(name in option_names(c) for _, c in self.words.declarations(source)):
                                    return True
        return False

    def _named(self, source: Source, module: Module, call: ast.Call, old: str, new: str) -> None:
        self.draft.selectors.append(Selector("flag", (old,), old, new, self.accept_old, module.place(call)))
        self.draft.keys.add(("selector", source.key))
        self.draft.files.add(module.path)
        if not self.accept_old:
            return
        function = self._function(source)
        if function is not None:
            self._say(module, function, "top", old, new)
        else:
            self._say(module, module.statement_of(call), "before", old, new)

    def _function(self, source: Source) -> FunctionNode | None:
        if source.kind != "command":
            return None
        function = source.module.parents.get(source.module.parents.get(source.node))  # type: ignore[arg-type]
        return function if isinstance(function, FunctionNode) else None

    def _say(self, module: Module, node: ast.stmt, where: str, old: str, new: str) -> None:
        self.do(module, Insert(module.at(node), f'{HELPER}("{old}", "{new}")', where=where))
        self._helper(module)

    def _helper(self, module: Module) -> None:
        self.do(module, Helper(module.path, HELPER, CODE), EnsureImport(module.path, "sys"))

    def _parameter(self, source: Source) -> None:
        """A typer flag that is only a parameter: `def main(sse: bool = False)`."""
        function, module = self._function(source), source.module
        assert isinstance(source.node, ast.arg)
        annotation = source.node.annotation
        name = source.name.replace("_", "-")
        if function is None or annotation is None or not TOKEN.search(name):
            return
        if any(decorator_name(d).rpartition(".")[2] in ("option", "argument") for d in function.decorator_list):
            return  # click, by a name that is not read here
        typer = [c for _, c in self.words.declarations(source)]
        if "bool" not in {dotted(n) for n in ast.walk(annotation)}:
            return
        new = TOKEN.sub(self.word, name)
        if new.replace("-", "_") in {a.arg for a in [*function.args.args, *function.args.kwonlyargs]}:
            return
        if self.accept_old:
            flags = f'"--{new}/--no-{new}", "--{name}/--no-{name}"'
        else:
            flags = f'"--{new}/--no-{new}"'
        if typer:
            self.do(module, EditCall(module.at(typer[0]), put=((len(typer[0].args), flags),)))
            self._help(module, typer[0])
        else:
            code = f"Annotated[{module.source(annotation)}, typer.Option({flags})]"
            self.do(module, ReplaceExpr(module.at(annotation), code))
            self.do(module, EnsureImport(module.path, "typer"), EnsureImport(module.path, "typing", "Annotated"))
        self.draft.selectors.append(
            Selector("flag", (f"--{name}",), f"--{name}", f"--{new}", self.accept_old, module.place(source.node))
        )
        self.draft.keys.add(("selector", source.key))
        if self.accept_old and default_of(function, source.node) is not None:
            self._say(module, function, "top", f"--{name}", f"--{new}")

    def _help(self, module: Module, call: ast.Call) -> None:
        for keyword in call.keywords:
            if keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                text = module.source(keyword.value)
                if "streamable" not in text.lower():
                    self.do(module, ReplaceExpr(module.at(keyword.value), said_anew(text)))

    # -- sys.argv

    def _argument(self, module: Module, compare: ast.Compare) -> None:
        """`"--sse" in sys.argv` and `sys.argv[1] == "--sse"`."""
        if len(compare.ops) != 1:
            return
        op, left, right = compare.ops[0], compare.left, compare.comparators[0]
        if isinstance(op, ast.In) and isinstance(left, ast.Constant) and left.value in self.words.old:
            self._within(module, compare, left, right)
            return
        known, place = (left, right) if isinstance(left, ast.Constant) else (right, left)
        if not isinstance(known, ast.Constant) or not isinstance(known.value, str):
            return
        old = known.value
        if not old.startswith("-") or not TOKEN.search(old) or not self._is_argv(module, place):
            return
        if self._elsewhere(old, compare):
            return
        new = TOKEN.sub(self.word, old)
        negative = isinstance(op, ast.NotIn | ast.NotEq)
        sign = "in" if isinstance(op, ast.In | ast.NotIn) else "=="
        test = f'"{new}" {sign} {module.source(place)}' if sign == "in" else f'{module.source(place)} == "{new}"'
        if self.accept_old:
            test = f'{test} or {HELPER}("{old}", "{new}")'
            self._helper(module)
        holder = module.parents.get(compare)
        alone = isinstance(holder, ast.If | ast.Assign | ast.IfExp) and not negative
        code = test if alone or not self.accept_old else f"({test})"
        code = f"not {code}" if negative else code
        self.do(module, ReplaceExpr(module.at(compare), code))
        self.draft.selectors.append(Selector("flag", (old,), old, new, self.accept_old, module.place(compare)))
        self.draft.files.add(module.path)

    def _within(self, module: Module, compare: ast.Compare, word: ast.Constant, place: ast.expr) -> None:
        """`"sse" in kinds`: text or a list that comes from outside and may hold several words."""
        if self._is_argv(module, place) or not isinstance(place, ast.Name | ast.Attribute):
            return
        sources = self.words.trace(module, place).sources
        if not sources:
            return
        new, held = module.source(word).replace(str(word.value), self.word), module.source(place)
        several = [s for s in sources if any(_takes_several(c) for _, c in self.words.declarations(s))]
        for source in several:
            self._list(source)
        if several and self.accept_old:
            self.do(module, ReplaceExpr(module.at(compare), f"{new} in [{CURRENT}(word) for word in {held}]"))
            self.do(module, *helper_of(module, self.word))
            return
        code = f"{new} in {held} or {module.source(word)} in {held}"
        alone = isinstance(module.parents.get(compare), ast.If | ast.Assign | ast.IfExp)
        self.do(module, ReplaceExpr(module.at(compare), code if alone else f"({code})"))

    def _list(self, source: Source) -> None:
        """An option that takes several words learns the new one."""
        for module, call in self.words.declarations(source):
            for where, holder in self.words.choice_lists(module, call):
                given = [self.words.word(where, e) for e in elements(holder)]
                if self.word in given or not set(given) & self.words.old:
                    continue
                index = next(i for i, word in enumerate(given) if word in self.words.old)
                code = where.source(elements(holder)[index]).replace(given[index], self.word)
                self.do(where, EditElements(where.at(holder), put=((index, code),)))
            for where, default in self.words.defaults(source):
                if isinstance(default, ast.Constant) and default.value in self.words.old:
                    code = where.source(default).replace(str(default.value), self.word)
                    self.do(where, ReplaceExpr(where.at(default), code))
            names = option_names(call)
            if names:
                old = min(self.words.old)
                self.draft.selectors.append(Selector("option", names, old, self.word, True, module.place(call)))

    def _is_argv(self, module: Module, node: ast.expr) -> bool:
        held = node.value if isinstance(node, ast.Subscript) else node
        return any(isinstance(v, Ext) and v.name == "sys.argv" for v in self.values.of(module, held))

    # -- commands

    def _commands(self, function: Func) -> None:
        """A click or typer command that is named for the old transport gets a second name."""
        module, node = function.module, function.node
        assert isinstance(node, FunctionNode)
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            target = call.func if call is not None else decorator
            if not isinstance(target, ast.Attribute) or target.attr != "command":
                continue
            name = node.name.replace("_", "-")
            for given in [
                *(call.args[:1] if call else ()),
                *(k.value for k in (call.keywords if call else ()) if k.arg == "name"),
            ]:
                if isinstance(given, ast.Constant):
                    name = str(given.value)
            group = module.source(target.value)
            typer = any(
                isinstance(v, Obj) and isinstance(v.of, Ext) and v.of.name == "typer.Typer"
                for v in self.values.of(module, target.value)
            )
            others = [c for c in self._registered(module, group) if c is not node]
            if not TOKEN.search(name) or (typer and not others):
                continue
            new = TOKEN.sub(self.word, name)
            same = [c for c in others if new in (c.name.replace("_", "-"), *_texts(c))]
            if same and not any(self._serves_new(Func(module, c)) for c in same):
                continue
            if not same:
                made = (
                    f'{group}.command("{new}")({node.name})' if typer else f'{group}.add_command({node.name}, "{new}")'
                )
                self.do(module, Insert(module.at(node), made, where="after", apart=True))
            self.draft.selectors.append(Selector("argument", (name,), name, new, True, module.place(node)))
            self._say(module, node, "top", name, new)

    def _serves_new(self, function: Func) -> bool:
        """True when a start of the new transport is in the function, or in one that it calls."""
        for start in self.project.starts.all(self.project.modules):
            if self.project.starts.literal(start) in self.words.new:
                if function in self._functions([(start.module, start.node)]):
                    return True
        return False

    def _registered(self, module: Module, group: str) -> list[FunctionNode]:
        """The functions that are commands of a group, by how it is written."""
        return [
            f
            for f in module.parents
            if isinstance(f, FunctionNode)
            and any(decorator_name(d) in (f"{group}.command", f"{group}.callback") for d in f.decorator_list)
        ]

    def _parsers(self, function: Func) -> None:
        """`add_parser("sse")` whose set_defaults names the function."""
        for module in self.project.modules:
            for call in module.calls_by_name.get("set_defaults", ()):
                if not any(function in self.values.of(module, k.value) for k in call.keywords):
                    continue
                assert isinstance(call.func, ast.Attribute)
                for value in self.values.of(module, call.func.value):
                    made = value.node if isinstance(value, Obj) else None
                    if isinstance(made, ast.Call) and decorator_name(made).endswith("add_parser"):
                        self._parser(value.module, made)  # type: ignore[union-attr]

    def _parser(self, module: Module, call: ast.Call) -> None:
        name = call.args[0] if call.args else None
        if not isinstance(name, ast.Constant) or not TOKEN.search(str(name.value)):
            return
        old, new = str(name.value), TOKEN.sub(self.word, str(name.value))
        same = [
            c
            for c in module.calls_by_name.get("add_parser", ())
            if c.args and isinstance(c.args[0], ast.Constant) and c.args[0].value == new
        ]
        if not same:
            rename_parser(self.draft, module, call, new, self.accept_old)
        elif not any(self._serves_new(f) for c in same for f in self._functions_of(module, c)):
            return
        self.draft.selectors.append(Selector("argument", (old,), old, new, self.accept_old, module.place(call)))
        if self.accept_old:
            self._say(module, module.statement_of(call), "before", old, new)

    def _functions_of(self, module: Module, parser: ast.Call) -> Iterator[Func]:
        """The functions that set_defaults gives to a subparser."""
        for call in module.calls_by_name.get("set_defaults", ()):
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
            if any(isinstance(v, Obj) and v.node is parser for v in self.values.of(module, receiver)):
                for keyword in call.keywords:
                    yield from (v for v in self.values.of(module, keyword.value) if isinstance(v, Func))

    def do(self, module: Module, *operations: Operation) -> None:
        self.draft.do(*operations)
        self.draft.files.add(module.path)


def _takes_several(call: ast.Call) -> bool:
    """True for an option that gives a list."""
    given = {k.arg: k.value for k in call.keywords}
    action = given.get("action")
    return "nargs" in given or "multiple" in given or (isinstance(action, ast.Constant) and action.value == "append")


def said_anew(text: str) -> str:
    """A flag's help, as it stands in the source, for the new transport."""
    text = re.sub(r"HTTP \(SSE\)|SSE \(Server-Sent Events\)|HTTP\+SSE|HTTP/SSE", "Streamable HTTP", text)
    text = re.sub(r"(?i)\bserver-sent events(?: \(SSE\))?", "Streamable HTTP", text)
    return re.sub(r"(?<![\w/.-])(?:SSE|sse)(?![\w/-])", "Streamable HTTP", text)


def _texts(function: FunctionNode) -> list[str]:
    return [
        str(a.value)
        for d in function.decorator_list
        if isinstance(d, ast.Call)
        for a in d.args[:1]
        if isinstance(a, ast.Constant)
    ]


__all__ = ["Flags"]
