"""Edits of calls: what is called, keywords, positional arguments, splats."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import EditCall, Insert
from tests.unit.python.rewriting import Cases

case = Cases()

case(
    "keywords in place, appended and dropped",
    "run( a , host = 'h', port=1, debug=True )\n",
    lambda f: [EditCall(f.expr("run("), keywords=(("host", "'x'"), ("port", None), ("path", "'/mcp'")))],
    "run( a , host = 'x', debug=True, path='/mcp' )\n",
)
case(
    "a keyword that is renamed stays where it is, with its remark",
    "run(\n    base=1,  # why\n    b = 2,\n)\n",
    lambda f: [EditCall(f.expr("run("), renamed=(("base", "client"),), keywords=(("client", "C(1)"),))],
    "run(\n    client=C(1),  # why\n    b = 2,\n)\n",
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


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
