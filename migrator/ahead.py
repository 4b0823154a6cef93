"""Imports what a plan needs while other processes still look at the files of a large project."""

from __future__ import annotations

# In the order in which a run comes to need them. LibCST alone takes as long as looking at 5,000 files.
MODULES = (
    "migrator.running",
    "migrator.pipeline",
    "migrator.python.servers",
    "migrator.python.rewrite.transform",
    "migrator.clients.parts",
    "migrator.configs.parts",
    "migrator.deploy.room",
    "migrator.versions.judge",
)


def load() -> None:
    """Import them. Called when it is certain that there is Python code to read."""
    from importlib import import_module

    for name in MODULES:
        import_module(name)
