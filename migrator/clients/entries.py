"""Dicts in Python code that say how MCP servers are reached: `{"url": ".../sse", "transport": "sse"}`."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

from migrator.clients.added import added
from migrator.clients.addresses import in_order
from migrator.clients.facts import Fact
from migrator.clients.room import Room, judged
from migrator.clients.sites import ByHand, Offered, Site
from migrator.python.flow.value import Const, Display, Expr, Obj, Value, is_dict, pairs
from migrator.python.module import Module
from migrator.python.rewrite.edits import At, EditCall, Operation, ReplaceExpr
from migrator.versions.ranges import version

SERVERS = "mcpServers"
Written = ast.Dict | ast.Call  # `{...}` and `dict(...)`


class Entries:
    """Reads the dicts that a call gets."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self._seen: set[int] = set()
        self._open: list[ast.AST | None] = []  # dicts and lists whose entries are being asked for: one may hold itself

    def sse(self, module: Module, node: ast.expr | None) -> bool:
        """True when the address is that of an SSE endpoint in some spelling that the code shows."""
        if node is None:
            return False
        spellings = self.room.follow.spellings(module, node)
        return any(s.literal and self.room.known.urls.reaches_sse(s.text, module.path) for s in spellings)

    def sites(self, module: Module, fact: Fact, call: ast.Call) -> Iterator[Site]:
        """One site for each entry that means SSE."""
        row = fact.row
        node = next((k.value for k in call.keywords if k.arg == row.get("argument")), None)
        position = row.get("position", 0)
        if node is None and 0 <= position < len(call.args):
            node = call.args[position]
        if node is None or isinstance(node, ast.Starred):
            return
        whole = any(k.arg == SERVERS and k.value is node for k in call.keywords)
        yield from self._sites(module, fact, node, "servers" if whole else row["shape"])

    def held(self, module: Module, fact: Fact) -> Iterator[Site]:
        """The entries in an attribute of classes that a decorator of the framework reads."""
        for cls in (n for n in module.nodes if isinstance(n, ast.ClassDef)):
            if not any(self.room.ext(module, d) in fact.row["holder"] for d in cls.decorator_list):
                continue
            for statement in cls.body:
                targets = (
                    statement.targets if isinstance(statement, ast.Assign) else [getattr(statement, "target", None)]
                )
                value = getattr(statement, "value", None)
                if value is not None and any(getattr(t, "id", None) == fact.row["argument"] for t in targets):
                    yield from self._sites(module, fact, value, fact.row["shape"])

    def _sites(self, module: Module, fact: Fact, node: ast.expr, shape: str) -> Iterator[Site]:
        for home, entry, listed in self._entries(module, node, shape):
            if id(entry) not in self._seen:
                found = self._site(home, entry, fact, listed)
                if found is not None:
                    self._seen.add(id(entry))
                    yield found

    def _entries(self, module: Module, node: ast.expr, shape: str) -> Iterator[tuple[Module, Written, bool]]:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and shape == "servers":
            for side in (node.left, node.right):
                yield from self._entries(module, side, shape)
        for value in in_order(self.room.values.of(module, node)):
            if isinstance(value, Expr) and value.node is not node and isinstance(value.node, ast.BinOp):
                yield from self._entries(value.module, value.node, shape)
            elif isinstance(value, Display | Obj) and value.node not in self._open:
                self._open.append(value.node)
                yield from self._held_by(value, shape)
                self._open.remove(value.node)

    def _held_by(self, value: Display | Obj, shape: str) -> Iterator[tuple[Module, Written, bool]]:
        home, inner = value.module, value.node
        if isinstance(inner, ast.List | ast.Tuple):
            for each in inner.elts:
                if not isinstance(each, ast.Starred):
                    yield from ((m, d, True) for m, d, _ in self._entries(home, *_one_of(each, shape)))
        elif isinstance(inner, ast.ListComp):
            yield from ((m, d, True) for m, d, _ in self._entries(home, *_one_of(inner.elt, shape)))
        elif isinstance(inner, ast.DictComp) and shape == "servers":
            for each, form in ((inner.value, "entry"), *added(home, inner)):
                yield from self._entries(home, each, form)
        elif is_dict(value) and isinstance(inner, Written):
            wrapped = _value(inner, SERVERS)
            if wrapped is not None and shape != "entry":
                yield from self._entries(home, wrapped, "servers")
            elif shape == "servers":
                for each, form in (*map(_inside, pairs(value)), *added(home, inner)):
                    yield from self._entries(home, each, form)
            elif shape == "entry":
                yield home, inner, False

    def _site(self, module: Module, entry: Written, fact: Fact, listed: bool) -> Site | None:
        row = fact.row
        url, word = _value(entry, row.get("url", "url")), _value(entry, row.get("key", ""))
        words = in_order(
            self.room.values.of(module, word) if word is not None else self._put_in(module, entry, row.get("key", ""))
        )
        if word is None and any(isinstance(w, Const) and w.value == row["old"] for w in words):
            word = entry
        said = any(isinstance(w, Const) and w.value == row["old"] for w in words)
        outside = self.room.word_from(module, word, row["old"]) if word is not None and not said else ""
        if word is not None and outside:
            site = Site(module, entry, fact.rule, f"{fact.framework}'s entry", "")
            return judged(site, lambda: self.room.refuse_word(module, entry, outside, row))
        if word is not None and not said:
            return None
        if word is None and (url is None or not self._silent(module, fact, url, listed)):
            return None
        by_url = word is None and row.get("missing") == "url"
        todo = "give it the new address" if by_url else f'give it the new address and "{row["new"]}"'
        site = Site(module, entry, "MCP204" if by_url else fact.rule, f"{fact.framework}'s entry", todo)
        return judged(site, lambda: self._moved(site, module, entry, fact, url, word, words))

    def _put_in(self, module: Module, entry: Written, key: str) -> list[Value]:
        """The words that an entry gets later, or from a dict that it takes in: `entry["transport"] = "sse"`, `**COMMON`."""
        return self.room.values.dicts.entries(Display(module, entry), {key}) if isinstance(entry, ast.Dict) else []

    def _silent(self, module: Module, fact: Fact, url: ast.expr, listed: bool) -> bool:
        """True when an entry without a word means SSE."""
        row: Any = fact.row
        if row.get("missing") == "url":
            return self.sse(module, url)
        if row.get("missing") != "sse":
            return False
        limit = row.get("implicit-below")
        if limit is None or listed:
            return True
        known = self.room.known_version(module, fact.packages)
        # from that version on no word means Streamable HTTP, whatever the address
        return self.sse(module, url) if known is None else bool(known < version(limit))

    def _moved(
        self,
        site: Site,
        module: Module,
        entry: Written,
        fact: Fact,
        url: ast.expr | None,
        word: ast.expr | None,
        words: list[Any],
    ) -> None:
        row = fact.row
        if self.room.offers(module, entry):
            raise Offered
        if row.get("by-hand"):
            raise ByHand("it can't be expressed", row["by-hand"])
        self.room.require(site, module, fact)
        if any(k is None for k in (entry.keys if isinstance(entry, ast.Dict) else _names(entry))):
            raise ByHand("it takes in another dict")
        if other := _says_sse(entry, row.get("key", "")):
            raise ByHand(f'"{other}" in it says SSE, and its reader here is not known to look at that')
        if url is None:
            raise ByHand("it gives no address here")
        self.room.address(site, module, url, only_sse=word is None and row.get("missing") == "url")
        site.operations += self._worded(site, module, entry, row, url, word, words)
        site.message = (
            f'this entry gets "{row["new"]}", with its address'
            if word is not None
            else (
                f'an entry without a transport word means SSE here: it gets "{row["new"]}", with its address'
                if row.get("missing") == "sse"
                else "an entry's transport is read from its address, which moves"
            )
        )

    def _worded(
        self,
        site: Site,
        module: Module,
        entry: Written,
        row: Any,
        url: ast.expr,
        word: ast.expr | None,
        words: list[Any],
    ) -> list[Operation]:
        if word is not None:
            said = self.room.one_word(module, word, words, row)
            if said.module is not module or not isinstance(said.node, ast.Constant):
                raise ByHand("its transport word stands in another file")
            return [ReplaceExpr(module.at(said.node), self.quoted(module, said.node, row["new"]))]
        if row.get("missing") != "sse":
            return []
        if isinstance(entry, ast.Call):
            return [EditCall(module.at(entry), keywords=((row["key"], f'"{row["new"]}"'),))]
        return [_inserted(module, entry, url, f'"{row["key"]}": "{row["new"]}"', site)]

    @staticmethod
    def quoted(module: Module, node: ast.AST, word: str) -> str:
        """The word in the quotes of the literal that it replaces."""
        source = module.source(node)
        quote = source[-1:] if source[-1:] in ("'", '"') else '"'
        return f"{quote}{word}{quote}"


