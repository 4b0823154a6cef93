"""Starts whose method is named by text: `getattr(mcp, "run_sse_async")()`, `getattr(mcp, f"run_{kind}_async")()`."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.model import Finding
from migrator.python.flow.value import Expr, Obj, Opaque
from migrator.python.legacy import both_by_hand, gone
from migrator.python.module import Module
from migrator.python.pathreads import read_new_path
from migrator.python.project import Project
from migrator.python.rewrite.edits import EditCall, ReplaceExpr
from migrator.python.sdk import Server
from migrator.python.serverpaths import address, constructor_paths
from migrator.python.starting.unfollowed import any_transport, handed_in
from migrator.python.unit import Draft
from migrator.python.words.traces import Trace

BY_HAND = {
    "official-1": "{server}.run_streamable_http_async",
    "official-2": "functools.partial({server}.run_streamable_http_async, stateless_http=True)",
    "fastmcp": "functools.partial({server}.run_http_async, stateless_http=True)",
}


class Named:
    """Drafts for the starts of one project that are found by getattr."""

    def __init__(self, project: Project) -> None:
        self.project = project
        self.words = project.words

    def drafts(self) -> Iterator[Draft]:
        """Drafts for methods of servers that are called by a name in a string."""
        for module in self.project.modules:
            for call in module.calls_by_name.get("getattr", ()):
                if not may_start(call):
                    continue
                servers = self.project.sdks.servers(module, call.args[0])
                if not servers:
                    continue
                name = call.args[1]
                if self.project.text(module, name) in self.project.sdks.run_sse_methods:
                    yield self._always(module, call, servers[0])
                else:
                    for where, word in self._words(module, name):
                        if self._says_old(self.words.trace(where, word)):
                            yield self._chosen(module, call, servers[0], word)
                            break

    def handed_in(self) -> Iterator[Finding]:
        """Starts whose method's name has a word from outside in it, where nobody says which words there are."""
        for module in self.project.modules:
            for call in module.calls_by_name.get("getattr", ()):
                if may_start(call) and self.project.sdks.servers(module, call.args[0]):
                    traces = [self.words.trace(where, word) for where, word in self._words(module, call.args[1])]
                    if not any(map(self._says_old, traces)) and all(self._is_open(t) for t in traces):
                        if names := handed_in(self.project, traces):
                            yield any_transport(module, call, names, "streamable_http")

    def _is_open(self, trace: Trace) -> bool:
        return any(self.words.accepted(source) is None for source in trace.sources)

    def _words(self, module: Module, name: ast.expr) -> Iterator[tuple[Module, ast.expr]]:
        """The words of which a method's name is put together, where the call says it or where it got its name."""
        held = [(v.module, v.node) for v in self.project.values.of(module, name) if isinstance(v, Expr | Obj | Opaque)]
        for where, node in held:
            if isinstance(node, ast.expr) and (word := _chosen(node)) is not None:
                yield where, word

    def _says_old(self, trace: Trace) -> bool:
        """True when something in the project says that the word can be the old one."""
        if trace.words() & self.words.old:
            return True
        for source in trace.sources:
            accepted = self.words.accepted(source)
            if (accepted or set()) & self.words.old:
                return True
            if accepted is None and source.name:
                if self.project.evidence.of_argument(source) or self.project.evidence.of_name(source.name):
                    return True
        return any(set(t.words) & self.words.old for t in self.words.tests_of(trace.keys))

    def _draft(self, module: Module, call: ast.Call, server: Server, rule: str) -> Draft:
        generation = self.project.generation(server, module)
        place = module.place(call)
        draft = Draft(
            name=self.project.name_of(module, call.args[0]),
            generation=generation,
            place=place,
            module=module,
            rule=rule,
            message=f"{module.source(call)} {'serves' if rule == 'MCP101' else 'can serve'} the deprecated SSE transport",
        )
        draft.keys |= {("server", server.origin), ("place", place)}
        draft.files |= {module.path, server.module.path}
        draft.starts.append((module, call))
        self.project.stateless.decide(draft, server.module, server)
        address(self.project, draft, server, lambda name: None, module)
        return draft

    def _always(self, module: Module, call: ast.Call, server: Server) -> Draft:
        draft = self._draft(module, call, server, "MCP101")
        draft.selected_by = "always"
        outer = module.parents.get(call)
        made = outer if isinstance(outer, ast.Call) and outer.func is call else None
        policy = self.project.context.settings.legacy_sse
        if made is None or not isinstance(call.args[1], ast.Constant) or policy == "keep":
            self._block(draft, module, call, "")
            return draft
        if policy == "gone":
            gone(draft, server, draft.old_path)
        method = self.project.sdks.instead("run_sse_async", server.family)
        draft.do(ReplaceExpr(module.at(call.args[1]), f'"{method}"'))
        if draft.generation == "official-1":
            self.project.stateless.constructor(draft, server, module, call.args[0])
            constructor_paths(self.project, draft, server, "streamable_http_path")
            read_new_path(self.project, draft, server)
        elif draft.stateless:
            draft.do(EditCall(module.at(made), keywords=(("stateless_http", "True"),)))
        return draft

    def _chosen(self, module: Module, call: ast.Call, server: Server, word: ast.expr) -> Draft:
        draft = self._draft(module, call, server, "MCP102")
        draft.selected_by = "code"
        self._block(draft, module, call, module.source(word))
        return draft

    def _block(self, draft: Draft, module: Module, call: ast.Call, word: str) -> None:
        """word: the code that says which method; "" where it is always the old transport's."""
        family = "fastmcp" if draft.generation.startswith("fastmcp") else draft.generation
        server = module.source(call.args[0])
        code = BY_HAND[family].format(server=server)
        code = f'({server}.run_stdio_async if {word} == "stdio" else {code})' if word else code
        made = ", and FastMCP(..., stateless_http=True) where it is made" if family == "official-1" else ""
        reason = "the method that starts the server is put together from text"
        if self.project.context.settings.legacy_sse == "keep":
            draft.block(module.place(call), reason, f"Serve both instead:\n{both_by_hand(draft, server)}", step="keep")
            return
        draft.block(module.place(call), reason, f"Write {code} in place of {module.source(call)}{made}.")


def may_start(call: ast.Call) -> bool:
    """True for a getattr whose name can be a start's, told from its text alone."""
    name = call.args[1] if len(call.args) > 1 else None
    if isinstance(name, ast.Name):  # put together before
        return "run" in name.id or "method" in name.id or "start" in name.id
    return name is not None and any(
        isinstance(n, ast.Constant) and str(n.value).startswith("run_") for n in ast.walk(name)
    )


def _chosen(name: ast.expr) -> ast.expr | None:
    """The word in `f"run_{word}_async"`, `"run_" + word + "_async"`, `"run_%s_async" % word`, "...".format(word)`."""
    match name:
        case ast.JoinedStr([ast.Constant("run_"), ast.FormattedValue() as part, ast.Constant("_async")]):
            return part.value
        case ast.BinOp(ast.BinOp(ast.Constant("run_"), ast.Add(), word), ast.Add(), ast.Constant("_async")):
            return word
        case ast.BinOp(ast.Constant("run_%s_async"), ast.Mod(), word):
            return word
        case ast.Call(ast.Attribute(ast.Constant("run_{}_async"), "format"), [word]):
            return word
    return None


__all__ = ["Named", "may_start"]
