"""Edits of lists, tuples and sets: elements replaced, dropped, put in."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import EditCall, EditElements, ReplaceExpr, WrapExpr
from tests.unit.python.rewriting import Cases

case = Cases()

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


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
