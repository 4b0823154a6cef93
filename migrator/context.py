"""What every step may look at: the files, the user's settings, the rulebook, and what earlier steps found."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from migrator.model import Endpoint
from migrator.settings import Settings
from migrator.tree import Tree

if TYPE_CHECKING:
    from migrator.python.code import Code
    from migrator.rulebook import Rulebook
    from migrator.versions.resolved import Versions


@dataclass
class Context:
    """`endpoints` is filled by the Python rooms before any other room reads it, `clients` before the versions' room."""

    tree: Tree
    settings: Settings
    rules: Rulebook
    versions: Versions
    code: Code  # the project's Python modules, parsed on demand
    endpoints: tuple[Endpoint, ...] = field(default_factory=tuple)
    clients: tuple[tuple[str, str], ...] = ()  # (path, distribution) of client code that moves: its versions are judged
