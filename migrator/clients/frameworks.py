"""Agent frameworks: one engine for the rows of rules/frameworks."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.clients.addresses import in_order, names_of
from migrator.clients.bases import decide_base, whole
from migrator.clients.entries import Entries
from migrator.clients.facts import Fact
from migrator.clients.room import Room, judged
from migrator.clients.sites import ByHand, Offered, Site
from migrator.python.code import is_test
from migrator.python.flow.value import Const, Display, Ext, Obj, Value
from migrator.python.module import Module
from migrator.python.rewrite.edits import EditCall, EnsureImport, ReplaceExpr
from migrator.versions.ranges import version


class Frameworks:
    """Reads the clients of agent frameworks."""

    def __init__(self, room: Room, facts: list[Fact]) -> None:
        self.room = room
        self.facts = facts
        self.entries = Entries(room)
        # (file, what gives it its address) of clients that go by the address
        self.inferring: dict[tuple[str, str], None] = {}

    def sites(self, module: Module) -> Iterator[Site]:
        """Every place in the module that opens SSE through a framework, decided."""
        for fact in self.facts:
            if not any(mark in module.text for mark in fact.marks):
                continue
            if fact.row.get("holder") and self.applies(module, fact):
                yield from self.entries.held(module, fact)
            for name, call in self.room.calls(module, fact.names):
                if not self.applies(module, fact) or any(k.arg in fact.row.get("unless", ()) for k in call.keywords):
                    continue
                if fact.kind == "class":
                    yield self._class(module, fact, name, call)
                elif fact.kind == "entries":
                    yield from self.entries.sites(module, fact, call)
                elif fact.kind == "word":
                    yield from self._word(module, fact, name, call)
                else:
                    yield from self._address(module, fact, name, call)

    def applies(self, module: Module, fact: Fact) -> bool:
        """True unless the project's version is known to be another that the row is not about."""
        known = self.room.known_version(module, fact.packages)
        if known is None:
            return "from" not in fact.row or "below" in fact.row
        if "below" in fact.row and known >= version(fact.row["below"]):
            return False
        return "from" not in fact.row or known >= version(fact.row["from"])

    def ready(self, site: Site, module: Module, fact: Fact, name: str = "") -> None:
        """Raises where the row says so, where its version can't do it, or where the code around decides."""
        if self.room.offers(module, site.node):
            raise Offered
        if name:
            short = name.rpartition(".")[2]
            where = self.room.patched(short, module)
            if where and fact.kind == "class":
                raise ByHand(f"{where} replaces it by its name", f"change {where} together with it: {site.todo}")
        if fact.row.get("by-hand"):
            raise ByHand("nothing of the same form takes its place", fact.row["by-hand"])
        self.room.require(site, module, fact)

    # -- classes

    def _class(self, module: Module, fact: Fact, name: str, call: ast.Call) -> Site:
        old = next((o for o in fact.row["old"] if name == o or name.startswith(f"{o}.")), name).rpartition(".")[2]
        new = str(fact.row.get("new", ""))
        todo = f"replace {old} by {new.rpartition('.')[2]}" if new else str(fact.row.get("by-hand", ""))
        site = Site(module, call, fact.rule, old, todo, beside=self._beside(module, fact, call))
        return judged(site, lambda: self._replaced(site, module, fact, name, call))

    def _replaced(self, site: Site, module: Module, fact: Fact, name: str, call: ast.Call) -> None:
        row = fact.row
        called = name.partition(f".{site.name}.")[2]  # the method of the class that is called
        name = name.removesuffix(f".{called}")
        self.ready(site, module, fact, name)
        others = self._other_uses(module, name, row.get("methods", ()))
        if others is not None:
            raise ByHand(f"{site.name} is used in another way in line {others.lineno}, too")
        self._arguments(fact, call)
        base = next((k.value for k in call.keywords if k.arg == row.get("base")), None)
        if base is not None:
            decide_base(self.room, site, module, base, *row["behind"])
        else:
            self.room.address(site, module, self.url(module, fact, call))
        home, _, new = str(row["new"]).rpartition(".")
        keywords: list[tuple[str, str | None]] = []
        keywords += [(key, word) for key, word in row.get("with", {}).items()]
        if base is not None:
            keywords += [(row["base"], None), (row["url"], whole(module, base, row["behind"][1]))]
        for key, taker in row.get("hand-over", {}).items():
            passed = next((k for k in call.keywords if k.arg == key), None)
            if passed is not None:
                keywords.append((key, None))
                site.operations.append(self._handed(module, call, passed, taker))
        if any(b.kind != "import" for s in module.scopes.values() for b in s.bindings.get(new, ())):
            raise ByHand(f"this file uses the name {new} for something else")
        origin, top = self._origin(module, name)
        source = home if origin is None else self._home(origin, home)
        beside = source == origin and top  # the import that loses the old name gets the new one
        old = f"{origin or name.rpartition('.')[0]}:{site.name}"
        site.operations += [
            EditCall(module.at(call), function=f"{new}.{called}" if called else new, keywords=tuple(keywords)),
            EnsureImport(module.path, source, new, "" if beside else old),
        ]
        site.operations += self._annotations(module, name, new)
        given = next((k.value for k in call.keywords if k.arg == row.get("params")), None)
        site.operations += self._typed(module, fact, given) if isinstance(given, ast.Name) else ()
        site.message = f"{site.name} becomes {new}, with its address"

    @staticmethod
    def _home(origin: str, home: str) -> str:
        return origin if home.startswith(f"{origin}.") or home == origin else home

    @staticmethod
    def _origin(module: Module, name: str) -> tuple[str | None, bool]:
        """The module that the name is imported from here, and whether that is done at the top."""
        last = name.rpartition(".")[2]
        for scope in module.scopes.values():
            for bindings in scope.bindings.values():
                for b in bindings:
                    if b.kind == "import" and b.name == last:
                        statement = module.statement_of(b.node)
                        return b.module, isinstance(module.parents[statement], ast.Module)
        return None, False

    def _arguments(self, fact: Fact, call: ast.Call) -> None:
        row = fact.row
        if any(k.arg is None for k in call.keywords) or any(isinstance(a, ast.Starred) for a in call.args):
            raise ByHand("its arguments are handed on as a whole")
        if len(call.args) > row.get("position", 0) + 1:
            raise ByHand("it gets positional arguments whose places may differ")
        for key, why in row.get("refuse", {}).items():
            if any(k.arg == key for k in call.keywords):
                raise ByHand(f"it is given {key}=", why)

    def _beside(self, module: Module, fact: Fact, call: ast.Call) -> list[ast.expr] | None:
        """The address where it stands in the parameters that the call gets: if this stays, so do they."""
        url = self.url(module, fact, call) if fact.row.get("params") else None
        return None if url is None else [url]

    def url(self, module: Module, fact: Fact, call: ast.Call) -> ast.expr | None:
        """The expression of the call's address."""
        row = fact.row
        given = {k.arg: k.value for k in call.keywords}
        params = row.get("params")
        if params:
            node = given.get(params) or (call.args[0] if call.args and not row.get("url") else None)
            return (
                self._inside(module, node, row.get("inside", "url"))
                if node is not None
                else given.get(row.get("url", ""))
            )
        node = given.get(row.get("argument" if fact.kind == "address" else "url", "url"))
        position = row.get("url-position", row.get("position", 0))
        if node is None and 0 <= position < len(call.args):
            node = call.args[position]
        return node

    def _inside(self, module: Module, node: ast.expr, name: str) -> ast.expr | None:
        """The address that is called `name` in a dict, or in a call that makes parameters."""
        for value in in_order(self.room.values.of(module, node)):
            if isinstance(value, Display) and isinstance(value.node, ast.Dict):
                for key, inner in zip(value.node.keys, value.node.values, strict=True):
                    if isinstance(key, ast.Constant) and key.value == name and value.module is module:
                        return inner
            if isinstance(value, Obj) and value.node is not None and value.module is module:
                for keyword in value.node.keywords:
                    if keyword.arg == name:
                        return keyword.value
                if value.node.args:
                    return value.node.args[0]
        return node

    def _handed(self, module: Module, call: ast.Call, passed: ast.keyword, taker: dict[str, str]) -> EditCall:
        """The argument, given to the call around instead."""
        outer = module.parents[call]
        if (
            isinstance(outer, ast.Call)
            and self.room.ext(module, outer.func) in taker["callee"]
            and not any(k.arg in (taker["argument"], None) for k in outer.keywords)
        ):
            return EditCall(module.at(outer), keywords=((taker["argument"], module.source(passed.value)),))
        raise ByHand(
            f"what takes its place has no {passed.arg}=", f"give it to {taker['callee'][0]}({taker['argument']}=...)"
        )

    # -- other uses of a name

    def _loads(self, module: Module, name: str) -> Iterator[ast.expr]:
        last = name.rpartition(".")[2]
        for alias in {last} | module.aliases.get(last, set()):
            for node in module.loads.get(alias, ()):
                if Ext(name) in self.room.values.of(module, node):
                    yield node

    def _other_uses(self, module: Module, name: str, methods: Sequence[str]) -> ast.expr | None:
        for node in self._loads(module, name):
            parent = module.parents[node]
            used: ast.expr = node
            if isinstance(parent, ast.Attribute) and parent.attr in methods:
                used, parent = parent, module.parents[parent]
            if not (isinstance(parent, ast.Call) and parent.func is used) and not _annotates(module, node):
                return node
        return None

    def _annotations(self, module: Module, name: str, new: str) -> list[ReplaceExpr]:
        return [ReplaceExpr(module.at(n), new) for n in self._loads(module, name) if _annotates(module, n)]

    def _typed(self, module: Module, fact: Fact, given: ast.Name) -> Iterator[ReplaceExpr | EnsureImport]:
        """The type that a name was declared with: `params: MCPServerSseParams = {"url": ...}`."""
        for binding in module.scope_of(given).bindings.get(given.id, ()):
            statement = module.statement_of(binding.node)
            typed = statement.annotation if isinstance(statement, ast.AnnAssign) else None
            for name in self.room.values.names(module, typed) if typed is not None else ():
                other = next(
                    (f for f in self.facts if f.packages == fact.packages and name in f.row.get("old", ())), None
                )
                if other is not None and typed is not None and isinstance(typed, ast.Name) and "new" in other.row:
                    home, _, new = str(other.row["new"]).rpartition(".")
                    origin, top = self._origin(module, name)
                    source = home if origin is None else self._home(origin, home)
                    old = f"{origin or name.rpartition('.')[0]}:{typed.id}"
                    yield ReplaceExpr(module.at(typed), new)
                    yield EnsureImport(module.path, source, new, "" if source == origin and top else old)

    # -- words and addresses

    def _word(self, module: Module, fact: Fact, name: str, call: ast.Call) -> Iterator[Site]:
        row = fact.row
        short = name.rpartition(".")[2]
        given = next((k.value for k in call.keywords if k.arg == row["argument"]), None)
        if given is None and 0 <= row.get("position", -1) < len(call.args):
            given = call.args[row["position"]]
        words = (
            [w for value in in_order(self.room.values.of(module, given)) for w in self._listed(value)] if given else []
        )
        todo = f"use {row['new']}" if row.get("members") else f'use "{row["new"]}"'
        site = Site(module, call, fact.rule, short, todo, beside=self._beside(module, fact, call))
        if given is not None and row.get("members"):
            if self.room.ext(module, given) in row["members"]:
                yield judged(site, lambda: self._member(site, module, fact, call, given))
            return
        if given is not None and row.get("each"):
            if any(isinstance(w, Const) and w.value == row["old"] for w in words):
                yield judged(site, lambda: self._each(site, module, fact, call, given))
            return
        if given is None:
            if "unless-path" in row and self._by_path(module, self.url(module, fact, call), row["unless-path"]):
                yield judged(site, lambda: self._inserted(site, module, fact, call))
            return
        if not any(isinstance(w, Const) and w.value == row["old"] for w in words):
            outside = self.room.word_from(module, given, row["old"])
            if outside:
                yield judged(site, lambda: self.room.refuse_word(module, call, outside, row))
            return

        def decide() -> None:
            self.ready(site, module, fact)
            word = self.room.one_word(module, given, words, row)
            self.room.address(site, module, self.url(module, fact, call))
            if word.module is not module:
                raise ByHand("its transport word stands in another file")
            site.operations.append(
                ReplaceExpr(module.at(word.node), self.entries.quoted(module, word.node, row["new"]))
            )
            site.message = f'{short} gets "{row["new"]}" instead of "{row["old"]}", with its address'

        yield judged(site, decide)

    def _member(self, site: Site, module: Module, fact: Fact, call: ast.Call, given: ast.expr) -> None:
        """An enum's member says the transport, and the client puts the path behind its address."""
        row = fact.row
        self.ready(site, module, fact)
        url = self.url(module, fact, call)
        if url is None:
            raise ByHand("it gets no address here")
        if not isinstance(given, ast.Attribute):
            raise ByHand("its transport is named elsewhere")
        decide_base(self.room, site, module, url, *row["behind"])
        site.operations.append(ReplaceExpr(module.at(given), f"{module.source(given.value)}.{row['new']}"))
        site.message = f"{site.name} gets {row['new']} instead of {given.attr}; its address stays"

    def _each(self, site: Site, module: Module, fact: Fact, call: ast.Call, given: ast.expr) -> None:
        """A list of words beside a list of addresses."""
        row = fact.row
        self.ready(site, module, fact)
        node = next((k.value for k in call.keywords if k.arg == row["each"]), None)
        if node is None and 0 <= row.get("url-position", -1) < len(call.args):
            node = call.args[row["url-position"]]
        words, addresses = self._elements(module, given), self._elements(module, node)
        if not words or len(words) != len(addresses):
            raise ByHand("its words and addresses can't be paired")
        for word, address in zip(words, addresses, strict=True):
            if isinstance(word, ast.Constant) and word.value == row["old"]:
                self.room.address(site, module, address)
                site.operations.append(ReplaceExpr(module.at(word), self.entries.quoted(module, word, row["new"])))
        site.message = f'{site.name} gets "{row["new"]}" instead of "{row["old"]}", with each address'

    def _elements(self, module: Module, node: ast.expr | None) -> list[ast.expr]:
        """The elements of a list that is written in this file; [] for anything else."""
        values = self.room.values.of(module, node) if node is not None else ()
        found = [v.node for v in values if isinstance(v, Display) and v.module is module]
        if len(values) != 1 or len(found) != 1 or not isinstance(found[0], ast.List | ast.Tuple):
            return []
        elements = found[0].elts
        return [] if any(isinstance(e, ast.Starred) for e in elements) else elements

    def _listed(self, value: Value) -> list[Value]:
        """The value, or the elements of a list."""
        if isinstance(value, Display) and isinstance(value.node, ast.List | ast.Tuple):
            return [v for e in value.node.elts for v in self.room.values.of(value.module, e)]
        return [value]

    def _by_path(self, module: Module, node: ast.expr | None, end: str) -> bool:
        """True when no word means SSE, because the address is written here and does not end so."""
        spellings = self.room.follow.spellings(module, node) if node is not None else []
        paths = [s.text.partition("?")[0].rstrip("/") for s in spellings if s.literal]
        return bool(paths) and not all(p.endswith(end) for p in paths)

    def _inserted(self, site: Site, module: Module, fact: Fact, call: ast.Call) -> None:
        row = fact.row
        self.ready(site, module, fact)
        known = self.room.known_version(module, fact.packages)
        self.room.address(site, module, self.url(module, fact, call))
        if known is None:
            self.room.require(site, module, fact, row["insert-from"])
        if known is None or known >= version(row["insert-from"]):
            site.operations.append(EditCall(module.at(call), keywords=((row["argument"], f'"{row["new"]}"'),)))
        site.message = f"{site.name} gets the address of Streamable HTTP, and its word"

    def _address(self, module: Module, fact: Fact, name: str, call: ast.Call) -> Iterator[Site]:
        node = self.url(module, fact, call)
        every = self._elements(module, node) or ([node] if node is not None else [])
        nodes = [n for n in every if self.entries.sse(module, n)]
        told = (n for e in every if e not in nodes for n in names_of(self.room.follow.spellings(module, e)))
        self.inferring |= {(module.path, n): None for n in told if not is_test(module.path)}
        if not nodes:
            return
        short = name.rpartition(".")[2]
        site = Site(module, call, "MCP204", short, "give it the address of a Streamable HTTP endpoint")

        def decide() -> None:
            self.ready(site, module, fact)
            for each in nodes:
                self.room.address(site, module, each, only_sse=True)
            site.message = f"{short} reads its transport from the address, which moves"

        yield judged(site, decide)


def _annotates(module: Module, node: ast.AST) -> bool:
    inner = node
    for outer in module.ancestors(node):
        if isinstance(outer, ast.arg):
            return True
        if isinstance(outer, ast.AnnAssign):
            return inner is outer.annotation
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            return inner is outer.returns
        if isinstance(outer, ast.stmt | ast.Call):
            return False
        inner = outer
    return False
