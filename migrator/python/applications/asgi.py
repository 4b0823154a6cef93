"""The web frameworks around a server: what makes an application, what holds a route, what serves it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from typing import Any

from migrator.python.flow.values import Values
from migrator.python.module import Module


class Asgi:
    """The names in sdks/asgi.toml, which says what each list means, and what a project does with them."""

    def __init__(self, values: Values, table: Mapping[str, Any]) -> None:
        self._values = values
        self.applications = frozenset(table["applications"])
        self.routes = frozenset(table["routes"])
        self.mounts = frozenset(table["mounts"])
        self.named = frozenset(table["named"])
        self.holders = self.mounts | self.named
        self.routers = frozenset(table["routers"])
        self.plain_router = str(table["plain_router"])
        self.servers = frozenset(table["servers"])
        self.listeners = frozenset(table["listeners"])
        self.plain = frozenset(table["plain"])
        self.per_event = frozenset(table["per_event"])
        self.cors = frozenset(table["cors"])
        self.endpoints = frozenset(table["endpoints"])
        self.adders: list[str] = table["adders"]
        self.decorators: list[str] = table["decorators"]
        self.fastapi_decorators: list[str] = table["fastapi_decorators"]
        self.methods: list[str] = table["methods"]
        self.responses = frozenset(table["responses"])

    def listening(self, module: Module) -> Iterator[ast.Call]:
        """The module's calls whose `host` and `port` say where an application is served."""
        for call in module.calls:
            if self.listeners & self._values.names(module, call.func):
                yield call
