"""Where a client's address is written: the literals that an expression's text comes from, and how to change them.

    for spelled in Follower(...).spellings(module, expression): ...

Nothing is decided here; see configs.urls for that.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from migrator.clients.fixtures import given
from migrator.python.flow.value import Cls, Const, Entered, Expr, Ext, Field, Obj, Opaque, Param, Slot, Value
from migrator.python.flow.values import Values
from migrator.python.functions import last_name
from migrator.python.module import Module, dotted
from migrator.python.rewrite.edits import ReplaceExpr
from migrator.python.words.fields import variables_of
from migrator.python.words.selector import Words
from migrator.records import record

MOST = 24  # spellings of one address; more can't be told apart by people either
DEEP = 12
HANDED = {"param", "field", "opaque"}  # kinds of sources that no command line and no setting fills
STEPS = 200  # expressions looked at for one address; what comes after is not followed
JOINERS = {"urllib.parse.urljoin"}
PLAIN = {"builtins.str", "pydantic.HttpUrl", "pydantic.AnyUrl", "pydantic.AnyHttpUrl"}


@record(frozen=True)
class Piece:
    """A part of an address: a literal's text, or (holder None) what something else fills in."""

    text: str
    module: Module | None = None
    holder: ast.expr | None = None  # the Constant or JoinedStr whose source holds `text`
    unit: str = ""  # of the server whose path is read here: its move changes it


@record(frozen=True)
class Spelled:
    """One way an address is put together. outside: names of what fills the rest, for people."""

    pieces: tuple[Piece, ...]
    outside: tuple[str, ...] = ()
    handed: bool = False  # some of it is handed in by code that nobody sees: a library's parameter

    @property
    def text(self) -> str:
        return "".join(p.text for p in self.pieces)

    @property
    def literal(self) -> bool:
        """True when some of the path is written in the code, or read from the server."""
        return bool(self.unit) or any(p.holder is not None and p.text.strip() for p in self.pieces)

    @property
    def unit(self) -> str:
        """The unit of the server that its path is read from, `f"{base}{mcp.settings.sse_path}"`; "" for none."""
        return next((p.unit for p in self.pieces if p.unit), "")

    def changed(self, new: str) -> ReplaceExpr | None:
        """The edit that makes this address `new`; None when the change isn't within one literal."""
        found = self._within(new)
        return _respelled(*found) if found else None

    def holder_of(self, new: str) -> int:
        """The id of the literal that `changed` edits, 0 for none."""
        found = self._within(new)
        return id(found[0].holder) if found else 0

    def _within(self, new: str) -> tuple[Piece, str] | None:
        """The piece that changes, and its new text."""
        old = self.text
        start = 0
        while start < min(len(old), len(new)) and old[start] == new[start]:
            start += 1
        end = 0
        while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
            end += 1
        first, last, added = start, len(old) - end, new[start : len(new) - end]
        at = 0
        for piece in self.pieces:
            if at <= first and last <= at + len(piece.text) and piece.holder is not None:
                return piece, piece.text[: first - at] + added + piece.text[last - at :]
            at += len(piece.text)
        return None


def _respelled(piece: Piece, text: str) -> ReplaceExpr | None:
    assert piece.module is not None and piece.holder is not None
    source = piece.module.source(piece.holder)
    if source.count(piece.text) != 1 or any(c in text for c in "\"'\\{}\n"):
        return None
    return ReplaceExpr(piece.module.at(piece.holder), source.replace(piece.text, text))


def in_order(values: Iterable[Value]) -> list[Value]:
    """The values by where they stand: what is written and said must not depend on the order of a set."""

    def place(value: Value) -> tuple[object, ...]:
        node = getattr(value, "node", None)
        path = getattr(getattr(value, "module", None), "path", "")
        at = path, getattr(node, "lineno", 0), getattr(node, "col_offset", 0), dotted_name(value), type(value).__name__
        return (*at, *place(value.of)) if isinstance(value, Obj | Field | Slot | Entered) else at

    return sorted(values, key=place)


