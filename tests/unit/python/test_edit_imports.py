"""Imports that are added, and those that lose their last use."""

from __future__ import annotations

import pytest

from migrator.python.rewrite.edits import EnsureImport, RemoveStmt, ReplaceExpr
from tests.unit.python.rewriting import PATH, Cases

case = Cases()

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
case(
    "the standard library's among its own, in their order",
    """
    import argparse
    import os
    from typing import Any

    import uvicorn
    from .own import x

    x
    """,
    lambda f: [
        EnsureImport(PATH, m, n) for m, n in (("sys", ""), ("contextlib", ""), ("starlette.responses", "Response"))
    ],
    """
    import argparse
    import contextlib
    import os
    import sys
    from typing import Any

    import uvicorn
    from starlette.responses import Response
    from .own import x

    x
    """,
)
case(
    "the standard library's above the others where there are none of its own",
    """
    # a licence

    from __future__ import annotations

    from starlette.routing import Route
    from tools import server

    server, Route
    """,
    lambda f: [
        EnsureImport(PATH, m, n) for m, n in (("sys", ""), ("contextlib", ""), ("starlette.responses", "Response"))
    ],
    """
    # a licence

    from __future__ import annotations

    import contextlib
    import sys

    from starlette.routing import Route
    from starlette.responses import Response
    from tools import server

    server, Route
    """,
)
case(
    "a text below __future__ is no end of the imports",
    """
    from __future__ import annotations

    '''What would be a docstring above.'''

    import os
    """,
    lambda f: [EnsureImport(PATH, "sys")],
    """
    from __future__ import annotations

    '''What would be a docstring above.'''

    import os
    import sys
    """,
)


@pytest.mark.parametrize(("name", "variant"), case.runs())
def test_case(name: str, variant: str) -> None:
    case.check(name, variant)
