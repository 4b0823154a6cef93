"""`--legacy-sse gone` for hand-wired servers: GET on the old path answers 410 with the new address."""

from __future__ import annotations

import ast

from migrator.python.legacy import GONE, gone_by_hand
from migrator.python.lowlevel.beside import New, holder_of_routes, needs_route, put_beside
from migrator.python.lowlevel.handlers import Handlers
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.registrations import Registration
from migrator.python.rewrite.edits import EnsureImport, Helper
from migrator.python.unit import Draft

NAME = "_sse_gone"
UNDER = "_sse_gone_under"
# for paths that only the request knows: with parameters, or under a prefix from elsewhere
GONE_UNDER = f'''def {UNDER}(old, new):
    """Tell a client of the retired SSE transport where to go: `new` stands where `old` was in the path."""

    async def gone(request):
        endpoint = new.join(request.url.path.rsplit(old, 1))
        return JSONResponse(
            {{
                "error": "gone",
                "message": f"The HTTP+SSE transport was retired. Use Streamable HTTP: POST to {{endpoint}}.",
                "endpoint": endpoint,
            }},
            status_code=410,
        )

    return gone
'''


class Gone:
    """Answers for one project."""

    def __init__(self, handlers: Handlers) -> None:
        self.handlers = handlers
        self.project = handlers.project
        self.active = self.project.context.settings.legacy_sse == "gone"

    def add(self, draft: Draft, places: list[tuple[Registration, Home]]) -> None:
        """A route for 410 beside each registration of the stream; a note where it can't be put there."""
        if not self.active or draft.blocks:
            return
        if not places:
            gone_by_hand(draft)
        for place, home in places:
            module = place.module
            code, helper = self._code(draft, place, home)
            if code is None or not put_beside(draft, place, code):
                gone_by_hand(draft)
                continue
            draft.do(Helper(module.path, helper, GONE if helper == NAME else GONE_UNDER))
            draft.do(EnsureImport(module.path, "starlette.responses", "JSONResponse"))
            needs_route(draft, module)

    def _code(self, draft: Draft, place: Registration, home: Home) -> tuple[New | None, str]:
        """The route, and which of the two helpers it uses."""
        module = place.module
        path = self.handlers.path(place, home, set())
        if place.path is None or path.old is None or path.new is None or not (path.old + path.new).strip("/"):
            return None, ""  # the word is in the prefix of a router or a mount
        plain = isinstance(place.path, ast.Constant | ast.JoinedStr)
        written = module.source(place.path) if plain else f'"{path.old}"'
        own = self._prefix(home) if place.kind == "decorator" else ""
        if own is None or (own and not isinstance(place.path, ast.Constant)):
            return None, ""
        if own:
            written = f'"{own.rstrip("/")}{path.old}"'
        helper = UNDER if "{" in draft.new_path else NAME
        old, new = _difference(path.old, path.new)
        answer = f'{UNDER}("{old}", "{new}")' if helper == UNDER else f'{NAME}("{draft.new_path}")'
        route = f'Route({written}, endpoint={answer}, methods=["GET"])'
        holder = holder_of_routes(self.handlers.routes, place)
        return New(route, f"{holder}.routes.append({route})" if holder else ""), helper

    def _prefix(self, home: Home) -> str | None:
        """The prefix that FastAPI's decorators put in front themselves; None when it can't be told."""
        if not home.routers:
            return ""
        router = home.routers[-1]  # the innermost: include_router adds the prefixes above it
        node = next((k.value for k in router.node.keywords if k.arg == "prefix"), None) if router.node else None
        return "" if node is None else self.project.text(router.module, node)


def _difference(old: str, new: str) -> tuple[str, str]:
    """The parts of two path templates that differ, with the slash in front: "/a/sse/{x}", "/a/mcp/{x}" -> "/sse", "/mcp"."""
    first, second = old.split("/"), new.split("/")
    while len(first) > 1 and len(second) > 1 and first[-1] == second[-1]:
        first.pop()
        second.pop()
    while len(first) > 1 and len(second) > 1 and first[1] == second[1]:
        del first[1], second[1]
    return "/".join(first), "/".join(second)
