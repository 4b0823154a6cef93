"""Operations on Python code: small files before and after, under every line end and indentation."""

from __future__ import annotations

import ast
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from textwrap import dedent

import pytest

from migrator.python.code import decode_source
from migrator.python.edits import (
    At,
    EditCall,
    EditDecorator,
    EditElements,
    EnsureImport,
    Helper,
    Insert,
    Operation,
    RemoveArm,
    RemoveCase,
    RemoveStmt,
    ReplaceExpr,
    ReplaceStmt,
    UnrollIf,
    Unused,
    WrapExpr,
)
from migrator.python.module import Module
from migrator.python.transform import Unmatched, apply_operations

PATH = "server.py"


class Finder:
    """Places in a source by what stands there."""

    def __init__(self, data: bytes) -> None:
        text = decode_source(data)
        self.module = Module(PATH, "server", text, ast.parse(text))

    def _segment(self, node: ast.AST) -> str:
        found = ast.get_source_segment(self.module.text, node) or ""
        return found.replace("\r\n", "\n").replace("\r", "\n")

    def expr(self, start: str, nth: int = 0) -> At:
        """The nth expression that is `start`, or else begins so (the longest)."""
        nodes = [n for n in ast.walk(self.module.tree) if isinstance(n, ast.expr)]
        exact = [n for n in nodes if self._segment(n) == start]
        longest = sorted((n for n in nodes if self._segment(n).startswith(start)), key=lambda n: -len(self._segment(n)))
        return self.module.at((exact or longest)[nth])

    def stmt(self, start: str) -> At:
        """The first statement, from the outside in, whose text begins so (`elif` arms begin with elif)."""
        nodes = [n for n in ast.walk(self.module.tree) if isinstance(n, ast.stmt)]
        return self.module.at(next(n for n in nodes if self._segment(n).startswith(start)))

    def case(self, pattern: str) -> At:
        nodes = [n.pattern for n in ast.walk(self.module.tree) if isinstance(n, ast.match_case)]
        return self.module.at(next(n for n in nodes if self._segment(n) == pattern), "case")


Make = Callable[[Finder], Iterable[Operation]]
CASES: dict[str, tuple[str, Make, str]] = {}


def case(name: str, before: str, make: Make, after: str) -> None:
    assert name not in CASES
    CASES[name] = (dedent(before).removeprefix("\n"), make, dedent(after).removeprefix("\n"))


# expressions

case(
    "replace an expression",
    "x = f(old.name, 1)  # note\n",
    lambda f: [ReplaceExpr(f.expr("old.name"), "new")],
    "x = f(new, 1)  # note\n",
)
case(
    "replace inside brackets that stay",
    """
    x = (
        old
        + 1
    )
    """,
    lambda f: [ReplaceExpr(f.expr("old\n"), "new")],
    """
    x = (
        new
    )
    """,
)
case(
    "wrap keeps what changes inside",
    "x = f(a, b=1)\n",
    lambda f: [
        WrapExpr(f.expr("f(a"), "wrap(", ", 2)"),
        EditCall(f.expr("f(a"), keywords=(("c", "3"),)),
        ReplaceExpr(f.expr("a"), "z"),
    ],
    "x = wrap(f(z, b=1, c=3), 2)\n",
)
case(
    "wrap puts brackets where precedence asks for them",
    "x = a or b\ny = a + 1\n",
    lambda f: [WrapExpr(f.expr("a or b"), "not ", ""), WrapExpr(f.expr("a + 1"), "f(", ")")],
    "x = not (a or b)\ny = f(a + 1)\n",
)
case(
    "wrap inside the brackets around",
    "x = (yield a)\ny = ((1, 2))\n",
    lambda f: [WrapExpr(f.expr("yield a"), "f(", ")"), WrapExpr(f.expr("(1, 2)"), "list(", ")")],
    "x = (f((yield a)))\ny = (list((1, 2)))\n",
)
case(
    "wrap lines of their own",
    """
    def main():
        run(
            app,  # the app
            port=1,
        )
    """,
    lambda f: [WrapExpr(f.expr("run("), "asyncio.run(", ")")],
    """
    def main():
        asyncio.run(run(
            app,  # the app
            port=1,
        ))
    """,
)
case(
    "an expression in a decorator, a default and a class",
    """
    @app.tool(a)
    class A(base, key=b):
        def f(self, x=c): ...
    """,
    lambda f: [ReplaceExpr(f.expr(n), n.upper()) for n in "abc"] + [WrapExpr(f.expr("base"), "g(", ")")],
    """
    @app.tool(A)
    class A(g(base), key=B):
        def f(self, x=C): ...
    """,
)
case(
    "characters, not bytes",
    'x = "äöü€𝄞", f(a)\n',
    lambda f: [ReplaceExpr(f.expr("f(a)"), "g('é')")],
    "x = \"äöü€𝄞\", g('é')\n",
)

# calls

