"""Enacts a function of request-handling code for one request: which of its statements does the request meet?

What the code knows is computed (the request's path and method, texts, lists, patterns, the project's own functions);
of what it can't know both branches are met, or, where it looks at the path, the one that `force` says.
"""

from __future__ import annotations

import ast
import contextlib
import operator
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from migrator.python.access.computing import Expressions
from migrator.python.access.known import (
    DEPTH,
    QUERY,
    UNKNOWN,
    Callee,
    End,
    Made,
    Outside,
    Raised,
    Request,
    Seen,
    TooMuch,
    Val,
    any_,
    blanked,
    found,
    is_request,
    joined,
    said_body,
)
from migrator.python.functions import LOGGING, last_name

OF_REQUEST = ("request.", "scope[", "conn.")  # what is put there, the server's own code sees
Lookup = Callable[["Enactment", Any, ast.AST, str], Val]  # (.., module, where, name): a name from outside the function
Member = Callable[["Enactment", Any, str], Val]  # (.., Outside | Folder | Made, attribute)


class _Loop(Exception):
    """The rest of the loop's body is not met. last: nor are further turns."""

    def __init__(self, last: bool) -> None:
        self.last = last


class Enactment:
    """All runs of one function for one request."""

    def __init__(
        self,
        lookup: Lookup,
        member: Member,
        settings: dict[str, str],
        path: str,
        method: str,
        force: bool,
        shows: dict[str, str],
        turned: bool | None = None,
    ) -> None:
        """`settings`: the server's own, by name; `force`: whether the path fits what can't be computed.

        turned: what tests of something looked up say; None: as the path fits.
        shows: headers and parameters of the request by name in lower case, "" for those that it doesn't have.
        """
        self.lookup, self.member, self.settings = lookup, member, settings
        self.path, self.method, self.force, self.shows, self.turned = path, method, force, shows, turned
        self.query = shows.get(QUERY, "")
        self.seen = Seen()
        self.unclear = 0  # tests of the path so far that could not be computed
        self._steps = 0

    def run(self, function: Callee) -> Seen:
        """Enact it. Raises TooMuch."""
        with contextlib.suppress(End):
            self.call(function, [], {}, 0)
        return self.seen

    def truth(self, value: Val, node: ast.AST) -> bool | None:
        """Whether a test is passed; None when both ways are possible."""
        if value.known and not isinstance(value.value, Outside):
            return bool(value.value)
        if value.path:
            self.unclear += 1
            self.seen.unclear.add(node)
            if value.looked:
                self.seen.looked.add(node)
                return (self.force if self.turned is None else self.turned) != value.negated
            return self.force != value.negated
        return None

    # -- functions

    def call(self, callee: Callee, args: list[Val], named: dict[str, Val], depth: int) -> Val:
        node = callee.node
        if depth > DEPTH:
            raise TooMuch
        frame = Frame(self, callee, depth)
        a = node.args
        positional = [*a.posonlyargs, *a.args]
        if callee.owner is not None and positional:
            frame.names[positional[0].arg] = Val(Made(callee.module, callee.owner, True))
            positional = positional[1:]
        defaults = dict(zip([p.arg for p in positional][::-1], a.defaults[::-1], strict=False))
        defaults |= {p.arg: d for p, d in zip(a.kwonlyargs, a.kw_defaults, strict=True) if d is not None}
        for i, p in enumerate([*positional, *a.kwonlyargs]):
            if i < len(args) and i < len(positional):
                frame.names[p.arg] = args[i]
            elif p.arg in named:
                frame.names[p.arg] = named[p.arg]
            elif depth == 0 and (body := said_body(callee.module, p)) is not None:
                frame.names[p.arg] = Val(Made(callee.module, body, True))
            elif depth == 0 and is_request(p):
                frame.names[p.arg] = Val(Request())
            elif p.arg in defaults and depth:
                frame.names[p.arg] = frame.value(defaults[p.arg])
            else:
                frame.names[p.arg] = UNKNOWN
        if isinstance(node, ast.Lambda):
            return frame.value(node.body)
        self.seen.functions.add(node)
        before = self.unclear
        try:
            frame.block(node.body)
            frame.returned.append(Val(None))
        except Raised:
            if not frame.returned:
                raise
        except End:
            pass
        value = joined(frame.returned)
        return found(value) if self.unclear != before else value


