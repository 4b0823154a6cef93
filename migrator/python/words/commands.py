"""Commands that are named for the old transport: `server.py sse`, of click, typer or argparse."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from migrator.model import Selector
from migrator.python.flow.value import Func, Obj, is_made_by
from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module
from migrator.python.rewrite.edits import Insert
from migrator.python.words.retiring import TOKEN, Retiring
from migrator.python.words.wordsources import rename_parser


class Commands(Retiring):
    """Names the commands of one draft anew."""

    def move(self, places: Iterable[tuple[Module, ast.AST]]) -> None:
        """Add the edits for the commands that come to these places."""
        for function in self._functions(places):
            self._commands(function)
            self._parsers(function)

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
            typer = any(is_made_by(v, ("typer.Typer",)) for v in self.values.of(module, target.value))
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
            self.draft.selectors.append(Selector("argument", (name,), name, new, self.accept_old, module.place(node)))
            self.say(module, node, "top", name, new)

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
            self.say(module, module.statement_of(call), "before", old, new)

    def _functions_of(self, module: Module, parser: ast.Call) -> Iterator[Func]:
        """The functions that set_defaults gives to a subparser."""
        for call in module.calls_by_name.get("set_defaults", ()):
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
            if any(isinstance(v, Obj) and v.node is parser for v in self.values.of(module, receiver)):
                for keyword in call.keywords:
                    yield from (v for v in self.values.of(module, keyword.value) if isinstance(v, Func))

    def _functions(self, places: Iterable[tuple[Module, ast.AST]]) -> Iterator[Func]:
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


def _texts(function: FunctionNode) -> list[str]:
    return [
        str(a.value)
        for d in function.decorator_list
        if isinstance(d, ast.Call)
        for a in d.args[:1]
        if isinstance(a, ast.Constant)
    ]
