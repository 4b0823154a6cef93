"""Configuration files that this project's own code reads: their words are those of the code, or of its framework.

An agent framework that gets the entries has its own word. Code that tells the transports apart itself compares what
an entry says with words of its own: the one that stands beside "sse" is what the file must say.
"""

from __future__ import annotations

import ast
import posixpath
from collections.abc import Iterable, Iterator

from migrator.clients.addresses import dotted_name
from migrator.clients.facts import Fact, facts_of
from migrator.context import Context
from migrator.examples import plain_name
from migrator.python.module import Module
from migrator.records import record


@record(frozen=True)
class Loader:
    """Who takes the entries of a configuration file.

    word: what it calls Streamable HTTP, "" where it knows no word but SSE's. untyped_is_sse: an entry without a word
    means SSE to it.
    """

    name: str  # for people
    path: str  # of the Python file that names the configuration file
    word: str
    key: str = "type"
    untyped_is_sse: bool = False


class Loaders:
    """Finds the loader of a file, for one project. words: what any client calls Streamable HTTP."""

    def __init__(self, context: Context, words: frozenset[str]) -> None:
        self.context = context
        self.words = words
        self.values = context.code.values
        self._facts: list[Fact] | None = None
        self._known: dict[str, Loader | None] = {}

    def of(self, path: str) -> Loader | None:
        """Who takes the entries of the file `path`; None where no code of its project names it, or several take it."""
        if path not in self._known:
            self._known[path] = self._of(path)
        return self._known[path]

    def _of(self, path: str) -> Loader | None:
        code, of = self.context.code, self.context.versions.of
        names = dict.fromkeys((posixpath.basename(path), plain_name(path)))
        naming = [m for n in names for m in code.mentioning(n) if of(m.path).manifest == of(path).manifest]
        if not naming:
            return None
        own = self._own_word(path, naming)
        if own is not None:
            return Loader("this project's own client", *own)
        taken = {f.framework: f for m in naming for f in self._taking(m)}
        if not taken:  # the name is a setting's: whoever takes entries in this project takes these
            marks = sorted({mark for f in self.facts for mark in f.marks})
            paths = dict.fromkeys(p for mark in marks for p in code.mentioned(mark))
            modules = code.loaded(p for p in paths if of(p).manifest == of(path).manifest)
            taken = {f.framework: f for m in modules for f in self._taking(m)}
        if len(taken) != 1:
            return None
        ((framework, fact),) = taken.items()
        row = fact.row
        return Loader(framework, naming[0].path, row["new"], row["key"], row.get("missing") == "sse")

    def _own_word(self, path: str, naming: list[Module]) -> tuple[str, str] | None:
        """Where the SDK's clients of the file's project tell transports apart, and what they call Streamable HTTP.

        None where they don't, "" for the word where they know no other than SSE.
        """
        of = self.context.versions.of
        table = self.context.rules.toml("sdks/clients.toml")
        names = [n.rpartition(".")[2] for n in (*table["sse"]["names"], *table["newer"]["names"])]
        clients = [
            m for n in names for m in self.context.code.mentioning(n) if of(m.path).manifest == of(path).manifest
        ]
        only = None
        for module in dict.fromkeys((*clients, *(naming if clients else ()))):
            for group in _told_apart(module):
                known = [w for w in group if w in self.words]
                if "sse" in group and known:
                    return module.path, known[0]
                only = (module.path, "") if "sse" in group and only is None else only
        return only

    @property
    def facts(self) -> list[Fact]:
        """The rows about callables that take dicts of entries with a word."""
        if self._facts is None:
            every = facts_of(self.context.rules.all_toml("frameworks"))
            self._facts = [f for f in every if f.kind == "entries" and f.row.get("key") and not f.row.get("by-hand")]
        return self._facts

    def _taking(self, module: Module) -> list[Fact]:
        """The rows whose callables the module calls."""
        return [f for f in self.facts if any(self._calls(module, name) for name in f.names)]

    def _calls(self, module: Module, name: str) -> bool:
        last = name.rpartition(".")[2]
        for called in {last} | module.aliases.get(last, set()):
            for call in module.calls_by_name.get(called, ()):
                if {dotted_name(v) for v in self.values.of(module, call.func)} == {name}:
                    return True
        return False


def _told_apart(module: Module) -> Iterator[list[str]]:
    """Words that one value is compared with, the keys of a table, the members of an enum or a Literal."""
    compared: dict[str, list[str]] = {}
    for node in module.nodes:
        if isinstance(node, ast.Compare):
            compared.setdefault(ast.dump(node.left), []).extend(_texts(node.comparators))
        elif isinstance(node, ast.Match):
            yield [w for case in node.cases for w in _texts(ast.walk(case.pattern))]
        elif isinstance(node, ast.Dict):
            yield list(_texts(node.keys))
        elif isinstance(node, ast.ClassDef):
            yield list(_texts(s.value for s in node.body if isinstance(s, ast.Assign)))
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield list(_texts(node.elts))
    yield from compared.values()


def _texts(nodes: Iterable[ast.AST | None]) -> Iterator[str]:
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.Tuple | ast.List | ast.Set):
            yield from _texts(node.elts)
