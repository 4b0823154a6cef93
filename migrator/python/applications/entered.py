"""What a host's lifespan runs of a mounted application already, and what it can call an application that was chosen."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from migrator.python.applications.hosts import Hosted
from migrator.python.applications.moments import conditional
from migrator.python.applications.owners import Owner
from migrator.python.flow.value import Func, Lambda, Obj
from migrator.python.flow.values import Values
from migrator.python.module import FunctionNode, Module, dotted

# what a lifespan says of an application, or of its server, that it runs already
ENTERED = {"lifespan": "app", "lifespan_context": "app", "session_manager": "server"}


class Entered:
    """Answers for one project."""

    def __init__(self, values: Values) -> None:
        self.values = values

    def chosen(self, hosted: Hosted) -> str | None:
        """How an application that one of several branches makes is called where it is mounted in any case.

        None for one that is always made; "" for one that has no name there.
        """
        if hosted.host is None or hosted.host_module is None or hosted.app is None:
            return None
        module, mounted = hosted.app
        around = {*hosted.host_module.ancestors(hosted.host), *module.ancestors(mounted)}
        made = [v.node for v in self.values.of(module, mounted) if isinstance(v, Obj) and v.module is module]
        if not any(node is not None and conditional(module, node, None, around) is not None for node in made):
            return None
        name = dotted(mounted)
        return name if all(part.isidentifier() for part in name.split(".")) else ""

    def conditions(self, hosted: Hosted, owners: Sequence[Owner]) -> set[ast.stmt | None]:
        """The conditions under which the host's lifespan enters the application's own, or runs its server's manager.

        `lifespan=mcp_app.lifespan` has none: {None}. Empty where it doesn't.
        """
        if hosted.host is None or hosted.host_module is None or hosted.app is None:
            return set()
        apps = {v for v in self.values.of(*hosted.app) if isinstance(v, Obj)}
        servers = {v for o in owners if isinstance(o.node, ast.expr) for v in self.values.of(o.module, o.node)}
        found: set[ast.stmt | None] = set()
        for module, lifespan in self._lifespans(hosted.host_module, hosted.host):
            for where, place in self._functions(module, lifespan):
                for node in ast.walk(place):
                    if isinstance(node, ast.Attribute):
                        wanted = ENTERED.get(node.attr, "")
                        owner = _owner(node) if wanted == "app" else node.value
                        if wanted and self.values.of(where, owner) & (apps if wanted == "app" else servers):
                            inside = isinstance(place, FunctionNode)
                            found.add(conditional(where, node, place) if inside else None)  # type: ignore[arg-type]
        return found

    def _lifespans(self, module: Module, host: ast.Call) -> Iterator[tuple[Module, ast.expr]]:
        """What the host is given as its lifespan: when it is made, or later."""
        yield from ((module, k.value) for k in host.keywords if k.arg == "lifespan")
        for other in self.values.code.mentioning("lifespan_context"):
            for node in (n for n in other.nodes if isinstance(n, ast.Assign)):
                target = node.targets[0]
                if isinstance(target, ast.Attribute) and target.attr == "lifespan_context":
                    if host in (v.node for v in self.values.of(other, _owner(target)) if isinstance(v, Obj)):
                        yield other, node.value

    def _functions(self, module: Module, lifespan: ast.expr) -> list[tuple[Module, ast.AST]]:
        """The expression, and the functions that it names or calls."""
        places: list[tuple[Module, ast.AST]] = [(module, lifespan)]
        for node in ast.walk(lifespan):
            if isinstance(node, ast.Name | ast.Attribute | ast.Call):
                found = self.values.of(module, node)
                places += [(v.module, v.node) for v in found if isinstance(v, Func | Lambda)]
        return places


def _owner(attribute: ast.Attribute) -> ast.expr:
    """The application in `app.lifespan`, `app.router.lifespan_context`."""
    value = attribute.value
    return value.value if isinstance(value, ast.Attribute) and value.attr == "router" else value
