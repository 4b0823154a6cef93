"""Edits of if and match: arms and cases removed, branches unrolled."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import RemoveArm, RemoveCase, RemoveStmt, ReplaceExpr, UnrollIf
from tests.unit.python.rewriting import Cases

case = Cases()

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
    "the first arm goes, an elif with a line above it takes its place",
    """
    def main():
        log()

        if t == "sse":
            run_sse()

        elif t == "http":
            run_http()
    """,
    lambda f: [RemoveArm(f.stmt('if t == "sse"'))],
    """
    def main():
        log()

        if t == "http":
            run_http()
    """,
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


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
