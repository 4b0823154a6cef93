"""Whether a lock still says what its manifest asks for. Offline: versions and the lock's own copy are compared."""

from __future__ import annotations

import re

from migrator.versions.locks.lock import Lock
from migrator.versions.names import base, folder
from migrator.versions.ranges import parse
from migrator.versions.requirement import Requirement

_SOURCES = {
    "uv": ("pyproject.toml",),
    "poetry": ("pyproject.toml",),
    "pdm": ("pyproject.toml",),
    "pylock": ("pyproject.toml", "requirements.in", "requirements.txt"),
    "pipenv": ("Pipfile",),
    "pixi": ("pixi.toml", "pyproject.toml"),
    "conda-lock": ("environment.yml", "environment.yaml", "pyproject.toml"),
    "npm": ("package.json",),
    "yarn": ("package.json",),
    "yarn berry": ("package.json",),
    "pnpm": ("package.json",),
    "bun": ("package.json",),
    "deno": ("deno.json", "deno.jsonc", "package.json"),
}
_REMEMBERS = ("uv", "uv script", "npm", "pnpm", "bun", "yarn", "yarn berry")  # keep a copy of the manifest's words
_HASHES = ("poetry", "pdm", "pipenv")  # keep a hash of it: any change makes them stale


def made_from(lock: Lock, requirement: Requirement) -> bool:
    """True when the lock's tool reads the file that holds the requirement."""
    name = base(requirement.path)
    if lock.tool == "uv script":
        return requirement.path + ".lock" == lock.path
    if lock.tool == "requirements":
        return _compiled_from(lock, requirement.path)
    return name in _SOURCES.get(lock.tool, ())


def _compiled_from(lock: Lock, path: str) -> bool:
    """True when a compiled requirements file was made from `path`: its header names it, or its name does."""
    name, stem = base(path), base(lock.path).rpartition(".")[0]
    if name in re.split(r"[\s/=]+", lock.command):
        return True
    return name == f"{stem}.in" and folder(path) == folder(lock.path)


def pinned_apart(lock: Lock, asked: list[Requirement]) -> bool:
    """True for a compiled requirements file that none of these was read for: it is installed beside their manifest."""
    return lock.tool == "requirements" and not any(made_from(lock, r) for r in asked)


def mismatch(lock: Lock, member: str, asked: list[Requirement], specs: dict[Requirement, str]) -> tuple[str, str]:
    """Why the lock does not satisfy its manifest: the package and a sentence; ("", "") when it does.

    specs: the versions that requirements will have after this run, for those that it changes.
    """
    apart = pinned_apart(lock, asked)
    for requirement in asked:
        if (
            not (apart or made_from(lock, requirement))
            or requirement.limits
            or requirement.fixed
            or requirement.name in lock.own
        ):
            continue
        name, spec = requirement.name, specs.get(requirement, requirement.spec)
        verb = "will ask" if requirement in specs else "asks"
        shown = f"{base(requirement.path)} {verb} for {name}{spec}"
        found = lock.version(name, member)
        if not found:
            if requirement.group or requirement.marker:
                continue  # not every lock holds every group
            if lock.packages and lock.tool not in ("requirements", "pylock"):
                return name, f"it does not hold {name}, and {shown}"
            continue
        every = {lock.direct.get(member, {}).get(name, "")} - {""} or lock.packages.get(name, {found})
        accepted = parse(spec, requirement.language)
        if not any(accepted.admits(v) for v in every):
            return name, f"it holds {name} {found}, and {shown}"
        if lock.tool in _HASHES and requirement in specs:
            return name, f"it was made for {name}{requirement.spec or ' in any version'}, and {shown}"
        if lock.tool in _REMEMBERS and not _remembers(lock, member, requirement, spec):
            return name, f"it was made for another requirement, and {shown}"
    return "", ""


def _remembers(lock: Lock, member: str, requirement: Requirement, spec: str) -> bool:
    """True when the lock's copy of the requirement means the same, or it keeps none for this folder."""
    name = requirement.name
    if lock.ranges:  # yarn
        asked = lock.ranges.get(name, {})
        return spec in asked or not asked
    copies = lock.stated.get(member, {}).get(name)
    return copies is None or any(_same(copy, spec, requirement.language) for copy in copies)


def _same(one: str, other: str, language: str) -> bool:
    if one.strip() == other.strip():
        return True
    a, b = parse(one, language), parse(other, language)
    return a.known and b.known and set(a.alternatives) == set(b.alternatives)
