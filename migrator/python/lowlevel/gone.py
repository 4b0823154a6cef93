"""`--legacy-sse gone` for hand-wired servers: GET on the old path answers 410 with the new address."""

from __future__ import annotations

import ast

from migrator.python.legacy import DISPATCHED, answer, gone_by_hand
from migrator.python.lowlevel.beside import New, holder_of_routes, needs_route, put_beside
from migrator.python.lowlevel.handlers import Handlers
from migrator.python.lowlevel.homes import Home
from migrator.python.lowlevel.registrations import Registration
from migrator.python.rewrite.edits import EnsureImport, Helper
from migrator.python.unit import Draft


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
            if home.outer is not None and home.outer.behind is not None:
                gone_by_hand(draft, DISPATCHED)
                continue
            found = self._code(draft, place, home)
            if found is None or not put_beside(draft, place, found[0]):
                gone_by_hand(draft)
                continue
            draft.do(found[1])
            draft.do(EnsureImport(module.path, "starlette.responses", "JSONResponse"))
            needs_route(draft, module)

    def _code(self, draft: Draft, place: Registration, home: Home) -> tuple[New, Helper] | None:
        """The route, and the function that it uses; None where it can't be written."""
        module = place.module
        path = self.handlers.path(place, home, set())
        if place.path is None or path.old is None or path.new is None or not (path.old + path.new).strip("/"):
            return None  # the word is in the prefix of a router or a mount
        plain = isinstance(place.path, ast.Constant | ast.JoinedStr)
        written = module.source(place.path) if plain else f'"{path.old}"'
        own = self._prefix(home) if place.kind == "decorator" else ""
        if own is None or (own and not isinstance(place.path, ast.Constant)):
            return None
        if own:
            written = f'"{own.rstrip("/")}{path.old}"'
        found = answer(module, draft, path.old, path.new)
        if found is None:
            return None
        code, helper = found
        route = f'Route({written}, endpoint={code}, methods=["GET"])'
        holder = holder_of_routes(self.handlers.routes, place)
        return New(route, f"{holder}.routes.append({route})" if holder else ""), helper

    def _prefix(self, home: Home) -> str | None:
        """The prefix that FastAPI's decorators put in front themselves; None when it can't be told."""
        if not home.routers:
            return ""
        router = home.routers[-1]  # the innermost: include_router adds the prefixes above it
        node = next((k.value for k in router.node.keywords if k.arg == "prefix"), None) if router.node else None
        return "" if node is None else self.project.text(router.module, node)
