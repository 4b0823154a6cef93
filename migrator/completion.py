"""What a shell may complete: the command words, the ids of rules, the words of options. Files are left to the shell."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from migrator.reports import FORMATS
from migrator.settings_file import CHOICES

COMMANDS = {
    "check": "Exit 1 while something is left; never writes.",
    "rules": "List the rules.",
    "explain": "Explain a rule.",
}


def words_of(setting: str) -> Callable[[str], list[str]]:
    """Completes the words of a setting, or the formats."""
    known = list(FORMATS) if setting == "format" else list(CHOICES[setting])
    return lambda incomplete: [word for word in known if word.startswith(incomplete)]


def first_words(ctx: Any, incomplete: str) -> list[tuple[str, str]] | list[str]:
    """Completes a command where one may stand, the rules to explain, and beside a command the paths that fit, too."""
    given: list[str] = list(ctx.params.get("paths") or [])
    if given[:1] == ["explain"]:
        from migrator import rulebook

        return [(r.id, r.title) for r in rulebook.load().rules().values() if r.id.startswith(incomplete)]
    if given:
        return []
    commands = [(word, help) for word, help in COMMANDS.items() if word.startswith(incomplete)]
    return commands + [(path, "") for path in _paths(incomplete)] if commands else []


def _paths(incomplete: str) -> list[str]:
    """What begins with `incomplete` in the current folder: a shell offers no files where it gets other words."""
    with os.scandir() as found:
        names = [(e.name, e.is_dir()) for e in found if e.name.startswith(incomplete)]
    hidden = incomplete.startswith(".")
    return sorted(name + "/" * is_folder for name, is_folder in names if hidden or not name.startswith("."))