case(
    "keywords in place, appended and dropped",
    "run( a , host = 'h', port=1, debug=True )\n",
    lambda f: [EditCall(f.expr("run("), keywords=(("host", "'x'"), ("port", None), ("path", "'/mcp'")))],
    "run( a , host = 'x', debug=True, path='/mcp' )\n",
)
case(
    "keywords of a call without arguments",
    "mcp.run()\n",
    lambda f: [EditCall(f.expr("mcp.run()"), keywords=(("transport", "'http'"),))],
    "mcp.run(transport='http')\n",
)
case(
    "drop the only argument",
    "mcp.run(\n    transport='sse',  # old\n)\n",
    lambda f: [EditCall(f.expr("mcp.run("), keywords=(("transport", None),))],
    "mcp.run()\n",
)
case(
    "drop all arguments under a comment",
    "run(  # why\n    a,\n    b\n)\n",
    lambda f: [EditCall(f.expr("run("), positional=((0, None), (1, None)))],
    "run(  # why\n)\n",
)
case(
    "a definition under an if",
    """
    if a:
        x = 1
        y = 2
    """,
    lambda f: [Insert(f.stmt("y = 2"), "def f():\n    pass")],
    """
    if a:
        x = 1

        def f():
            pass

        y = 2
    """,
)
case(
    "dropping what is not there changes nothing else",
    "mcp.run(a, b=1)\n",
    lambda f: [EditCall(f.expr("mcp.run("), keywords=(("transport", None), ("b", "2")))],
    "mcp.run(a, b=2)\n",
)
case(
    "before the splat",
    "run(a, **options)\nrun(**options)\n",
    lambda f: [
        EditCall(f.expr("run(a"), keywords=(("x", "1"),)),
        EditCall(f.expr("run(**"), keywords=(("x", "1"), ("y", "2"))),
    ],
    "run(a, x=1, **options)\nrun(x=1, y=2, **options)\n",
)
case(
    "a splat behind the last",
    "run(a, **options)\nrun()\n",
    lambda f: [EditCall(f.expr("run(a"), splat="**more"), EditCall(f.expr("run()"), splat="{'a': 1}")],
    "run(a, **options, **more)\nrun(**{'a': 1})\n",
)
case(
    "one argument a line with trailing comma",
    """
    run(
        app,  # the app
        host="h",
        # the port
        port=1,  # about the port
    )
    """,
    lambda f: [EditCall(f.expr("run("), keywords=(("path", "'/mcp'"), ("host", None)))],
    """
    run(
        app,  # the app
        # the port
        port=1,  # about the port
        path='/mcp',
    )
    """,
)
case(
    "one argument a line without trailing comma",
    """
    run(
        app,
        port=1  # about the port
    )
    """,
    lambda f: [EditCall(f.expr("run("), keywords=(("path", "'/mcp'"),))],
    """
    run(
        app,
        port=1,  # about the port
        path='/mcp'
    )
    """,
)
case(
    "arguments under the first",
    """
    run(app,
        host="h",
        port=1)
    """,
    lambda f: [EditCall(f.expr("run("), keywords=(("port", None), ("path", "'/mcp'")))],
    """
    run(app,
        host="h",
        path='/mcp')
    """,
)
case(
    "all arguments on one inner line",
    """
    run(
        app, port=1
    )
    """,
    lambda f: [EditCall(f.expr("run("), keywords=(("path", "'/mcp'"),))],
    """
    run(
        app, port=1, path='/mcp'
    )
    """,
)
case(
    "drop the last of several lines",
    """
    run(
        app,  # the app
        # the port
        port=1,  # about the port
    )
    run(
        app,  # the app
        port=1
    )
    """,
    lambda f: [EditCall(f.expr("run(", i), keywords=(("port", None),)) for i in (0, 1)],
    """
    run(
        app,  # the app
    )
    run(
        app  # the app
    )
    """,
)
case(
    "drop the first line",
    """
    run(
        # the app
        app,  # this one
        # the port
        port=1,
    )
    """,
    lambda f: [EditCall(f.expr("run("), positional=((0, None),))],
    """
    run(
        # the port
        port=1,
    )
    """,
)
case(
    "a value of several lines goes whole",
    """
    uvicorn.run(
        app,
        headers={
            "a": 1,
        },
        port=1,
    )
    """,
    lambda f: [EditCall(f.expr("uvicorn.run("), keywords=(("headers", None),))],
    """
    uvicorn.run(
        app,
        port=1,
    )
    """,
)
case(
    "positional arguments",
    "f(a, b, c, *rest, k=1)\n",
    lambda f: [EditCall(f.expr("f("), positional=((0, "x"), (1, None)))],
    "f(x, c, *rest, k=1)\n",
)
case(
    "function and method",
    "FastMCP('x')\nself.app.run_sse_async(1)\nrun_sse(2)\na.b(3)\n",
    lambda f: [
        EditCall(f.expr("FastMCP("), function="lib.Server"),
        EditCall(f.expr("self.app.run_sse_async(1)"), method="run_http_async"),
        EditCall(f.expr("run_sse("), method="run_http"),
        EditCall(f.expr("a.b("), function="c"),
    ],
    "lib.Server('x')\nself.app.run_http_async(1)\nrun_http(2)\nc(3)\n",
)
case(
    "a generator gets its brackets",
    "f(x for x in y)\n",
    lambda f: [EditCall(f.expr("f("), keywords=(("k", "1"),))],
    "f((x for x in y), k=1)\n",
)
case(
    "two changes of one call",
    "f(a, b=1)\n",
    lambda f: [
        EditCall(f.expr("f("), keywords=(("b", "2"),)),
        EditCall(f.expr("f("), keywords=(("c", "3"),), method="g"),
        EditCall(f.expr("f("), keywords=(("b", "2"),)),
    ],
    "g(a, b=2, c=3)\n",
)
case(
    "calls within calls",
    "f(g(a, x=1), y=2)\n",
    lambda f: [EditCall(f.expr("g("), keywords=(("x", None),)), EditCall(f.expr("f("), keywords=(("y", "3"),))],
    "f(g(a), y=3)\n",
)

