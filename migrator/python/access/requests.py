"""Code that sees requests: the functions that look at where one goes, and the paths that are their own."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping

from migrator.python.access.known import Callee, is_request
from migrator.python.functions import last_name, walk_own
from migrator.python.module import FunctionNode, Module, dotted

ROUTES = ("get", "route", "api_route", "custom_route")


class Requests:
    """What code calls a request's path, method and route, by the rulebook's `[auth.requests]` (sdks/http.toml).

    shown: the headers and parameters that a request may show.
    """

    def __init__(self, table: Mapping[str, list[str]], shown: Collection[str]) -> None:
        keys, routed = ("|".join(map(re.escape, table[name])) for name in ("keys", "routed"))
        attributes, own = ("|".join(map(re.escape, table[name])) for name in ("attributes", "own-attributes"))
        calls = "|".join(map(re.escape, table["routed-calls"]))
        get = r"""(?:\[|\.get\()["']"""
        self._path = re.compile(rf"""\.(?:{attributes})\b|\brequest\.(?:{own})\b|{get}(?:{keys})["']""")
        self._routed = re.compile(rf"""{get}(?:{routed})["']|\.(?:{calls})\(""")
        self._framework = re.compile("|".join(rf"\b{word}" for word in table["frameworks"]))
        self._wholes = re.compile(rf"\b(?:{'|'.join(map(re.escape, table['wholes']))})\b")
        self._held = frozenset(table["held"])
        self._fetching, self._contexts = frozenset(table["fetching"]), frozenset(table["contexts"])
        self._header = re.compile(rf"""["'](?:{"|".join(shown)})=?["']""", re.I)
        self._read: dict[tuple[Module, bool], list[Callee]] = {}

    def readers(self, modules: Iterable[Module]) -> Iterator[Callee]:
        """Functions that are given a request and look at its path, its method, or one of the headers and parameters.

        And those that hand requests on, where code looks at the parameters or the body as a whole.
        """
        modules = list(modules)
        wholes = any(self._wholes.search(module.text) for module in modules)
        for module in modules:
            key = (module, wholes)
            if key not in self._read:
                self._read[key] = list(self._readers(module, wholes))
            yield from self._read[key]

    def _readers(self, module: Module, wholes: bool) -> Iterator[Callee]:
        if not wholes and not self._path.search(module.text) and not self._header.search(module.text):
            return
        framework = self._framework.search(module.text) is not None
        for function in module.scopes:
            if not isinstance(function, FunctionNode):
                continue
            arguments = (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)
            given = [a for a in arguments if is_request(a)]
            # what is sent by a client is called a request, too, in plain functions
            serves = isinstance(function, ast.AsyncFunctionDef) or function.name == "__call__"
            serves = serves or any(a.annotation is not None for a in given)
            fetched = not given and any(self._fetches(n) or (framework and self._holds(n)) for n in walk_own(function))
            if not fetched and not (given and serves and framework):
                continue
            asks = given and any(
                isinstance(n, ast.Constant) and self._header.search(repr(n.value)) for n in walk_own(function)
            )
            if asks or self.looked_at(function) or (wholes and self.hands_on(function)):
                yield Callee(module, function, module.class_of(function))

    def by_route(self, modules: Iterable[Module]) -> Iterator[Callee]:
        """Functions that are given a request and look at the route or handler that it comes to."""
        for module in modules:
            for function in module.scopes if self._routed.search(module.text) else ():
                if isinstance(function, FunctionNode) and any(is_request(a) for a in function.args.args):
                    if self._routed.search(module.source(function)):
                        yield Callee(module, function, module.class_of(function))

    def looked_at(self, function: ast.AST) -> bool:
        """True for a function that says itself that it looks at a request's path or method."""
        return any(
            isinstance(n, ast.Attribute | ast.Subscript | ast.Call) and self._path.search(ast.unparse(n))
            for n in walk_own(function)
        )

    @staticmethod
    def hands_on(function: ast.AST) -> bool:
        """True for a function that hands requests on: what calls `call_next`, or something with ASGI's three arguments."""
        calls = [n for n in walk_own(function) if isinstance(n, ast.Call)]
        return any(
            last_name(c.func) == "call_next" or (len(c.args) == 3 and dotted(c.args[0]) == "scope") for c in calls
        )

    def _fetches(self, node: ast.AST) -> bool:
        """True for what gets the request that is being answered."""
        if isinstance(node, ast.Call):
            return dotted(node.func).rpartition(".")[2] in self._fetching
        held = dotted(node.value).rpartition(".")[2] if isinstance(node, ast.Attribute) else ""
        return isinstance(node, ast.Attribute) and node.attr == "request" and held in self._contexts

    def _holds(self, node: ast.AST) -> bool:
        """True for the path of a request that is no argument."""
        return isinstance(node, ast.Attribute) and dotted(node).removeprefix("self.") in self._held


def own_routes(modules: Iterable[Module], old: str, text: Callable[[Module, ast.expr], str | None]) -> Iterator[str]:
    """Paths below or beside the old one that functions of the project answer themselves, such as a page's own stream.

    text: what an expression that is not written out says, None where that can't be told.
    """
    for module in modules:
        for function in module.scopes:
            for call in getattr(function, "decorator_list", ()):
                if not isinstance(call, ast.Call) or getattr(call.func, "attr", "") not in ROUTES:
                    continue
                node = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "path"), None)
                path = node.value if isinstance(node, ast.Constant) else text(module, node) if node else None
                if isinstance(path, str) and path != old and path.endswith(old[old.rfind("/") :]):
                    if "connect_sse" not in module.source(function):
                        yield path
