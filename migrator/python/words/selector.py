"""Where a transport's word comes from, and every test of it in the project.

`Words.trace` answers for one expression; `Words.tests` holds every comparison in the project that names a
transport. Nothing is decided here: `choosing.py` makes the edits.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cached_property

from migrator.python.flow.value import Display
from migrator.python.functions import last_name
from migrator.python.module import FunctionNode, Module, Scope, dotted
from migrator.python.words.optioncalls import elements
from migrator.python.words.traces import Trace, Traced
from migrator.records import record

HELPER = "_current_transport"  # what we call the function that gives the old word its new meaning


@record(eq=False)
class Test:
    """A comparison of a selector with transport words."""

    module: Module
    node: ast.AST  # Compare, MatchValue (a case), the Dict of a dispatch or the DictComp that makes it
    operand: ast.expr  # what is compared
    words: dict[str, ast.expr]  # lower-case word -> the constant or enum member expression
    negative: bool  # != or not in
    trace: Trace
    holder: ast.expr | None = None  # the list, tuple or set display that holds the words
    holder_module: Module | None = None

    @property
    def home(self) -> Module:
        """The module in which its words are written."""
        return self.holder_module or self.module


def listed(holder: ast.expr) -> list[ast.expr]:
    """The words that `x in holder` asks for: the elements of a display, the keys of a dict."""
    return [k for k in holder.keys if k is not None] if isinstance(holder, ast.Dict) else elements(holder)


class Words(Traced):
    """Transport words in one project, where they come from, and what asks for them."""

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
        return [t for t in out if getattr(t.module.function_of(t.node), "name", "") != HELPER]

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
            for holder_module, holder in (*self.displays(module, right), *self._tables(module, right)):
                words = {w: e for e in listed(holder) if (w := self.word(holder_module, e))}
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

    def _tables(self, module: Module, node: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
        """The dicts that a name stands for: `kind in RUNNERS`."""
        for value in self.values.of(module, node):
            if isinstance(value, Display) and isinstance(value.node, ast.Dict):
                yield value.module, value.node

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
        node = node.func if isinstance(node, ast.Call) else node
        name = last_name(node)
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
            displays = [n for n in module.parents if isinstance(n, ast.List | ast.Tuple | ast.Set | ast.Dict)]
            for display in displays:
                if not any(self.word(module, e) for e in listed(display)):
                    continue
                for outer in module.ancestors(display):
                    if isinstance(outer, ast.Assign | ast.AnnAssign | ast.NamedExpr):
                        targets = outer.targets if isinstance(outer, ast.Assign) else [outer.target]
                        names |= {t.id if isinstance(t, ast.Name) else getattr(t, "attr", "") for t in targets}
                    elif isinstance(outer, ast.Call):
                        calls.add(dotted(outer.func).rpartition(".")[2])
                    elif isinstance(outer, ast.Return):
                        names.add(getattr(module.function_of(outer), "name", ""))
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
        inner = case.pattern.pattern if isinstance(case.pattern, ast.MatchAs) else case.pattern
        patterns = inner.patterns if isinstance(inner, ast.MatchOr) else [inner]
        words = {w: p.value for p in patterns if isinstance(p, ast.MatchValue) and (w := self.word(module, p.value))}
        if words:
            yield Test(module, case, match.subject, words, False, self.trace(module, match.subject))

    def _has_dispatch(self, module: Module) -> bool:
        """True when the module has a dict with a transport's old word among its keys."""
        if "sse" not in module.text.lower():
            return False
        return any(
            isinstance(n, ast.DictComp)
            or (isinstance(n, ast.Dict) and any(k is not None and self.word(module, k) in self.old for k in n.keys))
            or (
                isinstance(n, ast.Subscript) and isinstance(n.ctx, ast.Store) and self.word(module, n.slice) in self.old
            )
            for n in module.nodes
        )

    def _dispatches(self, module: Module) -> Iterator[Test]:
        for node in module.nodes:
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
                elif isinstance(value, Display) and isinstance(value.node, ast.DictComp):
                    for home, holder in self._made_for(value.module, value.node):
                        words = {w: e for e in listed(holder) if (w := self.word(home, e))}
                        if words.keys() & self.old:
                            trace = self.trace(module, key)
                            yield Test(module, value.node, key, words, False, trace, holder, home)

    def _made_for(self, module: Module, table: ast.DictComp) -> Iterator[tuple[Module, ast.expr]]:
        """The list of which each word is a key: `{kind: starter(kind) for kind in KINDS}`."""
        each = table.generators[0]
        if len(table.generators) == 1 and isinstance(each.target, ast.Name) and dotted(table.key) == each.target.id:
            yield from self.displays(module, each.iter)

    def tests_of(self, keys: frozenset[object]) -> list[Test]:
        """The tests of the selectors with these keys."""
        return [t for t in self.tests if t.trace.keys & keys]


__all__ = ["HELPER", "Test", "Trace", "Words"]
