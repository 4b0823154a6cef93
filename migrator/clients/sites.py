"""One place that opens an SSE connection, and what was decided about it."""

from __future__ import annotations

import ast
from dataclasses import field

from migrator.context import ClientNeed
from migrator.model import Outcome
from migrator.python.module import Module
from migrator.python.rewrite.edits import Operation
from migrator.records import record


class ByHand(Exception):
    """The place can't be changed safely; the message says why, `todo` what to write."""

    def __init__(self, why: str, todo: str = "", unit: str = "") -> None:
        super().__init__(why)
        self.todo = todo
        self.unit = unit


class Offered(Exception):
    """The code offers SSE beside Streamable HTTP, for addresses from outside."""


@record(eq=False)
class Site:
    """A client in the code. `operations` are written whole, with those of every site that shares a literal."""

    module: Module
    node: ast.AST
    rule: str  # MCP201 | MCP202
    name: str  # what it uses, for people: "sse_client"
    todo: str  # what to write by hand
    outcome: Outcome = Outcome.FIX
    note: bool = False  # MCP203: the code offers SSE to its users
    message: str = ""
    instruction: str = ""
    operations: list[Operation] = field(default_factory=list)
    leaves: set[int] = field(default_factory=set)  # ids of the literals that its operations change
    beside: list[ast.expr] | None = None  # what may hold its address, where that is not among its own arguments
    units: set[str] = field(default_factory=set)  # of the servers that it reaches; all of them move, or it stays
    perhaps: set[str] = field(default_factory=set)  # of those that it may reach, as far as anybody can say: the same
    held: set[str] = field(default_factory=set)  # of those that would take its address along, where it stays
    assumed: bool = False
    check: str = ""
    need: ClientNeed | None = None  # what the moved code needs of its package
    outside: bool = False  # its whole address comes from outside the code
    names: tuple[str, ...] = ()  # what gives it its whole address from outside the code
    handed: bool = False  # some address may be handed in by code that nobody sees

    @property
    def unit(self) -> str:
        """The only unit that it belongs to, "" for none or several."""
        return next(iter(self.units)) if len(self.units) == 1 else ""

    def hand(self, why: str, todo: str = "", unit: str = "") -> None:
        """Leave it to the user."""
        self.outcome = Outcome.BY_HAND
        self.message = f"{self.name} stays: {why}"
        self.instruction = todo or self.todo
        self.operations = []
        self.assumed, self.check = False, ""
        self.units = {unit} if unit else self.units

    def leave(self, why: str) -> None:
        """Tell of it, and ask for nothing."""
        self.note, self.outcome, self.rule = True, Outcome.INFO, "MCP203"
        self.message = f"{self.message}; {why}"
        self.instruction = ""

    def offer(self) -> None:
        """Leave it: a choice that people make."""
        self.note = True
        self.outcome = Outcome.INFO
        self.rule = "MCP203"
        self.message = f"{self.name} is one of several transports here: nothing is changed"
        self.instruction = ""
        self.operations = []
        self.assumed, self.check, self.units = False, "", set()


def arguments_of(node: ast.AST) -> list[ast.expr]:
    """What a call gets, or a dict holds."""
    if isinstance(node, ast.Call):
        return [*node.args, *(k.value for k in node.keywords)]
    return list(node.values) if isinstance(node, ast.Dict) else []
