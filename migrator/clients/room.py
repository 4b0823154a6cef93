"""What every kind of client is judged with: names, addresses, versions, and the rest of the code around them."""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from migrator.clients.addresses import Follower, Spelled, dotted_name, names_of
from migrator.clients.doubts import Doubts
from migrator.clients.facts import Fact
from migrator.clients.sites import ByHand, Offered, Site
from migrator.configs.decisions import Action, Decision
from migrator.configs.moves import Known
from migrator.context import ClientNeed, Context
from migrator.python.flow.value import Const, Ext, Value
from migrator.python.flow.values import Values
from migrator.python.functions import last_name
from migrator.python.module import FunctionNode, Module
from migrator.records import record
from migrator.versions.policy import Wish, can_be_raised
from migrator.versions.ranges import version

if TYPE_CHECKING:
    from migrator.deploy.given import Given

BRANCHES = ast.If | ast.Try | ast.TryStar | ast.Match | ast.IfExp
OWN_MOVED = "give it the new address: .../mcp where it was .../sse"


@record(eq=False)
class Room:
    """Tools that all readers of clients share."""

    context: Context
    known: Known
    values: Values
    follow: Follower
    modules: list[Module]
    newer: frozenset[str]  # dotted names that open Streamable HTTP
    doubts: Doubts

    @functools.cached_property
    def given(self) -> Given:
        """What the project's deployment files set variables to."""
        from migrator.deploy.given import Given  # most runs don't need it

        return Given(self.context)

    def ext(self, module: Module, node: ast.expr) -> str:
        """The one dotted name outside the project that the expression is, "" when it is anything else."""
        found = self.values.of(module, node)
        names = {v.name for v in found if isinstance(v, Ext)}
        return names.pop() if len(names) == 1 and len(found) == 1 else ""

    def calls(self, module: Module, wanted: Iterable[str]) -> Iterator[tuple[str, ast.Call]]:
        """Calls of outside functions, classes and methods ("openai.OpenAI.responses.create") by their dotted names."""
        names = set(wanted)
        lasts = {n.rpartition(".")[2] for n in names}
        asked = lasts | {alias for last in lasts for alias in module.aliases.get(last, ())}
        for called in sorted(asked):
            for call in module.calls_by_name.get(called, ()):
                found = {dotted_name(v) for v in self.values.of(module, call.func)}
                name = found.pop() if len(found) == 1 else ""
                if name in names:
                    yield name, call

    def version(self, module: Module, packages: Iterable[str]) -> tuple[str, object | None, object | None]:
        """The first of `packages` that the project names, its version and its lowest one."""
        installed = self.context.versions.of(module.path)
        for package in packages:
            version, lowest = installed.version(package), installed.lowest(package)
            if version is not None or lowest is not None:
                return package, version, lowest
        return next(iter(packages), ""), None, None

    def known_version(self, module: Module, packages: Iterable[str]) -> Any:
        """The version of the first of `packages` that the project names, else its lowest one; None when unknown."""
        _, exact, lowest = self.version(module, packages)
        return lowest if exact is None else exact

    def require(self, site: Site, module: Module, fact: Fact, needs: str = "") -> None:
        """Say what the site needs of its framework. Raises ByHand where the version is too old and can't be raised."""
        needs = needs or str(fact.row.get("first", ""))
        package, exact, lowest = self.version(module, fact.packages)
        site.need = ClientNeed(module.path, package, needs)
        known = exact if exact is not None else lowest
        if not needs or (known is not None and known >= version(needs)):  # type: ignore[operator]
            return
        wish = Wish(package, needs=needs, client=True)
        across = exact is not None and exact.major != version(needs).major  # type: ignore[attr-defined, union-attr]
        if (
            known is not None
            and not across
            and can_be_raised(self.context.versions.of(module.path), wish, self.context.rules)
        ):
            return
        if exact is not None:
            raise ByHand(f"{package} {exact} has no Streamable HTTP", f"require {package}>={needs}, then {site.todo}")
        site.instruction = f"It needs {package}>={needs}" + (": raise the requirement." if known is not None else ".")

    # -- addresses

    def address(self, site: Site, module: Module, node: ast.expr | None, only_sse: bool = False) -> None:
        """Move the address that `node` spells, or raise ByHand. A decision for each spelling, one edit for a literal.

        only_sse: the address decides the transport, so that a client whose code shows others, too, is a choice.
        """
        if node is None:
            raise ByHand("it gets no address here")
        spellings = self.follow.spellings(module, node)
        literal = [s for s in spellings if s.literal]
        site.handed = any(s.handed or _is_field(s) for s in spellings)
        outside = names_of(spellings)
        site.names = tuple(names_of([s for s in spellings if len(s.pieces) == 1]))
        if not literal:
            self._outside(site, module, outside, any(s.handed for s in spellings))
            return
        reaches = self.known.urls.reaches_sse
        if only_sse and not all(reaches(s.text, module.path) for s in literal):
            raise Offered
        edits: dict[int, str] = {}
        for spelled in literal:
            self._one(site, module, spelled, edits)
        if site.names and all(not s.literal or s.outside for s in spellings):
            also = f"Where {', '.join(site.names)} is set, it needs the new address, too."
            site.instruction = f"{site.instruction} {also}".strip()

    def word_from(self, module: Module, node: ast.expr, old: str) -> str:
        """What the transport's word comes from, when it is the word `old` where nothing else is said; "" otherwise."""
        spellings = self.follow.spellings(module, node)
        return ", ".join(names_of([s for s in spellings if s.text == old]))

    def one_word(self, module: Module, node: ast.expr, words: Sequence[Value], row: Mapping[str, Any]) -> Const:
        """The only value that a client's word has. Raises ByHand where whoever sets it may say another."""
        if any(isinstance(w, Const) and w.value != row["old"] for w in words):
            raise Offered
        first = words[0]
        if len(words) > 1 or not isinstance(first, Const):
            self.refuse_word(module, node, module.source(node), row)
        return first

    def refuse_word(self, module: Module, node: ast.AST, name: str, row: Mapping[str, Any]) -> NoReturn:
        """Raise for a client whose word comes from `name`: whoever sets it must say the new one."""
        if self.offers(module, node):
            raise Offered
        why = f'its transport comes from {name}, which is "{row["old"]}" where nothing else is said'
        todo = f'make that "{row["new"]}", here and wherever {name} is set, and {OWN_MOVED}'
        raise ByHand(why, todo)

    def hands_on(self, module: Module, node: ast.expr | None) -> bool:
        """True when the address comes from outside, in a file that opens Streamable HTTP, too."""
        if node is None or not self._newer(module, module.tree):
            return False
        return not any(s.literal for s in self.follow.spellings(module, node))

    def leaves(self, module: Module, nodes: Iterable[ast.expr]) -> set[int]:
        """Ids of every literal that these expressions are spelled with: what stays keeps them as they are."""
        return {i for node in nodes for s in self.follow.spellings(module, node) for i in _holders(s)}

    def reads_path_of(self, module: Module, nodes: Iterable[ast.expr]) -> set[str]:
        """The units whose move changes an address that these expressions spell, as they read the server's path."""
        return {s.unit for node in nodes for s in self.follow.spellings(module, node) if s.unit}

    def _one(self, site: Site, module: Module, spelled: Spelled, edits: dict[int, str]) -> None:
        if spelled.unit:
            site.units.add(spelled.unit)
            site.leaves |= _holders(spelled)
            return
        decision: Decision = self.known.urls.decide(spelled.text, module.path)
        site.units |= {decision.unit} if decision.unit else set()
        if decision.action in (Action.HAND, Action.LEFT):
            raise ByHand(decision.reason, decision.instruction, decision.unit)
        host = spelled.text.partition("://")[2] or spelled.text
        if spelled.handed and "{" in host.partition("/")[0] and not decision.unit:
            shown = ", ".join(names_of([spelled])) or "its caller"
            why = f"its host comes from {shown}, and no server that this run moves is known to be there"
            raise ByHand(why, f"{site.todo}, and {OWN_MOVED}")
        doubt = self.doubts.of(module, decision, spelled.text)
        if doubt:
            raise ByHand(doubt, f"once the server at {spelled.text} speaks Streamable HTTP, {site.todo}")
        if decision.assumed:
            site.assumed, site.check = True, decision.check
        if decision.action is Action.MOVE:
            operation = spelled.changed(decision.url)
            if operation is None:
                raise ByHand(f"its address {spelled.text} is put together from parts", f"make it {decision.url}")
            holder = spelled.holder_of(decision.url)
            if edits.setdefault(holder, operation.code) != operation.code:
                raise ByHand(f"its address {spelled.text} is put together in several ways", f"make it {decision.url}")
            site.leaves.add(holder)
            site.operations.append(operation)

    def _outside(self, site: Site, module: Module, names: list[str], handed: bool) -> None:
        shown = ", ".join(names) or "its caller"
        site.outside = True
        if handed and self._newer(module, module.tree):
            raise Offered
        of = self.context.versions.of
        endpoints = [e for e in self.context.servers if of(e.place.path).manifest == of(module.path).manifest]
        if endpoints and all(e.moved for e in endpoints):  # what belongs to one project is used together
            if _told_by_word(module, site.node):
                why = f'this code is what "sse" means in its settings, and {shown} may be the address of any server'
                raise ByHand(why, f'let it know a word for Streamable HTTP beside "sse"; there, {site.todo}')
        given = [g for name in site.names for g in self.given.values(name, module.path)]  # parts are no addresses
        decisions = [self.known.urls.decide(text, path) for path, text in given]
        if endpoints and all(e.moved for e in endpoints):
            other = next((i for i, d in enumerate(decisions) if d.action in (Action.HAND, Action.LEFT)), None)
            if other is not None and not any(d.unit for d in decisions):
                path, text = given[other]
                raise ByHand(f"{path} sets {shown} to {text}: {decisions[other].reason}", decisions[other].instruction)
            site.assumed = True
            site.perhaps |= {e.unit for e in endpoints}
            site.check = f"{shown} {'come' if len(names) > 1 else 'comes'} from outside: {OWN_MOVED}"
            return
        if len(names) == 1 and decisions and all(d.unit and d.action in (Action.MOVE, Action.STAY) for d in decisions):
            site.units |= {d.unit for d in decisions}
            site.assumed = True
            files = ", ".join(dict.fromkeys(path for path, _ in given))
            site.check = f"{shown} comes from outside; here {files} sets it: elsewhere, {OWN_MOVED}"
            return
        raise ByHand(
            f"its address comes from {shown}, and no server that this run moves is known to be there",
            f"once the server at {shown} speaks Streamable HTTP: set the new address there and {site.todo}",
        )

    # -- what stands around

    def offers(self, module: Module, node: ast.AST) -> bool:
        """True when the code around chooses between SSE and Streamable HTTP: by a condition, or by trying."""
        inner: ast.AST = node
        branched = False
        for outer in module.ancestors(node):
            if isinstance(outer, ast.ExceptHandler):
                return True  # what is tried last, whatever was tried first
            if isinstance(outer, BRANCHES) and any(self._newer(module, other) for other in _others(outer, inner)):
                return True
            branched = branched or isinstance(outer, ast.If | ast.Match | ast.IfExp)
            if isinstance(outer, FunctionNode):
                if self._tried(module, outer) or (branched and self._newer(module, outer)):
                    return True
                branched = False
            inner = outer
        return False

    def _newer(self, module: Module, node: ast.AST) -> bool:
        """True when Streamable HTTP is opened somewhere below, by a name or a word."""
        lasts = {n.rpartition(".")[2] for n in self.newer}
        words = {"streamable-http", "streamable_http", "streamablehttp", "streamableHttp", "http_stream"}
        for each in ast.walk(node):
            name = last_name(each)
            if "streamable" in name.lower() or (name in lasts and self.ext(module, each) in self.newer):  # type: ignore[arg-type]
                return True
            if isinstance(each, ast.Constant) and each.value in words:
                return True
        return False

    def _tried(self, module: Module, function: FunctionNode) -> bool:
        """True when the function opens Streamable HTTP under a condition, or tries it."""
        return any(isinstance(t, BRANCHES) and self._newer(module, t) for t in ast.walk(function))

    def patched(self, name: str, module: Module) -> str:
        """Where a test replaces `name` in `module` by its dotted path, "" when none does."""
        stem = module.path.rpartition("/")[2].removesuffix(".py")
        for path, text in self._strings(name):
            for line, value in text:
                if value == name or value.endswith(f"{stem}.{name}"):
                    return f"{path}:{line}"
        return ""

    @functools.cache  # noqa: B019 - one room a run
    def _strings(self, name: str) -> list[tuple[str, list[tuple[int, str]]]]:
        found = []
        for module in self.context.code.mentioning(name):
            held = [
                (n.lineno, n.value)
                for n in module.nodes
                if isinstance(n, ast.Constant)
                and isinstance(n.value, str)
                and (n.value.endswith(f".{name}") or (n.value == name and _patches(module.parents[n])))
            ]
            if held:
                found.append((module.path, held))
        return found


