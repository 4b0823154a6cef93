"""Methods of a framework that serve SSE, and the ones that take their place: `mcp.mount()` of fastapi-mcp."""

from __future__ import annotations

import ast
from typing import Any

from migrator.clients.facts import Fact
from migrator.clients.room import Room, judged
from migrator.clients.sites import ByHand, Offered, Site
from migrator.python.code import Module
from migrator.python.edits import EditCall, ReplaceExpr
from migrator.python.values import Const


class Methods:
    """Reads the calls of such methods."""

    def __init__(self, room: Room) -> None:
        self.room = room

    def site(self, module: Module, fact: Fact, name: str, call: ast.Call) -> Site:
        """The call, decided."""
        old, new = name.rpartition(".")[2], str(fact.row.get("new", ""))
        site = Site(module, call, fact.rule, f"{old}()", f"call {new}() instead")
        return judged(site, lambda: self._renamed(site, module, fact, name, call))

    def _renamed(self, site: Site, module: Module, fact: Fact, name: str, call: ast.Call) -> None:
        row: Any = fact.row
        if row.get("by-hand"):
            raise ByHand("nothing of the same form takes its place", row["by-hand"])
        if not isinstance(call.func, ast.Attribute):
            raise ByHand("it is not called as a method here")
        self.room.require(site, module, fact)
        if self.room.offers(module, call):
            raise Offered
        if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
            raise ByHand("its arguments are handed on as a whole")
        if len(call.args) > len(row.get("positional", ())):
            raise ByHand("it gets more positional arguments than what takes its place")
        twin = self._twin(module, call.func.value, row["new"])
        if twin is not None:
            raise ByHand(f"line {twin.lineno} serves the same over Streamable HTTP already", "remove this call")
        dropped = tuple((k.arg, None) for k in call.keywords if k.arg in row.get("drop", ()))
        site.operations.append(EditCall(module.at(call), method=row["new"], keywords=dropped))  # type: ignore[arg-type]
        self._path(site, module, row, call)
        site.message = f"{site.name} serves SSE: it becomes {row['new']}()"
        if row.get("note"):
            site.message += f"; {row['note']}"

    def _twin(self, module: Module, receiver: ast.expr, new: str) -> ast.Call | None:
        """A call of the new method on the same object in the same module."""
        objects = self.room.values.of(module, receiver)
        for call in module.calls_by_name.get(new, ()):
            if isinstance(call.func, ast.Attribute) and self.room.values.of(module, call.func.value) & objects:
                return call
        return None

    def _path(self, site: Site, module: Module, row: Any, call: ast.Call) -> None:
        """A path that is written here moves as the default does."""
        key, paths = row.get("path", ""), row.get("paths", {})
        names = [*row.get("positional", ())]
        given = next((k.value for k in call.keywords if k.arg == key), None)
        if given is None and key in names and names.index(key) < len(call.args):
            given = call.args[names.index(key)]
        if given is None:
            return
        values = self.room.values.of(module, given)
        if len(values) != 1 or not all(isinstance(v, Const) and isinstance(v.value, str) for v in values):
            return  # the path stays what it is, whatever that is
        (value,) = values
        assert isinstance(value, Const)
        new = paths.get(str(value.value).rstrip("/"))
        if new is None:
            return
        if value.module is not module:
            raise ByHand("its path stands in another file", f"make that path {new}, and {site.todo}")
        source = module.source(value.node)
        site.operations.append(ReplaceExpr(module.at(value.node), source.replace(str(value.value), new)))
