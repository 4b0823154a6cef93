"""The official SDK's SSE client: `sse_client(...)` and `SseServerParameters(...)`."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

from migrator.clients.room import Room, judged
from migrator.clients.sites import ByHand, Offered, Site, arguments_of
from migrator.clients.streams import Streams
from migrator.context import ClientNeed
from migrator.python.flow.value import Ext, Func
from migrator.python.module import Module
from migrator.python.rewrite.edits import EditCall, EnsureImport, Helper, Operation
from migrator.records import record
from migrator.versions.policy import Wish, can_be_raised
from migrator.versions.ranges import version
from migrator.versions.resolved import Installed


@record(frozen=True)
class Target:
    """What `sse_client` becomes in one file."""

    kind: str  # "deprecated" | "current"
    two: bool  # gives two streams for certain
    needs: str = ""  # first version that has it, "" where no older one can be there
    major: int | None = None  # the only major version that has it
    any_major: bool = False  # every version from `needs` on has it


class OfficialClients:
    """Reads the clients of one project. `table` is rules/sdks/clients.toml."""

    def __init__(self, room: Room, table: dict[str, Any]) -> None:
        self.room = room
        self.table = table
        self.streams = Streams(room.values, frozenset(table["takers"]["names"]))

    def sites(self, module: Module) -> Iterator[Site]:
        """Every place in the module that opens SSE with the SDK, decided."""
        yield from self._clients(module)
        yield from self._groups(module)

    # -- sse_client

    def _clients(self, module: Module) -> Iterator[Site]:
        names = self.table["sse"]["names"]
        called: set[ast.AST] = set()
        for _, call in self.room.calls(module, names):
            called.add(call.func)
            site = Site(module, call, "MCP201", "sse_client", f"replace sse_client by {self._new(module)}")
            yield judged(site, lambda s=site, c=call: self._client(s, module, c))  # type: ignore[misc]
        for node in self._references(module, names):
            if node not in called:
                site = Site(module, node, "MCP201", "sse_client", f"replace it by {self._new(module)}")
                if self.room.offers(module, node):
                    site.offer()
                else:
                    site.hand("it is handed on instead of called, and its streams can't be followed")
                site.beside = self._beside(module, node)
                yield site

    def _new(self, module: Module) -> str:
        """What takes its place in the SDK that the module gets, for people."""
        try:
            target = self._target(module, set())
        except ByHand:
            target = Target("current", False)
        name = str(self.table[target.kind]["name"])
        return name if target.two else f"{name} (in mcp 1.x it gives three values: take the first two)"

    def _references(self, module: Module, names: list[str]) -> Iterator[ast.expr]:
        for name in names:
            last = name.rpartition(".")[2]
            for alias in {last} | module.aliases.get(last, set()):
                for node in module.loads.get(alias, ()):
                    if Ext(name) in self.room.values.of(module, node) and not self._only_tested(module, node):
                        yield node

    @staticmethod
    def _beside(module: Module, node: ast.expr) -> list[ast.expr]:
        """What stands beside it as arguments: `partial(sse_client, URL)`."""
        return [a for a in arguments_of(module.parents[node]) if a is not node]

    @staticmethod
    def _only_tested(module: Module, node: ast.AST) -> bool:
        return isinstance(module.parents[node], ast.Compare)

    def _client(self, site: Site, module: Module, call: ast.Call) -> None:
        url = call.args[0] if call.args else next((k.value for k in call.keywords if k.arg == "url"), None)
        if self.room.offers(module, call) or self.room.hands_on(module, url):
            raise Offered
        where = self.room.patched("sse_client", module)
        if where:
            raise ByHand(f"{where} replaces it by its name", f"change {where} together with it: {site.todo}")
        keywords = {k.arg for k in call.keywords}
        handed = self._handed_on(module, call)
        if handed is None or (url is None and None in keywords) or any(isinstance(a, ast.Starred) for a in call.args):
            raise ByHand("its arguments are handed on as a whole")
        if len(call.args) > len(self.table["sse"]["positional"]):
            raise ByHand("it gets more positional arguments than have the same place in every version")
        given = {*(k for k in keywords if k), *self.table["sse"]["positional"][: len(call.args)], *handed} - {"url"}
        odd = given - set(self.table["sse"]["options"])
        if odd:
            raise ByHand(f"Streamable HTTP's client has no {', '.join(sorted(odd))}=")
        target = self._target(module, given)
        self.room.address(site, module, url)
        package = self.table["distribution"]
        site.need = ClientNeed(module.path, package, target.needs, target.major, target.any_major)
        if target.needs and self.room.known_version(module, [package]) is None:
            site.instruction = f"It needs {package}>={target.needs}. {site.instruction}".strip()
        site.operations += self._replaced(module, call, target, given)
        site.message = f"sse_client becomes {self._name(target, given)}, with its address"

    def _handed_on(self, module: Module, call: ast.Call) -> set[str] | None:
        """What `**kwargs` of the function around can hold: the usual options, and what its callers give; None: anything."""
        splats = [k.value for k in call.keywords if k.arg is None]
        function = module.function_of(call)
        own = function.args.kwarg if function is not None else None
        if not splats or function is None:
            return set() if not splats else None
        if own is None or any(not isinstance(s, ast.Name) or s.id != own.arg for s in splats):
            return None
        if sum(isinstance(n, ast.Name) and n.id == own.arg for n in ast.walk(function)) > len(splats):
            return None  # it may hold what the function puts in
        names = {a.arg for a in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)}
        given = set(self.table["sse"]["helped"])
        for _, caller in self.room.values.callers.of(Func(module, function)):
            if any(k.arg is None for k in caller.keywords):
                return None
            given |= {k.arg for k in caller.keywords if k.arg} - names
        return given

    def _name(self, target: Target, given: set[str]) -> str:
        helped = target.kind == "current" and given
        return str(self.table["helper" if helped else target.kind]["name"])

    def _target(self, module: Module, given: set[str]) -> Target:
        """What the file's SDK has: the spelling that works from the lowest version that the project may have.

        No name is in every version: where 2.x is let in and 1.23 is not kept out, the requirement is raised with it.
        """
        package, old, new = self.table["distribution"], self.table["deprecated"], self.table["current"]
        installed = self.context.versions.of(module.path)
        exact, lowest, two = installed.version(package), installed.lowest(package), version(new["two-streams"])
        low = min((v for v in (exact, lowest) if v is not None), default=None)
        if self._second(module) or (low is not None and low >= two):
            return Target("current", True, "", 2)
        one = exact is not None if installed.range(package) is None else not installed.admits(package, str(two))
        if low is not None and low >= version(new["first"]):
            kind = self._plain(given, one)
            return Target(kind, False, "", 1 if kind == "deprecated" else None, kind == "current")
        if low is not None and low < version(old["first"]):
            free = not one and (exact is None or exact >= version(new["first"]))
            return self._raised(installed, Target("current", False, new["first"], None, free))
        plain = old["plain-numbers"] if given - {"headers"} else old["first"]
        known = exact is not None and exact < version(new["first"])
        if one or known or self._beside_first(module):
            target = Target("deprecated", False, plain, 1)
            return self._raised(installed, target) if known and exact < version(plain) else target
        return Target("current", False, new["first"], None, True)

    def _raised(self, installed: Installed, target: Target) -> Target:
        """The target, which the version that is installed does not have. Raises ByHand where none is asked for."""
        package = self.table["distribution"]
        wish = Wish(package, target.major, target.needs, any_major=target.any_major, client=True)
        if can_be_raised(installed, wish, self.context.rules):
            return target
        known = installed.version(package) or installed.lowest(package)
        raise ByHand(
            f"{package} {known} has no client that can take its place", f"require {package}>={target.needs} first"
        )

    def _beside_first(self, module: Module) -> bool:
        """True when a server of SDK 1.x is in the same project: its requirement keeps 2.x out."""
        of = self.context.versions.of
        mine = of(module.path)
        return any(
            e.generation == "official-1"
            and (there := of(e.place.path)).manifest == mine.manifest
            and there.lock == mine.lock
            for e in self.context.endpoints
        )

    def _plain(self, given: set[str], first: bool) -> str:
        """The deprecated client only where the other can't take what is given, and while the SDK has it."""
        return "deprecated" if first and given - set(self.table["sse"]["helped"]) else "current"

    def _second(self, module: Module) -> bool:
        """True when the module itself uses names that only SDK 2.x has."""
        return any(
            b.kind == "import"
            and (b.module.startswith("mcp.server.mcpserver") or (b.module, b.name) == ("mcp", "Client"))
            for bindings in module.scope.bindings.values()
            for b in bindings
        )

    @property
    def context(self) -> Any:
        return self.room.context

    def _replaced(self, module: Module, call: ast.Call, target: Target, given: set[str]) -> list[Operation]:
        old = f"{self.table['sse']['names'][0].rpartition('.')[0]}:sse_client"
        if target.kind == "current" and given:
            odd = given - set(self.table["sse"]["helped"])
            if odd:
                raise ByHand(
                    f"streamable_http_client takes no {', '.join(sorted(odd))}=",
                    "make the HTTP client yourself and hand it over: streamable_http_client(url, http_client=...)",
                )
            helper = self.table["helper"]
            _free(module, helper["name"])
            code, imports = helper["code"].strip("\n"), helper["imports"]
            if not _imported_at_start(module):
                code, imports = _lazily(code, imports)
            return [
                EditCall(module.at(call), function=helper["name"]),
                Helper(module.path, helper["name"], code),
                *(EnsureImport(module.path, m, n) for m, n in imports),
            ]
        row = self.table[target.kind]
        _free(module, row["name"])
        taken = [] if target.two else self.streams.of(module, call)
        return [
            EditCall(module.at(call), function=row["name"]),
            EnsureImport(module.path, row["module"], row["name"], old),
            *taken,
        ]

    # -- SseServerParameters

    def _groups(self, module: Module) -> Iterator[Site]:
        row = self.table["group"]
        for _, call in self.room.calls(module, row["old"]):
            site = Site(module, call, "MCP201", "SseServerParameters", f"replace it by {row['name']}")
            yield judged(site, lambda s=site, c=call: self._group(s, module, c))  # type: ignore[misc]

    def _group(self, site: Site, module: Module, call: ast.Call) -> None:
        row = self.table["group"]
        if self.room.offers(module, call):
            raise Offered
        package, installed = self.table["distribution"], self.context.versions.of(module.path)
        exact = installed.version(package)
        site.need = ClientNeed(module.path, package, row["first"])
        if exact is not None and exact < version(row["first"]):
            self._raised(installed, Target("group", False, row["first"]))
        url = next((k.value for k in call.keywords if k.arg == "url"), None)
        self.room.address(site, module, url)
        old = row["old"][0]
        site.operations += [
            EditCall(module.at(call), function=row["name"]),
            EnsureImport(module.path, row["module"], row["name"], ":".join(old.rsplit(".", 1))),
        ]
        site.message = f"SseServerParameters becomes {row['name']}, with its address"