def _holders(spelled: Spelled) -> set[int]:
    return {id(p.holder) for p in spelled.pieces if p.holder is not None}


def _patches(node: ast.AST) -> bool:
    """True for `patch.object(module, name)` and `monkeypatch.setattr(module, name, ...)`."""
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("object", "setattr")
    )


def _told_by_word(module: Module, node: ast.AST) -> bool:
    """True for what is done where something says "sse": `if entry.type == "sse":`, `case "sse":`."""
    inner: ast.AST = node
    for outer in module.ancestors(node):
        if isinstance(outer, FunctionNode):
            return False
        arm = outer.body if isinstance(outer, ast.If | ast.match_case) else []
        told = outer.test if isinstance(outer, ast.If) else getattr(outer, "pattern", None)
        if inner in arm and told is not None and any(_is_old(n) for n in ast.walk(told)):
            return True
        inner = outer
    return False


def _is_old(node: ast.AST) -> bool:
    """True for a text that is the old word, in any case."""
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.lower() == "sse"


def _others(outer: ast.AST, inner: ast.AST) -> list[ast.AST]:
    """The arms of `outer` that `inner` doesn't stand in."""
    if isinstance(outer, ast.If):
        arms: list[list[ast.AST]] = [list(outer.body), list(outer.orelse)]
    elif isinstance(outer, ast.Try | ast.TryStar):
        arms = [list(outer.body), list(outer.handlers), list(outer.orelse), list(outer.finalbody)]
    elif isinstance(outer, ast.Match):
        arms = [[case] for case in outer.cases]
    elif isinstance(outer, ast.IfExp):
        arms = [[outer.body], [outer.orelse]]
    else:
        return []
    return [node for arm in arms if inner not in arm for node in arm]


def _is_field(spelled: Spelled) -> bool:
    """True for the default of a class's field: who makes the object may give another."""
    for piece in spelled.pieces:
        if piece.module is not None and piece.holder is not None:
            parent = piece.module.parents[piece.holder]
            if isinstance(parent, ast.AnnAssign) and isinstance(piece.module.parents[parent], ast.ClassDef):
                return True
    return False


def judged(site: Site, decide: Callable[[], None]) -> Site:
    """The site after `decide`, left to the user where that raises ByHand."""
    try:
        decide()
    except Offered:
        site.offer()
    except ByHand as error:
        site.hand(str(error), error.todo, error.unit)
    return site
