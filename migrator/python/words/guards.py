"""Which tests decide whether a statement runs: the `if`, `match` and callers around it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Set

from migrator.python.flow.value import Display, Expr, Func, Obj, Opaque
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.words.aliases import renames
from migrator.python.words.selector import Test, Words

DEPTH = 5


class Guards:
    """Looks outward from a node, through callers too."""

    def __init__(self, values: Values, words: Words) -> None:
        self.values = values
        self.words = words
        self.by_node: dict[ast.AST, list[Test]] = {}
        for test in words.tests:
            self.by_node.setdefault(test.node, []).append(test)

    def of(self, module: Module, node: ast.AST, depth: int = 0, seen: frozenset[ast.AST] = frozenset()) -> list[Test]:
        """The transport tests that the node stands under, nearest first."""
        out: list[Test] = []
        child = node
        for outer in module.ancestors(node):
            for earlier in leaving(outer, child):
                out += self._tests_in(module, earlier.test)
            if isinstance(outer, ast.If | ast.IfExp) and child is not outer.test:
                out += self._tests_in(module, outer.test)
            elif isinstance(outer, ast.match_case):
                out += self.by_node.get(outer, [])
                if outer.guard is not None:
                    out += self._tests_in(module, outer.guard)
                match = module.parents[outer]
                if not self.by_node.get(outer) and isinstance(match, ast.Match):  # case _:
                    for case in match.cases:
                        out += self.by_node.get(case, [])
            elif isinstance(outer, ast.Dict | ast.DictComp):
                out += self.by_node.get(outer, [])
            elif isinstance(outer, ast.Assign) and isinstance(outer.targets[0], ast.Subscript):  # RUN["sse"] = ...
                for value in self.values.of(module, outer.targets[0].value):
                    out += self.by_node.get(value.node, []) if isinstance(value, Display) else []
            elif isinstance(outer, FunctionNode) and depth < DEPTH and outer not in seen:
                if outer.name not in ("main", "__init__") or not out:
                    out += self._callers(module, outer, depth, seen | {outer})
            child = outer
        return list(dict.fromkeys(out))

    def conditions(self, module: Module, node: ast.AST, depth: int = 0) -> Iterator[tuple[Module, ast.expr]]:
        """Every condition that decides whether the node is reached, whatever it asks; through callers too."""
        child = node
        for outer in module.ancestors(node):
            for earlier in leaving(outer, child):
                yield module, earlier.test
            if isinstance(outer, ast.If | ast.IfExp) and child is not outer.test:
                yield module, outer.test
            elif isinstance(outer, ast.BoolOp):
                yield module, outer
            elif isinstance(outer, FunctionNode) and depth < DEPTH:
                for caller, call in self.values.callers.of(Func(module, outer)):
                    yield from self.conditions(caller, call, depth + 1)
                for other, reference in self.references(module, outer):
                    yield from self.conditions(other, reference, depth + 1)
            child = outer

    def _tests_in(self, module: Module, node: ast.expr) -> Iterator[Test]:
        """The tests inside a condition, also where it names or calls what holds them: `if remote:`."""
        for inner in ast.walk(node):
            yield from self.by_node.get(inner, [])
            if isinstance(inner, ast.Name | ast.Attribute | ast.Call) and not isinstance(
                module.parents.get(inner), ast.Compare | ast.Attribute | ast.Call
            ):
                for value in self.values.of(module, inner):
                    if isinstance(value, Expr | Obj | Opaque) and value.node is not None:
                        yield from self.by_node.get(value.node, [])

    def renamed(self, test: Test) -> bool:
        """True for a test of the new word that holds for the old one too: what is compared was renamed in place."""
        if not set(test.words) & set(self.words.new) or not isinstance(test.operand, ast.Call):
            return False
        found = self.values.of(test.module, test.operand.func)
        return any(isinstance(v, Func) and renames(self.words, v) for v in found)

    def _callers(self, module: Module, function: FunctionNode, depth: int, seen: frozenset[ast.AST]) -> list[Test]:
        out: list[Test] = []
        for caller, call in self.values.callers.of(Func(module, function)):
            out += self.of(caller, call, depth + 1, seen)
        for caller, node in self.references(module, function):
            out += self.of(caller, node, depth + 1, seen)
        return out

    def references(self, module: Module, function: FunctionNode) -> Iterator[tuple[Module, ast.AST]]:
        """Places that name a function without calling it: dispatch tables, anyio.run(f), uvicorn.run("shop.web:build")."""
        for other in self.words.modules:
            if other is not module and function.name not in other.text:
                continue
            if f":{function.name}" in other.text:
                for node in other.nodes:
                    home, colon, name = str(getattr(node, "value", "")).partition(":")
                    if colon and name == function.name and isinstance(node, ast.Constant):
                        itself = f"/{other.path}".endswith(f"/{home.replace('.', '/')}.py")  # nothing imports itself
                        if (itself and other is module) or self.values.code.find(home, other) is module:
                            yield other, node
            for node in other.loads.get(function.name, ()):
                parent = other.parents.get(node)
                if isinstance(parent, ast.Call) and parent.func is node:
                    continue
                if Func(module, function) in self.values.of(other, node):
                    yield other, node

    def excludes_old(self, module: Module, node: ast.AST) -> bool:
        """True when the tests around the node keep the old word away from it, on every way to it."""
        return self.excludes(module, node, self.words.old)

    def excludes(self, module: Module, node: ast.AST, words: Set[str], depth: int = 0) -> bool:
        """True when the tests around the node keep the words away from it, on every way to it."""
        child = node
        for outer in module.ancestors(node):
            for earlier in leaving(outer, child):
                if any(
                    not t.negative and (set(t.words) & words or self.renamed(t))
                    for t in self.by_node.get(earlier.test, [])
                ):
                    return True
            if isinstance(outer, ast.If) and child is not outer.test:
                for test in self.by_node.get(outer.test, []):
                    named = bool(set(test.words) & words) or self.renamed(test)
                    holds = (child in outer.body) is not test.negative
                    if holds is not named:
                        return True
            elif isinstance(outer, ast.match_case):
                own = self.by_node.get(outer, [])
                if own and not any(set(t.words) & words for t in own):
                    return True
                match = module.parents[outer]
                if not own and isinstance(match, ast.Match):
                    return any(set(t.words) & words for c in match.cases for t in self.by_node.get(c, []))
            elif isinstance(outer, FunctionNode):
                if depth >= DEPTH or outer.decorator_list:
                    return False
                uses: list[tuple[Module, ast.AST]] = list(self.values.callers.of(Func(module, outer)))
                uses += list(self.references(module, outer))
                return bool(uses) and all(self.excludes(m, n, words, depth + 1) for m, n in uses)
            child = outer
        return False

    def for_another(self, module: Module, node: ast.AST) -> bool:
        """True for what stands in the branch of a word that is neither the old transport's nor the new one's: "stdio"."""
        served = self.words.old | set(self.words.new)
        child = node
        for outer in module.ancestors(node):
            mine: ast.AST | None = outer if isinstance(outer, ast.match_case) else None
            if isinstance(outer, ast.If | ast.IfExp):
                mine = outer.test if child is outer.body or child in _statements(outer) else None
            tests = self.by_node.get(mine, []) if mine is not None else []
            if any(not t.negative and not set(t.words) & served for t in tests):
                return True
            child = outer
        return False


def _statements(choice: ast.If | ast.IfExp) -> list[ast.stmt]:
    return choice.body if isinstance(choice, ast.If) else []


def leaving(block: ast.AST, child: ast.AST) -> Iterator[ast.If]:
    """The `if`s before a statement of a block that don't come to it when they hold: `if a: ...; return`."""
    for name in ("body", "orelse", "finalbody"):
        statements = getattr(block, name, None)
        if not isinstance(statements, list) or child not in statements:
            continue
        for statement in statements[: statements.index(child)]:
            if isinstance(statement, ast.If) and not statement.orelse and leaves(statement.body[-1]):
                yield statement


def leaves(statement: ast.stmt) -> bool:
    """True for a statement that nothing behind it is come to after."""
    if isinstance(statement, ast.Return | ast.Raise | ast.Continue | ast.Break):
        return True
    call = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(call, ast.Call) and dotted(call.func) in ("sys.exit", "exit", "quit", "os._exit")