# lists, tuples, sets

case(
    "elements of displays",
    "a = [1, 2, 3]\nb = (1,)\nc = {1, 2}\nd = []\n",
    lambda f: [
        EditElements(f.expr("[1,"), replace=((0, None), (1, "x")), append=("4",)),
        EditElements(f.expr("(1,"), append=("2", "*more")),
        EditElements(f.expr("{1,"), replace=((1, None),)),
        EditElements(f.expr("[]"), append=("1",)),
    ],
    "a = [x, 3, 4]\nb = (1, 2, *more)\nc = {1}\nd = [1]\n",
)
case(
    "a tuple of one keeps its comma",
    "a = (1, 2)\nb = 1, 2\nc = (1,)\n",
    lambda f: [
        EditElements(f.expr("(1, 2)"), replace=((0, None),)),
        EditElements(f.expr("1, 2"), replace=((1, None),)),
        EditElements(f.expr("(1,)"), replace=((0, None),)),
    ],
    "a = (2,)\nb = 1,\nc = ()\n",
)
case(
    "a set without elements",
    "a = {1}\n",
    lambda f: [EditElements(f.expr("{1}"), replace=((0, None),))],
    "a = set()\n",
)
case(
    "routes on lines of their own",
    """
    routes = [
        Route("/sse", endpoint=sse),  # the stream
        # messages
        Mount("/messages/", app=post),
        Route("/health", health),  # alive
    ]
    """,
    lambda f: [EditElements(f.expr("[\n"), replace=((0, "Mount('/mcp', http)"), (1, None)), append=("last",))],
    """
    routes = [
        Mount('/mcp', http),  # the stream
        Route("/health", health),  # alive
        last,
    ]
    """,
)
case(
    "routes put in front of others",
    """
    routes = [
        Route("/sse", endpoint=sse),  # the stream
        # messages
        Mount("/messages/", app=post),
    ]
    flat = [Route("/sse", endpoint=sse)]
    """,
    lambda f: [
        EditElements(f.expr("[\n"), put=((1, "first"), (1, "second"), (0, "top"))),
        EditElements(f.expr("[R"), put=((0, "top"),)),
    ],
    """
    routes = [
        top,
        Route("/sse", endpoint=sse),  # the stream
        first,
        second,
        # messages
        Mount("/messages/", app=post),
    ]
    flat = [top, Route("/sse", endpoint=sse)]
    """,
)
case(
    "entries of a dict",
    "a = {'x': 1, 'y': 2}\nb = {\n    'x': 1,  # why\n    'y': 2,\n}\nc = {}\nd = {'x': 1}\n",
    lambda f: [
        EditElements(f.expr("{'x': 1, 'y'"), replace=((0, None),), append=('"z": f(3)',)),
        EditElements(f.expr("{\n"), replace=((1, None),), append=('"z": 3',)),
        EditElements(f.expr("{}"), append=("'z': 3",)),
        EditElements(f.expr("{'x': 1}"), replace=((0, None),)),
    ],
    "a = {'y': 2, \"z\": f(3)}\nb = {\n    'x': 1,  # why\n    \"z\": 3,\n}\nc = {'z': 3}\nd = {}\n",
)
case(
    "positional arguments put in front of others",
    "f()\ng(a)\nh(a, b, k=1)\ni(k=1)\n",
    lambda f: [
        EditCall(f.expr("f("), put=((0, "x"),)),
        EditCall(f.expr("g("), put=((0, "x"), (1, "y"))),
        EditCall(f.expr("h("), put=((1, "x"), (2, "y")), keywords=(("k", None),)),
        EditCall(f.expr("i("), put=((0, "x"),)),
    ],
    "f(x)\ng(x, a, y)\nh(a, x, b, y)\ni(x, k=1)\n",
)
case(
    "elements and what changes inside and around",
    "a = [f(1), f(2)]\n",
    lambda f: [
        EditElements(f.expr("["), replace=((1, None),)),
        EditElements(f.expr("["), append=("3",)),
        ReplaceExpr(f.expr("1"), "9"),
        WrapExpr(f.expr("["), "g(", ")"),
    ],
    "a = g([f(9), 3])\n",
)

# statements

