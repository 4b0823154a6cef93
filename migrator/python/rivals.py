"""Branches of one choice that serve at different addresses: `if kind == "sse": ... port=8001 elif kind == "http": ...`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from migrator.python.arms import if_chain
from migrator.python.edits import EnsureImport, Insert
from migrator.python.module import Module
from migrator.python.selector import Test, Words
from migrator.python.unit import Draft

ADDRESS = re.compile(r"(?:^|[._])port$|(?:^|\.)host$", re.I)


def elsewhere(words: Words, tests: Iterable[Test], module: Module, node: ast.AST) -> bool:
    """True when the branch that holds a start and the one for the new transport listen on different ports or hosts.

    Then they can't be one: the word for each goes on naming its own address.
    """
    inside = {node, *module.ancestors(node)}
    for test in tests:
        if test.negative or test.holder is not None or not set(test.words) & words.old:
            continue
        for other in words.tests_of(test.trace.keys):
            if other.module is test.module and not other.negative and set(other.words) & set(words.new):
                mine, rival = _branches(test, other)
                if mine and rival and (test.module is not module or inside & set(mine)):
                    if set(_addresses(test.module, mine)) != set(_addresses(test.module, rival)):
                        return True
    return False


def said(draft: Draft, module: Module, node: ast.AST) -> None:
    """Let the branch of the old word say that its word is retired."""
    text = "print('transport \"sse\" is retired: its address serves Streamable HTTP', file=sys.stderr)"
    draft.do(Insert(module.at(module.statement_of(node)), text))
    draft.do(EnsureImport(module.path, "sys"))


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
