"""What enacted code knows: values that are computed, what stands for a request, and how far computing goes."""

from __future__ import annotations

import ast
import fnmatch
import functools
import operator
import re
from collections.abc import Callable, Iterable
from dataclasses import field
from typing import Any

from migrator.python.module import FunctionNode
from migrator.records import record

STEPS = 40_000  # statements and expressions of one function; past that nothing is concluded
DEPTH = 5  # functions of the project in each other
QUERY = "?"  # what a request shows in its query string, among its headers and parameters
BODY = "{}"  # its body, among the same: there for code that hands requests on
LONG = 400  # characters and elements of what is computed


@record(frozen=True)
class Val:
    """A value. path: it comes from the request's path. negated: unknown, and true where the path does not fit.

    looked: unknown, and what the path was looked up for: whether it protects or lets pass can't be told.
    """

    value: Any = None
    known: bool = True
    path: bool = False
    negated: bool = False
    looked: bool = False


UNKNOWN = Val(known=False)


class Request:
    """Stands for a request, a connection or an ASGI scope."""


@record(frozen=True)
class Url:
    """Stands for `request.url`."""

    path: str
    query: str = ""

    def __str__(self) -> str:
        return f"http://localhost{self.path}{'?' if self.query else ''}{self.query}"


@record(frozen=True)
class Params:
    """Stands for the parameters of a request: as many as its query string says, each of them unknown."""

    query: str

    def __len__(self) -> int:
        return len(self.query)


@record(frozen=True)
class Callee:
    """A function of the project. owner: the class it is looked up in, for a method."""

    module: Any
    node: FunctionNode | ast.Lambda
    owner: ast.ClassDef | None = None


@record(frozen=True)
class Outside:
    """Something of another library, by its dotted name."""

    name: str


@record(frozen=True)
class Folder:
    """A module of the project."""

    module: Any


@record(frozen=True)
class Made:
    """A class of the project, or an instance of it. given: what its fields were given while a request is enacted."""

    module: Any
    node: ast.ClassDef
    instance: bool
    given: dict[str, Val] = field(default_factory=dict)


class End(Exception):
    """The rest of the function is not met: it returned (the value is in the frame), or raised."""


class Raised(End):
    """It raised."""


class TooMuch(Exception):
    """The code takes more steps than are worth it."""


@record
class Seen:
    """What happened in all the runs of a function."""

    events: set[str] = field(default_factory=set)  # statements with an effect, their texts blanked
    unclear: set[ast.AST] = field(default_factory=set)  # tests of the path that can't be computed
    looked: set[ast.AST] = field(default_factory=set)  # those of something that the path was looked up for
    functions: set[ast.AST] = field(default_factory=set)  # that took part
    texts: dict[ast.Constant, Any] = field(default_factory=dict)  # texts that took part, with their modules
    shown: set[str] = field(default_factory=set)  # headers and parameters that took part, of those that are known


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
    "bool": bool, "int": int, "any": any, "all": all, "dict": dict, "next": lambda it, *d: next(iter(it), *d),
}  # fmt: skip
MODULES: dict[str, Callable[..., Any]] = {
    "re.match": re.match, "re.search": re.search, "re.fullmatch": re.fullmatch, "re.compile": re.compile,
    "re.escape": re.escape, "fnmatch.fnmatch": fnmatch.fnmatch, "fnmatch.fnmatchcase": fnmatch.fnmatchcase,
}  # fmt: skip
KINDS: dict[str, type] = {"dict": dict, "list": list, "str": str, "bytes": bytes}
METHODS: dict[type, set[str]] = {
    str: {
        "startswith", "endswith", "split", "rsplit", "strip", "rstrip", "lstrip", "lower", "upper", "casefold",
        "removeprefix", "removesuffix", "replace", "partition", "rpartition", "count", "find", "rfind", "join", "index",
    },
    dict: {"get", "keys", "values", "items"},
    set: {"union", "issuperset"},
    frozenset: {"union", "issuperset"},
    bytes: {"decode", "startswith", "endswith", "split", "strip", "lower", "find"},
    list: {"index", "count"},
    tuple: {"index", "count"},
    re.Pattern: {"match", "search", "fullmatch"},
}  # fmt: skip


def joined(values: list[Val]) -> Val:
    """One value for several possible ones."""
    if values and all(v == values[0] for v in values):
        return values[0]
    return Val(known=False, path=any(v.path for v in values), looked=any(v.looked for v in values))


def found(value: Val) -> Val:
    """A value that the path led to: what is not known of it was looked up."""
    return value if value.known else Val(known=False, path=True, negated=value.negated, looked=True)


def is_request(parameter: ast.arg) -> bool:
    """True for the parameter of a handler that stands for the request."""
    said = ast.unparse(parameter.annotation) if parameter.annotation is not None else ""
    return parameter.arg in ("request", "req", "scope", "conn", "connection") or any(
        word in said for word in ("Request", "HTTPConnection", "Scope")
    )


def said_body(module: Any, parameter: ast.arg) -> ast.ClassDef | None:
    """The class of the project's own that a parameter is: what a request holds, even where it is called a request."""
    name = parameter.annotation.id if isinstance(parameter.annotation, ast.Name) else ""
    nodes = [b.node for b in module.scope.bindings.get(name, ()) if isinstance(b.node, ast.ClassDef)]
    own = [n for n in nodes if not any(ast.unparse(b).endswith(("Request", "HTTPConnection")) for b in n.bases)]
    return own[0] if own else None


@record(frozen=True)
class Opaque:
    """An element of a dict that is not known: true, and equal to nothing."""


def not_(truth: bool | None) -> bool | None:
    """The negation; None (not known) stays None."""
    return None if truth is None else not truth


def any_(truths: Iterable[bool | None]) -> bool | None:
    """True when one is, None when one may be; later ones are not looked at behind a true one."""
    maybe = False
    for truth in truths:
        if truth:
            return True
        maybe = maybe or truth is None
    return None if maybe else False


def plain(value: Any) -> Any:
    """A URL as its text, anything else as it is."""
    return str(value) if isinstance(value, Url) else value


class _Blank(ast.NodeTransformer):
    def visit_Constant(self, node: ast.Constant) -> ast.Constant:
        return ast.Constant("") if isinstance(node.value, str) else node


@functools.lru_cache(maxsize=10_000)
def blanked(node: ast.stmt) -> str:
    """A statement's code without its texts: a path in a message makes no other statement."""
    copy = ast.parse(ast.unparse(node)).body[0]
    return ast.unparse(_Blank().visit(copy))
