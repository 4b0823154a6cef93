"""Finds code that compares a request's path with an endpoint's old paths.

A literal counts when it is one of the old paths, a prefix of one that is no prefix of the new path, a pattern that fits
the one and not the other, or their last part without slashes where a path is compared.
"""

from __future__ import annotations

import ast
import fnmatch
import re
from collections.abc import Iterator
from typing import Any

from migrator.python.flow.value import Cls, Func
from migrator.python.flow.values import Values
from migrator.python.functions import argument
from migrator.python.module import FunctionNode, Module, dotted
from migrator.python.project import Project
from migrator.records import record

PATTERNS = ("match", "search", "fullmatch", "compile", "fnmatch", "fnmatchcase")
PATHISH = re.compile(r"path|scope|\burl\b|\.url\b|route|endpoint|\buri\b", re.I)


@record(frozen=True)
class Paths:
    """What an endpoint's paths were, and the new one."""

    stream: frozenset[str]  # {"/api/sse", "/sse"}, without a final slash
    posts: frozenset[str]  # {"/api/messages", "/messages"}
    new: str

    @property
    def old(self) -> frozenset[str]:
        return self.stream | self.posts

    def names(self, text: str) -> bool:
        """True for a literal that is an old path, or a prefix of one and not of the new one."""
        bare = text.rstrip("/")
        if bare in self.old:
            return True
        return bare.startswith("/") and len(bare) > 1 and self.begins(bare) and not self.new.startswith(bare)

    def begins(self, prefix: str) -> bool:
        return any(p.startswith(prefix) for p in self.old)

    def is_word(self, text: str) -> bool:
        """True for "sse" or "messages": an old path without its slashes."""
        return f"/{text.strip('/')}" in self.old and not text.startswith("/")

    def is_pattern(self, text: str, glob: bool) -> bool:
        """True for a regular expression or glob that fits an old path and not the new one."""
        if not text.strip("^$.*/()?|[]"):
            return False
        if glob:
            return any(fnmatch.fnmatch(p, text) for p in self.old) and not fnmatch.fnmatch(self.new, text)
        try:
            compiled = re.compile(text)
        except re.error:
            return False
        fits = [p for p in (*self.old, *(f"{p}/" for p in self.old)) if compiled.search(p)]
        return bool(fits) and not compiled.search(self.new)


@record(eq=False)
class Check:
    """One place that compares a request's path with the old endpoint.

    kind: "paths" (literals, alone or in a list), "keys" (of a dict), "pattern" (can't be rewritten).
    """

    module: Module
    kind: str
    literals: list[ast.Constant]  # the old paths it names
    holder: ast.expr  # the literal itself, or the list, tuple, set or dict around it
    uses: list[tuple[Module, ast.AST]]  # where the comparison happens