def dotted_name(value: Value) -> str:
    """The dotted name of something outside the project, or of an attribute of an object of an outside class."""
    if isinstance(value, Ext):
        return value.name
    if isinstance(value, Field):
        of = value.of.of if isinstance(value.of, Entered) else value.of
        base = of.of.name if isinstance(of, Obj) and isinstance(of.of, Ext) else dotted_name(of)
        return f"{base}.{value.name}" if base else ""
    return ""


class Follower:
    """Follows addresses through names, joins, environment defaults, options and settings."""

    def __init__(self, values: Values, words: Words, tests: bool, path_reads: Mapping[int, str]) -> None:
        self.tests = tests  # False: what stands in tests stays
        self.path_reads = path_reads  # as in Context
        self.values = values
        self.words = words
        self._steps = 0
        self._known: dict[int, list[Spelled]] = {}

    def spellings(self, module: Module, node: ast.expr) -> list[Spelled]:
        """Every text the address can have, as far as the code says."""
        if id(node) not in self._known:
            self._steps = 0
            self._known[id(node)] = list(dict.fromkeys(self._of(module, node, 0)))[:MOST]
        return self._known[id(node)]

    def _of(self, module: Module, node: ast.expr, depth: int) -> list[Spelled]:
        self._steps += 1
        if depth > DEEP or self._steps > STEPS:
            return [_hole(module, node)]
        if id(node) in self.path_reads:
            return [Spelled((Piece("{path}", unit=self.path_reads[id(node)]),))]
        if isinstance(node, ast.JoinedStr):
            return self._joined(module, node, depth)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            return _products(self._of(module, node.left, depth + 1), self._of(module, node.right, depth + 1))
        if isinstance(node, ast.IfExp):
            return [*self._of(module, node.body, depth + 1), *self._of(module, node.orelse, depth + 1)]
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return [s for each in node.values for s in self._of(module, each, depth + 1)]
        out: list[Spelled] = []
        for value in in_order(self.values.of(module, node)):
            out += self._value(value, module, node, depth + 1)
        return out[:MOST] or [_hole(module, node)]

    def _value(self, value: Value, module: Module, node: ast.expr, depth: int) -> list[Spelled]:
        if isinstance(value, Const):
            if isinstance(value.value, str):
                return [Spelled((Piece(value.value, value.module, value.node),))]  # type: ignore[arg-type]
            if value.value is None:
                return []
            return [Spelled((Piece(str(value.value)),))]
        if isinstance(value, Expr) and value.node is not node and isinstance(value.node, ast.BinOp | ast.JoinedStr):
            return self._of(value.module, value.node, depth)
        if isinstance(value, Obj) and value.node is not None:
            name = getattr(value.of, "name", "")
            if name in JOINERS and len(value.node.args) == 2:
                return self._urljoin(value.module, value.node, depth)
            if name in PLAIN and value.node.args:
                return self._of(value.module, value.node.args[0], depth)
        if isinstance(value, Param) and isinstance(value.node, ast.arg):
            fixed = [s for m, n in given(self.values.code, value.module, value.node) for s in self._of(m, n, depth)]
            if fixed:
                return fixed
        source = self.words.source(value, module)
        if source is not None:
            found = [s for m, default in self.words.defaults(source) for s in self._of(m, default, depth)]
            if source.kind == "env":
                found += [s for m, n in self._set_for_others(source.name) for s in self._of(m, n, depth)]
            name = source.name or _shown(module, node)
            if source.kind == "slot":  # people set the variable that fills the field
                name = next(iter(variables_of(self.values, Cls(source.module, source.node), source.name)), name)
            handed = source.kind in HANDED
            known = [Spelled(s.pieces, (*s.outside, name), s.handed) for s in found]
            return known or [_named(name, handed)]
        if isinstance(value, Opaque) and isinstance(value.node, ast.expr):
            return [_hole(value.module, value.node)]
        return [_hole(module, node)]

    def _set_for_others(self, name: str) -> Iterator[tuple[Module, ast.expr]]:
        """Addresses that the code puts into a variable of a process it starts, or of a test: `env={**os.environ, NAME: url}`.

        A web framework's configuration has such names, too: `app.config.setdefault(NAME, url)`, `class Config: NAME = url`.

        A text that stands there twice may be what a test expects to come back: it stays.
        """
        for module in self.values.code.mentioning(name, tests=self.tests):
            pairs: list[tuple[ast.expr | None, ast.expr]] = []
            for node in module.nodes:
                if isinstance(node, ast.Dict):
                    pairs += zip(node.keys, node.values, strict=True)
                elif isinstance(node, ast.Call):
                    if last_name(node.func) in ("setenv", "setdefault") and len(node.args) > 1:
                        pairs.append((node.args[0], node.args[1]))
                    pairs += [(ast.Constant(k.arg), k.value) for k in node.keywords if k.arg == name]
                elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Subscript | ast.Name):
                    held = target.slice if isinstance(target, ast.Subscript) else ast.Constant(target.id)
                    pairs.append((held, node.value))
            for key, value in pairs:
                if (
                    isinstance(key, ast.Constant)
                    and key.value == name
                    and isinstance(value, ast.Constant | ast.JoinedStr)
                ):
                    source = module.source(value)
                    if "/sse" in source and module.text.count(source.strip("f\"'")) == 1:
                        yield module, value

    def _joined(self, module: Module, node: ast.JoinedStr, depth: int) -> list[Spelled]:
        found = [Spelled(())]
        for part in node.values:
            if isinstance(part, ast.Constant):
                found = _products(found, [Spelled((Piece(str(part.value), module, node),))])
            elif isinstance(part, ast.FormattedValue):
                plain = part.conversion == -1 and part.format_spec is None
                inner = self._of(module, part.value, depth + 1) if plain else [_hole(module, part.value)]
                found = _products(found, inner)
        return found

    def _urljoin(self, module: Module, node: ast.Call, depth: int) -> list[Spelled]:
        tails = self._of(module, node.args[1], depth)
        heads = self._of(module, node.args[0], depth)
        joined = []
        for head in heads:
            for tail in tails:
                outside, handed = (*head.outside, *tail.outside), head.handed or tail.handed
                if tail.text.startswith("/") and head.text.rstrip("/").count("/") <= 2:
                    root = Piece(head.text.rstrip("/")) if head.text else Piece("{base}")
                    joined.append(Spelled((root, *tail.pieces), outside, handed))
                elif head.text.endswith("/") and tail.literal and not re.match(r"\.|/|\w+:", tail.text):
                    joined.append(Spelled((*head.pieces, *tail.pieces), outside, handed))
                else:
                    joined.append(_hole(module, node))
        return joined


def _products(left: list[Spelled], right: list[Spelled]) -> list[Spelled]:
    return [
        Spelled((*a.pieces, *b.pieces), (*a.outside, *b.outside), a.handed or b.handed) for a in left for b in right
    ][:MOST]


def _shown(module: Module, node: ast.expr) -> str:
    return dotted(node) or module.source(node)


def _hole(module: Module, node: ast.expr) -> Spelled:
    return _named(_shown(module, node), handed=True)


def _named(name: str, handed: bool = False) -> Spelled:
    plain = "".join(c if c.isalnum() or c == "_" else "_" for c in name).strip("_") or "value"
    return Spelled((Piece("{" + plain + "}"),), (name,), handed)


def names_of(spelled: Iterator[Spelled] | list[Spelled]) -> list[str]:
    """What fills these addresses from outside, once each; the place in a list, `address[0]`, tells nobody anything."""
    named = (name for s in spelled for name in s.outside)
    return list(dict.fromkeys(name for name in named if name != "None" and not name.isdecimal()))
