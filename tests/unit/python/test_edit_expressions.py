"""Edits of expressions: replaced, wrapped."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import EditCall, ReplaceExpr, WrapExpr
from tests.unit.python.rewriting import Cases

case = Cases()

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


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
