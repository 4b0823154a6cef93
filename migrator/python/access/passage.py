"""Nobody gets in on the new path who was turned away on the old ones: asked of the code that sees requests.

Each function that looks at a request's path is enacted for the old paths as it is and for the new path as it would be
(treatment.py). The new path has to meet what the old ones met; of two old paths that met different things, the one
that met more decides.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterator
from typing import Any

from migrator.python.access.known import BODY, QUERY, Callee, Seen
from migrator.python.access.late import IN_TIME, late
from migrator.python.access.requests import Requests, own_routes
from migrator.python.access.treatment import Asked, Treatment, World, twin
from migrator.python.flow.value import Obj, constant
from migrator.python.module import Module
from migrator.python.project import Project
from migrator.python.rewrite.edits import Operation, path_of
from migrator.python.unit import Draft
from migrator.records import record

NEUTRAL = "/-/nothing-is-here"  # a path that no application has
PREFIX = "/-"  # stands for one that can't be told
BY_PATH = "decides by a request's path or method, and "


@record(frozen=True)
class Trip:
    """The paths of an endpoint as one application sees them: with the prefixes of mounts, or below them."""

    stream: str
    posts: str
    new: str
    between: bool = False  # below one of several mounts: only who takes `root_path` away sees it


@record(frozen=True)
class Verdict:
    """functions: that treat the old paths in a way of their own. wrong: the first that would open the new one, and how.

    texts: what that one compares paths with, and the modules where it stands.
    todo: what is to be done about that, where it isn't to treat the paths alike.
    exempting: functions that let requests pass by their path, where no code says which, or something may say others.
    guarding: those that ask for more by the path, where something may say others.
    variables: those that may say so, as far as fields of settings are filled by them.
    """

    functions: tuple[Callee, ...] = ()
    wrong: tuple[Callee, str] | None = None
    texts: tuple[tuple[Module, ast.Constant], ...] = ()
    todo: str = ""
    exempting: tuple[Callee, ...] = ()
    guarding: tuple[Callee, ...] = ()
    variables: frozenset[str] = frozenset()


def _same(before: Seen | None, after: Seen | None) -> bool:
    return before is not None and after is not None and before.events == after.events


class Passage:
    """Answers for one project."""

    def __init__(self, project: Project, table: dict[str, Any], keep: bool) -> None:
        self.project = project
        self.words: list[str] = [*table["words"], *table["names"]]
        self.requests = Requests(table["requests"], table["shown"])
        self.shown: dict[str, Any] = table["shown"]
        self.body: dict[str, Any] = table["body"]
        self.credentials: list[str] = table["credentials"]
        self.keep = keep
        # by the server's settings; apart, since a world notes what may be filled from outside for the old paths alone
        self._as_it_is: dict[tuple[str, ...], Treatment] = {}
        self._unchanged: dict[tuple[str, ...], Treatment] = {}

    def _asks(self, root: Callee, kind: str, path: str, body: str = "", **other: str) -> Asked:
        """A request as one function may see it. kind: "stream", "posts" or "calls"; other: what it shows instead."""
        passing = self.requests.hands_on(root.node)
        rows = {name: row for name, row in self.shown.items() if passing or not row.get("passing")}
        said = {name: other.get(name, row[kind][0] if kind == "calls" else row[kind]) for name, row in rows.items()}
        query = "&".join(f"{name}={text}" for name, text in said.items() if text and "query" in rows[name])
        whole = {QUERY: query} | ({BODY: body if kind != "stream" else ""} if passing else {})
        return Asked(path, "GET" if kind == "stream" else "POST", tuple((said | whole).items()))

    def verdict(self, draft: Draft, near: list[Module]) -> Verdict:
        """What the code near a draft would do to its new path, with the draft's edits made."""
        for wrong in late(self.project.values, near, self.credentials):
            return Verdict((), wrong, todo=IN_TIME)
        trips = self._trips(draft)
        if not trips:
            return Verdict()
        settings = {
            "sse_path": trips[-1].stream,
            "message_path": trips[-1].posts,
            "streamable_http_path": trips[-1].new,
        }
        as_it_is = Treatment(World(self.project, {}), settings)
        before = self._as_it_is.setdefault(tuple(settings.values()), as_it_is)
        filled = Treatment(World(self.project, {}, is_open=True), settings)
        for routed in self.requests.by_route(near):
            if self._about_credentials(routed, []):
                return Verdict(
                    (), (routed, "decides by the name or handler of the route that a request comes to, and both change")
                )
        roots = [r for r in self.requests.readers(near) if self._about_credentials(r, self._met(r, trips[0], before))]
        if not roots:
            return Verdict()
        changed = self._changed(draft)
        if changed is None:
            return Verdict((), (roots[0], f"{BY_PATH}can't be edited so that it treats the new path in the same way"))
        as_they_stay = Treatment(World(self.project, {}), settings)
        unchanged = self._unchanged.setdefault(tuple(settings.values()), as_they_stay)
        after = Treatment(World(self.project, changed), settings, unchanged)
        stays = set(own_routes([changed.get(m.path, m) for m in near], trips[0].stream, self._text))
        here = set(own_routes(near, trips[0].stream, self.project.text))
        if here - stays:  # a constant that is the address of something else, too
            return Verdict((), (roots[0], f"{BY_PATH}would take {min(here - stays)} along, which is no MCP"))
        own_paths = sorted(stays & here) if not self.keep else []
        own: list[Callee] = []
        exempting: list[Callee] = []
        guarding: list[Callee] = []
        for root in roots:
            later = twin(root, changed.get(root.module.path, root.module))
            beside = [self._asks(root, "stream", path) for path in own_paths]
            if later is not None and any(not _same(before.of(root, a, True), after.of(later, a, True)) for a in beside):
                return Verdict(
                    tuple(own), (root, f"{BY_PATH}would let {beside[0].path} pass in another way, which is no MCP")
                )
            for trip in trips:
                if trip.between and "root_path" not in root.module.source(root.node):
                    continue
                distinct, why = self._compare(root, later, trip, before, after)
                if distinct:
                    own.append(root)
                if not why and self._exempts(root, trip, before):
                    exempting.append(root)
                elif not why and before.world.filled:  # as it is with other values, too
                    exempting += [root] if self._exempts(root, trip, filled) else []
                    guarding += [root] if self._guards(root, trip, filled) else []
                if why:
                    texts = {node: module for s in self._met(root, trip, before) for node, module in s.texts.items()}
                    return Verdict(tuple(own), (root, why), tuple((m, n) for n, m in texts.items()))
        variables = frozenset(v for each in before.world.filled.values() for v in each)
        return Verdict(tuple(own), exempting=tuple(exempting), guarding=tuple(guarding), variables=variables)

    def _met(self, root: Callee, trip: Trip, before: Treatment) -> list[Seen]:
        """What requests to the old paths meet."""
        asked = self._old(root, trip, self.body["calls"][0])
        return [s for a in asked for force in (True, False) if (s := before.of(root, a, force)) is not None]

    def _old(self, root: Callee, trip: Trip, body: str) -> tuple[Asked, Asked]:
        return self._asks(root, "stream", trip.stream), self._asks(root, "posts", trip.posts, body)

    def _trips(self, draft: Draft) -> list[Trip]:
        posts = draft.message_path or "/messages/"
        tail, new = draft.new_path.rpartition("}")[2], self.project.new_path
        if not draft.old_path and "{" in draft.new_path and tail:  # below a prefix that can't be told
            usual = self.project.sdks.official["paths"]["sse"]
            stream = tail.removesuffix(new) + usual if tail.endswith(new) else tail
            return [Trip(PREFIX + stream, PREFIX + posts, PREFIX + tail), Trip(stream, posts, tail)]
        if not draft.old_path or "{" in draft.new_path + draft.old_path:
            return []
        whole = Trip(draft.old_path, posts, draft.new_path)
        parts = draft.old_path.rstrip("/").split("/")[1:-1]
        inner = []
        for i in range(len(parts)):
            mount = "/" + "/".join(parts[: i + 1])
            if draft.new_path.startswith(f"{mount}/"):
                stream, posted, new = (p.removeprefix(mount) for p in (draft.old_path, posts, draft.new_path))
                inner.append(Trip(stream, posted, new, between=i + 1 < len(parts)))
        return [whole, *inner]

    def _changed(self, draft: Draft) -> dict[str, Module] | None:
        """The modules that the draft edits, as they would be; None when they can't be edited (then nothing moves)."""
        from migrator.python.rewrite.transform import Unmatched, apply_operations

        operations: dict[str, list[Operation]] = {}
        for operation in draft.operations:
            operations.setdefault(path_of(operation), []).append(operation)
        out = {}
        for path, wanted in operations.items():
            old = self.project.code.load(path)
            if old is None:
                continue
            try:
                text = apply_operations(path, old.text.encode(), wanted).decode()
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    out[path] = Module(path, old.name, text, ast.parse(text))
            except (Unmatched, SyntaxError, ValueError):
                return None
        return out

    def _text(self, module: Module, node: ast.expr) -> str | None:
        """What a name says in a module as it would be: by itself, or where it comes from, as that is."""
        name = node.id if isinstance(node, ast.Name) else ""
        for binding in module.scope.bindings.get(name, ()):
            if isinstance(binding.value, ast.Constant):
                return str(binding.value.value)
        old = self.project.code.load(module.path)
        return constant(set(self.project.values.member(old, name))) if name and old is not None else None

    # -- one function

    def _compare(
        self, root: Callee, later: Callee | None, trip: Trip, before: Treatment, after: Treatment
    ) -> tuple[bool, str]:
        """Whether a function tells the old paths from others, and why it would open the new one ("" when not)."""
        distinct = False
        bodies: list[str] = self.body["calls"]
        for body in bodies:
            met = self._all_met(root, later, trip, before, after, body) if later is not None else None
            if later is None or met is None:
                return False, BY_PATH + "takes too many turns to tell what it does to the new path"
            tells, why = self._told_apart(root, later, trip, after, met)
            distinct = distinct or tells
            if why:
                return distinct, why
            if not any(BODY in s.shown for each in met.values() for s in each):
                break
        assert later is not None and met is not None
        for name in self.shown:
            if not self._same_for_all(later, trip, after, name, met[True][2]):
                return distinct, f"lets requests pass by {self.shown[name]['what']}, which anybody can send"
        if self._looks_up(root, trip, before, met):
            return True, BY_PATH + "looks the path up in something that can't be read here"
        return distinct, ""

    def _told_apart(
        self, root: Callee, later: Callee, trip: Trip, after: Treatment, met: dict[bool, list[Seen]]
    ) -> tuple[bool, str]:
        """The same for calls with one body, by what is met."""
        shown = sorted({name for each in met.values() for s in each for name in s.shown})
        alone = not self.requests.looked_at(root.node)  # it asks for no path
        by = BY_PATH
        if shown and alone:
            by = f"decides by {' and '.join((self.shown | {BODY: self.body})[name]['what'] for name in shown)}, and "
        distinct = False
        for opened, posted, new, listen, *rest in met.values():
            others, still = [s.events for s in rest[:2]], [s.events for s in rest[2:]]
            if alone and others != still:
                return False, ""  # the handler itself, which is written anew
            distinct = distinct or [opened.events, posted.events] != others
            if others != still:
                return True, by + "would treat paths in another way that have nothing to do with the server"
            strict = opened.events if opened.events >= posted.events else posted.events
            if not strict >= opened.events:
                return True, by + "does one thing for the stream's path and another for the messages'"
            if new.events != strict or listen.events not in (opened.events, posted.events):
                return distinct, by + "would let the new path pass in another way than the old ones"
            if self.keep and not self._stays(later, trip, after, strict):
                return True, by + "would treat the old paths in another way than before"
        return distinct, ""

    def _all_met(
        self, root: Callee, later: Callee, trip: Trip, before: Treatment, after: Treatment, body: str
    ) -> dict[bool, list[Seen]] | None:
        """What requests meet where what can't be computed fits the path, and where not; None where it can't be told.

        In this order: the stream's and the messages' path before, a call and a stream on the new one after; then a path
        that has nothing to do with the server, before and after.
        """
        stream, posts = self._old(root, trip, body)
        called = (self._asks(root, "calls", trip.new, body), self._asks(root, "stream", trip.new))
        others = (self._asks(root, "stream", NEUTRAL), self._asks(root, "posts", NEUTRAL, body))
        way = [(before, root, stream), (before, root, posts), *((after, later, asked) for asked in called)]
        way += [(before, root, asked) for asked in others] + [(after, later, asked) for asked in others]
        met: dict[bool, list[Seen]] = {}
        for force in (True, False):
            seen = [treatment.of(function, asked, force) for treatment, function, asked in way]
            met[force] = [s for s in seen if s is not None]
        return met if all(len(each) == len(way) for each in met.values()) else None

    def _stays(self, later: Callee, trip: Trip, after: Treatment, strict: set[str]) -> bool:
        """True when requests to the old paths meet nothing that they didn't meet before."""
        seen = [after.of(later, a, True) for a in self._old(later, trip, self.body["calls"][0])]
        return all(s is not None and s.events <= strict for s in seen)

    def _same_for_all(self, later: Callee, trip: Trip, after: Treatment, name: str, called: Seen) -> bool:
        """True when a call meets the same, whatever its caller puts in the header or parameter."""
        row, body = self.shown[name], self.body["calls"][-1]
        if row.get("passing") and name not in called.shown:
            return True
        calls = [self._asks(later, "calls", trip.new, body, **{name: said}) for said in row["calls"][1:]]
        return all((s := after.of(later, call, True)) is not None and s.events == called.events for call in calls)

    def _looks_up(self, root: Callee, trip: Trip, before: Treatment, met: dict[bool, list[Seen]]) -> bool:
        """True when something that can't be computed decides which statements a request to the old paths meets."""
        seen = [s for each in met.values() for s in each]
        if not any(s.unclear for s in seen):
            return False
        fits, fits_not = ({e for s in met[f][:2] for e in s.events} for f in (True, False))
        if fits - fits_not or not any(s.looked for s in seen):
            return bool(fits - fits_not)
        asked = self._old(root, trip, self.body["calls"][0])
        found, missing = (
            [s.events for a in asked for f in (True, False) if (s := before.of(root, a, f, turned)) is not None]
            for turned in (True, False)
        )
        return fits != fits_not or found != missing

    def _exempts(self, root: Callee, trip: Trip, before: Treatment) -> bool:
        """True when requests whose path fits something that can't be computed meet less than others."""
        return any(fits.events < others.events for fits, others in self._unclear(root, trip, before))

    def _guards(self, root: Callee, trip: Trip, before: Treatment) -> bool:
        """True when requests whose path fits something that can't be computed meet more than others."""
        return any(fits.events > others.events for fits, others in self._unclear(root, trip, before))

    def _unclear(self, root: Callee, trip: Trip, before: Treatment) -> Iterator[tuple[Seen, Seen]]:
        """What requests to the old paths meet where what can't be computed fits them, and where not."""
        for asked in self._old(root, trip, self.body["calls"][0]):
            fits, others = (before.of(root, asked, force) for force in (True, False))
            if fits is not None and others is not None and fits.unclear:
                yield fits, others

    def _about_credentials(self, root: Callee, seen: list[Seen]) -> bool:
        nodes: set[ast.AST] = {root.node, *(f for s in seen for f in s.functions)}
        text = " ".join(ast.unparse(n) for n in nodes).lower()
        owner = root.owner.name.lower() if root.owner is not None else ""
        return any(word in text or word in owner for word in self.words) or self._says_who(root)

    def _says_who(self, root: Callee) -> bool:
        """True for a function that keeps something of the request for what answers it: in a context variable, its state."""
        for node in ast.walk(root.node):
            if isinstance(node, ast.Assign) and any(".state." in ast.unparse(t) for t in node.targets):
                return True
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "set":
                held = self.project.values.of(root.module, node.func.value)
                if any(isinstance(v, Obj) and getattr(v.of, "name", "").endswith("ContextVar") for v in held):
                    return True
        return False
