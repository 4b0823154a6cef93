"""What files of the project say that a transport from outside is today: `MCP_TRANSPORT=sse`, `python server.py sse`."""

from __future__ import annotations

import re
from functools import cached_property

from migrator.python.code import Code
from migrator.python.module import Module
from migrator.python.words.declared import Source

TRANSPORT = re.compile(rb"\btransport[\"']?\s{0,3}[:=]\s{0,3}[\"']?sse\b", re.I)


class Evidence:
    """Looks for the old word where it is given to options, variables and starts; in files that the scan held back."""

    def __init__(self, code: Code) -> None:
        self.code = code

    def of_name(self, name: str) -> bool:
        """True when a file of the project gives the old word to this option or variable: `NAME=sse`."""
        if len(name) < 3:
            return False
        spellings = {name, name.replace("_", "-")}
        pattern = re.compile(
            rb"(?:"
            + b"|".join(re.escape(s.encode()) for s in spellings)
            + rb")[\"'`]?\s{0,3}[=:,\s]\s{0,3}[\"'`]?(?:\$\{\w+:?[-=:|])?sse\b",  # or ${NAME:-sse}
            re.I,
        )
        loose = None
        if name.isupper() and len(name) > 8:  # a variable's own name: a list of its values may follow further down
            loose = re.compile(re.escape(name.encode()) + rb".{0,600}?[\"'`= ]sse[\"'`\s,]", re.S)
        tree = self.code.tree
        for paths in tree.hits.values():
            for path in paths:
                data = tree.read(path)
                if pattern.search(data) or (loose is not None and loose.search(data)):
                    return True
        return False

    def in_named_file(self, module: Module, pattern: re.Pattern[bytes] = TRANSPORT) -> bool:
        """True when a file that the module or what it imports names gives the old word as the transport (or has `pattern`)."""
        return bool(self._told_to(module, [p for p in self._files if pattern.search(self.code.tree.read(p))]))

    def files(self, module: Module) -> list[str]:
        """The files that the module or what it imports names, and that hold the old word alone: `Path("mode.txt")`."""
        return self._told_to(module, self._alone)

    @cached_property
    def _alone(self) -> list[str]:
        return [path for path in self._files if self.code.tree.read(path).strip().lower() == b"sse"]

    @cached_property
    def _files(self) -> list[str]:
        """What names an old word or path and is no Python."""
        return [path for kind, paths in self.code.tree.hits.items() if kind != "python" for path in paths]

    def _told_to(self, module: Module, files: list[str]) -> list[str]:
        """Those of the files that the module, or what it imports, names."""
        texts = [m.text for m in self.code.loaded(self.code.reachable(module))] if files else []
        return [path for path in files if any(path.rpartition("/")[2] in text for text in texts)]

    def of_argument(self, source: Source) -> bool:
        """True for a word by its place in `sys.argv`, where a file of the project starts its module with the old one."""
        if source.kind != "argv":
            return False
        path = source.module.path
        name = path.rpartition("/")[2].removesuffix(".py")
        stem = path.rpartition("/")[0].rpartition("/")[2] if name in ("__main__", "__init__") else name
        pattern = re.compile(
            re.escape(stem.encode()) + rb"(?:\.py)?[\"'`]?[\s,]{1,8}(?:\s*[\"']?arg(?:ument)?s[\"']?\s*[:=]\s*\[?\s*)?"
            rb"[\"'`]?(?:-\s+)?[\"'`]?sse\b",
            re.I,
        )
        tree = self.code.tree
        return any(pattern.search(tree.read(p)) for paths in tree.hits.values() for p in paths)
