"""The arms of code that chooses: of an `if` with its `elif`s, and the rows of a table."""

from __future__ import annotations

import ast

from migrator.python.module import Module


def if_chain(module: Module, arm: ast.If) -> list[ast.If]:
    """All arms of the chain that an `if` belongs to, from the first."""
    first = arm
    while True:
        parent = module.parents.get(first)
        if isinstance(parent, ast.If) and parent.orelse == [first]:
            first = parent
        else:
            break
    chain = [first]
    while len(chain[-1].orelse) == 1 and isinstance(chain[-1].orelse[0], ast.If):
        chain.append(chain[-1].orelse[0])
    return chain


def row_of(module: Module, key: ast.expr) -> ast.AST:
    """What a table has under a key: `{key: row}`, `table[key] = row`."""
    parent = module.parents[key]
    if isinstance(parent, ast.Dict):
        return parent.values[parent.keys.index(key)]
    return module.statement_of(key)
