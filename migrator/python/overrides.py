"""Methods that the project put in place of the SDK's: what SSE goes through there, the new transport must go through.

class Secure(FastMCP):
    def sse_app(self): ...        # run("sse") serves this one; run("streamable-http") asks streamable_http_app

mcp.run = guarded                 # and this one may ask for the word, which the start is about to say anew
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.applications.wrappers import APPLICATIONS
from migrator.python.flow.value import Cls, Func, Obj
from migrator.python.legacy import both_by_hand, in_function_called
from migrator.python.module import FunctionNode, Module
from migrator.python.project import Project
from migrator.python.starting.keepruns import KEEPING
from migrator.python.unit import Draft

Put = tuple[Module, ast.AST]


class Overrides:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def apply(self, drafts: list[Draft]) -> None:
        """Block the drafts that would go past such a method."""
        if self.project.context.settings.legacy_sse == "keep":
            for draft in drafts:
                self._joined(draft)
            return  # the word stays, and so does what asks for it
        for draft in drafts:
            self._goes_through(draft, drafts)
            self._is_told(draft, drafts)
        touched = {getattr(o, "at", None) for d in drafts for o in d.operations}
        for draft in drafts:
            family = "fastmcp" if draft.generation.startswith("fastmcp") else "official"
            for old, new in getattr(self.project.sdks, family)["methods"]["within"].items():
                put = [p for p in self._put(draft, old) if p[0].at(p[1]) not in touched]
                inside = any(self._holds(draft, function) for _, function in put)
                if put and not inside and not list(self._put(draft, new)):
                    module, node = put[0]
                    for each in drafts:
                        if each is draft or self._holds(each, node):
                            each.keys.add(("put", node))  # what stands in the method stays with what calls it
                    draft.block(
                        module.place(node),
                        f"{old} is the project's own, and {new}, which is called in its place, is not",
                        f"Do in a {new} of your own what {old} does here (authentication, for one), then run mcp-migrate again.",
                    )

    def _joined(self, draft: Draft) -> None:
        """Block a draft that would put two applications into one where the project itself makes one of them."""
        for name in APPLICATIONS:
            for module, node in self._put(draft, name):
                holder = node.value if isinstance(node, ast.Attribute) else None
                holder = node.args[0] if isinstance(node, ast.Call) else holder
                if holder is not None and not self.project.sdks.servers(module, holder):
                    continue  # `self.sse_app = mcp.sse_app()`
                if in_function_called(module, node, KEEPING):
                    continue
                draft.block(
                    module.place(node),
                    f"{name} is the project's own, and what it does (authentication, for one) has to hold for both",
                    f"Do here for both what is done for one of them:\n{both_by_hand(draft, 'server')}",
                    step="keep",
                )
                return

    def _goes_through(self, draft: Draft, drafts: list[Draft]) -> None:
        """Block a start that passes a function of the project's where the word is asked for out of our sight."""
        for module, node in draft.starts:
            if not isinstance(node, ast.Attribute) or node.attr not in self.project.sdks.run_methods:
                continue
            given = list(self._given(module, node))
            for function in (*given, *self._own(module, node)):
                replaces = function in given
                if self._asks(function, replaces, any(self._holds(d, function.node) for d in drafts)):
                    name, start = getattr(function.node, "name", "it"), module.source(node)
                    draft.block(
                        function.module.place(function.node),
                        f"{start} goes through {name}, which asks for the transport's word itself",
                        f'Let {name} do for "streamable-http" what it does for "sse" (authentication, for one), '
                        f'start with {start}(transport="streamable-http"), then run mcp-migrate again.',
                    )

    def _is_told(self, draft: Draft, drafts: list[Draft]) -> None:
        """Block a draft whose server's class has a method that the SDK's own tell the word, and that asks for it."""
        methods, callers = self.project.sdks.fastmcp["methods"], self.project.values.callers
        for name in methods["through"] if draft.generation.startswith("fastmcp") else ():
            for function in [Func(m, n) for m, n in self._put(draft, name) if isinstance(n, FunctionNode)]:
                if name not in methods["app"] and callers.of(function):
                    continue  # its own start tells it the word
                if self._asks(function, True, any(self._holds(d, function.node) for d in drafts)):
                    draft.block(
                        function.module.place(function.node),
                        f"{name} is the project's own, and asks for the transport's word itself",
                        f'Let {name} do for "http" what it does for "sse" (authentication, for one), and say "http" where '
                        f"the server starts.",
                    )

    def _given(self, module: Module, node: ast.Attribute) -> Iterator[Func]:
        """The functions that code puts in the place of a server's method: `mcp.run = guarded`."""
        servers = {s.origin for s in self.project.sdks.servers(module, node.value)}
        for where, put in self._stored(node.attr):
            if isinstance(put, ast.Attribute):
                holder, statement = put.value, where.parents[put]
                value = statement.value if isinstance(statement, ast.Assign) else None
            else:
                holder, value = put.args[0], put.args[2]
            if value is not None and servers & {s.origin for s in self.project.sdks.servers(where, holder)}:
                for name in ast.walk(value):  # types.MethodType(guarded, mcp), too
                    if isinstance(name, ast.Name | ast.Attribute):
                        yield from (v for v in self.project.values.of(where, name) if isinstance(v, Func))

    def _own(self, module: Module, node: ast.Attribute) -> Iterator[Func]:
        """The method of the project's own class that a start calls."""
        for server in self.project.sdks.servers(module, node.value):
            if isinstance(server.origin, Obj) and isinstance(server.origin.of, Cls):
                values = self.project.values.classes.attribute(server.origin.of, node.attr)
                yield from (v for v in values if isinstance(v, Func))

    def _asks(self, function: Func, replaces: bool, moves: bool) -> bool:
        """True when the function names the old word, and what it does with it isn't moved with the start's own word.

        replaces: it was put in the method's place, so nobody sees what calls it. moves: what serves SSE stands in it.
        """
        node, words = function.node, self.project.words
        assert isinstance(node, FunctionNode)
        inside = [n for s in (*node.body, node.args) for n in ast.walk(s)]
        types = {
            t for n in inside if isinstance(n, ast.arg | ast.AnnAssign) and n.annotation for t in ast.walk(n.annotation)
        }
        inside = [n for n in inside if n not in types]  # what a type admits, nobody asks for
        said = {str(n.value).lower() for n in inside if isinstance(n, ast.Constant)}
        said |= {words.word(function.module, n) for n in inside if isinstance(n, ast.Name | ast.Attribute)}
        named = {a.arg for a in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)}
        if not said & words.old:
            return False
        return "transport" not in named or (replaces and (not moves or bool(said & set(words.new))))

    def _stored(self, name: str) -> Iterator[tuple[Module, ast.Attribute | ast.Call]]:
        """Where code gives an object a method by this name."""
        for module in self.project.modules:
            if name not in module.text:
                continue
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                    yield module, node
            for call in module.calls_by_name.get("setattr", ()):
                if len(call.args) == 3 and isinstance(call.args[1], ast.Constant) and call.args[1].value == name:
                    yield module, call

    def _put(self, draft: Draft, name: str) -> Iterator[Put]:
        """Where the project says what a method of the draft's server is."""
        for origin in [key[1] for key in draft.keys if isinstance(key, tuple) and key[0] == "server"]:
            if isinstance(origin, Obj) and isinstance(origin.of, Cls):
                values = self.project.values.classes.attribute(origin.of, name)
                yield from ((v.module, v.node) for v in values if isinstance(v, Func))
        yield from self._stored(name)

    @staticmethod
    def _holds(draft: Draft, function: ast.AST) -> bool:
        """True for a method that the draft's own code stands in."""
        first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0)
        return any(node is function for node in draft.module.parents) and first <= draft.place.line <= last
