"""Enacts a function of request-handling code for one request: which of its statements does the request meet?

What the code knows is computed (the request's path and method, texts, lists, patterns, the project's own functions);
of what it can't know both branches are met, or, where it looks at the path, the one that `force` says.
"""

from __future__ import annotations

import ast
import contextlib
import fnmatch
import functools
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from migrator.python.code import FunctionNode

STEPS = 40_000  # statements and expressions of one function; past that nothing is concluded
DEPTH = 5  # functions of the project in each other
LONG = 400  # characters and elements of what is computed


@dataclass(frozen=True)
class Val:
    """A value. path: it comes from the request's path. negated: unknown, and true where the path does not fit."""

    value: Any = None
    known: bool = True
    path: bool = False
    negated: bool = False


UNKNOWN = Val(known=False)


class Request:
    """Stands for a request, a connection or an ASGI scope."""


@dataclass(frozen=True)
class Url:
    """Stands for `request.url`."""

    path: str

    def __str__(self) -> str:
        return f"http://localhost{self.path}"


@dataclass(frozen=True)
class Callee:
    """A function of the project. owner: the class it is looked up in, for a method."""

    module: Any
    node: FunctionNode | ast.Lambda
    owner: ast.ClassDef | None = None


@dataclass(frozen=True)
class Outside:
    """Something of another library, by its dotted name."""

    name: str


@dataclass(frozen=True)
class Folder:
    """A module of the project."""

    module: Any


@dataclass(frozen=True)
class Made:
    """A class of the project, or an instance of it."""

    module: Any
    node: ast.ClassDef
    instance: bool


class TooMuch(Exception):
    """The code takes more steps than are worth it."""


class _End(Exception):
    """The rest of the function is not met: it returned (the value is in the frame), or raised."""


class _Raise(_End):
    pass


class _Loop(Exception):
    """The rest of the loop's body is not met. last: nor are further turns."""

    def __init__(self, last: bool) -> None:
        self.last = last


@dataclass
class Seen:
    """What happened in all the runs of a function."""

    events: set[str] = field(default_factory=set)  # statements with an effect, their texts blanked
    unclear: set[ast.AST] = field(default_factory=set)  # tests of the path that can't be computed
    functions: set[ast.AST] = field(default_factory=set)  # that took part
    texts: dict[ast.Constant, Any] = field(default_factory=dict)  # texts that took part, with their modules


Lookup = Callable[["Enactment", Any, ast.AST, str], Val]  # (.., module, where, name): a name from outside the function
Member = Callable[["Enactment", Any, str], Val]  # (.., Outside | Folder | Made, attribute)

COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda a, b: a in b,
    ast.NotIn: lambda a, b: a not in b,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}
BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.BitOr: operator.or_,
    ast.BitAnd: operator.and_,
    ast.Sub: operator.sub,
    ast.Mod: operator.mod,
}
PLAIN: dict[str, Callable[..., Any]] = {
    "str": str, "len": len, "tuple": tuple, "list": list, "set": set, "frozenset": frozenset, "sorted": sorted,
    "bool": bool, "any": any, "all": all, "dict": dict, "next": lambda it, *d: next(iter(it), *d),
}  # fmt: skip
MODULES: dict[str, Callable[..., Any]] = {
    "re.match": re.match, "re.search": re.search, "re.fullmatch": re.fullmatch, "re.compile": re.compile,
    "re.escape": re.escape, "fnmatch.fnmatch": fnmatch.fnmatch, "fnmatch.fnmatchcase": fnmatch.fnmatchcase,
}  # fmt: skip
METHODS: dict[type, set[str]] = {
    str: {
        "startswith", "endswith", "split", "rsplit", "strip", "rstrip", "lstrip", "lower", "upper", "casefold",
        "removeprefix", "removesuffix", "replace", "partition", "rpartition", "count", "find", "rfind", "join", "index",
    },
    dict: {"get", "keys", "values", "items"},
    set: {"union", "issuperset"},
    frozenset: {"union", "issuperset"},
    list: {"index", "count"},
    tuple: {"index", "count"},
    re.Pattern: {"match", "search", "fullmatch"},
}  # fmt: skip


