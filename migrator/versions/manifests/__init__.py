"""Readers of the files that state requirements: each gives `Requirement`s and raises `Malformed`."""

from __future__ import annotations

from collections.abc import Callable

from migrator.versions.manifests import commands, conda, node, setuptools, toml
from migrator.versions.requirement import Requirement

READERS: dict[str, Callable[[str, str], list[Requirement]]] = {
    "pyproject": toml.pyproject,
    "pipfile": toml.pipfile,
    "pixi": toml.pixi,
    "setup_cfg": setuptools.setup_cfg,
    "setup_py": setuptools.setup_py,
    "conda": conda.environment,
    "package_json": node.package_json,
    "deno": node.deno,
    "dockerfile": commands.dockerfile,
}
