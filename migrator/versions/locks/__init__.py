"""Readers of lock files: each gives a `Lock` and raises `Malformed`."""

from __future__ import annotations

from collections.abc import Callable

from migrator.versions.locks import lines, node, pip, toml
from migrator.versions.locks.lock import Lock

READERS: dict[str, Callable[[str, str], Lock]] = {
    "uv": toml.uv,
    "script": toml.uv,
    "poetry": toml.poetry,
    "pdm": toml.pdm,
    "pylock": toml.pylock,
    "pipfile_lock": pip.pipfile_lock,
    "pixi_lock": pip.pixi,
    "conda_lock": pip.conda_lock,
    "npm": node.npm,
    "yarn": lines.yarn,
    "pnpm": lines.pnpm,
    "bun": node.bun,
    "bun_binary": node.bun_binary,
    "deno_lock": node.deno,
}
