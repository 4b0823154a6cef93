"""Locks of Yarn and pnpm, read line by line.

Their YAML is machine-written in one shape; a YAML reader would take seconds on large ones.
"""

from __future__ import annotations

import re

from migrator.records import record
from migrator.versions.locks.lock import Lock
from migrator.versions.locks.node import SECTIONS
from migrator.versions.malformed import Malformed, conflict_line


def yarn(text: str, path: str) -> Lock:
    """yarn.lock: version 1, and the YAML of Yarn 2 and newer."""
    _whole(text)
    berry = re.search(r"(?m)^__metadata:\s*\n(?:[ \t].*\n)*?[ \t]+version:\s*[\"']?(\w+)", text)
    lock = Lock(path, "yarn berry" if berry else "yarn", berry[1] if berry else "1")
    if not berry and "yarn lockfile v1" not in text[:2000] and text.strip():
        raise Malformed("neither a yarn lockfile v1 nor the YAML of Yarn 2 and newer")
    asked: list[str] = []
    for line in text.splitlines():
        if line and not line[0].isspace() and line.rstrip().endswith(":") and line[0] != "#":
            asked = [key for group in line.rstrip()[:-1].split(", ") for key in group.strip('"').split(", ")]
            continue
        match = re.match(r"  version:?\s+[\"']?([^\"'\s]+)[\"']?\s*$", line)
        if match and asked and asked != ["__metadata"]:
            for key in asked:
                name, _, wanted = key.strip('"').partition("@") if key[0] != "@" else _scoped(key)
                if "@workspace:" in key:
                    lock.members |= {key.rpartition("@workspace:")[2]} - {"", "."}
                elif match[1] != "0.0.0-use.local":
                    spec = wanted.removeprefix("npm:")
                    alias = re.match(r"(@?[^@]+)@(.+)", spec) if wanted.startswith("npm:") else None
                    name, spec = (alias[1], alias[2]) if alias else (name, spec)
                    lock.add(name.lower(), match[1])
                    lock.ranges.setdefault(name.lower(), {})[spec] = match[1]
            asked = []
    return lock


def _scoped(key: str) -> tuple[str, str, str]:
    name, at, wanted = key[1:].partition("@")
    return "@" + name, at, wanted


_PNPM_KEY = re.compile(r"  ['\"]?(/?)((?:@[^/@'\"]+/)?[^/@'\"]+)([/@])([0-9][^(_'\":]*)")


_PNPM_KEY = re.compile(r"  ['\"]?(/?)((?:@[^/@'\"]+/)?[^/@'\"]+)([/@])([0-9][^(_'\":]*)")


def pnpm(text: str, path: str) -> Lock:
    """pnpm-lock.yaml, 5.x to 9.0."""
    _whole(text)
    header = re.search(r"(?m)^lockfileVersion:\s*['\"]?([0-9.]+)", text)
    if header is None:
        raise Malformed("lockfileVersion is missing")
    lock = Lock(path, "pnpm", header[1])
    if header[1].split(".")[0] not in ("5", "6", "7", "8", "9"):
        raise Malformed(f"lockfileVersion is {header[1]}; those that can be read are 5.0 to 9.0", foreign=True)
    section = ""
    importer = _Importer(lock)
    for line in text.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth = len(line) - len(line.lstrip(" "))
        key, value = _pair(line.strip())
        if depth == 0:
            section = key
            importer = _Importer(lock, block=key)
        elif section == "packages" and depth == 2:
            match = _PNPM_KEY.match(line)
            if match:
                lock.add(match[2].lower(), match[4])
        elif section != "importers":
            importer.line(depth - 2, key, value)
        elif depth == 2:
            importer = _Importer(lock, member="" if key == "." else key)
            lock.members |= {importer.member} - {""}
        elif depth == 4:
            importer.block = key
        else:
            importer.line(depth - 6, key, value)
    return lock


@record
class _Importer:
    """The dependencies of one folder: `name: 1.2.3`, or `name:` with `specifier:` and `version:` below it."""

    lock: Lock
    member: str = ""
    block: str = ""
    name: str = ""

    def line(self, depth: int, key: str, value: str) -> None:
        if self.block == "specifiers":
            if value:
                self.lock.state(self.member, key.lower(), value)
        elif self.block not in SECTIONS:
            return
        elif depth == 0:
            self.name = key.lower()
            if value:
                self._direct(value)
        elif key == "specifier":
            self.lock.state(self.member, self.name, value)
        elif key == "version":
            self._direct(value)

    def _direct(self, value: str) -> None:
        """Note `1.32.2(zod@3.25.76)` or `1.9.0_peer` without its peers; a link is not a version."""
        bare = re.split(r"[(_]", value)[0].rpartition("@")[2].rpartition("/")[2]
        if bare[:1].isdigit():
            self.lock.direct.setdefault(self.member, {})[self.name] = bare


def _pair(line: str) -> tuple[str, str]:
    match = re.match(r"""(?:'([^']*)'|"([^"]*)"|([^\s'":][^:]*?)):(?:\s+(.*))?$""", line)
    if match is None:
        return "", ""
    return match[1] or match[2] or match[3] or "", (match[4] or "").strip("'\"")


def _whole(text: str) -> None:
    line = conflict_line(text)
    if line:
        raise Malformed("an unresolved merge conflict", line)
