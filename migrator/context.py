"""What every step may look at: the files, the user's settings, the rulebook, and what earlier steps found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING, NamedTuple

from migrator.model import Endpoint, Published
from migrator.records import record
from migrator.settings import Settings
from migrator.tree import Tree

if TYPE_CHECKING:
    from migrator.python.code import Code
    from migrator.rulebook import Rulebook
    from migrator.versions.resolved import Versions


class ClientNeed(NamedTuple):
    """What client code that moves needs of a package: the requirement is judged by it."""

    path: str  # of the file
    package: str  # the distribution
    needs: str = ""  # the lowest version that has what the moved code uses
    major: int | None = None  # the one major version that it works with, None when that can't be told
    any_major: bool = False  # it works with every major version from `needs` on


class StartCall(NamedTuple):
    """A call that starts a moved server, as tests know it that put a mock in its place."""

    endpoint: str  # name
    method: str  # "run"
    positional: int  # arguments without a name
    names: frozenset[str] | None  # the others; None when a dict gives them
    keywords: tuple[tuple[str, str | None], ...]  # what it gets besides, as code; None: what goes
    word: str  # the new transport's
    renamed: str = ""  # the method that takes its place


@record
class Context:
    """`endpoints` and then `by_runners` are filled before any other room reads them, `clients` before the versions' room."""

    tree: Tree
    settings: Settings
    rules: Rulebook
    versions: Versions
    code: Code  # the project's Python modules, parsed on demand
    endpoints: tuple[Endpoint, ...] = field(default_factory=tuple)
    by_runners: tuple[Endpoint, ...] = ()  # what only a runner, its file or a variable starts, by their own units
    clients: tuple[ClientNeed, ...] = ()
    host_checked: frozenset[str] | None = None  # units that the Host check concerns and don't say so; None: not known
    addressed: tuple[
        tuple[str, str], ...
    ] = ()  # (file, variable or setting) that gives a client its address, which moves
    inferring: frozenset[tuple[str, str]] = frozenset()  # those whose client goes by the address alone
    started: tuple[StartCall, ...] = ()
    reworded: frozenset[tuple[str, int, int]] = (
        frozenset()
    )  # (file, line, column) of words and addresses that servers move
    path_reads: Mapping[int, str] = field(default_factory=dict)  # id of code that reads a server's path -> its unit
    published: Mapping[str, tuple[Published, ...]] = field(default_factory=dict)  # by endpoints' names
    unfollowed: tuple[str, ...] = ()  # files that serve SSE with servers which can't be followed: they stay
    stays: tuple[str, ...] = ()  # files whose clients stay on SSE and get their address from outside; before `configs`

    @property
    def servers(self) -> tuple[Endpoint, ...]:
        """Everything that speaks SSE here, for those who follow addresses."""
        return (*self.by_runners, *self.endpoints)