case(
    "replace keeps comments",
    """
    a = 1

    # about b
    b = 2  # note
    c = 3
    """,
    lambda f: [ReplaceStmt(f.stmt("b = 2"), "b = 3")],
    """
    a = 1

    # about b
    b = 3  # note
    c = 3
    """,
)
case(
    "replace by a block",
    """
    def f():
        # run
        run()  # note
    """,
    lambda f: [ReplaceStmt(f.stmt("run()"), "if a:\n    b(\n        1,\n    )\nelse:\n    c()")],
    """
    def f():
        # run
        if a:
            b(
                1,
            )
        else:
            c()
    """,
)
case(
    "replace a decorated function",
    """
    a = 1


    # about f
    @old
    def f():
        return 1


    b = 2
    """,
    lambda f: [ReplaceStmt(f.stmt("def f"), "async def f():\n    return 2")],
    """
    a = 1


    # about f
    async def f():
        return 2


    b = 2
    """,
)
case(
    "remove with the comments that belong to it",
    """
    a = 1

    # kept

    # about b
    # more about b
    b = 2  # note
    c = 3
    """,
    lambda f: [RemoveStmt(f.stmt("b = 2")), RemoveStmt(f.stmt("b = 2"))],
    """
    a = 1

    # kept

    c = 3
    """,
)
case(
    "remove functions",
    """
    import a


    def f():
        pass


    def g():
        pass


    h = 1
    """,
    lambda f: [RemoveStmt(f.stmt("def f"))],
    """
    import a


    def g():
        pass


    h = 1
    """,
)
case(
    "remove the first and the last of a block",
    """
    def f():
        a = 1

        b = 2
        # about c
        c = 3


    d = 4
    """,
    lambda f: [RemoveStmt(f.stmt("a = 1")), RemoveStmt(f.stmt("c = 3"))],
    """
    def f():
        b = 2


    d = 4
    """,
)
case(
    "remove all of a block",
    """
    def f():
        a = 1
        b = 2

    if x: y()
    with z: y; z
    """,
    lambda f: [RemoveStmt(f.stmt(s)) for s in ("a = 1", "b = 2", "y()")],
    """
    def f():
        pass

    if x: pass
    with z: y; z
    """,
)
case(
    "statements that share a line",
    """
    a; b; c  # note
    if x: d; e
    f; g
    h;
    """,
    lambda f: [
        RemoveStmt(f.stmt("b")),
        ReplaceStmt(f.stmt("c"), "z = 1"),
        RemoveStmt(f.stmt("e")),
        Insert(f.stmt("g"), "new()"),
        ReplaceStmt(f.stmt("h"), "i"),
    ],
    """
    a; z = 1  # note
    if x: d
    f
    new()
    g
    i;
    """,
)
case(
    "a block in a shared line",
    "if x: d; e  # note\n",
    lambda f: [ReplaceStmt(f.stmt("d"), "while y:\n    z()")],
    """
    if x:
        while y:
            z()
        e  # note
    """,
)
case(
    "insert before and after",
    """
    import a

    # about b
    b = 2  # note
    c = 3
    """,
    lambda f: [
        Insert(f.stmt("b = 2"), "two = 2", order=2),
        Insert(f.stmt("b = 2"), "one = 1", order=1),
        Insert(f.stmt("b = 2"), "# new\nthree = 3", "after"),
    ],
    """
    import a

    one = 1
    two = 2
    # about b
    b = 2  # note
    # new
    three = 3
    c = 3
    """,
)
case(
    "definitions get their blank lines",
    """
    import a
    b = 1
    def f():
        pass
    class C:
        x = 1
        y = 2
    """,
    lambda f: [
        Insert(f.stmt("b = 1"), "def new():\n    return 1", "before"),
        Insert(f.stmt("def f"), "c = 1", "before"),
        Insert(f.stmt("x = 1"), "def m(self):\n    pass", "after"),
    ],
    """
    import a


    def new():
        return 1


    b = 1
    c = 1


    def f():
        pass
    class C:
        x = 1

        def m(self):
            pass

        y = 2
    """,
)
case(
    "insert in blocks of every kind",
    """
    try:
        a()
    except E:
        b()
    else:
        c()
    for x in y:
        d()
    with z: e()
    """,
    lambda f: [
        Insert(f.stmt(s), "new()", w)
        for s, w in zip(
            ("a()", "b()", "c()", "d()", "e()"), ("before", "after", "before", "after", "before"), strict=True
        )
    ],
    """
    try:
        new()
        a()
    except E:
        b()
        new()
    else:
        new()
        c()
    for x in y:
        d()
        new()
    with z:
        new()
        e()
    """,
)
case(
    "insert at the top of functions",
    '''
    def f():
        """Doc."""
        return 1


    def g(): return x  # note
    async def h():
        # about y
        y()


    def i():
        """Only this."""


    def j(): pass
    ''',
    lambda f: [
        Insert(f.stmt(f"{s}"), "if a:\n    b()", "top") for s in ("def f", "def g", "async def h", "def i", "def j")
    ],
    '''
    def f():
        """Doc."""
        if a:
            b()
        return 1


    def g():
        if a:
            b()
        return x  # note
    async def h():
        if a:
            b()
        # about y
        y()


    def i():
        """Only this."""
        if a:
            b()


    def j():
        if a:
            b()
    ''',
)
case(
    "insert next to what goes",
    "import a\nb = 1\n",
    lambda f: [
        RemoveStmt(f.stmt("b = 1")),
        Insert(f.stmt("b = 1"), "c = 2", "after"),
        Insert(f.stmt("b = 1"), "d = 2"),
    ],
    "import a\nd = 2\nc = 2\n",
)

# if and match

