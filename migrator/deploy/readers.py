"""Who reads an environment variable: only where a moved server does, its value changes."""

from __future__ import annotations

import contextlib
import posixpath
import re
from dataclasses import field

from migrator.deploy.places import Places
from migrator.deploy.ties import Ties
from migrator.deploy.words import Container
from migrator.model import Endpoint
from migrator.python.code import is_test
from migrator.records import record
from migrator.tree import Unreadable


@record
class Readers:
    """Answers for one project."""

    ties: Ties
    places: Places
    _mentions: dict[str, list[str]] = field(default_factory=dict)

    def of(self, name: str, container: Container | None, path: str) -> tuple[Endpoint, ...]:
        """The endpoints whose code reads the environment variable `name` where the file `path` sets it."""
        readers = [
            e
            for e in self.ties.context.endpoints
            if any(s.kind == "environment" and name in s.names for s in e.selectors)
        ]
        if not readers:
            return ()
        if container is not None:
            found = self._in_container(name, readers, container, path)
            if found is not None:
                return found
        return self._in_project(name, readers, path)

    def stranger(self, name: str, container: Container | None, path: str) -> str:
        """What may read the variable in a container that no moved server runs in, for people; "" for nothing."""
        if container is None or self.of(name, container, path):
            return ""
        if container.build is None:
            speaks = "mcp" in container.image.lower()  # a database beside it does not ask for the variable
            return f"the container of {container.image}" if speaks and self.ties.foreign(container) else ""
        tree, below = self.ties.context.tree, f"{container.build}/" if container.build else ""
        for file in (f for f in tree.files if f.startswith(below)):
            with contextlib.suppress(Unreadable):
                if name.encode() in tree.read(file):
                    return f"what is built from {container.build or 'this folder'} ({file})"
        return ""

    def _in_container(
        self, name: str, readers: list[Endpoint], container: Container, path: str
    ) -> tuple[Endpoint, ...] | None:
        """Those that run in the container; None where it doesn't say."""
        starts = self.ties.container(container, path).endpoints
        if container.build is not None:
            below = f"{container.build}/" if container.build else ""
            inside = [e for e in readers if any(f.startswith(below) for f in (*e.files, e.place.path))]
            return tuple([e for e in inside if e in starts] or inside)
        if container.image and "{{" not in container.image:
            if self.ties.own_image(container.image):
                return tuple([e for e in readers if e in starts] or readers)
            if name in self.ties.table["ties"]["generic"] and self.ties.foreign(container):
                return ()
        if container.dockerfile:
            narrowed = [e for e in readers if e in self.ties.image_of(container.dockerfile).endpoints]
            if narrowed:
                return tuple(narrowed)
        return None

    def _in_project(self, name: str, readers: list[Endpoint], path: str) -> tuple[Endpoint, ...]:
        """Those of the file's project, unless another program that stands nearer reads the variable too."""
        project, folder = self.places.project(path), posixpath.dirname(path)
        own = [e for e in readers if self.places.project(e.place.path) == project]
        served = {f for e in readers for f in (*e.files, e.place.path)}
        below = f"{folder}/" if folder else ""
        near = [p for p in self.mentions(name) if p.startswith(below) and not is_test(p)]
        if own:
            near = [p for p in near if p in served or not self._only_gives(p, name)]
            if near and below and not any(p in served for p in near):
                return ()
            return tuple(own)
        projects = {self.places.project(e.place.path) for e in readers}
        others = [p for p in self.mentions(name) if p not in served and not is_test(p)]
        elsewhere = [p for p in others if self.places.project(p) not in projects]
        if any(not project or self.places.project(p) == project for p in elsewhere):
            return ()
        return tuple(readers)

    def _only_gives(self, path: str, name: str) -> bool:
        """True for a file that gives the variable to what it starts: `dict(os.environ, MCP_TRANSPORT="sse")`."""
        text, word = self.ties.context.tree.source(path), re.escape(name)
        given = rf"""\b{word}\s*=(?!=)|["']{word}["']\s*:|\[\s*["']{word}["']\s*\]\s*=(?!=)"""
        return len(re.findall(rf"\b{word}\b", text)) == len(re.findall(given, text))

    def mentions(self, name: str) -> list[str]:
        """Python files that name the variable."""
        if name not in self._mentions:
            needle, found = name.encode(), []
            for path in self.ties.context.code.python:
                try:
                    if needle in self.ties.context.tree.read(path):
                        found.append(path)
                except Unreadable:
                    continue
            self._mentions[name] = found
        return self._mentions[name]
