"""A first look at locks, for a run that finds no SSE: could one of them no longer match its manifest?

Imports only os and re, and reads bytes: a clean run passes through here. When it can't tell, it says yes, and
`judge` looks properly.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable

NAMES = (b"mcp", b"fastmcp", b"fastmcp-slim")
SOURCES = {
    "uv.lock": ("pyproject.toml",),
    "poetry.lock": ("pyproject.toml",),
    "pdm.lock": ("pyproject.toml",),
    "pylock.toml": ("pyproject.toml",),
    "Pipfile.lock": ("Pipfile",),
    "requirements.txt": ("requirements.in",),
}
# Locks that are not read here: the proper look decides wherever their manifest names an SDK.
UNREAD = {
    "pixi.lock": ("pixi.toml", "pyproject.toml"),
    "conda-lock.yml": ("environment.yml", "environment.yaml"),
}
_CLAUSE = re.compile(rb"\s*(===|==|~=|!=|<=|>=|<|>|\^|~)\s*([0-9][0-9.]*)\s*(?=[,;\"'#\s)]|$)")


def may_be_stale(root: str, files: Iterable[str], python: Iterable[str]) -> bool:
    """True unless every lock beside a manifest of the project surely holds what the manifest asks for.

    files: of the project, relative to `root`; python: those of them that import an SDK.
    """
    if not any(True for _ in python):
        return False
    known = set(files)
    for path in known:
        folder, _, name = path.rpartition("/")
        if name.endswith(".py.lock") and path.removesuffix(".lock") in known:
            pairs = [path.removesuffix(".lock")]
        else:
            beside = (f"{folder}/{source}".lstrip("/") for source in SOURCES.get(name, ()))
            pairs = [source for source in beside if source in known]
        unread = (f"{folder}/{source}".lstrip("/") for source in UNREAD.get(name, ()))
        if any(b"mcp" in _read(root, source) for source in unread if source in known):
            return True
        for source in pairs:
            if _differ(_read(root, path), _read(root, source)):
                return True
    return False


def _read(root: str, path: str) -> bytes:
    try:
        with open(os.path.join(root, path), "rb") as file:
            return file.read().replace(b"\r\n", b"\n")
    except OSError:
        return b"<<<<<<< "  # the proper look says why it can't be read


def _differ(lock: bytes, manifest: bytes) -> bool:
    if b"<<<<<<< " in lock or b"<<<<<<< " in manifest:
        return True
    lock = lock.lower()
    for name in NAMES:
        clauses = _asked(manifest.lower(), name)
        if clauses is None:
            return True
        if not clauses:
            continue
        held = _held(lock, name)
        if not held or not all(_meets(v, clause) for v in held for clause in clauses):
            return True
    return False


def _held(lock: bytes, name: bytes) -> list[bytes]:
    """The versions of `name` in a lock."""
    quoted = re.escape(name)
    return [
        *re.findall(rb'(?m)^name = "%s"\nversion = "([^"]+)"' % quoted, lock),
        *re.findall(rb'"%s": \{[^{}]*?"version": "==([^"]+)"' % quoted, lock),
        *re.findall(rb"(?m)^%s(?:\[[^\]]*\])?==([^\s;\\]+)" % quoted, lock),
    ]


def _asked(manifest: bytes, name: bytes) -> list[tuple[bytes, bytes]] | None:
    """The clauses of every requirement for `name`, None when one of them can't be read here."""
    clauses: list[tuple[bytes, bytes]] = []
    head = rb"""(?m)(?:^|["'])[ \t#]*%s[ \t]*(?:\[[^\]\n]*\][ \t]*)?(?P<rest>[^\n]*)""" % re.escape(name)
    for match in re.finditer(head, manifest):
        rest = match["rest"].lstrip(b" (")
        if rest[:1] == b"=" and rest[:2] != b"==":  # mcp = "^1.2", mcp = {version = "^1.2", extras = ["cli"]}
            value = re.search(rb"""(?:^|version\s*=\s*)["']([^"']*)["']""", rest[1:].strip())
            if value is None:
                return None
            rest = value[1] + b'"'
        elif rest[:1] == b"-":
            continue  # another package
        at = 0
        while rest[at : at + 1] in (b"=", b"~", b"!", b"<", b">", b"^"):
            clause = _CLAUSE.match(rest, at)
            if clause is None:
                return None
            clauses.append((clause[1], clause[2]))
            at = clause.end()
            while rest[at : at + 1] in (b",", b" "):
                at += 1
        if at == 0 and rest[:1].isdigit():
            return None
    return clauses


def _meets(held: bytes, clause: tuple[bytes, bytes]) -> bool:
    operator, wanted = clause
    if not re.fullmatch(rb"[0-9.]+", held):
        return False
    a, b = _numbers(held), _numbers(wanted)
    if operator in (b">=", b"^", b"~=", b"~"):
        parts = wanted.rstrip(b".").count(b".") + 1
        same = {b">=": 0, b"^": 1 if b[0] else 4, b"~": min(parts, 2), b"~=": parts - 1}[operator]
        return a >= b and a[:same] == b[:same]
    if operator in (b"==", b"==="):
        return a == b
    return {b"<": a < b, b"<=": a <= b, b">": a > b, b"!=": a != b}[operator]


def _numbers(text: bytes) -> tuple[int, ...]:
    numbers = [int(part) for part in text.split(b".") if part]
    return (*numbers, 0, 0, 0, 0)[:4]