CHAIN = """
def main():
    # which one
    if t == "sse":  # old
        # run it
        run_sse()
        # behind
    # or this
    elif t == "http":
        run_http()
    else:
        run()

    end()
"""
case(
    "the first arm goes, an elif takes its place",
    CHAIN,
    lambda f: [RemoveArm(f.stmt('if t == "sse"'))],
    """
    def main():
        # which one
        # or this
        if t == "http":
            run_http()
        else:
            run()

        end()
    """,
)
case(
    "an elif arm goes",
    CHAIN,
    lambda f: [RemoveArm(f.stmt('elif t == "http"'))],
    CHAIN.replace('    # or this\n    elif t == "http":\n        run_http()\n', ""),
)
case(
    "both arms go",
    CHAIN,
    lambda f: [RemoveArm(f.stmt("if t")), RemoveArm(f.stmt("elif t"))],
    """
    def main():
        # which one
        run()

        end()
    """,
)
case(
    "a first arm with only an else",
    """
    if a:
        x()
    # otherwise
    else:
        # really
        y(
            1,
        )
        # behind
    z()
    """,
    lambda f: [RemoveArm(f.stmt("if a"))],
    """
    # otherwise
    # really
    y(
        1,
    )
    # behind
    z()
    """,
)
case(
    "a lone if goes",
    """
    x()
    # maybe
    if a:
        y()
    def f():
        if a: y()
    """,
    lambda f: [RemoveArm(f.stmt("if a:\n")), RemoveArm(f.stmt("if a: y"))],
    """
    x()
    def f():
        pass
    """,
)
case(
    "an if inside else is not an elif",
    """
    if a:
        x()
    else:
        if b:
            y()
        else:
            z()
    """,
    lambda f: [RemoveArm(f.stmt("if b"))],
    """
    if a:
        x()
    else:
        z()
    """,
)
case(
    "keep the body",
    CHAIN,
    lambda f: [UnrollIf(f.stmt("if t"), "body")],
    """
    def main():
        # which one
        # run it
        run_sse()
        # behind

        end()
    """,
)
case(
    "keep the body of an elif",
    CHAIN,
    lambda f: [UnrollIf(f.stmt("elif t"), "body")],
    CHAIN.replace('elif t == "http":', "else:").replace("    else:\n        run()\n", ""),
)
case(
    "keep the else",
    """
    if a: x()
    else: y(); z()
    if b:
        x()
    """,
    lambda f: [UnrollIf(f.stmt("if a"), "orelse"), UnrollIf(f.stmt("if b"), "orelse")],
    "y(); z()\n",
)
case(
    "keep a body and change it",
    """
    if a:
        x(1)
        z()
    else:
        y(2)
    """,
    lambda f: [
        UnrollIf(f.stmt("if a"), "body"),
        ReplaceExpr(f.expr("1"), "3"),
        RemoveStmt(f.stmt("z()")),
        ReplaceExpr(f.expr("2"), "4"),
    ],
    "x(3)\n",
)
case(
    "a case goes",
    """
    match t:
        case "stdio":
            a()
        # the old one
        case "sse" | "SSE":
            b()
        case ("x"):
            c()
    """,
    lambda f: [RemoveCase(f.case('"sse" | "SSE"')), RemoveCase(f.case('"x"'))],
    """
    match t:
        case "stdio":
            a()
    """,
)
case(
    "a match without cases goes",
    """
    a()
    match t:
        case ("sse", x):
            b()
        case [1, *rest]:
            pass
    c()
    """,
    lambda f: [RemoveCase(f.case('("sse", x)')), RemoveCase(f.case("[1, *rest]"))],
    "a()\nc()\n",
)

# decorators

case(
    "decorators",
    """
    # about f
    @a.tool
    # about b
    @b(1)  # note
    def f():
        pass


    @c
    class C: ...


    @d(2)
    @e
    async def g(): ...
    """,
    lambda f: [
        EditDecorator(f.expr("a.tool"), "a.tool()"),
        EditDecorator(f.expr("b(1)"), None),
        EditDecorator(f.expr("c"), None),
        EditCall(f.expr("d(2)"), keywords=(("k", "1"),)),
    ],
    """
    # about f
    @a.tool()
    def f():
        pass


    class C: ...


    @d(2, k=1)
    @e
    async def g(): ...
    """,
)

# imports

