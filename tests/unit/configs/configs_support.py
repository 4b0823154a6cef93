"""What the tests of the configuration files share: a project of given files, and readers that are not ours."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import yaml

from migrator import rulebook
from migrator.configs.moves import Known
from migrator.configs.parts import contribute
from migrator.configs.spans import apply
from migrator.context import Context
from migrator.deploy import shell
from migrator.deploy.clientlines import client_lines
from migrator.deploy.strands import Strand
from migrator.model import Endpoint, Finding, Outcome, Part, Place, Replacement
from migrator.python.code import Code
from migrator.settings import Settings
from migrator.tree import Tree
from migrator.versions.resolved import Versions

BOOK = rulebook.load()
KINDS = {
    ".json": "json",
    ".jsonc": "json",
    ".json5": "json",
    ".code-workspace": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".toml": "toml",
    ".md": "markdown",
    ".env": "env",
}


class Project:
    """A project of these files, and what the room says about it."""

    def __init__(
        self,
        root: Path,
        files: dict[str, str | bytes],
        settings: Settings | None = None,
        endpoints: tuple[Endpoint, ...] = (),
        local: tuple[str, ...] = (),
    ) -> None:
        hits: dict[str, tuple[str, ...]] = {}
        for path, content in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())
            kind = KINDS.get(Path(path).suffix, "json")
            hits[kind] = (*hits.get(kind, ()), path)
        listed = tuple(p for p in files if p not in local)
        self.tree = Tree(root, listed, frozenset(local), hits)
        self.context = Context(
            self.tree, settings or Settings(), BOOK, Versions.read(self.tree, BOOK), Code(self.tree), endpoints
        )
        self.parts: list[Part] = list(contribute(self.context))

    @property
    def findings(self) -> list[Finding]:
        return [f for p in self.parts for f in p.findings]

    def after(self, path: str, moving: frozenset[str] | None = None) -> bytes:
        """The file with the changes of all parts, or of those whose unit is in `moving`, and those without one."""
        edits = [
            e
            for p in self.parts
            if moving is None or not p.unit or p.unit in moving
            for e in p.edits
            if isinstance(e, Replacement) and e.path == path
        ]
        return self.tree.text(path).replaced(edits)

    def text(self, path: str) -> str:
        return self.after(path).decode()

    def fixes(self) -> list[Finding]:
        return [f for f in self.findings if f.outcome is Outcome.FIX]


def server(**fields: Any) -> Endpoint:
    """An own server on port 8000 that moves from /sse to /mcp, with `fields` changed."""
    made = {
        "name": "server.py:mcp",
        "unit": "unit-1",
        "generation": "official-1",
        "place": Place("server.py", 3),
        "old_url": "http://127.0.0.1:8000/sse",
        "new_url": "http://127.0.0.1:8000/mcp",
        "old_path": "/sse",
        "new_path": "/mcp",
        "port": "8000",
        "files": ("server.py",),
    }
    return Endpoint(**{**made, **fields})


_COMMENT = re.compile(r'("(?:[^"\\]|\\.)*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
_TRAILING = re.compile(r'("(?:[^"\\]|\\.)*")|,(\s*[}\]])', re.DOTALL)


def read(path: str, data: bytes) -> Any:
    """The object in a file, by readers that have nothing to do with ours."""
    text = data.decode("utf-8-sig")
    if path.endswith(".toml"):
        return tomllib.loads(text)
    if path.endswith((".yaml", ".yml")):
        return list(yaml.safe_load_all(text))
    text = _COMMENT.sub(lambda m: m.group(1) or "", text)
    return json.loads(_TRAILING.sub(lambda m: m.group(1) or m.group(2), text))


def moved_line(line: str, known: Known) -> str:
    """What a line of a shell script becomes, as far as it adds a server to a client or bridges to one."""
    found = [f for c in shell.read(Strand.of(line)).resolved() for f in client_lines(c, known, "add.sh")]
    return apply(line, sorted({(s.start, s.end, new) for f in found for s, new in f.changes}))
