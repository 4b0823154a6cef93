"""Addresses in Python that no client here was seen to use: raw requests, settings, tests of the stream itself.

What is done with such a text is not known, so nothing is changed but what a test expects to be refused. Those of servers
that move are told, by hand; the others say that a client which gets its address from somewhere may be handed one of them.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace

from migrator import examples
from migrator.clients.refusals import refusal
from migrator.configs.addresses import LOOPBACK, Url, parse, shown
from migrator.configs.decisions import Action
from migrator.configs.urls import Urls
from migrator.context import Context
from migrator.model import Endpoint, Finding, Outcome, Part, Severity
from migrator.python.code import is_test
from migrator.python.functions import last_name
from migrator.python.module import FunctionNode, Module
from migrator.python.products import offered_by
from migrator.python.rewrite.edits import EditCall, ReplaceExpr
from migrator.records import record


@record(frozen=True)
class Leftover:
    """A literal that names an SSE endpoint. new: what it becomes, "" for nothing; endpoint: whose it is, if any of ours."""

    module: Module
    node: ast.expr
    text: str
    new: str = ""
    endpoint: Endpoint | None = None
    certain: bool = False

    @property
    def place(self) -> str:
        return f"{self.module.path}:{self.node.lineno}"


class Leftovers:
    """Reads the Python files of a project that are none of its servers'."""

    def __init__(self, context: Context, urls: Urls, seen: set[int]) -> None:
        self.context = context
        self.urls = urls
        self.fetchers = frozenset(context.rules.toml("sdks/clients.toml")["requests"]["names"])
        self.metadata = str(context.rules.toml("sdks/http.toml")["metadata"])
        self.products = frozenset(context.rules.toml("sdks/products.toml")["distributions"])
        self.seen = seen  # ids of literals that something else tells of
        # what a test makes beside its server is told by nobody else
        self.served = {p for e in context.servers for p in (e.place.path, *e.files) if not is_test(p)}
        self.moved = [e for e in context.servers if e.moved]

    def all(self) -> Iterator[Leftover]:
        """Every such literal, by file and line."""
        for path in self.context.tree.hits.get("python", ()):
            if path in self.served or not path.endswith(".py") or offered_by(self.context, path, self.products):
                continue
            module = self.context.code.load(path)
            if module is not None:
                yield from self._of(module)

    def _of(self, module: Module) -> Iterator[Leftover]:
        for node in module.nodes:
            text = _text(node)
            inner = isinstance(node, ast.Constant) and isinstance(module.parents[node], ast.JoinedStr | ast.Expr)
            if "/" not in text or inner or id(node) in self.seen:
                continue
            assert isinstance(node, ast.expr)
            if (module.path, node.lineno, module.at(node).column) in self.context.reworded:
                continue
            found = self._metadata(module, node, text)
            found = found or self._address(module, node, text) or self._path(module, node, text)
            if found:
                yield found

    def _address(self, module: Module, node: ast.expr, text: str) -> Leftover | None:
        url = parse(text)
        if url is None or not url.path.strip("/") or any(c.isspace() for c in text):
            return None
        beside = next((e for e in self.moved if self._makes(module, e, url)), None)
        if beside is not None:
            return Leftover(module, node, text, replace(url, path=beside.new_path).text(), beside, True)
        decision = self.urls.decide(text, module.path, streamable=True)
        if decision.action is not Action.MOVE:
            return Leftover(module, node, text) if url.last == "sse" and url.scheme else None
        e = next((e for e in self.moved if e.unit == decision.unit or not decision.unit), None)
        if e is not None and decision.assumed and not self._near(e, module):
            e = None
        if e is not None and e.port and url.port not in ("", e.port):
            e = None
        if e is not None and url.name in LOOPBACK and url.path.rstrip("/") != e.old_path.rstrip("/"):
            e = None  # another page; more than the path of the server can stand behind a proxy only
        if e is not None and not examples.is_of(e.place.path, module.path) and not _starts(module, e):
            e = None
        certain = not decision.assumed or self._asked(module, node)
        return Leftover(module, node, text, decision.url, e, certain)

    @staticmethod
    def _makes(module: Module, e: Endpoint, url: Url) -> bool:
        """True for the address of a server that the same file makes, a test, and starts at a port that it computes."""
        makes = module.path == e.place.path and not e.listens and url.name in LOOPBACK
        return makes and bool(e.old_path) and url.path.rstrip("/") == e.old_path.rstrip("/")

    def _metadata(self, module: Module, node: ast.expr, text: str) -> Leftover | None:
        """Where a server's metadata is: "/.well-known/oauth-protected-resource/sse" moves with what its code says there."""
        # what serves it is no client
        asked = self.metadata in text and (is_test(module.path) or self._asked(module, node))
        for e in self.moved if asked else ():
            old, new = e.old_path.rstrip("/"), e.new_path.rstrip("/")
            goes = old and old != new and "{" not in old + new
            if goes and text.endswith(f"{self.metadata}{old}") and self._near(e, module):
                return Leftover(module, node, text, f"{text.removesuffix(old)}{new}", e, True)
        return None

    def _near(self, e: Endpoint, module: Module) -> bool:
        """True for a server of the same project, and of the same example."""
        of = self.context.versions.of
        return of(module.path).manifest == of(e.place.path).manifest and examples.is_of(e.place.path, module.path)

    def _path(self, module: Module, node: ast.expr, text: str) -> Leftover | None:
        """A path by itself, which a test names or a request asks for."""
        asked = self._asked(module, node)
        for e in self.moved if asked or is_test(module.path) else ():
            for old, new in ((e.old_path, e.new_path), (e.message_path if asked else "", "")):
                goes = old.strip("/") and "{" not in old and old.rstrip("/") != e.new_path.rstrip("/")
                if goes and text.partition("?")[0].rstrip("/") == old.rstrip("/") and self._near(e, module):
                    return Leftover(module, node, text, new, e, True)
            computed = "{value}" in text or not e.old_path.strip("/") or "{" in e.old_path
            if asked and computed and text.partition("?")[0].rstrip("/").endswith("/sse") and self._near(e, module):
                return Leftover(module, node, text, "", e, True)
        return None

    def _asked(self, module: Module, node: ast.expr) -> bool:
        """True when the literal is what a request asks for: `httpx.get(BASE + "/sse")`."""
        parent = module.parents[node]
        while isinstance(parent, ast.BinOp):
            parent = module.parents[parent]
        if not isinstance(parent, ast.Call):
            return False
        holder = module.parents[parent]
        if isinstance(holder, FunctionNode) and parent in holder.decorator_list:
            return False  # `@app.get("/sse")` answers
        return last_name(parent.func) in self.fetchers

    def parts(self, found: list[Leftover]) -> Iterator[Part]:
        """What is told of those that are of servers which move: one finding for each file and server."""
        if self.context.settings.legacy_sse == "keep":
            return  # nothing goes
        groups: dict[tuple[str, str], list[Leftover]] = {}
        for one in found:
            if part := self._refused(one) or self._described(one):
                yield part
            elif one.endpoint is not None:
                groups.setdefault((one.module.path, one.endpoint.unit), []).append(one)
        for (path, unit), unordered in groups.items():
            group = sorted(unordered, key=lambda one: one.node.lineno)
            e = group[0].endpoint
            if e is None or (is_test(path) and not self.context.settings.tests):
                continue
            lines = list(dict.fromkeys(str(one.node.lineno) for one in group))
            many = f"lines {', '.join(lines)} name what" if len(lines) > 1 else shown(group[0].text)
            message = (
                f"{many} belongs to the SSE endpoint of {e.name}, which moves; no client that moves is seen to use it"
            )
            new = dict.fromkeys(shown(one.new) for one in group if one.new)
            todo = f"for an MCP client over Streamable HTTP write {', '.join(new)}; " if new else ""
            todo += "code that reads the stream or posts messages itself has nothing to ask any more"
            severity = Severity.WARNING if any(one.certain for one in group) else Severity.NOTE
            rule = "MCP506" if is_test(path) else "MCP204"
            place = group[0].module.place(group[0].node)
            yield Part((Finding(rule, severity, Outcome.BY_HAND, place, message, todo, unit),), (), unit)

    def _refused(self, one: Leftover) -> Part | None:
        """A test that the server refuses who brings no credential: it does so on the new path, too."""
        e = one.endpoint
        if e is None or not is_test(one.module.path) or not self.context.settings.tests:
            return None
        old = e.old_path.rstrip("/")
        edit = refusal(one.module, one.node, old, e.new_path.rstrip("/")) if old and one.new else None
        return self._moving(one, e, "is asked for without a credential, and", edit)

    def _described(self, one: Leftover) -> Part | None:
        """Where the server's metadata is asked for."""
        e, source = one.endpoint, one.module.source(one.node)
        if e is None or self.metadata not in one.text or (is_test(one.module.path) and not self.context.settings.tests):
            return None
        old = f"{self.metadata}{e.old_path.rstrip('/')}"
        code = source.replace(old, f"{self.metadata}{e.new_path.rstrip('/')}") if source.count(old) == 1 else ""
        edit = ReplaceExpr(one.module.at(one.node), code) if code else None
        return self._moving(one, e, "is where a server's metadata is, which", edit)

    @staticmethod
    def _moving(one: Leftover, e: Endpoint, what: str, edit: EditCall | ReplaceExpr | None) -> Part | None:
        if edit is None:
            return None
        rule = "MCP506" if is_test(one.module.path) else "MCP204"
        message = f"{shown(one.text)} {what} moves with {e.name}"
        place = one.module.place(one.node)
        return Part((Finding(rule, Severity.WARNING, Outcome.FIX, place, message, "", e.unit),), (edit,), e.unit)


def _starts(module: Module, e: Endpoint) -> bool:
    """True for a file that names the server's: a test that starts an example, or a server of its own folder."""
    return e.place.path.rpartition("/")[2] in module.text


def _text(node: ast.AST) -> str:
    """The text of a literal; what fills an f-string is shown by its braces."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(str(v.value) if isinstance(v, ast.Constant) else "{value}" for v in node.values)
    return ""
