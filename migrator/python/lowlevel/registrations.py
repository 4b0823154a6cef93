"""What a handler's name comes to: a place that registers it, calls it, or can't be followed."""

from __future__ import annotations

import ast

from migrator.python.module import FunctionNode, Module, dotted
from migrator.records import record


@record(eq=False)
class Registration:
    """One place that gives a handler its path.

    kind: route (Route(...)), mount (Mount(...)), method (app.add_route(...), app.mount(...)), decorator (@app.get(...)).
    """

    kind: str
    module: Module
    node: ast.Call
    path: ast.expr | None
    reference: ast.expr  # the handler's name, or the instance of its class, as it stands there
    endpoint: ast.expr  # the whole argument: the reference inside its wrappers
    wrappers: tuple[ast.Call, ...] = ()
    via: FunctionNode | None = None  # the registered function, when it only returns an object that runs the handler
    # the call of a function of the project that makes it of what it is given
    handed: tuple[Module, ast.Call] | None = None

    @property
    def adder(self) -> str:
        """ "Route", "add_route", "get" ..."""
        return dotted(self.node.func).rpartition(".")[2] or getattr(self.node.func, "attr", "")

    @property
    def receiver(self) -> ast.expr | None:
        """The application or router of a method or decorator."""
        return self.node.func.value if isinstance(self.node.func, ast.Attribute) else None

    def keyword(self, name: str) -> ast.expr | None:
        """The value of a keyword argument, None when it isn't given."""
        return next((k.value for k in self.node.keywords if k.arg == name), None)


@record(eq=False)
class Called:
    """A place that calls the handler itself."""

    module: Module
    call: ast.Call


@record(eq=False)
class Lost:
    """A place where the handler goes somewhere that can't be followed."""

    module: Module
    node: ast.AST


Found = Registration | Called | Lost
