"""What a branch that goes asks of requests, the branch that takes its place must ask too.

if kind == "sse":
    app.add_middleware(Auth)      # who said "sse" was asked for a credential
elif kind == "http":
    ...                           # and would not be here
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from typing import Any

from migrator.python.module import FunctionNode, Module
from migrator.python.value import Cls, Func, Value
from migrator.python.values import Values

DEPTH = 3  # functions in functions that a branch calls
TRANSPORT = re.compile(r"sse|streamable|https?|mcp|[_\W]", re.I)  # what names of the same thing differ in

Code = tuple[Module, ast.AST]


def lost(values: Values, table: dict[str, Any], gone: Iterable[Code], stays: Iterable[Code]) -> list[str]:
    """Names of what only code that goes says about credentials. table: `auth` of sdks/http.toml."""
    kept = {_plain(name) for module, node in stays for name in _names(values, table, module, node)}
    names = dict.fromkeys(name for module, node in gone for name in _names(values, table, module, node))
    return [name for name in names if _plain(name) not in kept]


def _plain(name: str) -> str:
    return TRANSPORT.sub("", name).lower()


def _names(values: Values, table: dict[str, Any], module: Module, root: ast.AST, depth: int = 0) -> Iterator[str]:
    """Names in the code, and in the project's functions that it uses, which are about credentials."""
    for node in ast.walk(root):
        if isinstance(node, ast.keyword) and node.arg is not None:
            name = node.arg
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
        else:
            continue
        used = values.of(module, node) if isinstance(node, ast.Name | ast.Attribute) else ()
        called = [v for v in used if isinstance(v, Func) and isinstance(v.node, FunctionNode) and v.node is not root]
        within = [n for v in called if depth < DEPTH for n in _names(values, table, v.module, v.node, depth + 1)]
        if within:  # what a function does says more than what it is called
            yield from within
        elif any(word in name.lower() for word in table["sets-up"]) or any(_refuses(table, v) for v in used):
            yield name


def _refuses(table: dict[str, Any], value: Value) -> bool:
    """True for a class that turns requests away."""
    if not isinstance(value, Cls):
        return False
    text = value.module.source(value.node).lower()
    return any(word in text for word in table["refuses"])
