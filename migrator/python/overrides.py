"""Methods that the project put in place of the SDK's: what SSE goes through there, the new transport must go through.

class Secure(FastMCP):
    def sse_app(self): ...        # run("sse") serves this one; run("streamable-http") asks streamable_http_app
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.unit import Draft
from migrator.python.value import Cls, Func, Obj

Put = tuple[Module, ast.AST]


class Overrides:
    """Answers for one project."""

    def __init__(self, project: Project) -> None:
        self.project = project

    def apply(self, drafts: list[Draft]) -> None:
        """Block the drafts that would go past such a method."""
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

    def _put(self, draft: Draft, name: str) -> Iterator[Put]:
        """Where the project says what a method of the draft's server is."""
        for origin in [key[1] for key in draft.keys if isinstance(key, tuple) and key[0] == "server"]:
            if isinstance(origin, Obj) and isinstance(origin.of, Cls):
                values = self.project.values.classes.attribute(origin.of, name)
                yield from ((v.module, v.node) for v in values if isinstance(v, Func))
        for module in self.project.modules:
            if name not in module.text:
                continue
            for node in module.nodes:
                if isinstance(node, ast.Attribute) and node.attr == name and isinstance(node.ctx, ast.Store):
                    yield module, node
            for call in module.calls_by_name.get("setattr", ()):
                if len(call.args) == 3 and isinstance(call.args[1], ast.Constant) and call.args[1].value == name:
                    yield module, call

    @staticmethod
    def _holds(draft: Draft, function: ast.AST) -> bool:
        """True for a method that the draft's own code stands in."""
        first, last = getattr(function, "lineno", 0), getattr(function, "end_lineno", 0)
        return any(node is function for node in draft.module.parents) and first <= draft.place.line <= last
