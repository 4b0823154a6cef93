"""Option declarations as they are written: argparse, click and typer calls, and lists of words."""

from __future__ import annotations

import ast
import re

from migrator.python.functions import decorator_name
from migrator.python.module import dotted

PARSERS = ("add_argument", "add_option", "add_arg", "add")  # argparse's, optparse's, configargparse's


def elements(node: ast.expr) -> list[ast.expr]:
    """The elements of a display, or the node itself."""
    return list(node.elts) if isinstance(node, ast.List | ast.Tuple | ast.Set) else [node]


def split_words(node: ast.expr) -> list[str]:
    """The words of `"stdio sse".split()` and `"stdio,sse".split(",")`; [] for anything else."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        text = node.func.value
        if isinstance(text, ast.Constant) and isinstance(text.value, str):
            return [w for w in re.split(r"[\s,;|]+", text.value) if w]
    return []


def option_dest(call: ast.Call) -> str:
    """The attribute name that an argparse or click option is read by."""
    for keyword in call.keywords:
        if keyword.arg == "dest" and isinstance(keyword.value, ast.Constant):
            return str(keyword.value.value)
    texts = [a.value for a in call.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    for text in texts:
        if not text.startswith("-"):
            return text.replace("-", "_")
    for text in texts:
        if text.startswith("--"):
            return text[2:].split("/")[0].replace("-", "_")
    return texts[0].lstrip("-") if texts else ""


def of_parser(call: ast.Call) -> bool:
    """True for an option that a parser is told of: `parser.add_argument("--kind")`, optparse's `add_option("-k")`."""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in PARSERS:
        return False
    return call.func.attr == "add_argument" or any(is_option_text(a) for a in call.args)


def is_flag(call: ast.Call) -> bool:
    """True for an option that takes no word: `action="store_true"`, `is_flag=True`, `"--sse/--no-sse"`, `flag_value=`."""
    last = decorator_name(call).rpartition(".")[2]
    names = option_names(call)
    for keyword in call.keywords:
        if keyword.arg in ("is_flag", "flag_value"):
            return True
        if keyword.arg == "action":
            action = keyword.value
            text = action.value if isinstance(action, ast.Constant) else dotted(action)
            return str(text).startswith("store_") or str(text).endswith("BooleanOptionalAction")
        if keyword.arg == "default" and last == "option" and isinstance(keyword.value, ast.Constant):
            if isinstance(keyword.value.value, bool):
                return True
    return any("/" in n for n in names)


def option_names(call: ast.Call) -> tuple[str, ...]:
    """The option strings of a declaration; cyclopts and tyro name them in keywords."""
    named = [e for k in call.keywords if k.arg in ("name", "alias", "aliases") for e in elements(k.value)]
    return tuple(
        a.value
        for a in (*call.args, *named)
        if isinstance(a, ast.Constant) and isinstance(a.value, str) and a.value.startswith("-")
    )


def casts(call: ast.Call) -> list[ast.expr]:
    """What a variable's word goes through where it is read: `config("KIND", cast=Choices([...]))`."""
    return [k.value for k in call.keywords if k.arg in ("cast", "validate")]


def is_option_text(node: ast.expr) -> bool:
    """True for a string such as "--transport"."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("-")


__all__ = ["casts", "elements", "is_flag", "is_option_text", "of_parser", "option_dest", "option_names", "split_words"]
