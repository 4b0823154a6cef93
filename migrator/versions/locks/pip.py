"""Pipfile.lock, pixi.lock and conda-lock.yml."""

from __future__ import annotations

import re

from migrator.versions import jsonc
from migrator.versions.locks.lock import Lock
from migrator.versions.malformed import Malformed, conflict_line
from migrator.versions.names import normalise


def pipfile_lock(text: str, path: str) -> Lock:
    """Pipfile.lock: every category."""
    data = jsonc.load(text, strict=True)
    meta = data.get("_meta")
    lock = Lock(path, "pipenv", str(meta.get("pipfile-spec", "")) if isinstance(meta, dict) else "")
    for category, table in data.items():
        for name, entry in table.items() if category != "_meta" and isinstance(table, dict) else ():
            found = entry.get("version") if isinstance(entry, dict) else None
            if isinstance(found, str) and found.startswith("=="):
                lock.add(normalise(name), found.lstrip("="))
                if category == "default":
                    lock.direct.setdefault("", {})[normalise(name)] = found.lstrip("=")
    return lock


def pixi(text: str, path: str) -> Lock:
    """pixi.lock: the list of packages at its end, conda's and PyPI's."""
    lock = Lock(path, "pixi", _version_of(text))
    listed = re.split(r"(?m)^packages:\s*$", text)
    for entry in re.split(r"(?m)^- ", listed[-1] if len(listed) > 1 else ""):
        name = re.search(r"(?m)^  name: *['\"]?([^'\"\s]+)", entry)
        found = re.search(r"(?m)^  version: *['\"]?([^'\"\s]+)", entry)
        url = re.search(r"(?m)^(?:pypi|conda|url): *\S*/([A-Za-z0-9_.-]+?)-(\d[^-/\s]*)-[^/\s]*\s*$", entry)
        if name and found:
            lock.add(normalise(name[1]), found[1])
        elif url:  # conda packages carry name and version only in the file's name
            lock.add(normalise(url[1]), url[2])
    return lock


def conda_lock(text: str, path: str) -> Lock:
    """conda-lock.yml, version 1: one entry a package and platform, conda's and pip's."""
    version = _version_of(text)
    if version != "1":
        raise Malformed(f"version is {version}; the conda-lock format that can be read is 1", foreign=True)
    lock = Lock(path, "conda-lock", version)
    for entry in re.split(r"(?m)^(?= {0,4}- (?:name|category|manager): )", text):
        indent = len(entry) - len(entry.lstrip(" "))
        margin = " " * indent
        name, found = (
            re.search(rf"(?m)^{margin}(?:- |  ){key}: *['\"]?([^'\"\s]+)", entry) for key in ("name", "version")
        )
        if name and found:
            lock.add(normalise(name[1]), found[1])
    return lock


def _version_of(text: str) -> str:
    """The `version:` of a lock in YAML."""
    line = conflict_line(text)
    if line:
        raise Malformed("an unresolved merge conflict", line)
    header = re.search(r"(?m)^version:\s*['\"]?(\d+)", text)
    if header is None:
        raise Malformed("version is missing")
    return header[1]
