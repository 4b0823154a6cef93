"""Variables that click and typer read by themselves: `context_settings={"auto_envvar_prefix": "SHOP"}` is SHOP_TRANSPORT."""

from __future__ import annotations

import ast

from migrator.python.functions import decorator_name
from migrator.python.module import FunctionNode, Module

KEY = "auto_envvar_prefix"
_LIBRARIES = ("click", "rich_click", "asyncclick")


def prefixed(module: Module, function: ast.AST | None, option: str) -> str:
    """The variable that a command's option is read from; "" where the file sets no prefix, or several."""
    if KEY not in module.text:
        return ""
    prefixes = {k.value.value for c in module.calls for k in c.keywords if k.arg == KEY and _is_text(k.value)}  # type: ignore[attr-defined]
    for node in module.nodes:
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            prefixes |= {v.value for k, v in pairs if getattr(k, "value", None) == KEY and _is_text(v)}  # type: ignore[attr-defined]
    if len(prefixes) != 1 or not isinstance(function, FunctionNode):
        return ""
    words = [str(prefixes.pop()), option]
    for decorator in function.decorator_list:
        home, _, last = decorator_name(decorator).rpartition(".")
        if last == "command" and home and home not in _LIBRARIES and not _alone(module, home):
            given = decorator.args[0] if isinstance(decorator, ast.Call) and decorator.args else None
            words.insert(1, str(given.value) if isinstance(given, ast.Constant) else function.name)
    return "_".join(words).replace("-", "_").upper()


def _alone(module: Module, group: str) -> bool:
    """True for typer's application with one command and no callback: the command stands for it."""
    named = [decorator_name(d) for f in module.parents if isinstance(f, FunctionNode) for d in f.decorator_list]
    made = any(f"{group} = typer.Typer(" in line for line in module.text.splitlines())
    return made and named.count(f"{group}.command") == 1 and f"{group}.callback" not in named


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