def _imported_at_start(module: Module) -> bool:
    """True where the file can't be imported without the SDK: some of it is imported at the top, behind no guard."""
    return any(
        any(name.partition(".")[0] == "mcp" for name in _modules(statement))
        for statement in module.tree.body
        if isinstance(statement, ast.Import | ast.ImportFrom)
    )


def _modules(statement: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(statement, ast.Import):
        return [alias.name for alias in statement.names]
    return [] if statement.level else [str(statement.module)]


def _lazily(code: str, imports: list[list[str]]) -> tuple[str, list[list[str]]]:
    """A helper that imports the SDK when it is called, and what the file must import itself all the same."""
    inside: dict[str, list[str]] = {}
    for module, name in imports:
        if module.partition(".")[0] == "mcp":
            inside.setdefault(module, []).append(name)
    lines = "".join(f"    from {module} import {', '.join(names)}\n\n" for module, names in inside.items())
    head, quote, body = code.rpartition('"""\n')
    return head + quote + lines + body, [i for i in imports if i[0] not in inside]


def _free(module: Module, name: str) -> None:
    """Raises ByHand where the file means something else by `name`."""
    for scope in module.scopes.values():
        if any(b.kind != "import" for b in scope.bindings.get(name, ())):
            raise ByHand(f"this file uses the name {name} for something else")
