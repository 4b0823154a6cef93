"""Small projects on disk, and the versions room's view of them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from migrator.context import Context
from migrator.model import Endpoint, Place
from migrator.rulebook import Rulebook, load
from migrator.settings import Settings
from migrator.tree import Tree
from migrator.versions.resolved import Versions


@pytest.fixture(scope="session")
def rules() -> Rulebook:
    return load()


@pytest.fixture
def project(tmp_path: Path) -> Callable[[dict[str, str]], Tree]:
    """Writes files and gives the tree of them."""

    count = itertools.count()

    def write(files: dict[str, str]) -> Tree:
        root = tmp_path / str(next(count))
        for name, text in files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        found = sorted(p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file())
        python = tuple(f for f in found if f.endswith(".py"))
        scripts = tuple(f for f in found if f.endswith((".ts", ".js")))
        others = {
            "json": tuple(f for f in found if f.endswith(".json")),
            "shell": tuple(f for f in found if f.endswith(".sh")),
            "yaml": tuple(f for f in found if f.endswith(".yaml")),
        }
        hits = {"python": python, "javascript": scripts, **others}
        return Tree(root, tuple(found), hits=hits, mcp_python=python, about_mcp=frozenset(found))

    return write


class Judged:
    """What the room contributes, and the files as they would be."""

    def __init__(
        self, tree: Tree, rules: Rulebook, endpoints: tuple[Endpoint, ...], settings: Settings, **more: Any
    ) -> None:
        from migrator.versions import contribute

        context = Context(tree, settings, rules, Versions.read(tree, rules), None, endpoints)  # type: ignore[arg-type]
        for name, value in more.items():
            setattr(context, name, value)
        self.tree = tree
        self.parts = list(contribute(context))
        self.findings = [f for p in self.parts for f in p.findings]
        self.regenerate = [c for p in self.parts for c in p.regenerate]
        self.edits = [e for p in self.parts for e in p.edits]

    def rules(self) -> list[str]:
        return sorted(f.rule for f in self.findings)

    def of(self, rule: str) -> list[Any]:
        return [f for f in self.findings if f.rule == rule]

    def text(self, path: str) -> str:
        """The file after the edits."""
        file = self.tree.text(path)
        return file.replaced([e for e in self.edits if e.path == path]).decode()


def endpoint(path: str = "server.py", generation: str = "official-1", **more: Any) -> Endpoint:
    values = {
        "unit": path,
        "old_url": "",
        "new_url": "",
        "old_path": "/sse",
        "new_path": "/mcp",
        "files": (path,),
        **more,
    }
    return Endpoint(name=path, generation=generation, place=Place(path, 1), **values)


@pytest.fixture
def judged(project: Callable[[dict[str, str]], Tree], rules: Rulebook) -> Callable[..., Judged]:
    """judged({"pyproject.toml": ...}, endpoint()): the room's answer for a project."""

    def run(
        files: dict[str, str],
        *endpoints: Endpoint,
        settings: Settings | None = None,
        hits: dict[str, tuple[str, ...]] | None = None,
        local: frozenset[str] = frozenset(),
        **more: Any,
    ) -> Judged:
        files = {"server.py": "from mcp.server.fastmcp import FastMCP\n", **files}
        tree = project(files)
        tree.files, tree.local = tuple(f for f in tree.files if f not in local), local
        if hits is not None:
            tree.hits = hits
        return Judged(tree, rules, endpoints, settings or Settings(), **more)

    return run


UV = 'version = 1\n[[package]]\nname = "{}"\nversion = "{}"\nsource = {{ registry = "r" }}\n'


def uv_lock(**locked: str) -> str:
    """A uv.lock with these versions."""
    return "version = 1\n" + "".join(UV.format(n, v).removeprefix("version = 1\n") for n, v in locked.items())


def pyproject(*requirements: str) -> str:
    """A pyproject.toml with these dependencies."""
    lines = "".join(f'    "{r}",\n' for r in requirements)
    return f'[project]\nname = "x"  # mcp>=0.1\ndependencies = [\n{lines}]\n'
