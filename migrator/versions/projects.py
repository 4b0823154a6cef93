"""The manifests and locks of one folder, read together."""

from __future__ import annotations

import re
from dataclasses import field

from migrator.records import record
from migrator.sieve import CODE, kind_of
from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable
from migrator.versions.locks.lock import Lock
from migrator.versions.malformed import Malformed
from migrator.versions.names import base, folder, join
from migrator.versions.requirement import Requirement

MANIFESTS = re.compile(
    r"(?i)(?P<pyproject>pyproject\.toml)|(?P<pipfile>Pipfile)|(?P<setup_cfg>setup\.cfg)|(?P<setup_py>setup\.py)"
    r"|(?P<pixi>pixi\.toml)|(?P<conda>(?:conda-|.*-)?environment(?:[-._].*)?\.ya?ml)"
    r"|(?P<requirements>.*(?:requirements|constraints).*\.(?:txt|in|lock)|(?:reqs?|deps|dependencies)(?:[-_.].+)?\.(?:txt|in))"
    r"|(?P<package_json>package\.json)|(?P<deno>deno\.jsonc?)"
    r"|(?P<dockerfile>(?:Dockerfile|Containerfile)(?:\..+)?|.+\.Dockerfile)"
)
LOCKS = re.compile(
    r"(?i)(?P<uv>uv\.lock)|(?P<script>.+\.py\.lock)|(?P<poetry>poetry\.lock)|(?P<pdm>pdm\.lock)"
    r"|(?P<pylock>pylock(?:\..+)?\.toml)|(?P<pipfile_lock>Pipfile\.lock)|(?P<pixi_lock>pixi\.lock)"
    r"|(?P<conda_lock>(?:.+\.)?conda-lock\.ya?ml)"
    r"|(?P<npm>package-lock\.json|npm-shrinkwrap\.json)|(?P<yarn>yarn\.lock)|(?P<pnpm>pnpm-lock\.yaml)"
    r"|(?P<bun>bun\.lock)|(?P<bun_binary>bun\.lockb)|(?P<deno_lock>deno\.lock)"
)
NODE = frozenset({"package_json", "deno", "npm", "yarn", "pnpm", "bun", "bun_binary", "deno_lock"})
# The manifest that decides when one folder has several, best first: an installer reads the project table
# of pyproject.toml before a requirements file that lies beside it.
ORDER = (
    "pyproject",
    "pipfile",
    "setup_cfg",
    "setup_py",
    "pixi",
    "conda",
    "requirements",
    "package_json",
    "deno",
    "dockerfile",
)


@record(frozen=True)
class Problem:
    """A manifest or lock that could not be read."""

    path: str
    line: int
    message: str
    lock: bool
    foreign: bool = False  # a format that we don't know, rather than a broken file


@record
class Project:
    """What the manifests and locks of one folder say (Python's and JavaScript's apart)."""

    directory: str
    requirements: list[Requirement] = field(default_factory=list)
    locks: list[Lock] = field(default_factory=list)
    manifests: list[str] = field(default_factory=list)

    def of(self, name: str) -> list[Requirement]:
        """The requirements for `name`, the one that decides first: what the project runs with before groups."""
        found = [r for r in self.requirements if r.name == name and not r.limits]
        return sorted(found, key=lambda r: bool(r.group))

    def limits(self, name: str) -> list[Requirement]:
        """The constraints and overrides for `name`."""
        return [r for r in self.requirements if r.name == name and r.limits]

    def mentions(self, names: frozenset[str]) -> bool:
        """True when a manifest or a lock of this folder knows one of `names`."""
        return any(r.name in names for r in self.requirements) or any(
            names & lock.packages.keys() for lock in self.locks
        )


