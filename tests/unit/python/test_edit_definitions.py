"""Decorators, functions of ours that are put in, and definitions that lose their last use."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import (
    EditCall,
    EditDecorator,
    EnsureImport,
    Helper,
    Insert,
    ReplaceExpr,
    ReplaceStmt,
    Unused,
)
from tests.unit.python.rewriting import PATH, Cases

case = Cases()

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

# ours, and those without a use

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


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