class Frame(Expressions):
    """Meets a function's statements."""

    # -- statements

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def event(self, node: ast.stmt) -> None:
        self.all.seen.events.add(blanked(node))

    def statement(self, node: ast.stmt) -> None:
        self.step()
        match node:
            case ast.Return():
                value = self.value(node.value) if node.value is not None else Val(None)
                if self.depth == 0:
                    self.event(node)
                self.returned.append(value)
                raise End
            case ast.Raise():
                self.event(node)
                raise Raised
            case ast.Expr():
                self.value(node.value)
                logs = isinstance(node.value, ast.Call) and last_name(node.value.func) in LOGGING
                if isinstance(node.value, ast.Await | ast.Call | ast.Yield) and not logs:
                    self.event(node)
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.bind(target, value)
                    if isinstance(target, ast.Attribute | ast.Subscript) and ast.unparse(target).startswith(OF_REQUEST):
                        self.event(node)
            case ast.AnnAssign() if node.value is not None:
                self.bind(node.target, self.value(node.value))
            case ast.AugAssign():
                self.bind(node.target, self.added(node))
            case ast.If():
                before = self.all.unclear
                truth = self.cond(node.test)
                try:
                    self.either(truth, node.body, node.orelse)
                finally:
                    if self.all.unclear != before:
                        self.chosen(node)
            case ast.For() | ast.AsyncFor():
                self.loop(node)
            case ast.While():
                truth = self.cond(node.test)
                if truth is not False:
                    ways: list[Callable[[], None]] = [lambda: self.turn(node.body)]
                    self.branches(ways if truth else [*ways, lambda: None])
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    value = self.value(item.context_expr)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, Val(known=False, path=value.path))
                self.block(node.body)
            case ast.Try():
                self.attempt(node)
            case ast.Match():
                self.match(node)
            case ast.Break():
                raise _Loop(True)
            case ast.Continue():
                raise _Loop(False)
            case ast.Assert():
                passed = self.cond(node.test)
                if not passed:
                    self.event(node)
                if passed is False:
                    raise Raised
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.names[node.name] = Val(Callee(self.module, node))
            case _:
                pass

    def added(self, node: ast.AugAssign) -> Val:
        """What a name holds with something put to it: texts alone, as nobody counts the turns of a loop."""
        put = self.value(node.value)
        before = self.value(node.target) if isinstance(node.target, ast.Name) else UNKNOWN
        if isinstance(node.op, ast.Add) and all(v.known and isinstance(v.value, str | bytes) for v in (before, put)):
            return self.computed(operator.add, [before, put])
        return Val(known=False, path=put.path)

    # -- branches

    def branches(self, ways: Iterable[Callable[[], None]]) -> None:
        """Go every way from here; what comes next is met with what all of those know that get there."""
        before, ends, ends_of_loop = dict(self.names), [], []
        arrived: list[dict[str, Val]] = []
        for way in ways:
            self.names = dict(before)
            try:
                way()
                arrived.append(self.names)
            except End as end:
                ends.append(end)
            except _Loop as end:
                ends_of_loop.append(end)
        if not arrived:
            if ends_of_loop:
                raise ends_of_loop[0]
            raise next((e for e in ends if not isinstance(e, Raised)), ends[0])
        every = dict.fromkeys(name for names in arrived for name in names)
        self.names = {name: joined([names.get(name, UNKNOWN) for names in arrived]) for name in every}

    def either(self, truth: bool | None, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        if truth is None:
            self.branches([lambda: self.block(body), lambda: self.block(orelse)])
        else:
            self.block(body if truth else orelse)

    def chosen(self, node: ast.If) -> None:
        """What is not known of names that a branch binds was looked up: the path led to it."""
        stored = {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        for name in stored.intersection(self.names):
            self.names[name] = found(self.names[name])

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        values = self.value(node.iter)
        if not values.known or not isinstance(values.value, list | tuple | set | frozenset | dict):
            self.bind(node.target, Val(known=False, path=values.path))
            self.branches(self.turns(node))
            return
        for item in sorted(values.value, key=str):
            self.bind(node.target, Val(item, path=values.path))
            try:
                self.block(node.body)
            except _Loop as end:
                if end.last:
                    return
        self.block(node.orelse)

    def turns(self, node: ast.For | ast.AsyncFor) -> Iterator[Callable[[], None]]:
        """One turn, and none: not where the path fits what the loop goes through."""
        before = self.all.unclear
        yield lambda: self.turn(node.body)
        if self.all.unclear == before or not self.all.force:
            yield lambda: self.block(node.orelse)

    def turn(self, body: list[ast.stmt]) -> None:
        with contextlib.suppress(_Loop):
            self.block(body)

    def attempt(self, node: ast.Try) -> None:
        def whole() -> None:
            self.block(node.body)
            self.block(node.orelse)

        def handled(handler: ast.ExceptHandler) -> Callable[[], None]:
            return lambda: self.block(handler.body)

        ways = [whole] if self.sure(node.body) else [whole, *map(handled, node.handlers)]
        try:
            self.branches(ways)
        finally:
            self.block(node.finalbody)

    def sure(self, body: list[ast.stmt]) -> bool:
        """True for statements that only keep what can be computed: nothing is raised there."""
        return all(isinstance(s, ast.Assign | ast.AnnAssign) and s.value and self.value(s.value).known for s in body)

    def match(self, node: ast.Match) -> None:
        subject = self.value(node.subject)
        ways: list[Callable[[], None]] = []
        for case in node.cases:
            fits = self.fits(case.pattern, subject)
            if fits and case.guard is not None:
                fits = self.cond(case.guard)
            if fits is not False:
                ways.append(lambda body=case.body: self.block(body))  # type: ignore[misc]
            if fits:
                break
        else:
            ways.append(lambda: None)
        self.branches(ways)

    def fits(self, pattern: ast.pattern, subject: Val) -> bool | None:
        if isinstance(pattern, ast.MatchAs) and pattern.pattern is None:
            if pattern.name:
                self.names[pattern.name] = subject
            return True
        if isinstance(pattern, ast.MatchOr):
            return any_(self.fits(p, subject) for p in pattern.patterns)
        if isinstance(pattern, ast.MatchValue):
            return self.all.truth(self.compared(subject, ast.Eq(), self.value(pattern.value)), pattern)
        return self.all.truth(Val(known=False, path=subject.path), pattern)
