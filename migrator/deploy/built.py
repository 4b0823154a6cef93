"""Names of images that the project's own files build: `docker build -t NAME`, a workflow's tags, a bake file's."""

from __future__ import annotations

import itertools
import posixpath
import re
from collections.abc import Callable, Iterator

from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable

_BUILD = re.compile(
    r"\b(?:docker|podman|nerdctl|finch)\s+(?:buildx\s+|image\s+)?build\s+(?P<rest>(?:[^\n|&;\\]|\\\n)*)"
)
_ACTION = re.compile(r"docker/(?:build-push|metadata)-action")
_TAGS = re.compile(r"(?m)^(?P<indent>[ \t]*)(?:tags|images):[ \t]*(?P<value>[^\n]*(?:\n(?P=indent)[ \t]+\S[^\n]*)*)")
_BAKE = re.compile(r"(?:^|/)docker-bake(?:\.override)?\.(?:hcl|json)$")
_BUILDS = re.compile(
    r"^\.github/|\.gitlab-ci\.yml$|\.sh$|(?:^|/)(?:GNU)?[Mm]akefile$|\.mk$|(?:^|/)[Jj]ustfile$|(?:^|/)docker-bake"
)
_LISTED = re.compile(r"\btags\"?\s*[=:]\s*\[(?P<value>[^\]]*)\]")
_VARIABLE = re.compile(r"\$\{\{\s*(?:env|vars)\.(\w+)\s*\}\}|\$[({]?(\w+)[)}]?")
_NAME = re.compile(r"[\w.-]+(?:[:/][\w./:-]+)?")


def built_images(tree: Tree, ours: Callable[[str], bool]) -> set[str]:
    """The names, with their registries and tags, under which images of servers are built. ours: of which Dockerfiles."""
    found: set[str] = set()
    said = {p for kind, paths in tree.hits.items() if kind not in ("python", "javascript") for p in paths}
    for path in sorted(said | {p for p in tree.files if _BUILDS.search(p)}):
        bake = _BAKE.search(path) is not None
        try:
            data = tree.read(path)
            if not (b"build" in data or bake):
                continue
            text = tree.text(path).text
        except (Unreadable, Undecodable):
            continue
        names = [n for m in _BUILD.finditer(text) for n in _tagged(m["rest"].replace("\\\n", " "), path, tree, ours)]
        if (bake or _ACTION.search(text)) and ours(""):
            names += [m["value"] for form in (_TAGS, _LISTED) for m in form.finditer(text)]
        for name in names:
            found |= {n.group() for n in _NAME.finditer(filled(name, text)) if "/" in n.group() or ":" in n.group()}
            found |= {name} if _NAME.fullmatch(name) else set()
    return found


def _tagged(line: str, path: str, tree: Tree, ours: Callable[[str], bool]) -> Iterator[str]:
    """The names that a command line gives to the image of a server."""
    words = [w.strip("\"'`") for w in line.replace("=", " ").split()]
    given = {a: b for a, b in itertools.pairwise(words) if a in ("-f", "--file", "-t", "--tag")}
    for folder in dict.fromkeys(("", posixpath.dirname(path))):
        where = posixpath.normpath(posixpath.join(folder, words[-1] if words else "."))
        file = given.get("-f") or given.get("--file")
        target = posixpath.normpath(posixpath.join(folder, file) if file else posixpath.join(where, "Dockerfile"))
        if tree.exists(target) and ours(target):
            yield from (b for a, b in given.items() if a in ("-t", "--tag"))
            return


def filled(name: str, text: str) -> str:
    """`name` with the variables that `text` sets in the place of their names."""

    def value(match: re.Match[str]) -> str:
        wanted = match[1] or match[2]
        told = re.search(rf"\b{wanted}\b[\"']?\s*(?:\?=|:=|=|:)\s*[\"']?([\w./-]+)", text)
        return told[1] if told else match.group()

    return _VARIABLE.sub(value, name)
