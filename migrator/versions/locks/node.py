"""Locks of npm, Bun and Deno, which are JSON."""

from __future__ import annotations

import re
from typing import Any

from migrator.versions import jsonc
from migrator.versions.locks.lock import Lock
from migrator.versions.malformed import Malformed

SECTIONS = ("dependencies", "devDependencies", "optionalDependencies", "peerDependencies")


def npm(text: str, path: str) -> Lock:
    """package-lock.json and npm-shrinkwrap.json, lockfileVersion 1 to 3."""
    data = jsonc.load(text, strict=True)
    lock = Lock(path, "npm", str(data.get("lockfileVersion", 1)))
    if lock.format not in ("1", "2", "3"):
        raise Malformed(f"lockfileVersion is {lock.format}; those that can be read are 1, 2 and 3", foreign=True)
    packages = data.get("packages")
    if isinstance(packages, dict):
        for key, entry in packages.items():
            if not isinstance(entry, dict):
                continue
            if "node_modules/" in key:
                member, _, name = key.rpartition("node_modules/")
                member = member.rstrip("/")
                name = str(entry.get("name", name)).lower()  # an alias keeps its real name here
                if not entry.get("link") and "version" in entry:
                    lock.add(name, str(entry["version"]))
                    if "node_modules" not in member:
                        lock.direct.setdefault(member, {})[name] = str(entry["version"])
            else:
                lock.members |= {key} - {""}
                _state(lock, key, entry)
    else:
        _nested(lock, data.get("dependencies"), top=True)
    return lock


def bun(text: str, path: str) -> Lock:
    """bun.lock, JSON with trailing commas."""
    data = jsonc.load(text)
    lock = Lock(path, "bun", str(data.get("lockfileVersion", "")))
    for member, entry in _dict(data.get("workspaces")).items():
        lock.members |= {member} - {""}
        _state(lock, member, _dict(entry))
    for key, entry in _dict(data.get("packages")).items():
        name, _, found = str(entry[0] if isinstance(entry, list) and entry else "").rpartition("@")
        if name and not found.startswith(("workspace:", "file:", "link:")):
            lock.add(name.lower(), found)
            if key.lower() == name.lower():  # nested ones are called "parent/name"
                lock.direct.setdefault("", {})[name.lower()] = found
    return lock


def bun_binary(text: str, path: str) -> Lock:
    """bun.lockb can't be read: it raises Malformed and says what to do."""
    raise Malformed(
        "a binary lock that only Bun can read; `bun install --save-text-lockfile` writes bun.lock instead", foreign=True
    )


def deno(text: str, path: str) -> Lock:
    """deno.lock, versions 2 to 5."""
    data = jsonc.load(text)
    lock = Lock(path, "deno", str(data.get("version", "")))
    body = _dict(data.get("packages")) or data
    found = _dict(body.get("npm"))
    for key in _dict(found.get("packages")) or found:
        match = re.match(r"(@?[^@]+)@([^_]+)", key)
        if match:
            lock.add(match[1].lower(), match[2])
    for asked, got in _dict(body.get("specifiers")).items():
        match = re.match(r"npm:(@?[^@]+)(?:@(.*))?$", asked)
        if match and isinstance(got, str):
            lock.state("", match[1].lower(), match[2] or "")
            exact = re.search(r"(?:@|^)(\d[^_@]*)(?:_|$)", got)
            if exact:
                lock.direct.setdefault("", {})[match[1].lower()] = exact[1]
    return lock


def _state(lock: Lock, member: str, entry: dict[str, Any]) -> None:
    lock.stated.setdefault(member, {})
    for section in SECTIONS:
        for name, spec in _dict(entry.get(section)).items():
            if isinstance(spec, str):
                lock.state(member, name.lower(), spec)


def _nested(lock: Lock, table: Any, top: bool) -> None:
    for name, entry in _dict(table).items():
        if isinstance(entry, dict) and isinstance(entry.get("version"), str):
            alias, _, found = entry["version"].removeprefix("npm:").rpartition("@")
            real = (alias or name).lower()
            lock.add(real, found)
            if top:
                lock.direct.setdefault("", {})[real] = found
            _nested(lock, entry.get("dependencies"), top=False)


def _dict(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