def _inside(pair: tuple[ast.expr | str | None, ast.expr]) -> tuple[ast.expr, str]:
    """What stands under a key of a dict of servers, or what the dict takes in, with its shape."""
    key, each = pair
    if isinstance(each, ast.GeneratorExp):
        return _one_of(each.elt, "servers")
    return each, "servers" if key is None else "entry"


def _one_of(element: ast.expr, shape: str) -> tuple[ast.expr, str]:
    """An element of a list with its shape; of `dict([(name, {...})])` what stands under the name."""
    if shape == "servers" and isinstance(element, ast.Tuple) and len(element.elts) == 2:
        return element.elts[1], "entry"
    return element, shape


def _says_sse(entry: Written, word: str) -> str:
    """The key of an entry, other than that of the transport's `word`, that says SSE; "" for none."""
    given = zip(entry.keys, entry.values, strict=True) if isinstance(entry, ast.Dict) else []
    named = [(k.value, v) for k, v in given if isinstance(k, ast.Constant)]
    named += [(k.arg, k.value) for k in entry.keywords] if isinstance(entry, ast.Call) else []
    says = (str(k) for k, v in named if isinstance(v, ast.Constant) and str(v.value).lower() == "sse")
    return next((key for key in says if key != word and key not in ("name", "description")), "")


