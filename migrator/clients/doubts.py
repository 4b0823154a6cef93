"""What speaks against a client's address being that of the server that moves: then it is of another one, which stays."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from functools import cached_property

from migrator import examples
from migrator.configs.addresses import LOOPBACK, parse
from migrator.configs.decisions import Decision
from migrator.context import Context
from migrator.model import Endpoint
from migrator.python.module import Module

_STARTS = re.compile(rb"\.(?:run|run_async|run_\w+_async)\(")


class Doubts:
    """Asked about every client whose address moves: `of(module, decision, address)`."""

    def __init__(self, context: Context, old_words: Iterable[str]) -> None:
        self.context = context
        self.old_words = frozenset(old_words)

    def of(self, module: Module, decision: Decision, address: str) -> str:
        """Why the client is rather of a server that stays, for people; "" where nothing says so."""
        url = parse(address)
        if url is None or url.name not in LOOPBACK:
            return ""
        servers = [e for e in self.context.servers if e.unit == decision.unit]
        started = self._started(module) if decision.assumed else 0
        if started:
            return f"line {started} starts a server over SSE that is none of those that move"
        other = self._beside(module, servers) if servers or decision.assumed else ""
        return f"{other} beside it makes a server that is started elsewhere" if other else ""

    def _started(self, module: Module) -> int:
        """The line of an argument list with the old word, in a file that names another Python file; 0 for none."""
        named = {text.rpartition("/")[2] for node in module.parents if (text := _said(node)).endswith(".py")}
        own = {_name(module.path), *(_name(e.place.path) for e in self.context.servers if e.moved)}
        if not named or named & own or named.isdisjoint(map(_name, self.context.code.python)):
            return 0
        for node in (n for n in module.parents if isinstance(n, ast.List)):
            for option, word in zip(node.elts, node.elts[1:], strict=False):
                if _said(option).startswith("-") and _said(word) in self.old_words:
                    return node.lineno
        return 0

    def _beside(self, module: Module, servers: list[Endpoint]) -> str:
        """A file of the client's own example with a server that nothing in it starts, where the others are elsewhere."""
        own = examples.own_folder(module.path)
        if not own or any(e.place.path.startswith(own) or not examples.folder_of(e.place.path) for e in servers):
            return ""
        tree = self.context.tree
        for path in sorted({*tree.hits.get("python", ()), *tree.mcp_python}):
            if path.startswith(own) and path != module.path:
                data = tree.read(path)
                if self._constructors.search(data) and not _STARTS.search(data):
                    return path
        return ""

    @cached_property
    def _constructors(self) -> re.Pattern[bytes]:
        tables = (self.context.rules.toml(f"sdks/{name}.toml") for name in ("official", "fastmcp"))
        names = {name.rpartition(".")[2] for table in tables for name in table["servers"]}
        return re.compile(rb"\b(?:" + b"|".join(sorted(map(re.escape, map(str.encode, names)))) + rb")\(")


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _said(node: ast.AST) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
