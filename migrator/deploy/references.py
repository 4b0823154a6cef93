"""Values that one file gives and another one uses: .env and compose, tfvars and Terraform, values.yaml and a chart,
scripts and Makefiles with what they take in, and `make NAME=value` with the Makefile.

A name is what the using file calls the value: "MODE", "var.transport", ".Values.mcp.transport".
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

from migrator import examples
from migrator.configs import yaml_spans
from migrator.configs.services import COMPOSE
from migrator.configs.spans import Unparsable
from migrator.deploy.strands import Strand
from migrator.deploy.words import Sheet
from migrator.tree import Tree

_VALUES = re.compile(r"values(?:[.-][\w.-]+)?\.ya?ml$")
_SCRIPT = re.compile(r"\.(?:sh|bash|mk|env)$|(?:^|[./])env(?:\.|$)")
_TAKES = r"(?m)(?:^|[;&|]|\bthen\b|\bdo\b)[ \t]*(?:\.|source|[-s]?include)[ \t]+[\"']?(?:[^\s\"';]*/)?(?:{names})[\"']?(?:[\s;&|)]|$)"
_MAKEFILE = re.compile(r"(?:^|/)(?:GNU)?[Mm]akefile$")
_ASSIGNED = re.compile(r"([A-Za-z_]\w*)=")
_HOLDS = re.compile(r"^kind:\s*[\"']?(?:ConfigMap|Secret)\b|^(?:configMap|secret)Generator:", re.M)
_REFERS = re.compile(r"\b(?:configMap|secret)KeyRef\b")
_PIECE = re.compile(r"\{\{-?\s*(?P<name>\.Values\.[\w.]+)[^{}]*\}\}")


def users(tree: Tree, path: str) -> Iterator[str]:
    """The files that use what the file `path` gives."""
    folder, _, name = path.rpartition("/")
    if name.startswith(".env"):
        yield from (p for p in _in(tree, folder) if COMPOSE.fullmatch(posixpath.basename(p)))
    elif name.endswith((".tf", ".tfvars")):
        yield from (p for p in _in(tree, folder) if p.endswith(".tf") and p != path)
    elif _VALUES.fullmatch(name) and (chart := _chart(tree, folder)) is not None:
        yield from templates(tree, chart)
    if name.endswith((".yaml", ".yml")) and _HOLDS.search(tree.source(path)):
        yield from (p for p in _below(tree, folder) if p != path and _REFERS.search(tree.source(p)))
    names = "|".join(re.escape(n) for n in {name, examples.plain_name(path)})
    for other in _near(tree, folder) if _SCRIPT.search(path) else ():
        if other != path and re.search(_TAKES.format(names=names), tree.source(other)):
            yield other


def makefiles(tree: Tree, path: str) -> list[str]:
    """The Makefiles that `make NAME=value` in the file `path` may mean."""
    return [p for p in _near(tree, posixpath.dirname(path)) if _MAKEFILE.search(p) and p != path]


def made(sheet: Sheet) -> Iterator[tuple[str, Strand]]:
    """(name, value) for everything that the file's commands give to a Makefile."""
    for command in sheet.commands:
        if command.words and command.words[0].text in ("make", "gmake"):
            yield from ((m[1], w.part(m.end())) for w in command.words if (m := _ASSIGNED.match(w.text)))


def _near(tree: Tree, folder: str) -> list[str]:
    """Scripts and Makefiles of the folder and of the project's own."""
    found = [p for f in dict.fromkeys((folder, "")) for p in _in(tree, f)]
    return [p for p in found if _MAKEFILE.search(p) or p.endswith((".sh", ".bash", ".mk"))]


def given(path: str, sheet: Sheet) -> Iterator[tuple[str, Strand]]:
    """(name, value) for everything that the file `path` gives to its users."""
    if path.endswith(".tfvars"):
        yield from ((f"var.{s.name}", s.value) for s in sheet.settings)
    elif _VALUES.fullmatch(posixpath.basename(path)):
        yield from ((f".Values.{trail}", text) for trail, text in sheet.trails)
    elif path.endswith((".yaml", ".yml")):
        yield from ((s.name, s.value) for s in sheet.settings if s.name.startswith("configMap/"))
    elif path.endswith(".tf") or _SCRIPT.search(path):
        yield from ((s.name, s.value) for s in sheet.settings)


def compared(tree: Tree, path: str, name: str) -> str:
    """The file that looks at the value's word itself, or says which are allowed; "" for none."""
    chart = _chart(tree, posixpath.dirname(path)) if name.startswith(".Values.") else None
    if chart is None:
        asked = rf"\b{re.escape(name)}\s*[!=]=\s*\"sse\"|contains\(\[[^\]]*\"sse\"[^\]]*\],\s*{re.escape(name)}\b"
        files = [p for p in _in(tree, posixpath.dirname(path)) if p.endswith(".tf")] if name[:4] == "var." else []
        return next((p for p in files if re.search(asked, tree.source(p))), "")
    allowed = posixpath.join(chart, "values.schema.json")
    if tree.exists(allowed) and '"sse"' in tree.source(allowed):
        return allowed
    asked = rf"{re.escape(name)}\)*\s+\"sse\"|\"sse\"\s+\(*\$?{re.escape(name)}\b"
    return next((p for p in templates(tree, chart) if re.search(asked, tree.source(p))), "")


def filled_image(tree: Tree, path: str, image: str) -> str:
    """The name of an image in the template `path`, with the values of its chart."""
    chart = _chart(tree, posixpath.dirname(path)) if ".Values." in image else None
    if chart is None:
        return image
    try:
        documents = yaml_spans.NOTATION.parse(tree.source(posixpath.join(chart, "values.yaml")))
    except Unparsable:
        return image

    def value(match: re.Match[str]) -> str:
        node = documents[0] if documents else None
        for key in match["name"].split(".")[2:]:
            node = node.get(key) if node is not None else None
        return node.value if node is not None and node.kind == "string" else "latest"

    return _PIECE.sub(value, image)


def templates(tree: Tree, chart: str) -> Iterator[str]:
    """The templates of a Helm chart."""
    below = posixpath.join(chart, "templates") + "/"
    yield from (p for p in tree.files if p.startswith(below))


def _chart(tree: Tree, folder: str) -> str | None:
    """The folder of the chart that a file in `folder` belongs to: one above it, or the project's only one."""
    while not tree.exists(posixpath.join(folder, "Chart.yaml")):
        if not folder:
            charts = [posixpath.dirname(p) for p in tree.files if posixpath.basename(p) == "Chart.yaml"]
            return charts[0] if len(charts) == 1 else None
        folder = posixpath.dirname(folder)
    return folder


def _in(tree: Tree, folder: str) -> Iterator[str]:
    yield from (p for p in tree.files if posixpath.dirname(p) == folder)


def _below(tree: Tree, folder: str) -> Iterator[str]:
    """The YAML of the folder and of those below it."""
    below = f"{folder}/" if folder else ""
    yield from (p for p in tree.files if p.startswith(below) and p.endswith((".yaml", ".yml")))
