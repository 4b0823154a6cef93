"""Health checks that ask for a moved server's old path: no GET takes its place, so what does is shown (MCP503)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from migrator.configs.addresses import parse
from migrator.context import Context
from migrator.model import Endpoint


class Health:
    """Writes the instructions, for one project."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.table: dict[str, Any] = context.rules.toml("deploy/health.toml")
        self._routes: dict[str, str] = {}

    def asked(self, path: str, endpoints: Iterable[Endpoint]) -> Endpoint | None:
        """The moved endpoint whose old path a check asks for."""
        wanted = path.partition("?")[0].rstrip("/")
        return next(
            (e for e in endpoints if e.moved and e.old_path.strip("/") and e.old_path.rstrip("/") == wanted), None
        )

    def instruction(self, e: Endpoint, address: str = "") -> str:
        """What to write instead, the simplest first. address: what the check asks for now."""
        table = self.table
        url = parse(address)
        port = url.port if url is not None and re.search(r"\d$", url.host) else e.listens
        made = next(
            (p for p in (e.place.path, *e.files) if re.search(table["own-routes"], self.context.tree.source(p))), ""
        )
        values = {
            "port": port or "PORT",
            "path": e.new_path,
            "route": self.route(e),
            "file": made or e.place.path,
            "server": self.server(e, made),
        }
        shown = [table["why"] + "; ask for one of these:"]
        if values["route"]:
            shown.append(table["existing"].format(**values))
        shown.append(table["tcp"].format(**values))
        if e.stateless:
            shown.append(table["ping"].format(**values))
        if not values["route"] and values["file"].endswith(".py"):
            shown.append(table["route" if made else "route-lowlevel"].format(**values))
        return "\n".join(s.strip("\n") for s in shown)

    def server(self, e: Endpoint, made: str) -> str:
        """What the server is called in the file that makes it: "self.mcp", "app"."""
        name = e.name.rpartition(":")[2]
        bound = re.compile(self.table["bound"], re.M)
        names = [m["name"] for m in bound.finditer(self.context.tree.source(made))] if made else []
        if names:
            return name if name in names else names[0]
        return name if name.isidentifier() else "mcp"

    def route(self, e: Endpoint) -> str:
        """A route of the server's code that answers a GET, "" for none."""
        if e.name not in self._routes:
            found = ""
            for path in dict.fromkeys((e.place.path, *e.files)):
                match = re.search(self.table["routes"], self.context.tree.source(path))
                if match:
                    found = match["route"]
                    break
            self._routes[e.name] = found
        return self._routes[e.name]