class Projects:
    """The folders of a tree that hold manifests or locks, read when they are asked for."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.problems: list[Problem] = []
        self._folders: dict[str, list[tuple[str, str, bool]]] | None = None
        self._read: dict[tuple[str, bool], Project] = {}

    @property
    def folders(self) -> dict[str, list[tuple[str, str, bool]]]:
        """By folder: kind, path, and whether it is a lock."""
        if self._folders is None:
            self._folders = {}
            for path in self.tree.files:
                if kind_of(path) in CODE:  # nearly all of them
                    continue
                name = base(path)
                for pattern, lock in ((MANIFESTS, False), (LOCKS, True)):
                    match = pattern.fullmatch(name)
                    if match and match.lastgroup:
                        self._folders.setdefault(_home(path), []).append((match.lastgroup, path, lock))
                        break
                else:
                    if _home(path) != folder(path) and name.lower().endswith((".txt", ".in")):
                        self._folders.setdefault(_home(path), []).append(("requirements", path, False))
        return self._folders

    def at(self, directory: str, node: bool = False) -> Project | None:
        """The project of one folder, None when the folder has neither manifest nor lock of that kind."""
        entries = [e for e in self.folders.get(directory, ()) if (e[0] in NODE) == node]
        if not entries:
            return None
        key = (directory, node)
        if key not in self._read:
            project = self._read[key] = Project(directory)
            for kind, path, is_lock in sorted(entries, key=_rank):
                if is_lock:
                    self._lock(project, kind, path)
                else:
                    self._manifest(project, kind, path)
            project.locks.sort(key=lambda lock: lock.tool == "requirements")  # an export follows its lock
        return self._read[key]

    def text(self, path: str, lock: bool = False) -> str | None:
        """The file's text; None, with a problem noted, when it can't be read."""
        try:
            return self.tree.text(path).text
        except Unreadable as error:
            if lock:  # what else can't be read was told of when the project was looked at
                self.note(path, error, lock)
        except Undecodable as error:
            if kind_of(path) != "python":  # which may have an encoding of its own, and is told of where it is parsed
                self.note(path, error, lock)
        return None

    def note(self, path: str, error: Exception, lock: bool) -> None:
        """Keep a problem with a file, once."""
        line, foreign = getattr(error, "line", 0), getattr(error, "foreign", False)
        problem = Problem(path, line, str(error).removeprefix(f"{path}: "), lock, foreign)
        if problem not in self.problems:
            self.problems.append(problem)

    def _lock(self, project: Project, kind: str, path: str) -> None:
        from migrator.versions.locks import READERS

        if kind == "script":
            return  # read with its script
        text = "" if kind == "bun_binary" else self.text(path, lock=True)
        if text is None:
            return
        try:
            project.locks.append(READERS[kind](text, path))
        except Malformed as error:
            self.note(path, error, lock=True)

    def _manifest(self, project: Project, kind: str, path: str) -> None:
        from migrator.versions.manifests import READERS
        from migrator.versions.manifests.toml import dynamic_files

        if kind == "requirements":
            self._requirements(project, path, set())
            return
        text = self.text(path)
        if text is None:
            return
        try:
            found = READERS[kind](text, path)
            files = dynamic_files(text) if kind == "pyproject" else []
        except Malformed as error:
            self.note(path, error, lock=False)
            return
        project.manifests.append(path)
        project.requirements += found
        for name in files:
            included = join(folder(path), name)
            if self.tree.exists(included):
                self._requirements(project, included, set())

    def _requirements(self, project: Project, path: str, seen: set[str], limits: bool = False) -> None:
        from migrator.versions.manifests import requirements

        if path in seen or path in project.manifests or any(lock.path == path for lock in project.locks):
            return
        seen.add(path)
        text = self.text(path)
        if text is None:
            return
        limits = limits or "constraint" in base(path).lower()
        read = requirements.read(text, path, limits=limits)
        if read.compiled:
            project.locks.append(requirements.as_lock(read, path))
            return
        project.manifests.append(path)
        project.requirements += read.requirements
        for name, constrains in read.includes:
            included = join(folder(path), name)
            if included and self.tree.exists(included):
                self._requirements(project, included, seen, limits or constrains)


def _home(path: str) -> str:
    """The folder whose project the file belongs to: `requirements/base.txt` belongs to the folder above."""
    directory = folder(path)
    return folder(directory) if base(directory).lower() in ("requirements", "reqs") else directory


def _rank(entry: tuple[str, str, bool]) -> tuple[int, int, str]:
    kind, path, lock = entry
    order = (*ORDER, *LOCKS.groupindex)
    if kind == "requirements":  # requirements.txt before requirements-dev.txt
        return order.index(kind), len(base(path)), path
    return order.index(kind) + (100 if lock else 0), 0, path
