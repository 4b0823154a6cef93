"""Edits of statements: replaced, removed, inserted before and after."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import Insert, RemoveStmt, ReplaceStmt
from tests.unit.python.rewriting import Cases

case = Cases()

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


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
