"""What an expression reads like after operations on it and on what stands inside it: to be written somewhere else."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from migrator.python.module import Module
from migrator.python.rewrite.edits import EditCall, Operation, ReplaceExpr, WrapExpr


def called(module: Module, call: ast.Call, edit: EditCall, function: str, operations: Sequence[Operation] = ()) -> str:
    """The code of a call after an edit of it, and after those of what stands inside it."""
    changed, positional = dict(edit.keywords), dict(edit.positional)
    arguments = [positional[i] if i in positional else edited(operations, module, a) for i, a in enumerate(call.args)]
    parts = [a for a in arguments if a]
    for k in call.keywords:
        if k.arg is None:
            parts.append(f"**{edited(operations, module, k.value)}")
        elif k.arg in changed:
            value = changed.pop(k.arg)
            if value is not None:
                parts.append(f"{k.arg}={value}")
        else:
            parts.append(f"{k.arg}={edited(operations, module, k.value)}")
    parts += [f"{k}={v}" for k, v in changed.items() if v is not None]
    return f"{function}({', '.join(parts)})"


def edited(operations: Sequence[Operation], module: Module, node: ast.expr) -> str:
    """An expression's code after the edits of it and of what stands inside it."""
    at = module.at(node)
    code = _inside(operations, module, node)
    for o in operations:
        if isinstance(o, WrapExpr) and o.at == at:
            code = f"{o.before}{code}{o.after}"
    return code


def _inside(operations: Sequence[Operation], module: Module, node: ast.expr) -> str:
    at = module.at(node)
    for o in operations:
        if isinstance(o, ReplaceExpr) and o.at == at:
            return o.code
        if isinstance(o, EditCall) and o.at == at and isinstance(node, ast.Call):
            function = module.source(node.func)
            if o.method and isinstance(node.func, ast.Attribute):
                function = f"{edited(operations, module, node.func.value)}.{o.method}"
            return called(module, node, o, o.function or function, operations)
    text, start = module.source(node), _offset(module, at.line, at.column)
    inner = [n.value if isinstance(n, ast.keyword) else n for n in ast.iter_child_nodes(node)]
    for child in sorted((n for n in inner if isinstance(n, ast.expr)), key=lambda n: (n.lineno, n.col_offset))[::-1]:
        code = edited(operations, module, child)
        place = module.at(child)
        if code != place.source:
            first = _offset(module, place.line, place.column) - start
            text = text[:first] + code + text[first + len(place.source) :]
    return text


def _offset(module: Module, line: int, column: int) -> int:
    return sum(len(text) for text in module.lines[: line - 1]) + column