def _names(call: ast.Call) -> list[str | None]:
    """The keys of `dict(name=...)`, None for whatever else it takes in."""
    return [*(k.arg for k in call.keywords), *(None for _ in call.args)]


def _value(node: Written, key: str) -> ast.expr | None:
    if isinstance(node, ast.Call):
        return next((k.value for k in node.keywords if k.arg == key), None)
    return next(
        (v for k, v in zip(node.keys, node.values, strict=True) if isinstance(k, ast.Constant) and k.value == key), None
    )


def _inserted(module: Module, entry: ast.Dict, url: ast.expr, added: str, site: Site) -> ReplaceExpr:
    """The dict with one more item behind its address; an edit of the address within it is carried out here, too."""
    whole, value = module.at(entry), module.at(url)
    end = _offset(whole, value.end_line, value.end_column)
    changes = [(end, end, _before(module, entry, url) + added)]
    inner = [o for o in site.operations if isinstance(o, ReplaceExpr) and _within(o.at, whole)]
    changes += [
        (_offset(whole, o.at.line, o.at.column), _offset(whole, o.at.end_line, o.at.end_column), o.code) for o in inner
    ]
    site.operations = [o for o in site.operations if o not in inner]
    code = whole.source
    for start, stop, text in sorted(changes, reverse=True):
        code = code[:start] + text + code[stop:]
    return ReplaceExpr(whole, code)


def _before(module: Module, entry: ast.Dict, url: ast.expr) -> str:
    """A comma, and a new line where every item has one."""
    key = entry.keys[entry.values.index(url)]
    line = module.lines[key.lineno - 1]  # type: ignore[union-attr]
    column = module.at(key).column  # type: ignore[arg-type]
    if line[:column].strip():
        return ", "
    end = "\r\n" if line.endswith("\r\n") else "\n"
    return f",{end}{line[:column]}"


def _within(inner: At, outer: At) -> bool:
    return (outer.line, outer.column) <= (inner.line, inner.column) and (inner.end_line, inner.end_column) <= (
        outer.end_line,
        outer.end_column,
    )


def _offset(whole: At, line: int, column: int) -> int:
    """Where a place is in the source of the node `whole`."""
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", whole.source)
    if line == whole.line:
        return column - whole.column
    return sum(map(len, lines[: line - whole.line])) + column