class Enactment:
    """All runs of one function for one request."""

    def __init__(
        self, lookup: Lookup, member: Member, settings: dict[str, str], path: str, method: str, force: bool
    ) -> None:
        """`settings`: the server's own, by name; `force`: whether the path fits what can't be computed."""
        self.lookup, self.member, self.settings = lookup, member, settings
        self.path, self.method, self.force = path, method, force
        self.seen = Seen()
        self._steps = 0

    def run(self, function: Callee) -> Seen:
        """Enact it. Raises TooMuch."""
        with contextlib.suppress(_End):
            self.call(function, [], {}, 0)
        return self.seen

    def truth(self, value: Val, node: ast.AST) -> bool | None:
        """Whether a test is passed; None when both ways are possible."""
        if value.known and not isinstance(value.value, Outside):
            return bool(value.value)
        if value.path:
            self.seen.unclear.add(node)
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
            elif depth == 0 and is_request(p):
                frame.names[p.arg] = Val(Request())
            elif p.arg in defaults and depth:
                frame.names[p.arg] = frame.value(defaults[p.arg])
            else:
                frame.names[p.arg] = UNKNOWN
        if isinstance(node, ast.Lambda):
            return frame.value(node.body)
        self.seen.functions.add(node)
        try:
            frame.block(node.body)
            frame.returned.append(Val(None))
        except _Raise:
            if not frame.returned:
                raise
        except _End:
            pass
        return joined(frame.returned)


def joined(values: list[Val]) -> Val:
    """One value for several possible ones."""
    if values and all(v == values[0] for v in values):
        return values[0]
    return Val(known=False, path=any(v.path for v in values))


def is_request(parameter: ast.arg) -> bool:
    """True for the parameter of a handler that stands for the request."""
    said = ast.unparse(parameter.annotation) if parameter.annotation is not None else ""
    return parameter.arg in ("request", "req", "scope", "conn", "connection") or any(
        word in said for word in ("Request", "HTTPConnection", "Scope")
    )