case(
    "an import that is there",
    "from m import a as b, c\nimport x.y\n\nc\n",
    lambda f: [EnsureImport(PATH, "m", "c"), EnsureImport(PATH, "x.y")],
    "from m import a as b, c\nimport x.y\n\nc\n",
)
case(
    "an alias is another name",
    "from m import a as b\n\nb\n",
    lambda f: [EnsureImport(PATH, "m", "a")],
    "from m import a as b, a\n\nb\n",
)
case(
    "added to a from-import",
    """
    from m import (
        a,  # one
        b,
    )
    from n import a as c
    from o import (x)

    a, b, c, x
    """,
    lambda f: [EnsureImport(PATH, m, n) for m, n in (("m", "d"), ("m", "e"), ("n", "b"), ("o", "y"))],
    """
    from m import (
        a,  # one
        b,
        d,
        e,
    )
    from n import a as c, b
    from o import (x, y)

    a, b, c, x
    """,
)
case(
    "behind the leading imports",
    '''
    #!/usr/bin/env python
    """Doc."""

    from __future__ import annotations

    import os  # first

    try:
        import fast
    except ImportError:
        fast = None
    import sys

    x = 1
    import late
    ''',
    lambda f: [EnsureImport(PATH, "m", "a"), EnsureImport(PATH, "m", "b"), EnsureImport(PATH, "n")],
    '''
    #!/usr/bin/env python
    """Doc."""

    from __future__ import annotations

    import os  # first

    try:
        import fast
    except ImportError:
        fast = None
    import sys
    from m import a, b
    import n

    x = 1
    import late
    ''',
)
case(
    "behind the docstring",
    '"""Doc."""\n\nx = 1\n',
    lambda f: [EnsureImport(PATH, "m", "a")],
    '"""Doc."""\n\nfrom m import a\n\nx = 1\n',
)
case(
    "before everything",
    "# comment\n\nx = 1\n",
    lambda f: [EnsureImport(PATH, "m", "a")],
    "# comment\n\nfrom m import a\n\nx = 1\n",
)
case(
    "in a file without statements",
    "# comment\n",
    lambda f: [EnsureImport(PATH, "m", "a")],
    "# comment\nfrom m import a\n",
)
case(
    "in the place of an import that goes",
    """
    import os
    from mcp.server.sse import SseServerTransport  # transport
    from starlette.routing import Mount, Route

    sse = SseServerTransport("/messages/")
    r = Route("/", os)
    m = Mount("/")
    """,
    lambda f: [
        ReplaceExpr(f.expr("SseServerTransport("), "Manager()"),
        ReplaceExpr(f.expr("Route("), "Other(os)"),
        EnsureImport(PATH, "mcp.server.manager", "Manager", instead_of="mcp.server.sse:SseServerTransport"),
        EnsureImport(PATH, "starlette.other", "Other", instead_of="starlette.routing:Route"),
    ],
    """
    import os
    from mcp.server.manager import Manager  # transport
    from starlette.routing import Mount
    from starlette.other import Other

    sse = Manager()
    r = Other(os)
    m = Mount("/")
    """,
)
case(
    "in the place of an import in a function or guard",
    """
    import os

    try:
        from m.sse import client
    except ImportError:
        raise

    client()

    def f():
        from m.old import Old
        return Old(os)
    """,
    lambda f: [
        ReplaceExpr(f.expr("client()"), "http()"),
        ReplaceExpr(f.expr("Old("), "New(os)"),
        EnsureImport(PATH, "m.http", "http", instead_of="m.sse:client"),
        EnsureImport(PATH, "m.new", "New", instead_of="m.old:Old"),
    ],
    """
    import os

    try:
        from m.http import http
    except ImportError:
        raise

    http()

    def f():
        from m.new import New
        return New(os)
    """,
)
case(
    "an import that stays in use stays",
    "from m import old\n\nold(1)\nold(2)\n",
    lambda f: [ReplaceExpr(f.expr("old(1)"), "new(1)"), EnsureImport(PATH, "n", "new", instead_of="m:old")],
    "from m import old\nfrom n import new\n\nnew(1)\nold(2)\n",
)
case(
    "imports that lost their last use go",
    """
    import a
    import b, c
    from d import (
        e,
        f,  # about f
    )
    from g import h as i
    from j import k
    import never_used

    use(a, b, c, e, f, i, k)


    def local():
        from l import m
        import n
        return m, n
    """,
    lambda f: [ReplaceExpr(f.expr("use("), "use(c, e)"), ReplaceExpr(f.expr("m, n"), "n")],
    """
    import c
    from d import (
        e,
    )
    import never_used

    use(c, e)


    def local():
        import n
        return n
    """,
)
case(
    "imports that something still needs stay",
    """
    from typing import TYPE_CHECKING, cast
    import a
    import b  # noqa: F401
    from c import d, e, f
    if TYPE_CHECKING:
        import g

    __all__ = ["a"]

    use(a, b, d, e, f, g)


    def h(x: "d", y: "list[e]") -> None:
        return cast("f", x)
    """,
    lambda f: [RemoveStmt(f.stmt("use("))],
    """
    from typing import TYPE_CHECKING, cast
    import a
    import b  # noqa: F401
    from c import d, e, f

    __all__ = ["a"]


    def h(x: "d", y: "list[e]") -> None:
        return cast("f", x)
    """,
)
case(
    "a local name of the same spelling is no use",
    """
    from m import types, other

    types.A


    def f(types):
        return types
    """,
    lambda f: [ReplaceExpr(f.expr("types.A"), "other")],
    """
    from m import other

    other


    def f(types):
        return types
    """,
)
case(
    "submodules",
    """
    import mcp.server.sse
    import mcp.types

    mcp.server.sse.connect(mcp.types.A)
    """,
    lambda f: [ReplaceExpr(f.expr("mcp.server.sse.connect("), "f(mcp.types.A)")],
    """
    import mcp.types

    f(mcp.types.A)
    """,
)
case(
    "guards around imports",
    """
    try:
        from a import b
    except ImportError:
        from c import b
    try:
        import d
    except ImportError:
        d = None

    b(d)
    """,
    lambda f: [RemoveStmt(f.stmt("b(d)"))],
    """
    try:
        import d
    except ImportError:
        d = None
    """,
)

# helpers and unused definitions

case(
    "a helper behind the imports",
    '''
    """Doc."""
    import a
    x = a.b()
    ''',
    lambda f: [
        Helper(PATH, "gone", "async def gone(request):\n    if a:\n        return 410"),
        Helper(PATH, "gone", "async def gone(request):\n    if a:\n        return 410"),
        Helper(PATH, "WORDS", 'WORDS = {\n    "sse": 1,\n}'),
        EnsureImport(PATH, "m", "n"),
        ReplaceExpr(f.expr("a.b()"), "gone"),
    ],
    '''
    """Doc."""
    import a
    from m import n


    async def gone(request):
        if a:
            return 410


    WORDS = {
        "sse": 1,
    }


    x = gone
    ''',
)
case(
    "a helper whose name is there",
    "def gone(): ...\n",
    lambda f: [Helper(PATH, "gone", "def gone():\n    return 1")],
    "def gone(): ...\n",
)
case(
    "definitions that lost their last use go",
    """
    from m import Sse, Other

    # the transport
    sse = Sse("/messages/")
    kept = Other()


    def handler(n):
        return handler(n - 1)


    @decorated
    def marked():
        pass


    app = App(sse.connect, handler, marked, kept)


    def main():
        local = Sse("/x")
        return local.run()
    """,
    lambda f: [
        EditCall(f.expr("App("), positional=((0, None), (1, None), (2, None))),
        ReplaceExpr(f.expr("local.run()"), "app.run()"),
        *(Unused(PATH, name) for name in ("sse", "handler", "marked", "local", "kept", "absent")),
    ],
    """
    from m import Other

    kept = Other()


    @decorated
    def marked():
        pass


    app = App(kept)


    def main():
        return app.run()
    """,
)
case(
    "chains of unused definitions",
    """
    import a

    one = a.x
    two = one.y
    run(two)
    """,
    lambda f: [ReplaceExpr(f.expr("run("), "go()"), Unused(PATH, "one"), Unused(PATH, "two")],
    """
    go()
    """,
)