class PathChecks:
    """Answers for one project."""

    def __init__(self, project: Project, table: dict[str, Any]) -> None:
        self.project = project
        self.values: Values = project.values
        self.table = table

    def of(self, module: Module, paths: Paths) -> Iterator[Check]:
        """Comparisons with the old paths in a module."""
        words = {p.strip("/").split("/")[-1] for p in paths.old} | {p.strip("/").split("/")[0] for p in paths.old}
        if not any(word in module.text for word in words):
            return
        done: set[ast.AST] = set()
        for node in module.nodes:
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or not node.value:
                continue
            kind = self._kind(module, node, paths)
            if not kind:
                continue
            holder: ast.expr = node
            parent = module.parents.get(node)
            if isinstance(parent, ast.List | ast.Tuple | ast.Set):
                holder = parent
            elif isinstance(parent, ast.Dict) and node in parent.keys:
                if kind == "word":
                    continue  # {"messages": ...} is a request to a language model
                holder, kind = parent, "keys" if kind == "paths" else kind
            if holder in done:
                continue
            uses = list(self._uses(module, holder, frozenset()))
            if kind == "word":
                uses = [(m, u) for m, u in uses if self._mentions_path(m, u)]
            if not uses and kind != "word":
                uses, kind = self._unread(module, holder), "pattern"
            if uses:
                done.add(holder)
                elements = holder.keys if isinstance(holder, ast.Dict) else getattr(holder, "elts", [node])
                literals = [e for e in elements if isinstance(e, ast.Constant) and self._kind(module, e, paths)]
                yield Check(module, "pattern" if kind == "word" else kind, literals, holder, uses)

    def lenient(self, module: Module, paths: Paths) -> Iterator[Check]:
        """Comparisons that take in the new path and none of the old ones."""
        for node in module.nodes:
            if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
                continue
            bare = node.value.rstrip("/")
            if len(bare) < 2 or not bare.startswith("/") or paths.begins(bare):
                continue
            parent = module.parents.get(node)
            holder: ast.expr = parent if isinstance(parent, ast.List | ast.Tuple | ast.Set) else node
            if bare != paths.new and not paths.new.startswith(bare):
                continue
            uses = [
                (m, u)
                for m, u in self._uses(module, holder, frozenset())
                if bare == paths.new or "startswith" in m.source(u) or isinstance(u, ast.comprehension | ast.keyword)
            ]
            if uses:
                yield Check(module, "paths", [node], holder, uses)

    def _kind(self, module: Module, node: ast.AST, paths: Paths) -> str:
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str):
            return ""
        text = node.value
        if paths.names(text):
            return "paths"
        called = self._called_with(module, node)
        if called in PATTERNS or (called == "" and "*" in text and text.startswith("/")):
            glob = "fnmatch" in called or called == ""
            return "pattern" if paths.is_pattern(text, glob) else ""
        return "word" if paths.is_word(text) else ""

    @staticmethod
    def _called_with(module: Module, node: ast.AST) -> str:
        parent = module.parents.get(node)
        if isinstance(parent, ast.Call) and node in parent.args:
            return dotted(parent.func).rpartition(".")[2] or getattr(parent.func, "attr", "")
        return ""

    # -- where a literal is used

    def _uses(self, module: Module, holder: ast.expr, seen: frozenset[str]) -> Iterator[tuple[Module, ast.AST]]:
        """The comparisons that a literal or a list of them takes part in."""
        parent = module.parents.get(holder)
        if isinstance(parent, ast.Compare):
            if self._is_url_work(module, parent, holder):
                return
            yield module, parent
        elif isinstance(parent, ast.Call):
            yield from self._call_uses(module, holder, parent, seen)
        elif isinstance(parent, ast.comprehension) and parent.iter is holder:
            if "path" in module.source(module.parents[parent]).lower() or self._about_path(module, parent):
                yield module, parent
        elif isinstance(parent, ast.For) and parent.iter is holder:
            if PATHISH.search(module.source(parent)):
                yield module, parent
        elif isinstance(parent, ast.Assign | ast.AnnAssign) and parent.value is holder:
            target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
            function = module.function_of(parent) if isinstance(target, ast.Name) else None
            yield from self._named_uses(module, dotted(target).rpartition(".")[2], seen, function)
        elif isinstance(parent, ast.arguments):
            positional = [*parent.posonlyargs, *parent.args]
            pairs = [
                *zip(positional[len(positional) - len(parent.defaults) :], parent.defaults, strict=True),
                *zip(parent.kwonlyargs, parent.kw_defaults, strict=True),
            ]
            for arg, default in pairs:
                if default is holder:
                    yield from self._named_uses(module, arg.arg, seen, module.parents.get(parent))
        elif isinstance(parent, ast.keyword):
            call = module.parents.get(parent)
            if isinstance(call, ast.Call) and parent.arg == "default_factory":
                yield from self._uses(module, call, seen)
            elif isinstance(call, ast.Call) and "routes" not in (parent.arg or ""):
                if parent.arg in ("default", "default_factory"):
                    yield from self._uses(module, call, seen)
                elif self._is_middleware(module, call):
                    yield module, parent
                elif isinstance(call, ast.Call) and not isinstance(holder, ast.Constant):
                    yield from self._parameter_uses(module, holder, call, seen)
        elif isinstance(parent, ast.Lambda):
            yield from self._uses(module, parent, seen)
        elif isinstance(parent, ast.BinOp | ast.Starred | ast.List | ast.Tuple | ast.Set | ast.IfExp | ast.BoolOp):
            if not isinstance(holder, ast.Constant):
                yield from self._uses(module, parent, seen)
        elif isinstance(parent, ast.Subscript) and parent.value is holder:
            if PATHISH.search(module.source(parent.slice)):
                yield module, parent
        elif isinstance(parent, ast.Attribute) and isinstance(module.parents.get(parent), ast.Call):
            call = module.parents[parent]
            assert isinstance(call, ast.Call)
            if parent.attr in PATTERNS:
                if any(self._about_path(module, a) for a in call.args):
                    yield module, call
            elif parent.attr in ("get", "keys", "items", "values"):
                if parent.attr == "get" and PATHISH.search(module.source(call)):
                    yield module, call
                elif parent.attr != "get":
                    yield from self._uses(module, call, seen)
        elif isinstance(parent, ast.MatchValue):
            yield module, parent

    def _call_uses(
        self, module: Module, holder: ast.expr, call: ast.Call, seen: frozenset[str]
    ) -> Iterator[tuple[Module, ast.AST]]:
        function = call.func
        if isinstance(function, ast.Attribute) and function.attr in ("startswith", "endswith"):
            if self._about_path(module, function.value):
                yield module, call
            return
        name = dotted(function).rpartition(".")[2]
        if name in ("frozenset", "set", "tuple", "list", "sorted", "field", "Field") or name == "compile":
            yield from self._uses(module, call, seen)
        elif name in PATTERNS:
            if any(PATHISH.search(module.source(a)) for a in call.args if a is not holder):
                yield module, call
        elif holder in call.args and isinstance(holder, ast.List | ast.Tuple | ast.Set | ast.Dict | ast.Name):
            if self._is_middleware(module, call) or any(
                self._about_path(module, a) for a in call.args if a is not holder
            ):
                yield module, call
            else:
                yield from self._parameter_uses(module, holder, call, seen)

    def _parameter_uses(
        self, module: Module, holder: ast.expr, call: ast.Call, seen: frozenset[str]
    ) -> Iterator[tuple[Module, ast.AST]]:
        """Uses of what a function or class of the project is given: `split(api, tools, ("/sse", "/messages"))`."""
        for target in self.values.of(module, call.func):
            made = self.values.classes.attribute(target, "__init__") if isinstance(target, Cls) else (target,)
            for value in made:
                if not isinstance(value, Func) or not isinstance(value.node, FunctionNode):
                    continue
                given = value.node.args
                bound = value.module.class_of(value.node) is not None
                for arg in (*given.posonlyargs, *given.args, *given.kwonlyargs):
                    if argument(call, value.node, arg, bound) is holder:
                        yield from self._named_uses(value.module, arg.arg, seen, value.node)

    def _named_uses(
        self, module: Module, name: str, seen: frozenset[str], function: ast.AST | None = None
    ) -> Iterator[tuple[Module, ast.AST]]:
        """Uses of what has the name: in the function whose name it is, else in other files, too."""
        known = f"{name}()" if function is not None else name  # self.paths = paths
        if not name or known in seen or len(seen) > 4:
            return
        seen |= {known}
        modules = [module]
        if function is None:
            modules += [m for m in self.values.code.mentioning(name, tests=False) if m is not module]
        for other in modules:
            for node in other.loads.get(name, ()):
                if function is None or _inside(module, node, function):
                    yield from self._uses(other, node, seen)

    def _unread(self, module: Module, holder: ast.expr) -> list[tuple[Module, ast.AST]]:
        """Uses that can't be read, of something whose name says that it is about who may pass."""
        parent = module.parents.get(holder)
        if not isinstance(parent, ast.Assign | ast.AnnAssign):
            return []
        target = parent.targets[0] if isinstance(parent, ast.Assign) else parent.target
        name = dotted(target).rpartition(".")[2]
        if not any(w in name.lower() for w in (*self.table["exempt"], *self.table["protect"])):
            return []
        return [(m, n) for m in self.values.code.mentioning(name, tests=False) for n in m.loads.get(name, ())]

    # -- small questions

    def _is_middleware(self, module: Module, call: ast.Call) -> bool:
        text = module.source(call.func).lower() + " ".join(module.source(a).lower() for a in call.args[:2])
        return any(word in text for word in ("middleware", "auth", "guard", "protect", "backend"))

    def _about_path(self, module: Module, node: ast.AST) -> bool:
        """True when an expression says or holds the path of a request."""
        text = module.source(node) if isinstance(node, ast.expr) else ast.unparse(node)
        if PATHISH.search(text):
            return True
        if not isinstance(node, ast.Name):
            return False
        scope = module.owner(node)
        return any(
            b.value is not None and PATHISH.search(module.source(b.value)) for b in scope.bindings.get(node.id, ())
        )

    def _is_url_work(self, module: Module, compare: ast.Compare, holder: ast.expr) -> bool:
        """True for comparisons with something that is plainly no request: a transport's name, a configured URL."""
        others = [e for e in (compare.left, *compare.comparators) if e is not holder]
        return not any(self._about_path(module, e) or self._in_request_code(module, compare) for e in others)

    @staticmethod
    def _in_request_code(module: Module, node: ast.AST) -> bool:
        function = module.function_of(node)
        if not isinstance(function, FunctionNode):
            return False
        names = {a.arg for a in (*function.args.posonlyargs, *function.args.args)}
        return bool(names & {"request", "scope", "conn", "req"})

    def _mentions_path(self, module: Module, node: ast.AST) -> bool:
        text = module.source(node) if isinstance(node, ast.expr) else ast.unparse(node)
        return "path" in text.lower()


def _inside(module: Module, node: ast.AST, function: ast.AST) -> bool:
    above: ast.AST | None = node
    while above is not None and above is not function:
        above = module.parents.get(above)
    return above is function
