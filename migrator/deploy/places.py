"""Where a command's program lies in the project: files, modules, console scripts, images."""

from __future__ import annotations

import posixpath
import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import cached_property

from migrator.context import Context
from migrator.deploy.strands import Strand
from migrator.homes import Homes
from migrator.text import Undecodable
from migrator.tree import Unreadable

_ENTRY = re.compile(r"^\s*[\"']?([\w.-]+)\s*=\s*([\w.]+)(?::([\w.]+))?", re.MULTILINE)
_PROJECT = re.compile(r"(?m)^\[(?:project|tool\.poetry)\][^\[]*?^name\s*=\s*[\"']([\w.-]+)")


class Places:
    """Looks programs up. Reads manifests and imports when they are asked for."""

    def __init__(self, context: Context, project_files: Sequence[str]) -> None:
        self.context = context
        self.tree = context.tree
        self.project_files = tuple(project_files)
        self.homes = Homes(context)
        self._projects: dict[str, str] = {}

    def project(self, path: str) -> str:
        """The folder of the project that the file `path` belongs to: the nearest with a manifest, else the root."""
        folder = posixpath.dirname(path)
        if folder not in self._projects:
            found = folder
            while found and not any(self.tree.exists(f"{found}/{name}") for name in self.project_files):
                found = posixpath.dirname(found)
            self._projects[folder] = found
        return self._projects[folder]

    def below(self, path: str, other: str) -> bool:
        """True when the project of `other` lies in a folder below that of `path`: a member of its workspace."""
        mine, its = self.project(path), self.project(other)
        return its != mine and (not mine or its.startswith(f"{mine}/"))

    @cached_property
    def scripts(self) -> dict[str, list[str]]:
        """Console scripts and project names, in the form of PEP 503, with the Python files that they start."""
        found: dict[str, list[str]] = {}
        for path in self.tree.files:
            name = posixpath.basename(path)
            if name not in ("pyproject.toml", "setup.cfg", "setup.py"):
                continue
            try:
                text = self.tree.text(path).text
            except (Unreadable, Undecodable):
                continue
            for script, module in _pyproject(text) if name == "pyproject.toml" else _setup(text):
                target = self.context.code.find_path(module, path)
                if target:
                    found.setdefault(normal(script), []).append(target)
        return found

    @cached_property
    def names(self) -> set[str]:
        """The names of the projects, as their manifests say them."""
        found = set()
        for path in self.tree.files:
            if posixpath.basename(path) == "pyproject.toml":
                try:
                    found |= set(_PROJECT.findall(self.tree.text(path).text))
                except (Unreadable, Undecodable):
                    continue
        return found

    def file(self, word: str, bases: Sequence[str], suffixes: tuple[str, ...] = (".py",)) -> str:
        """The project's file that a path on a command line means, "" for none.

        bases: folders it may be relative to, the likeliest first. A path of a container loses its first folders
        until the rest is one of the project's.
        """
        word = word.replace("\\", "/")
        if not word.endswith(suffixes) or "://" in word:
            return ""
        word = re.sub(r"^(?:\$\{?\w+\}?|\$\(\w+\)|%\w+%|~|\{\{[^}]*\}\}|<[^>]*>|/path/to(?:/[\w-]+)?)/", "/", word)
        parts = [p for p in word.split("/") if p not in ("", ".")]
        if not parts:
            return ""
        absolute = word.startswith("/")
        for cut in range(len(parts) if absolute else 1):
            tail = "/".join(parts[cut:])
            for base in bases:
                path = posixpath.normpath(posixpath.join(base, tail))
                if not path.startswith("..") and self.tree.exists(path):
                    return path
        tail = "/" + "/".join(p for p in parts if p != "..")
        same = self._by_name.get(parts[-1], [])
        named = [p for p in same if ("/" + p).endswith(tail)]
        if len(named) == 1:
            return named[0]
        if absolute and not named:
            named = same
            return named[0] if len(named) == 1 else ""
        return ""

    def management(self, script: str, command: str) -> str:
        """The file of a command of Django's: `manage.py run_mcp`; "" for none, or one of several."""
        named = [p for p in self._by_name.get(f"{command}.py", []) if p.endswith(f"/management/commands/{command}.py")]
        return named[0] if posixpath.basename(script) == "manage.py" and len(named) == 1 else ""

    @cached_property
    def _by_name(self) -> dict[str, list[str]]:
        """The project's files, by what they are called in their folders."""
        found: dict[str, list[str]] = {}
        for path in self.tree.files:
            found.setdefault(posixpath.basename(path), []).append(path)
        return found

    def module(self, name: str, bases: Sequence[str]) -> str:
        """The file that `python -m name` runs, "" when it is none of the project's."""
        if not re.fullmatch(r"\w+(?:\.\w+)*", name):
            return ""
        tail = name.replace(".", "/")
        candidates = (f"{tail}/__main__.py", f"{tail}.py", f"{tail}/__init__.py")
        for base in [*bases, *(f"{b}/src" if b else "src" for b in bases)]:
            for candidate in candidates:
                path = f"{base}/{candidate}" if base else candidate
                if self.tree.exists(path):
                    return path
        for candidate in candidates:
            same = self._by_name.get(posixpath.basename(candidate), [])
            named = [p for p in same if ("/" + p).endswith("/" + candidate)]
            if len(named) == 1:
                return named[0]
        return ""

    def reached(self, path: str, limit: int = 200) -> Iterator[str]:
        """`path` and the project's files that it imports, the nearest first."""
        seen = {path: None}
        queue = [path]
        while queue and len(seen) < limit:
            one = queue.pop(0)
            yield one
            for other in self.imports(one):
                if other not in seen:
                    seen[other] = None
                    queue.append(other)

    def imports(self, path: str) -> tuple[str, ...]:
        """The project's files that a Python file imports."""
        module = self.context.code.load(path)
        return self.context.code.imported(module) if module is not None else ()