case(
    "comments at the top of the file",
    """
    # License

    # about f
    def f(): ...
    """,
    lambda f: [Insert(f.stmt("def f"), "a = 1")],
    """
    # License

    a = 1


    # about f
    def f(): ...
    """,
)
case(
    "beside an optional import that stays",
    """
    try:
        from m.sse import old
    except ImportError:
        old = None


    def f():
        from m.two import two
        return two(1), two(2)


    old
    """,
    lambda f: [
        ReplaceStmt(f.stmt("old"), "new"),
        ReplaceExpr(f.expr("two(1)"), "three()"),
        EnsureImport(PATH, "m.http", "new", instead_of="m.sse:old"),
        EnsureImport(PATH, "m.three", "three", instead_of="m.two:two"),
    ],
    """
    try:
        from m.sse import old
        from m.http import new
    except ImportError:
        old = None


    def f():
        from m.two import two
        from m.three import three
        return three(), two(2)


    new
    """,
)
case(
    "a definition that a string names stays",
    'app = f()\nrun(app)\nrun("server:app")\n',
    lambda f: [ReplaceExpr(f.expr("run(app)"), "go()"), Unused(PATH, "app")],
    'app = f()\ngo()\nrun("server:app")\n',
)

VARIANTS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda text: text.encode(),
    "crlf": lambda text: text.replace("\n", "\r\n").encode(),
    "cr": lambda text: text.replace("\n", "\r").encode(),
    "bom": lambda text: b"\xef\xbb\xbf" + text.encode(),
    "no final newline": lambda text: text.removesuffix("\n").encode(),
    "tabs": lambda text: _indented(text, "\t"),
    "two blanks": lambda text: _indented(text, "  "),
}


def _indented(text: str, step: str) -> bytes:
    lines = []
    for line in text.split("\n"):
        depth = (len(line) - len(line.lstrip(" "))) // 4
        lines.append(step * depth + line[depth * 4 :])
    return "\n".join(lines).encode()


def _runs() -> Iterable[tuple[str, str]]:
    for name, (before, _, _) in CASES.items():
        for variant in VARIANTS:
            # a file without indentation can't say what its indentation is
            if "\n    " in before or variant not in {"tabs", "two blanks"}:
                yield name, variant


@pytest.mark.parametrize(("name", "variant"), list(_runs()))
def test_case(name: str, variant: str) -> None:
    before, make, after = CASES[name]
    data = VARIANTS[variant](before)
    result = apply_operations(PATH, data, make(Finder(data)))
    assert result.decode() == VARIANTS[variant](after).decode()


def unmatched(source: str, make: Make) -> str:
    with pytest.raises(Unmatched) as caught:
        apply_operations(PATH, source.encode(), make(Finder(source.encode())))
    return str(caught.value)


def test_no_operations_no_change() -> None:
    data = b"x = 1 \r\n\ty = \xff"
    assert apply_operations(PATH, data, []) is data


def test_all_bytes_of_an_encoded_file_stay() -> None:
    text = "#!/usr/bin/python\n# -*- coding: latin-1 -*-\nx = 'h\u00e9'; y = f('\u00fc')\n"
    data = text.encode("latin-1")
    result = apply_operations(PATH, data, [ReplaceExpr(Finder(data).expr("f("), "'\u00e4'")])
    assert result == text.replace("f('\u00fc')", "'\u00e4'").encode("latin-1")


def test_code_that_the_encoding_lacks() -> None:
    data = b"# coding: ascii\nx = f()\n"
    with pytest.raises(Unmatched, match="ascii"):
        apply_operations(PATH, data, [ReplaceExpr(Finder(data).expr("f("), "'\u20ac'")])


def test_a_package_keeps_its_imports() -> None:
    data = b"from m import a, b\n\na.c\n"
    place = Finder(data).stmt("a.c")
    assert apply_operations("pkg/__init__.py", data, [RemoveStmt(place)]) == b"from m import a, b\n"


def test_mixed_line_ends_stay() -> None:
    data = b"a = 1\r\nb = 2\nc = f(\r\n  1,\n)\r\n"
    place = Finder(data).expr("f(")
    result = apply_operations(PATH, data, [EditCall(place, keywords=(("k", "2"),))])
    assert result == b"a = 1\r\nb = 2\nc = f(\r\n  1,\n  k=2,\n)\r\n"


def test_form_feeds_are_no_line_ends() -> None:
    data = b"import a\n\x0c\ndef f():\n    '\x0c\x1c'\n    return g()\n"
    place = Finder(data).expr("g()")
    assert apply_operations(PATH, data, [ReplaceExpr(place, "h")]) == data.replace(b"g()", b"h")


def test_a_line_that_goes_on_behind_its_statement() -> None:
    data = b"a = 1\nb = f()\nc = 3 \\\n\nd = 4\ne = 5\n"
    place = Finder(data).expr("f()")
    assert apply_operations(PATH, data, [ReplaceExpr(place, "2")]) == data.replace(b"f()", b"2")


