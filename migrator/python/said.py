"""Texts that people read, in a server's program: a banner, a log line, a label. They name the new address with it.

What is no such text is told elsewhere: a client's configuration, what is asked for, what another program gets.
"""

from __future__ import annotations

import ast
import builtins
import re
from collections.abc import Iterator

from migrator.python.functions import last_name
from migrator.python.module import Module
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.records import record

ASKED = re.compile(
    r"curl|wget|httpie|\bGET\b|EventSource", re.I
)  # what reads the stream, in a shell or in a page: another address is no answer
WORD = re.compile(r"(?<![\w/.-])sse(?![\w/-])")  # the old word where a program may read it
READ = re.compile(
    r"[\"'=]sse(?![\w/-])|-\w[\w-]*[ =]+sse(?![\w/-])"
)  # ... where one does: `--transport sse`, {"type": "sse"}
NAMED = re.compile(
    r"(?<![A-Za-z0-9_.{+/-])SSE(?![A-Za-z0-9_}+/-])"
)  # the transport in words, beside its address; Chinese and Japanese put no space around it
TOLD = ("description", "instructions", "help")  # what a server says of itself, its tools and its options stays
_BASE = r"(?:https?://(?:\{+[^{}]*\}+|[^\s\"'`<>{}])*?|\{[^{}]*\}[^\s\"'`<>]*?|%s(?:/[\w.-]+)*?)"
_ADDRESS = re.compile(rf"({_BASE})/sse(?![\w/-])")
_HOST = re.compile(r"^(?:https?://(?:\{+[^{}]*\}+|[^/{}])*|%s)")
_OWN = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\{[^{}]*\}|%s)(?::|/|$)|\{[^{}]*\}|%s")
_PORT = re.compile(r"https?://(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\{[^{}]*\}):(\d+)")
_THROUGH = (ast.BinOp, ast.List, ast.Tuple, ast.Dict, ast.keyword, ast.IfExp, ast.BoolOp, ast.Attribute, ast.Starred)


@record(frozen=True)
class Called:
    """Last names of functions: `fetchers` ask a server for something, `printers` show people a text."""

    fetchers: frozenset[str]
    printers: frozenset[str]

    def prints(self, call: ast.Call) -> bool:
        """True for a call that shows its arguments to people."""
        return last_name(call.func) in self.printers

    def fetches(self, call: ast.Call) -> bool:
        """True for a call that asks a server."""
        return last_name(call.func) in self.fetchers


@record(frozen=True)
class Moving:
    """What becomes of a server's address. prefix: in front of "/sse", "" for none; tail: what is there from now on."""

    prefix: str
    tail: str
    ports: tuple[str, ...] = ()  # where it listens, as far as is known

    def text(self, source: str, own: bool = False, sure: bool = False) -> str:
        """The text with the old address replaced. own: only where the host may be the server's; sure: and the port is."""

        def new(match: re.Match[str]) -> str:
            base = match[1]
            path = _HOST.sub("", base) if "://" in base or base.startswith("%s/") else self.prefix
            port = _PORT.match(base)
            theirs = port is not None and bool(self.ports) and port[1] not in self.ports
            theirs = theirs or (own and not _OWN.match(base)) or (sure and (port is None or not self.ports))
            return match[0] if theirs or ("{" not in path and path != self.prefix) else base + self.tail

        changed = _ADDRESS.sub(new, source)
        if not own and self.prefix + self.tail and "default" not in source.lower():
            alone = rf"(?<![\w/.:}}%-]){re.escape(self.prefix)}/sse/?(?![\w/.-])"  # a path by itself: `<a href="/sse">`
            changed = re.sub(alone, self.prefix + self.tail, changed)
        if changed == source:
            return source
        return re.sub(r"\b([Aa])n (?=Streamable)", r"\1 ", NAMED.sub("Streamable HTTP", changed))


def texts(module: Module) -> Iterator[ast.Constant | ast.JoinedStr]:
    """The literals that hold "/sse", without docstrings."""
    for node in module.nodes:
        held = isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
        if held and not isinstance(module.parents[node], ast.JoinedStr | ast.Expr) and "/sse" in module.source(node):
            yield node  # type: ignore[misc]


def for_people(module: Module, node: ast.Constant | ast.JoinedStr, called: Called) -> bool:
    """True for a text that is shown, and for one that is more than an address: no program takes it for one."""
    source, holder = module.source(node), module.parents[node]
    rest = _ADDRESS.sub("", source)
    if READ.search(rest) or ASKED.search(rest):
        return False
    if isinstance(holder, ast.keyword) and holder.arg in TOLD:
        return False
    if isinstance(holder, ast.Compare) or (isinstance(holder, ast.Attribute) and holder.attr != "format"):
        return False  # looked for, or taken apart
    return _has_words(source) or _printed(module, node, called)


def _has_words(source: str) -> bool:
    """True for a text that is more than an address."""
    rest = _ADDRESS.sub("", source)
    return re.search(r"\w\W*\s|\s\W*\w", re.sub(r"\{[^{}]*\}", "", rest[1:])) is not None


def _printed(module: Module, node: ast.AST, called: Called) -> bool:
    """True inside a call that prints, whatever the text is put together with on the way.

    What a function of the program's own makes of an address isn't known: `print(entry_for("http://localhost/sse"))`.
    """
    while True:
        parent = module.parents[node]
        if isinstance(parent, ast.Call):
            if called.prints(parent):
                return True
            if called.fetches(parent) or _is_own(parent.func):
                return False
        elif not isinstance(parent, _THROUGH) or (isinstance(parent, ast.Dict) and WORD.search(module.source(parent))):
            return False
        node = parent


def _is_own(function: ast.expr) -> bool:
    """True for a function that is called by its bare name, and is none of Python's. Classes are shown as they are made."""
    return isinstance(function, ast.Name) and function.id.islower() and not hasattr(builtins, function.id)


def say(module: Module, moving: Moving, called: Called, own: bool = False, sure: bool = False) -> Iterator[ReplaceExpr]:
    """The edits of a module's texts for people. sure: only sentences with the server's own port, as beside a client."""
    for node in texts(module):
        source = module.source(node)
        changed = moving.text(source, own, sure)
        if sure and not _has_words(source):
            continue
        worded = own and WORD.search(_ADDRESS.sub("", source)) is not None  # it may list what can be chosen
        if changed != source and not worded and for_people(module, node, called):
            yield ReplaceExpr(module.at(node), changed)