def _pyproject(text: str) -> Iterator[tuple[str, str]]:
    """(script, module) of a pyproject.toml; the project's own name stands for its only script."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    project = table.get("project", {})
    poetry = table.get("tool", {}).get("poetry", {}) if isinstance(table.get("tool"), dict) else {}
    scripts: dict[str, str] = {}
    for rows in (project.get("scripts"), project.get("gui-scripts"), poetry.get("scripts")):
        for name, target in rows.items() if isinstance(rows, dict) else ():
            one = target.get("callable") or target.get("reference") if isinstance(target, dict) else target
            if isinstance(one, str):
                scripts[name] = one.partition(":")[0].strip()
    name = project.get("name") or poetry.get("name")
    if isinstance(name, str) and name not in scripts and len(set(scripts.values())) == 1:
        scripts[name] = next(iter(scripts.values()))
    yield from scripts.items()


def _setup(text: str) -> Iterator[tuple[str, str]]:
    """The same of a setup.py or setup.cfg, by the form of an entry point."""
    _, marker, rest = text.partition("console_scripts")
    if marker:
        for match in _ENTRY.finditer(rest):
            if match[3]:
                yield match[1], match[2]
        for match in re.finditer(r"[\"']([\w.-]+)\s*=\s*([\w.]+):([\w.]+)[\"']", rest):
            yield match[1], match[2]


def normal(name: str) -> str:
    """A distribution's or script's name as PEP 503 compares it, without version and extras."""
    name = re.split(r"[@=<>~!\[; ]", name.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def program_name(word: Strand | str) -> str:
    """The name of a program without its folder and ".exe"."""
    text = word.text if isinstance(word, Strand) else word
    return re.sub(r"\.(?:exe|cmd|bat)$", "", re.split(r"[/\\]", text)[-1])
