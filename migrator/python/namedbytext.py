"""Files that belong together by what texts in them say, where nothing is imported.

app.config.from_object("config.Prod")
import_module(f"settings.{name}")
PROGRAMS = [["python", "server.py", *args]]
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Set

from migrator.python.code import Code, is_test
from migrator.python.module import Module

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:[.:][A-Za-z_]\w*)*\.?")


def named_by_text(code: Code, own: Set[str]) -> set[str]:
    """The files that the files `own` name by their modules, or that name one of them by its path; no tests."""
    said = {text for m in code.loaded(own) for text in _texts(m)}
    heads = {head for text in said if _DOTTED.fullmatch(text) for head in _heads(text)}
    files = {p.rpartition("/")[2].encode() for p in own}
    return {
        path
        for path in code.tree.hits.get("python", ())
        if not is_test(path) and (not heads.isdisjoint(_modules(path)) or _starts(code, path, own, files))
    }


def _heads(text: str) -> Iterator[str]:
    """What a dotted text may name a module by: "config.Prod" is of config, "settings." begins settings.prod's name."""
    parts = re.split(r"[.:]", text)
    for i in range(1, len(parts) + 1):
        yield ".".join(parts[:i])


def _modules(path: str) -> Iterator[str]:
    """The dotted names of a file, from any folder above it, and of its package where a name is put together."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    for i in range(len(parts)):
        yield ".".join(parts[i:])
        if i < len(parts) - 1:
            yield ".".join([*parts[i:-1], ""])


def _starts(code: Code, path: str, own: Set[str], names: Set[bytes]) -> bool:
    """True for a file with the path of one of `own` in a text: a list of programs to start."""
    if not any(name in code.tree.read(path) for name in names) or (module := code.load(path)) is None:
        return False
    above = path.rpartition("/")[0]
    paths = [t for t in _texts(module) if t.endswith(".py")]
    return any(posixpath.normpath(posixpath.join(folder, t)) in own for t in paths for folder in (above, ""))


def _texts(module: Module) -> set[str]:
    return {n.value for n in module.nodes if isinstance(n, ast.Constant) and isinstance(n.value, str)}
