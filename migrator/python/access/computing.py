"""Computes the expressions of an enacted function: what the code knows, and what may be either way."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from migrator.python.access.asking import Asking, parsed
from migrator.python.access.known import (
    BINARY,
    COMPARE,
    KINDS,
    LONG,
    METHODS,
    MODULES,
    PLAIN,
    STEPS,
    UNKNOWN,
    Callee,
    Folder,
    Made,
    Opaque,
    Outside,
    Request,
    TooMuch,
    Url,
    Val,
    any_,
    found,
    joined,
    not_,
    plain,
)
from migrator.python.module import dotted

if TYPE_CHECKING:
    from migrator.python.access.enact import Enactment


class Expressions(Asking):
    """The names that a function knows while it runs, and what its expressions are."""

    def __init__(self, enactment: Enactment, callee: Callee, depth: int) -> None:
        super().__init__(enactment)
        self.callee, self.depth = callee, depth
        self.module = callee.module
        self.names: dict[str, Val] = {}
        self.returned: list[Val] = []

    def step(self) -> None:
        self.all._steps += 1
        if self.all._steps > STEPS:
            raise TooMuch

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
                failed = any_(not_(self.cond(v)) for v in node.values)
                return not_(failed)
            return any_(self.cond(v) for v in node.values)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return not_(self.cond(node.operand))
        return self.all.truth(self.value(node), node)

    def compared(self, left: Val, op: ast.cmpop, right: Val) -> Val:
        path = left.path or right.path
        negative = isinstance(op, ast.NotEq | ast.NotIn)
        if isinstance(op, ast.In | ast.NotIn) and (shown := self.shown(right, left)) is not None:
            return Val((shown.value is not None) != negative)
        if any(v.known and v.value is None for v in (left, right)) and (left.looked or right.looked):
            return Val(known=False, path=path, negated=not negative)  # there is something for a path that fits
        if not left.known or not right.known:
            return Val(known=False, path=path, negated=negative, looked=left.looked or right.looked)
        try:
            return Val(COMPARE[type(op)](plain(left.value), plain(right.value)), path=path)
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
                count = self.all.unclear
                truth = self.cond(node.test)
                if truth is None:
                    return joined([self.value(node.body), self.value(node.orelse)])
                value = self.value(node.body if truth else node.orelse)
                return found(value) if self.all.unclear != count else value
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
                return Val(known=False, path=value.path, negated=not value.negated, looked=value.looked)
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
            return Val(known=False, path=path, looked=any(p.looked for p in parts))
        try:
            value = function(*(plain(p.value) for p in parts))
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
        items = [self.value(item) for item in node.values]
        path = any(v.path for v in items)
        out: dict[Any, Any] = {}
        for key, v in zip(node.keys, items, strict=True):
            k = self.value(key) if key is not None else UNKNOWN
            if not k.known:
                return Val(known=False, path=path)
            try:
                out[k.value] = v.value if v.known else Opaque()
            except TypeError:
                return Val(known=False, path=path)
        return Val(out, path=path)

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
            passed = not_(any_(not_(self.cond(test)) for test in loop.ifs))
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
        said = self.of_request(base, node.value, key.value if key.known else None)
        if said is not None:
            return said
        if (shown := self.shown(base, key)) is not None:
            return shown
        value = self.computed(operator.getitem, [base, key])
        return found(value) if key.path and not base.known else value

    def attribute(self, node: ast.Attribute) -> Val:
        owner = node.value
        if isinstance(owner, ast.Attribute) and owner.attr == "settings" and node.attr in self.all.settings:
            return Val(self.all.settings[node.attr])
        base = self.value(owner)
        last = ast.unparse(owner).rpartition(".")[2]
        outside = not base.known or isinstance(base.value, Outside)  # Flask's request is a name of its module
        if isinstance(base.value, Request) or (outside and last in ("request", "req", "conn", "connection")):
            return self.part(node.attr)
        if isinstance(base.value, Url):
            if node.attr == "query":
                return Val(self.all.query)
            return Val(self.all.path, path=True) if node.attr == "path" else UNKNOWN
        if node.attr == "value" and isinstance(base.value, str):
            return base  # of an enum's member
        if isinstance(base.value, Made) and node.attr in base.value.given:
            return base.value.given[node.attr]
        if isinstance(base.value, Outside | Folder | Made):
            value = self.all.member(self.all, base.value, node.attr)
            return value if value.known or not base.path else Val(known=False, path=True)
        return Val(known=False, path=base.path, looked=base.looked)

    def called(self, node: ast.Call) -> Val:
        function = node.func
        if isinstance(function, ast.Attribute):
            result = self.method(node, function)
            if result is not None:
                return result
        elif (message := self.received(node)) is not None:
            return message
        args = [self.value(a) for a in node.args]
        named = {k.arg: self.value(k.value) for k in node.keywords if k.arg}
        path = any(v.path for v in (*args, *named.values()))
        if isinstance(function, ast.Name) and function.id not in self.names:
            if function.id in ("any", "all") and node.args and isinstance(node.args[0], ast.GeneratorExp):
                return args[0] if not args[0].known else Val(PLAIN[function.id](args[0].value), path=path)
            if function.id in PLAIN and not named:
                return self.computed(PLAIN[function.id], args)
            if function.id == "isinstance" and len(args) == 2 and args[0].known:
                kind = KINDS.get(dotted(node.args[1]))
                return Val(isinstance(args[0].value, kind), path=path) if kind is not None else UNKNOWN
        target = self.value(function)
        if target.known and isinstance(target.value, Callee):
            return self.all.call(target.value, args, named, self.depth + 1)
        if isinstance(target.value, Made) and not target.value.instance:
            made = target.value.node
            fields = [s.target.id for s in made.body if isinstance(s, ast.AnnAssign) and isinstance(s.target, ast.Name)]
            given = dict(zip(fields, args, strict=False)) | named
            return Val(Made(target.value.module, made, True, given), path=path)
        if isinstance(target.value, Outside):
            outside = target.value.name
            if outside == "json.loads" and args and args[0].known and isinstance(args[0].value, str | bytes):
                return parsed(args[0].value)
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
        return Val(known=False, path=path or target.path, looked=path or target.looked)

    def method(self, node: ast.Call, function: ast.Attribute) -> Val | None:
        """A method of a text, list, dict or pattern; None when it is something else's."""
        base = self.value(function.value)
        if (held := self.body(base, function)) is not None:
            return held
        if function.attr == "get" and node.args:
            key = self.value(node.args[0])
            said = self.of_request(base, function.value, key.value if key.known else None)
            if said is not None:
                return said
            if (shown := self.shown(base, key)) is not None:
                default = self.value(node.args[1]) if len(node.args) > 1 else Val(None)
                return shown if shown.value is not None else default
        args = [self.value(a) for a in node.args]
        if not base.known:
            if base.path or (any(a.path for a in args) and function.attr in ("match", "search", "fullmatch", "get")):
                return Val(known=False, path=True, looked=base.looked or function.attr == "get")
            return None
        for kind, names in METHODS.items():
            if isinstance(base.value, kind) and function.attr in names:
                if function.attr in ("keys", "values", "items"):
                    return self.computed(lambda b: list(getattr(b, function.attr)()), [base])
                return self.computed(lambda b, *xs: getattr(b, function.attr)(*xs), [base, *args])
        if isinstance(base.value, Url) and function.attr in ("__str__", "geturl"):
            return Val(str(base.value), path=True)
        return None
