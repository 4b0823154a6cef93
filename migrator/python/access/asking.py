"""What enacted code learns of the request: its path, its method, its headers and parameters, its body."""

from __future__ import annotations

import ast
import json
from typing import TYPE_CHECKING, Any

from migrator.python.access.known import BODY, UNKNOWN, Opaque, Params, Raised, Request, Url, Val

if TYPE_CHECKING:
    from migrator.python.access.enact import Enactment

PATHS = ("path", "path_qs", "full_path", "uri")
NAMES = ("scope", "request")


class Asking:
    """The part of a frame that answers for the request that is enacted."""

    def __init__(self, enactment: Enactment) -> None:
        self.all = enactment

    def part(self, name: str) -> Val:
        """An attribute of the request."""
        if name in PATHS:
            return Val(self.all.path, path=True)
        if name == "query_params" and BODY in self.all.shows:
            return Val(Params(self.all.query))
        said = {"scope": Val(Request()), "method": Val(self.all.method)}
        said |= dict.fromkeys(("url", "rel_url"), Val(Url(self.all.path, self.all.query), path=True))
        return said.get(name, UNKNOWN)

    def shown(self, base: Val, key: Val) -> Val | None:
        """A header or parameter of the request that is known, None as its value where the request has none."""
        held = not base.known or isinstance(base.value, Params)
        if not held or base.path or not key.known or not isinstance(key.value, str | bytes):
            return None
        name = key.value.decode("latin-1") if isinstance(key.value, bytes) else key.value
        name = name.lower().rstrip("=")
        if name not in self.all.shows or name == BODY:
            return None
        self.all.seen.shown.add(name)
        text = self.all.shows[name]
        return Val(None if not text else text.encode() if isinstance(key.value, bytes) else text)

    def of_request(self, base: Val, node: ast.expr, key: Any) -> Val | None:
        """`scope["path"]` and its like; None for anything else."""
        last = ast.unparse(node).rpartition(".")[2]
        if not (base.known and isinstance(base.value, Request)) and (base.known or last not in NAMES):
            return None
        said = {"path": self.all.path, "method": self.all.method, "type": "http", "root_path": ""}
        if key == "raw_path":
            return Val(self.all.path.encode(), path=True)
        if key == "query_string":
            return Val(self.all.query.encode())
        return Val(said[key], path=key == "path") if key in said else UNKNOWN

    # -- its body

    def body(self, base: Val, function: ast.Attribute) -> Val | None:
        """What `request.body()` and its like give; None for any other method, and where nobody asks for bodies."""
        if BODY not in self.all.shows or function.attr not in ("body", "json", "stream"):
            return None
        if not isinstance(base.value, Request) and (base.known or ast.unparse(function.value) not in NAMES):
            return None
        self.all.seen.shown.add(BODY)
        whole = self.all.shows[BODY].encode()
        return parsed(whole) if function.attr == "json" else Val([whole] if function.attr == "stream" else whole)

    def received(self, call: ast.Call) -> Val | None:
        """What `receive()` of ASGI gives; None for any other call."""
        if BODY not in self.all.shows or not isinstance(call.func, ast.Name) or call.func.id != "receive" or call.args:
            return None
        self.all.seen.shown.add(BODY)
        return Val({"type": "http.request", "body": self.all.shows[BODY].encode(), "more_body": False})


def parsed(text: str | bytes) -> Val:
    """A body as JSON; its parameters are the caller's, and not known. Raises Raised where it is none."""
    try:
        message = json.loads(text)
    except ValueError:
        raise Raised from None
    return Val(message | {"params": Opaque()} if isinstance(message, dict) and "params" in message else message)