def test_hundreds_of_lines_in_one_expression() -> None:
    data = b"x = (\n" + b"    'line'\n" * 600 + b")\nx = f()\n"
    place = Finder(data).expr("f()")
    assert apply_operations(PATH, data, [ReplaceExpr(place, "2")]) == data.replace(b"f()", b"2")


@pytest.mark.parametrize(
    ("source", "make", "words"),
    [
        ("f(a)\n", lambda f: [ReplaceExpr(replace(f.expr("a"), source="b"), "c")], ["line 1", "'b'"]),
        ("f(a)\n", lambda f: [ReplaceExpr(replace(f.expr("a"), column=1, source=""), "c")], ["line 1, column 2"]),
        ("f(a)\n", lambda f: [ReplaceExpr(replace(f.expr("a"), line=9, end_line=9), "c")], ["line 9"]),
        ("f(a)\n", lambda f: [RemoveStmt(replace(f.stmt("f"), line=0, end_line=0))], ["line 0"]),
        ("f(a)\n", lambda f: [ReplaceExpr(f.expr("a"), n) for n in "bc"], ["line 1", "conflict"]),
        ("f(a)\n", lambda f: [WrapExpr(f.expr("a"), n, ")") for n in ("b(", "c(")], ["conflict"]),
        ("f(a)\n", lambda f: [RemoveStmt(f.stmt("f")), ReplaceStmt(f.stmt("f"), "b")], ["conflict"]),
        (
            "f(a)\n",
            lambda f: [EditCall(f.expr("f("), keywords=(("k", n),)) for n in "12"],
            ["conflict"],
        ),
        ("f(a)\n", lambda f: [EditCall(f.expr("a"), method="b")], ["line 1", "call"]),
        ("f(a)\n", lambda f: [EditElements(f.expr("a"), append=("b",))], ["line 1", "list"]),
        ("f(a)\n", lambda f: [EditCall(f.expr("f("), positional=((1, None),))], ["positional argument 1"]),
        ("f(*a, b)\n", lambda f: [EditCall(f.expr("f("), positional=((0, None),))], ["positional argument 0"]),
        ("f()(a)\n", lambda f: [EditCall(f.expr("f()(a)"), method="b")], ["method"]),
        ("x = [1]\n", lambda f: [EditElements(f.expr("["), replace=((1, None),))], ["element 1"]),
        ("f(a)\n", lambda f: [ReplaceExpr(f.expr("a"), "b c")], ["line 1", "'b c'"]),
        ("f(a)\n", lambda f: [ReplaceStmt(f.stmt("f"), "if:")], ["line 1", "'if:'"]),
        ("f(a)\n", lambda f: [ReplaceExpr(f.expr("a"), "b=1, c")], ["line 1"]),
        ("f(a)\n", lambda f: [WrapExpr(f.expr("a"), "", "")], ["line 1"]),
        ("f(a)\n", lambda f: [EditCall(f.expr("f("), put=((2, "b"),))], ["line 1", "positional argument 2"]),
        ("{1: 2}\n", lambda f: [EditElements(f.expr("{1"), append=("3",))], ["line 1", "entry"]),
        ("{1: 2}\n", lambda f: [EditElements(f.expr("{1"), replace=((0, "3"),))], ["line 1"]),
        ("f(a)\n", lambda f: [UnrollIf(f.stmt("f"), "body")], ["line 1", "if"]),
        ("while a:\n    b\n", lambda f: [UnrollIf(f.stmt("while"), "body")], ["line 1", "if"]),
        ("f(a)\n", lambda f: [Insert(f.stmt("f"), "x", "top")], ["line 1", "function"]),
        ("f(a)\n", lambda f: [Insert(f.stmt("f"), "x", "inside")], ["line 1", "inside"]),
        (
            "if a:\n    b\nelif c:\n    d\n",
            lambda f: [Insert(f.stmt("elif c"), "x")],
            ["line 3", "elif"],
        ),
        ("del a\n", lambda f: [ReplaceExpr(f.expr("a"), "f()")], ["line 1"]),
    ],
)
def test_unmatched(source: str, make: Make, words: list[str]) -> None:
    message = unmatched(source, make)
    assert all(word in message for word in words), message


@pytest.mark.parametrize("data", [b"def f(:\n", b"\xff\xfe", b"# coding: nonsense\n", b"x = 1\x00"])
def test_a_file_that_cannot_be_read(data: bytes) -> None:
    with pytest.raises(Unmatched):
        apply_operations(PATH, data, [EnsureImport(PATH, "m", "a")])


def test_a_long_file_takes_seconds() -> None:
    block = "def f{0}(a, b):\n    if a > {0}:\n        return g(a, b=[1, 2])\n    x = a.b(c)\n    return x\n\n"
    source = "import g\n" + "".join(block.format(i) for i in range(900))
    finder = Finder(source.encode())
    calls = [n for n in ast.walk(finder.module.tree) if isinstance(n, ast.Call)][::100]
    operations: list[Operation] = [WrapExpr(finder.module.at(call), "w(", ")") for call in calls]
    started = time.process_time()
    result = apply_operations(PATH, source.encode(), [*operations, EnsureImport(PATH, "m", "w")])
    assert time.process_time() - started < 10  # about 1.5 on the machine this was written on
    assert result.count(b"w(") == len(calls)
