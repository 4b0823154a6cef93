"""The server's own address in what it prints, logs and redirects to: the old path would mislead."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

from migrator import examples
from migrator.model import Finding, Outcome, Severity
from migrator.python.banners import banners, edited
from migrator.python.code import is_test
from migrator.python.module import Module, dotted
from migrator.python.project import Project
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.python.said import Called, Moving, say
from migrator.python.unit import Draft
from migrator.python.words.selector import Test

OWN = re.compile(
    r"(https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\{[^{}]*\})(?:\{+[^{}]*\}+|[^\s\"'/{}])*)/sse(?![\w/-])"
)  # made of its host and port
CLIENT = re.compile(r"sse_client|SSETransport|ClientSession|MCPServerSse")
PATH = re.compile(r"(https?://[^\s\"']*?|(?<![\w/]))/sse(?![\w/-])")


def addresses(project: Project, drafts: list[Draft]) -> None:
    """Rewrite `print(f"... http://{host}:{port}/sse")`, and what leads to the old path, in the files of a moved server with the default path."""
    rules = project.context.rules
    called = Called(
        frozenset(rules.toml("sdks/clients.toml")["requests"]["names"]),
        frozenset(rules.toml("sdks/words.toml")["shown"]["printers"]),
    )
    if project.context.settings.legacy_sse == "keep":
        return
    for draft in drafts:
        if not draft.old_path.endswith("/sse") or "{" in draft.new_path:
            continue
        prefix = draft.old_path.removesuffix("/sse")
        if not draft.new_path.startswith(prefix):
            continue
        tail = draft.new_path.removeprefix(prefix)
        moving = Moving(prefix, tail, tuple(p for p in (draft.port, draft.usual_port) if p))
        keys = {key[1] for key in draft.keys if isinstance(key, tuple) and key[0] == "selector"}
        for module in [m for m in project.modules if m.path in draft.files]:
            _ends_in_word(project, draft, module, keys, tail, called)
            if "/sse" in module.text:
                draft.do(*say(module, moving, called))
                for call in module.calls:
                    _redirect(project, draft, module, call)
                if not reaches(module):
                    _handed_out(draft, module, tail)
                    _in_data(draft, module)
        for test in project.words.tests:
            if set(test.words) & project.words.old and test.trace.keys & keys and "/sse" in test.module.text:
                _told_apart(draft, test, tail, called)
        if _alone(project, draft, drafts):
            for module in _beside(project, drafts, draft):
                draft.do(*say(module, moving, called, own=True, sure=reaches(module)))
    for draft in drafts:
        banners(project, draft, called)  # their words; what names the address has the new one by now


def reaches(module: Module) -> bool:
    """True for a module that opens clients: an address in it may be another server's. A class of its own is none."""
    found = {m.group() for m in CLIENT.finditer(module.text)}
    return any(f"class {name}" not in module.text for name in found)


def _alone(project: Project, draft: Draft, drafts: list[Draft]) -> bool:
    """True when every server of the project moves as this one, which is the first of them."""
    of = project.context.versions.of
    near = [d for d in drafts if of(d.module.path).manifest == of(draft.module.path).manifest]
    same = all((d.old_path, d.new_path) == (draft.old_path, draft.new_path) and not d.blocks for d in near)
    return same and near[0] is draft


def _beside(project: Project, drafts: list[Draft], draft: Draft) -> Iterator[Module]:
    """The program's other files: a command line, a window, a status page."""
    context, files = project.context, {f for d in drafts for f in d.files}
    manifest = context.versions.of(draft.module.path).manifest
    for path in context.tree.hits.get("python", ()):
        if path in files or not path.endswith(".py") or is_test(path) or b"/sse" not in context.tree.read(path):
            continue
        if context.versions.of(path).manifest == manifest and examples.is_of(draft.module.path, path):
            module = context.code.load(path)
            if module is not None:
                yield module


def _ends_in_word(project: Project, draft: Draft, module: Module, keys: set[object], tail: str, called: Called) -> None:
    """`print(f"http://{host}:{port}/{transport}")`: the word was the path by chance, and the new one is not."""
    if "}/{" not in module.text:
        return
    for text in module.nodes:
        if not isinstance(text, ast.JoinedStr) or not _shows(module.parents[text], called):
            continue
        source = module.source(text)
        for piece in text.values:
            if isinstance(piece, ast.FormattedValue) and project.words.trace(module, piece.value).keys & keys:
                end = f"/{{{ast.unparse(piece.value)}}}"  # its own place is not told alike by every interpreter
                changed = re.sub(rf"(https?://[^\s\"'/]*){re.escape(end)}(?![\w/-])", rf"\g<1>{tail}", source)
                if changed != source:
                    draft.do(ReplaceExpr(module.at(text), changed))