class Frame:
    """A function's names while it runs."""

    def __init__(self, enactment: Enactment, callee: Callee, depth: int) -> None:
        self.all, self.callee, self.depth = enactment, callee, depth
        self.module = callee.module
        self.names: dict[str, Val] = {}
        self.returned: list[Val] = []

    def step(self) -> None:
        self.all._steps += 1
        if self.all._steps > STEPS:
            raise TooMuch

    # -- statements

    def block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self.statement(statement)

    def event(self, node: ast.stmt) -> None:
        self.all.seen.events.add(_blanked(node))

    def statement(self, node: ast.stmt) -> None:
        self.step()
        match node:
            case ast.Return():
                value = self.value(node.value) if node.value is not None else Val(None)
                if self.depth == 0:
                    self.event(node)
                self.returned.append(value)
                raise _End
            case ast.Raise():
                self.event(node)
                raise _Raise
            case ast.Expr():
                self.value(node.value)
                if isinstance(node.value, ast.Await | ast.Call | ast.Yield):
                    self.event(node)
            case ast.Assign():
                value = self.value(node.value)
                for target in node.targets:
                    self.bind(target, value)
            case ast.AnnAssign() if node.value is not None:
                self.bind(node.target, self.value(node.value))
            case ast.AugAssign():
                self.bind(node.target, Val(known=False, path=self.value(node.value).path))
            case ast.If():
                self.either(self.cond(node.test), node.body, node.orelse)
            case ast.For() | ast.AsyncFor():
                self.loop(node)
            case ast.While():
                if self.cond(node.test) is not False:
                    self.branches([lambda: self.turn(node.body), lambda: None])
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
                    raise _Raise
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self.names[node.name] = Val(Callee(self.module, node))
            case _:
                pass

    # -- branches

    def branches(self, ways: list[Callable[[], None]]) -> None:
        """Go every way from here; what comes next is met with what all of those know that get there."""
        before, ends, ends_of_loop = dict(self.names), [], []
        arrived: list[dict[str, Val]] = []
        for way in ways:
            self.names = dict(before)
            try:
                way()
                arrived.append(self.names)
            except _End as end:
                ends.append(end)
            except _Loop as end:
                ends_of_loop.append(end)
        if not arrived:
            if ends_of_loop:
                raise ends_of_loop[0]
            raise next((e for e in ends if not isinstance(e, _Raise)), ends[0])
        every = dict.fromkeys(name for names in arrived for name in names)
        self.names = {name: joined([names.get(name, UNKNOWN) for names in arrived]) for name in every}

    def either(self, truth: bool | None, body: list[ast.stmt], orelse: list[ast.stmt]) -> None:
        if truth is None:
            self.branches([lambda: self.block(body), lambda: self.block(orelse)])
        else:
            self.block(body if truth else orelse)

    def loop(self, node: ast.For | ast.AsyncFor) -> None:
        values = self.value(node.iter)
        if not values.known or not isinstance(values.value, list | tuple | set | frozenset | dict):
            self.bind(node.target, Val(known=False, path=values.path))
            self.branches([lambda: self.turn(node.body), lambda: self.block(node.orelse)])
            return
        for item in sorted(values.value, key=str):
            self.bind(node.target, Val(item, path=values.path))
            try:
                self.block(node.body)
            except _Loop as end:
                if end.last:
                    return
        self.block(node.orelse)

    def turn(self, body: list[ast.stmt]) -> None:
        with contextlib.suppress(_Loop):
            self.block(body)

    def attempt(self, node: ast.Try) -> None:
        def whole() -> None:
            self.block(node.body)
            self.block(node.orelse)

        def handled(handler: ast.ExceptHandler) -> Callable[[], None]:
            return lambda: self.block(handler.body)

        ways = [whole, *map(handled, node.handlers)]
        try:
            self.branches(ways)
        finally:
            self.block(node.finalbody)

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
            return _any(self.fits(p, subject) for p in pattern.patterns)
        if isinstance(pattern, ast.MatchValue):
            return self.all.truth(self.compared(subject, ast.Eq(), self.value(pattern.value)), pattern)
        return self.all.truth(Val(known=False, path=subject.path), pattern)

    def bind(self, target: ast.expr, value: Val) -> None:
        if isinstance(target, ast.Name):
            self.names[target.id] = value
        elif isinstance(target, ast.Tuple | ast.List):
            parts = value.value if value.known and isinstance(value.value, tuple | list) else []
            for i, element in enumerate(target.elts):
                known = i < len(parts) and len(parts) == len(target.elts)
                self.bind(element, Val(parts[i], path=value.path) if known else Val(known=False, path=value.path))

    # -- tests

    def cond(self, node: ast.expr) -> bool | None:
        """Whether a test is passed; None when both ways are possible."""
        self.step()
        if isinstance(node, ast.BoolOp):
            if isinstance(node.op, ast.And):
                failed = _any(_not(self.cond(v)) for v in node.values)
                return _not(failed)
            return _any(self.cond(v) for v in node.values)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return _not(self.cond(node.operand))
        return self.all.truth(self.value(node), node)

    def compared(self, left: Val, op: ast.cmpop, right: Val) -> Val:
        path = left.path or right.path
        negative = isinstance(op, ast.NotEq | ast.NotIn)
        if not left.known or not right.known:
            return Val(known=False, path=path, negated=negative)
        try:
            return Val(COMPARE[type(op)](_plain(left.value), _plain(right.value)), path=path)
        except TypeError:
            return Val(known=False, path=path, negated=negative)

    # -- expressions

    def value(self, node: ast.expr) -> Val:
        self.step()
        match node:
            case ast.Constant():
                if isinstance(node.value, str):
                    self.all.seen.texts[node] = self.module
                return Val(node.value)
            case ast.Name():
                return (
                    self.names[node.id]
                    if node.id in self.names
                    else self.all.lookup(self.all, self.module, node, node.id)
                )
            case ast.Await() | ast.Starred():
                return self.value(node.value)
            case ast.NamedExpr():
                value = self.value(node.value)
                self.bind(node.target, value)
                return value
            case ast.IfExp():
                truth = self.cond(node.test)
                if truth is None:
                    return joined([self.value(node.body), self.value(node.orelse)])
                return self.value(node.body if truth else node.orelse)
            case ast.BoolOp() if any(isinstance(v, ast.Compare | ast.Call | ast.UnaryOp) for v in node.values):
                before = set(self.all.seen.unclear)
                truth = self.cond(node)
                unclear = self.all.seen.unclear != before
                return Val(
                    truth, known=truth is not None, path=truth is not None and (unclear or self.about_path(node))
                )
            case ast.BoolOp():
                for part in node.values:
                    value = self.value(part)
                    if not value.known or bool(value.value) == isinstance(node.op, ast.Or):
                        return value
                return value
            case ast.UnaryOp() if isinstance(node.op, ast.Not):
                value = self.value(node.operand)
                if value.known:
                    return Val(not value.value, path=value.path)
                return Val(known=False, path=value.path, negated=not value.negated)
            case ast.Compare():
                return self.comparison(node)
            case ast.JoinedStr():
                parts = [self.value(p.value if isinstance(p, ast.FormattedValue) else p) for p in node.values]
                return self.computed(lambda *xs: "".join(map(str, xs)), parts)
            case ast.BinOp() if type(node.op) in BINARY:
                return self.computed(BINARY[type(node.op)], [self.value(node.left), self.value(node.right)])
            case ast.List() | ast.Tuple() | ast.Set():
                return self.display(node)
            case ast.Dict():
                return self.mapping(node)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self.comprehension(node)
            case ast.Subscript():
                return self.subscript(node)
            case ast.Attribute():
                return self.attribute(node)
            case ast.Call():
                return self.called(node)
            case ast.Lambda():
                return Val(Callee(self.module, node))
            case _:
                return Val(known=False, path=self.about_path(node))

    def about_path(self, node: ast.AST) -> bool:
        """True when something in an expression comes from the path."""
        for n in ast.walk(node):
            if isinstance(n, ast.Name) and n.id in self.names and self.names[n.id].path:
                return True
            if isinstance(n, ast.Attribute) and n.attr in ("path", "url") and isinstance(n.ctx, ast.Load):
                if self.attribute(n).path:
                    return True
        return False

    def comparison(self, node: ast.Compare) -> Val:
        left = self.value(node.left)
        result = Val(True)
        for op, right_node in zip(node.ops, node.comparators, strict=True):
            right = self.value(right_node)
            result = self.compared(left, op, right)
            if not result.known or not result.value:
                return result
            left = right
        return result

    def computed(self, function: Callable[..., Any], parts: list[Val]) -> Val:
        path = any(p.path for p in parts)
        if not all(p.known for p in parts):
            return Val(known=False, path=path)
        try:
            value = function(*(_plain(p.value) for p in parts))
        except Exception:  # what the code itself would raise, or a pattern that is none
            return Val(known=False, path=path)
        if hasattr(value, "__len__") and len(value) > LONG:
            raise TooMuch
        return Val(value, path=path)

    def display(self, node: ast.List | ast.Tuple | ast.Set) -> Val:
        out: list[Any] = []
        path = False
        for element in node.elts:
            value = self.value(element)
            path = path or value.path
            if not value.known:
                return Val(known=False, path=path)
            if isinstance(element, ast.Starred):
                if not isinstance(value.value, list | tuple | set | frozenset | dict):
                    return Val(known=False, path=path)
                out += value.value
            else:
                out.append(value.value)
        kind = {ast.List: list, ast.Tuple: tuple, ast.Set: set}[type(node)]
        return self.computed(kind, [Val(out, path=path)])

    def mapping(self, node: ast.Dict) -> Val:
        out: dict[Any, Any] = {}
        for key, item in zip(node.keys, node.values, strict=True):
            k = self.value(key) if key is not None else UNKNOWN
            if not k.known:
                return UNKNOWN
            v = self.value(item)
            try:
                out[k.value] = v.value if v.known else Opaque()
            except TypeError:
                return UNKNOWN
        return Val(out)

    def comprehension(self, node: ast.ListComp | ast.SetComp | ast.GeneratorExp) -> Val:
        if len(node.generators) != 1:
            return Val(known=False, path=self.about_path(node))
        loop = node.generators[0]
        values = self.value(loop.iter)
        if not values.known or not isinstance(values.value, list | tuple | set | frozenset | dict):
            self.bind(loop.target, Val(known=False, path=values.path))
            inner = [self.value(x) for x in (*loop.ifs, node.elt)]
            return Val(known=False, path=any(v.path for v in inner))
        out = []
        path = values.path
        for item in values.value:
            self.bind(loop.target, Val(item, path=values.path))
            passed = _not(_any(_not(self.cond(test)) for test in loop.ifs))
            path = path or any(self.about_path(test) for test in loop.ifs)
            if passed is None:
                return Val(known=False, path=path)
            if not passed:
                continue
            value = self.value(node.elt)
            path = path or value.path
            if not value.known:
                return Val(known=False, path=path)
            out.append(value.value)
        return Val(out, path=path)

    def subscript(self, node: ast.Subscript) -> Val:
        base = self.value(node.value)
        if isinstance(node.slice, ast.Slice):
            bounds = [self.value(b) if b is not None else Val(None) for b in (node.slice.lower, node.slice.upper)]
            return self.computed(lambda b, x, y: b[x:y], [base, *bounds])
        key = self.value(node.slice)
        found = self.of_request(base, node.value, key.value if key.known else None)
        return found if found is not None else self.computed(operator.getitem, [base, key])

    def of_request(self, base: Val, node: ast.expr, key: Any) -> Val | None:
        """`scope["path"]` and its like; None for anything else."""
        last = ast.unparse(node).rpartition(".")[2]
        if not (base.known and isinstance(base.value, Request)) and (base.known or last not in ("scope", "request")):
            return None
        said = {"path": self.all.path, "method": self.all.method, "type": "http", "root_path": ""}
        if key == "raw_path":
            return Val(self.all.path.encode(), path=True)
        return Val(said[key], path=key == "path") if key in said else UNKNOWN

    def attribute(self, node: ast.Attribute) -> Val:
        owner = node.value
        if isinstance(owner, ast.Attribute) and owner.attr == "settings" and node.attr in self.all.settings:
            return Val(self.all.settings[node.attr])
        base = self.value(owner)
        last = ast.unparse(owner).rpartition(".")[2]
        if isinstance(base.value, Request) or (not base.known and last in ("request", "req", "conn", "connection")):
            said = {"url": Val(Url(self.all.path), path=True), "scope": Val(Request()), "method": Val(self.all.method)}
            return said.get(node.attr, UNKNOWN)
        if isinstance(base.value, Url):
            return Val(self.all.path, path=True) if node.attr == "path" else UNKNOWN
        if node.attr == "value" and isinstance(base.value, str):
            return base  # of an enum's member
        if isinstance(base.value, Outside | Folder | Made):
            return self.all.member(self.all, base.value, node.attr)
        return Val(known=False, path=base.path)

    def called(self, node: ast.Call) -> Val:
        function = node.func
        if isinstance(function, ast.Attribute):
            result = self.method(node, function)
            if result is not None:
                return result
        args = [self.value(a) for a in node.args]
        named = {k.arg: self.value(k.value) for k in node.keywords if k.arg}
        path = any(v.path for v in (*args, *named.values()))
        if isinstance(function, ast.Name) and function.id not in self.names:
            if function.id in ("any", "all") and node.args and isinstance(node.args[0], ast.GeneratorExp):
                return args[0] if not args[0].known else Val(PLAIN[function.id](args[0].value), path=path)
            if function.id in PLAIN and not named:
                return self.computed(PLAIN[function.id], args)
        target = self.value(function)
        if target.known and isinstance(target.value, Callee):
            return self.all.call(target.value, args, named, self.depth + 1)
        if isinstance(target.value, Made) and not target.value.instance:
            return Val(Made(target.value.module, target.value.node, True))
        if isinstance(target.value, Outside):
            outside = target.value.name
            if outside in MODULES:
                return self.computed(MODULES[outside], args)
            if (
                outside.rpartition(".")[2] in ("Request", "HTTPConnection")
                and args
                and isinstance(args[0].value, Request)
            ):
                return Val(Request())
            if outside.rpartition(".")[2] in ("urlparse", "urlsplit", "URL") and args and args[0].path:
                return Val(Url(self.all.path), path=True)
        return Val(known=False, path=path or target.path)

    def method(self, node: ast.Call, function: ast.Attribute) -> Val | None:
        """A method of a text, list, dict or pattern; None when it is something else's."""
        base = self.value(function.value)
        if function.attr == "get" and node.args:
            key = self.value(node.args[0])
            found = self.of_request(base, function.value, key.value if key.known else None)
            if found is not None:
                return found
        args = [self.value(a) for a in node.args]
        if not base.known:
            if base.path or (any(a.path for a in args) and function.attr in ("match", "search", "fullmatch", "get")):
                return Val(known=False, path=True)
            return None
        for kind, names in METHODS.items():
            if isinstance(base.value, kind) and function.attr in names:
                if function.attr in ("keys", "values", "items"):
                    return self.computed(lambda b: list(getattr(b, function.attr)()), [base])
                return self.computed(lambda b, *xs: getattr(b, function.attr)(*xs), [base, *args])
        if isinstance(base.value, Url) and function.attr in ("__str__", "geturl"):
            return Val(str(base.value), path=True)
        return None


@dataclass(frozen=True)
class Opaque:
    """An element of a dict that is not known: true, and equal to nothing."""


def _not(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _any(truths: Iterable[bool | None]) -> bool | None:
    """True when one is, None when one may be; later ones are not looked at behind a true one."""
    maybe = False
    for truth in truths:
        if truth:
            return True
        maybe = maybe or truth is None
    return None if maybe else False


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Url) else value


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


@functools.lru_cache(maxsize=10_000)
def _blanked(node: ast.stmt) -> str:
    """A statement's code without its texts: a path in a message makes no other statement."""
    copy = ast.parse(ast.unparse(node)).body[0]
    return ast.unparse(_Blank().visit(copy))
