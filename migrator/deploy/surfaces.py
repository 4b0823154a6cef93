"""Which reader a file gets, and what it reads: every deployment surface as a Sheet."""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from migrator._prefilter import TEMPLATES
from migrator.configs.services import extended
from migrator.configs.spans import Unparsable
from migrator.deploy import dockerfile, hcl, lines, pythontext, shell
from migrator.deploy.containers import run_commands
from migrator.deploy.loose import loosely
from migrator.deploy.strands import Strand
from migrator.deploy.structured import Structured, scripted
from migrator.deploy.words import Sheet
from migrator.records import record
from migrator.sieve import kind_of
from migrator.text import TextFile, Undecodable
from migrator.tree import Tree, Unreadable

_EXPORTED = re.compile(r"(?m)^(?:module\.exports\s*=|export\s+default)\s*(?P<value>\{.*\})\s*;?\s*\Z", re.DOTALL)
_URL = re.compile(r"https?://[^\s\"']*")
# What the names that people give the languages of fenced blocks are read as.
SYNTAXES = ("json", "jsonc", "json5", "yaml", "yml", "toml")


@record
class Surfaces:
    """Reads files and blocks. Sheets of whole files are kept."""

    tree: Tree
    table: Mapping[str, Any]
    _sheets: dict[str, Sheet | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.structured = Structured(self.table["keys"], functools.partial(extended, self.tree))
        self.programs: Mapping[str, Sequence[str]] = self.table["programs"]

    def reader_of(self, path: str) -> str:
        """The reader for a file: a row of the rulebook, else the kind of the file."""
        name = path.rpartition("/")[2]
        for reader, patterns in self.table["readers"].items():
            for pattern in patterns:
                if fnmatch.fnmatchcase(f"/{path}" if "/" in pattern else name, pattern):
                    return str(reader)
        stem, dot, suffix = path.rpartition(".")
        if f".{suffix}" in TEMPLATES and dot and kind_of(stem) not in ("", "?", "lock"):
            return self.reader_of(stem)
        kind = kind_of(path)
        if kind == "?":
            data = self.tree.read(path) if self.tree.exists(path) else b""
            return "shell" if data.startswith(b"#!") and b"sh" in data.split(b"\n", 1)[0] else "other"
        if kind == "other" and path.endswith((".conf", ".cfg", ".ini")):
            return "units"
        if path.endswith(".toml"):
            return "toml"
        return "json" if name == "package.json" else kind

    def sheet(self, path: str) -> Sheet | None:
        """What the file at `path` says; None for one that no reader here takes, or that can't be read."""
        if path not in self._sheets:
            self._sheets[path] = None
            try:
                file = self.tree.text(path)
                self._sheets[path] = self.read(Strand.of(file.text), self.reader_of(path), file)
            except (Unreadable, Undecodable):
                pass
        return self._sheets[path]

    def read(self, source: Strand, reader: str, file: TextFile) -> Sheet | None:
        """What `source`, all or a part of `file`, says."""
        sheet = self._read(source, reader, file.path)
        if sheet is not None:
            sheet.name()
            run_commands(sheet, self.programs)
        return sheet

    def _read(self, source: Strand, reader: str, path: str) -> Sheet | None:
        if reader == "dockerfile":
            return dockerfile.read(source, path)
        if reader == "shell":
            return shell.read(source)
        if reader == "console":
            return shell.console(source)
        if reader in ("env", "environment"):
            return lines.environment(source)
        if reader == "makefile":
            return lines.makefile(source)
        if reader == "justfile":
            return lines.justfile(source)
        if reader == "procfile":
            return lines.procfile(source)
        if reader == "hcl":
            return hcl.read(source, path)
        if reader == "exported":
            return self._exported(source, path)
        if reader == "loose":
            return loosely(source, self.table["keys"]["probes"])
        if reader == "units":
            return lines.units(source)
        if reader == "python":
            return pythontext.read(source)
        if reader in SYNTAXES:
            try:
                return self.structured.read(source, reader, path)
            except Unparsable:
                return self._by_lines(source, reader)
        return None

    def _exported(self, source: Strand, path: str) -> Sheet | None:
        """The object that a JavaScript file of settings exports; its own literals where it holds more."""
        match = _EXPORTED.search(source.text)
        value = source.part(*match.span("value")) if match else source
        try:
            return self.structured.read(value, "json5", path) if match else None
        except Unparsable:
            return scripted(value)

    def _by_lines(self, source: Strand, syntax: str) -> Sheet:
        """What no parser takes. In JSON with gaps an address is followed only where nothing else says SSE."""
        sheet = loosely(source, self.table["keys"]["probes"])
        sheet.broken = True
        if syntax.startswith("json"):
            says = re.search(r"(?<![\w-])sse(?![\w-])", _URL.sub("", source.text), re.I)
            sheet.texts = [] if says else [source]
        return sheet
