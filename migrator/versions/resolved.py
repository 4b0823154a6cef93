"""Which versions of which packages a file of the project runs with: the lock first, then the manifest."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any

from migrator.records import record
from migrator.versions.names import base, folder, is_javascript, normalise
from migrator.versions.ranges import Range, parse, version

if TYPE_CHECKING:
    from packaging.version import Version

    from migrator.settings import Settings
    from migrator.tree import Tree
    from migrator.versions.locks.lock import Lock
    from migrator.versions.projects import Problem, Project, Projects
    from migrator.versions.requirement import Requirement


@record(frozen=True)
class Installed:
    """What a file's nearest manifest asks for and its nearest lock holds. Names are normalised (PEP 503)."""

    locked: dict[str, str] = field(default_factory=dict)  # name -> exact version
    required: dict[str, str] = field(default_factory=dict)  # name -> specifier text as written
    manifest: str = ""  # path of the file that decides, "" when there is none
    lock: str = ""
    requirements: tuple[Requirement, ...] = ()  # every one of that folder, groups and constraints too
    locks: tuple[Lock, ...] = ()
    member: str = ""  # the project's folder as its lock names it ("" for the lock's own)

    def of(self, name: str) -> list[Requirement]:
        """The requirements for `name`, the one that decides first."""
        found = [r for r in self.requirements if r.name == normalise(name) and not r.limits]
        return sorted(found, key=lambda r: bool(r.group))

    def range(self, name: str) -> Range | None:
        """What the deciding requirement and the constraints admit; None when nothing asks for `name`."""
        asked = self.of(name)
        limits = [r for r in self.requirements if r.name == normalise(name) and r.limits]
        ranges = [parse(r.spec, r.language) for r in (*asked[:1], *limits)]
        return ranges[0].within(*ranges[1:]) if ranges else None

    def version(self, name: str) -> Version | None:
        """The version that is installed: the locked one, else an exact pin. None when unknown."""
        locked = self.locked.get(normalise(name))
        if locked is not None:
            return version(locked)
        found = self.range(name)
        return found.exact if found else None

    def lowest(self, name: str) -> Version | None:
        """The lowest version that the requirement admits, None when nothing says."""
        found = self.range(name)
        return found.lowest if found else None

    def admits(self, name: str, text: str) -> bool:
        """True when the requirement lets version `text` in; also when nothing asks for `name`."""
        found = self.range(name)
        return found is None or found.admits(text)


class Versions:
    """The versions of every file of a tree; nothing is read before it is asked for."""

    def __init__(self, tree: Tree, rules: Any) -> None:
        self.tree, self.rules = tree, rules
        self._projects: Projects | None = None
        self._names: frozenset[str] | None = None
        self._of: dict[tuple[str, bool], Installed] = {}
        self._scripts: dict[str, Installed | None] = {}

    @classmethod
    def read(cls, tree: Tree, rules: Any) -> Versions:
        """The versions of `tree`; reads no file yet."""
        return cls(tree, rules)

    @property
    def projects(self) -> Projects:
        """The folders with manifests or locks."""
        if self._projects is None:
            from migrator.versions.projects import Projects

            self._projects = Projects(self.tree)
        return self._projects

    @property
    def problems(self) -> list[Problem]:
        """Manifests and locks that were asked for and could not be read."""
        return self.projects.problems

    def of(self, path: str) -> Installed:
        """What the file at `path` runs with: its own script header, else the nearest manifest and lock."""
        if path not in self._scripts:
            self._scripts[path] = self._script(path) if path.endswith(".py") else None
        script = self._scripts[path]
        if script is not None:
            return script
        key = (folder(path), is_javascript(path) or base(path) == "package.json")
        if key not in self._of:
            self._of[key] = self._nearest(*key)
        return self._of[key]

    def after(self, path: str, generation: str, settings: Settings, needs: str = "") -> Version | None:
        """The lowest version of its SDK that the file at `path` runs with once this run has changed the requirement.

        generation: as in model.Endpoint. None when neither lock nor requirement tells.
        """
        from migrator.versions.policy import lowest_after

        return lowest_after(self.of(path), generation, self.rules, settings.floor == "recommended", needs)

    def _script(self, path: str) -> Installed | None:
        from migrator.versions.locks import READERS
        from migrator.versions.malformed import Malformed
        from migrator.versions.manifests import script_header

        if not self.tree.exists(path):
            return None
        text = self.projects.text(path)
        if text is None or script_header.find(text) is None:
            return None
        try:
            requirements = script_header.read(text, path)
        except Malformed as error:
            self.projects.note(path, Malformed(f"the script header is {error}"), lock=False)
            return None
        locks = []
        beside = path + ".lock"
        if self.tree.exists(beside):
            content = self.projects.text(beside, lock=True)
            try:
                locks = [READERS["script"](content, beside)] if content is not None else []
            except Malformed as error:
                self.projects.note(beside, error, lock=True)
        return _installed(requirements, locks, path, "")

    def _nearest(self, directory: str, node: bool) -> Installed:
        chosen: Project | None = None
        for place in _upwards(directory):
            project = self.projects.at(place, node)
            if project is not None and (chosen is None or not chosen.mentions(self.names)):
                chosen = project if chosen is None or project.mentions(self.names) else chosen
        if chosen is None:
            return Installed()
        locks, member = chosen.locks, ""
        if not locks:
            locks, member = self._workspace(chosen.directory, node)
        manifest = next((r.path for r in chosen.requirements if r.name in self.names), "")
        return _installed(chosen.requirements, locks, manifest or next(iter(chosen.manifests), ""), member)

    def _workspace(self, directory: str, node: bool) -> tuple[list[Lock], str]:
        """The locks of the nearest folder above whose workspace holds `directory`."""
        for place in list(_upwards(directory))[1:]:
            project = self.projects.at(place, node)
            member = directory[len(place) :].lstrip("/")
            locks = [lock for lock in project.locks if member in lock.members] if project else []
            if locks:
                return locks, member
        return [], ""

    @property
    def names(self) -> frozenset[str]:
        """The packages that we have facts about: a manifest that names one of them decides."""
        if self._names is None:
            from migrator.versions.facts import Floors

            self._names = Floors(self.rules).names
        return self._names


def _installed(requirements: list[Requirement], locks: list[Lock], manifest: str, member: str) -> Installed:
    required: dict[str, str] = {}
    for requirement in sorted(requirements, key=lambda r: (r.limits, bool(r.group))):
        required.setdefault(requirement.name, requirement.spec)
    locked: dict[str, str] = {}
    for lock in locks:
        for name, text in lock.versions(member).items():
            locked.setdefault(name, text)
    first = locks[0].path if locks else ""
    return Installed(locked, required, manifest, first, tuple(requirements), tuple(locks), member)


def _upwards(directory: str) -> list[str]:
    """The folder and those above it, the root ("") last."""
    out = [directory] if directory else []
    while "/" in directory:
        directory = folder(directory)
        out.append(directory)
    return [*out, ""]
