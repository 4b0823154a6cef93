"""Branches of one choice that can't be one: `if kind == "sse": ... port=8001 elif kind == "http": ... port=8002`.

Nor can two that ask for different credentials. Each keeps its word, which means Streamable HTTP from now on.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.python.module import Module
from migrator.python.rewrite.edits import EnsureImport, Insert
from migrator.python.unit import Draft
from migrator.python.words.arms import if_chain
from migrator.python.words.optioncalls import option_names
from migrator.python.words.selector import Test, Words

ADDRESS = re.compile(r"(?:^|[._])port$|(?:^|\.)host$", re.I)


class Rivals:
    """The branch that holds a start of the old transport, beside one for the new transport. Empty where there are none."""

    def __init__(self, words: Words, tests: Iterable[Test], module: Module, node: ast.AST) -> None:
        self.words = words
        self.pairs = list(_pairs(words, tests, module, node))

    def __bool__(self) -> bool:
        return bool(self.pairs)

    def elsewhere(self) -> bool:
        """True when they listen on different ports or hosts."""
        return any(set(_addresses(t.module, mine)) != set(_addresses(t.module, rival)) for t, mine, rival in self.pairs)

    def part(self, draft: Draft, tell: bool) -> None:
        """Let each branch go on under its own word. tell: the old transport's says that its word is retired."""
        text = "print('transport \"sse\" is retired: its address serves Streamable HTTP', file=sys.stderr)"
        for test, mine, _ in self.pairs:
            module = test.module
            asked = module.source(test.node)
            if isinstance(test.node, ast.match_case):
                asked = f"case {module.source(test.node.pattern)}"
            draft.condition = draft.condition or self._said(test) or " ".join(asked.split())
            draft.files.add(module.path)
            if tell:
                draft.do(Insert(module.at(mine[0]), text), EnsureImport(module.path, "sys"))

    def _said(self, test: Test) -> str:
        """The test as who starts the server fulfils it: "--transport sse", "KIND=sse"; "" where that can't be told."""
        word = next((w for w in test.words if w in self.words.old), "")
        said = []
        for source in test.trace.sources:
            for _, call in self.words.declarations(source):
                if names := option_names(call):
                    said.append(f"{max(names, key=len)} {word}")
            if source.kind == "env":
                said.append(f"{source.name}={word}")
        return ", ".join(sorted(dict.fromkeys(said)))


def _pairs(
    words: Words, tests: Iterable[Test], module: Module, node: ast.AST
) -> Iterator[tuple[Test, list[ast.stmt], list[ast.stmt]]]:
    inside = {node, *module.ancestors(node)}
    for test in tests:
        if test.negative or test.holder is not None or not set(test.words) & words.old:
            continue
        for other in words.tests_of(test.trace.keys):
            if other.module is test.module and not other.negative and set(other.words) & set(words.new):
                mine, rival = _branches(test, other)
                here = test.module is module and test.module.function_of(test.node) is module.function_of(node)
                if mine and rival and (not here or inside & set(mine)):
                    yield test, mine, rival
                    break
        else:
            arm = test.module.parents.get(test.node)
            if isinstance(arm, ast.If) and arm.test is test.node and inside & set(arm.body) and _told(words, test, arm):
                yield test, arm.body, arm.orelse


def _told(words: Words, test: Test, arm: ast.If) -> bool:
    """True where the code for every other word hands the word on, and that can be the new one."""
    asked = test.module.source(test.operand)
    used = (n for s in arm.orelse for n in ast.walk(s) if isinstance(n, ast.Name | ast.Attribute))
    if not any(test.module.source(n) == asked for n in used):
        return False
    return any((words.accepted(source) or set()) & set(words.new) for source in test.trace.sources)


def _branches(test: Test, other: Test) -> tuple[list[ast.stmt], list[ast.stmt]]:
    """What two tests of one `if` chain or `match` lead to; empty for others."""
    parents = test.module.parents
    first, second = test.node, other.node
    if isinstance(first, ast.match_case) and isinstance(second, ast.match_case):
        return (first.body, second.body) if parents[first] is parents[second] and first is not second else ([], [])
    arm, rival = parents.get(first), parents.get(second)
    if (
        isinstance(arm, ast.If)
        and isinstance(rival, ast.If)
        and rival is not arm
        and rival in if_chain(test.module, arm)
    ):
        if arm.test is first and rival.test is second:
            return arm.body, rival.body
    return [], []


def _addresses(module: Module, body: list[ast.stmt]) -> Iterator[str]:
    """The expressions that a branch takes its port and host from."""
    for statement in body:
        for node in ast.walk(statement):
            named = isinstance(node, ast.keyword) and node.arg in ("port", "host")
            if isinstance(node, ast.Assign):
                named = any(ADDRESS.search(module.source(target)) for target in node.targets)
            if named:
                yield module.source(node.value)  # type: ignore[attr-defined]
            elif isinstance(node, ast.Call):
                yield from (
                    text for a in node.args if ADDRESS.search(text := module.source(a)) and "settings" not in text
                )
