"""Names of images that the project's own files build: `docker build -t NAME`, a workflow's tags, a bake file's."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable

_OPTIONS = r"(?P<rest>(?:[^\n|&;\\]|\\\n)*)"  # to the end of the command line
_TAGS = re.compile(r"(?m)^(?P<indent>[ \t]*)(?:tags|images):[ \t]*(?P<value>[^\n]*(?:\n(?P=indent)[ \t]+\S[^\n]*)*)")
_LISTED = re.compile(r"\btags\"?\s*[=:]\s*\[(?P<value>[^\]]*)\]")
_VARIABLE = re.compile(r"\$\{\{\s*(?:env|vars)\.(\w+)\s*\}\}|\$[({]?(\w+)[)}]?")
_NAME = re.compile(r"[\w.-]+(?:[:/][\w./:-]+)?")


class Built:
    """Reads them in one project. table: deploy/surfaces.toml; ours: of which Dockerfiles servers are started."""

    def __init__(self, tree: Tree, table: Mapping[str, Any], ours: Callable[[str], bool]) -> None:
        facts = table["images"]["built"]
        self.tree = tree
        self.ours = ours
        self.builds, self.lists, self.actions = (re.compile(facts[key]) for key in ("files", "lists", "actions"))
        programs = "|".join(table["programs"]["containers"])
        self.command = re.compile(f"(?:{facts['command'].format(programs=programs)}){_OPTIONS}")
        self.named, self.file = facts["name-options"], facts["file-options"]

    def images(self) -> set[str]:
        """The names, with their registries and tags, under which images of servers are built."""
        found: set[str] = set()
        said = {p for kind, paths in self.tree.hits.items() if kind not in ("python", "javascript") for p in paths}
        for path in sorted(said | {p for p in self.tree.files if self.builds.search(p)}):
            is_list = self.lists.search(path) is not None
            try:
                if not (is_list or b"build" in self.tree.read(path)):
                    continue
                text = self.tree.text(path).text
            except (Unreadable, Undecodable):
                continue
            lines = [m["rest"].replace("\\\n", " ") for m in self.command.finditer(text)]
            names = [name for line in lines for name in self._tagged(line, path)]
            if (is_list or self.actions.search(text)) and self.ours(""):
                names += [m["value"] for form in (_TAGS, _LISTED) for m in form.finditer(text)]
            for name in (filled(n, text) for n in names):
                found |= {n.group() for n in _NAME.finditer(name) if "/" in n.group() or ":" in n.group()}
                found |= {name} if _NAME.fullmatch(name) else set()
        return found

    def _tagged(self, line: str, path: str) -> Iterator[str]:
        """The names that a command line gives to the image of a server."""
        words = [word for w in line.replace("=", " ").split() if (word := w.strip("\"'`,[]"))]
        given = list(itertools.pairwise(words))
        file = next((value for option, value in given if option in self.file), "")
        for folder in dict.fromkeys(("", posixpath.dirname(path))):
            where = posixpath.normpath(posixpath.join(folder, words[-1] if words else "."))
            target = posixpath.normpath(posixpath.join(folder, file) if file else posixpath.join(where, "Dockerfile"))
            if self.tree.exists(target) and self.ours(target):
                yield from (value for option, value in given if option in self.named)
                return


def filled(name: str, text: str) -> str:
    """`name` with the variables that `text` sets in the place of their names."""

    def value(match: re.Match[str]) -> str:
        wanted = match[1] or match[2]
        told = re.search(rf"\b{wanted}\b[\"']?\s*(?:\?=|:=|=|:)\s*[\"']?([\w./-]+)", text)
        return told[1] if told else match.group()

    return _VARIABLE.sub(value, name)