def _shows(holder: ast.AST, called: Called) -> bool:
    """True for what prints a text, and for what returns it or gives it a name."""
    if isinstance(holder, ast.Call):
        return called.prints(holder)
    return isinstance(holder, ast.Return | ast.Assign | ast.AnnAssign)


def _in_data(draft: Draft, module: Module) -> None:
    """`{"endpoint": "/tools/sse"}`: told, for who reads it may look for that very text."""
    for held in module.nodes:
        if not isinstance(held, ast.Dict) or any(getattr(o, "at", None) == module.at(held) for o in draft.operations):
            continue
        for key, value in zip(held.keys, held.values, strict=True):
            named = isinstance(key, ast.Constant) and str(key.value).endswith("path")  # an option of the server
            if isinstance(value, ast.Constant) and value.value == draft.old_path and not named:
                at = module.at(value)
                if not any(getattr(o, "at", None) == at for o in draft.operations):
                    message = f"{draft.old_path} is handed out here: from now on the server is at {draft.new_path}"
                    todo = f'Write "{draft.new_path}".'
                    draft.findings.append(
                        Finding("MCP608", Severity.NOTE, Outcome.BY_HAND, module.place(value), message, todo)
                    )


def _handed_out(draft: Draft, module: Module, tail: str) -> None:
    """`return f"http://localhost:{port}/sse"`, and client configurations that are put together."""
    for node in module.nodes:
        if not isinstance(node, ast.JoinedStr):
            continue
        holder = module.parents[node]
        while isinstance(holder, ast.IfExp | ast.BoolOp):
            holder = module.parents[holder]
        if isinstance(holder, ast.Dict) and OWN.search(module.source(node)):
            words = [v for v in holder.values if isinstance(v, ast.Constant) and v.value == "sse"]
            if words:
                place, new = module.place(words[0]), OWN.sub(lambda m: m[1] + tail, module.source(node))
                message = "a client configuration is put together here, with the old transport and the old path"
                todo = f'Write "http", or what its reader calls Streamable HTTP, and {new}.'
                draft.findings.append(Finding("MCP204", Severity.WARNING, Outcome.BY_HAND, place, message, todo))
        elif isinstance(holder, ast.Return | ast.Assign | ast.AnnAssign):
            _text(draft, module, node, OWN, tail)


def _redirect(project: Project, draft: Draft, module: Module, call: ast.Call) -> None:
    """`RedirectResponse("/sse")`: a page that leads to the server leads to its new path."""
    names = project.context.rules.toml("sdks/http.toml")["redirects"]
    given = [*call.args[:1], *(k.value for k in call.keywords if k.arg == "url")]
    for node in given if dotted(call.func).rpartition(".")[2] in names else ():
        if isinstance(node, ast.Constant) and node.value == draft.old_path:
            draft.do(ReplaceExpr(module.at(node), module.source(node).replace(draft.old_path, draft.new_path)))


def _told_apart(draft: Draft, test: Test, tail: str, called: Called) -> None:
    """`path = "/sse" if kind == "sse" else "/mcp"`: the path of a word that is the new transport's from now on."""
    module, holder = test.module, test.module.parents.get(test.node)
    if not isinstance(holder, ast.If | ast.IfExp) or (module, holder) in draft.removed:
        return
    mine, other = (holder.orelse, holder.body) if test.negative else (holder.body, holder.orelse)
    if isinstance(mine, ast.expr) and isinstance(other, ast.expr):
        if isinstance(other, ast.Constant) and str(other.value).endswith(tail):
            draft.do(ReplaceExpr(module.at(holder), module.source(other)))
        else:
            _text(draft, module, mine, PATH, tail)
    elif isinstance(mine, list):
        for statement in mine:
            value = getattr(statement, "value", None)
            if isinstance(statement, ast.Assign | ast.AnnAssign):
                _text(draft, module, value, PATH, tail)
            elif isinstance(value, ast.Call) and called.prints(value):
                for argument in value.args:
                    _text(draft, module, argument, PATH, tail)


def _text(draft: Draft, module: Module, node: ast.expr | None, pattern: re.Pattern[str], tail: str) -> None:
    """Put the new path's end into a text, unless something else is done to it."""
    if isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str)):
        source, at = module.source(node), module.at(node)
        changed = pattern.sub(lambda m: m[1] + tail, source)
        if changed != source and edited(draft, at) is None:
            draft.do(ReplaceExpr(at, changed))
