"""The services of the project's compose files: which are built here, and which ports lead to them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from migrator.configs import yaml_spans
from migrator.configs.spans import Node, Unparsable
from migrator.model import Endpoint
from migrator.records import record
from migrator.text import Undecodable
from migrator.tree import Tree, Unreadable

COMPOSE = re.compile(r"(?:docker-)?compose(?:[.-][\w.-]+)?\.ya?ml$")
_PORT = re.compile(r"(?:.*:)?(?P<outer>\d+):(?P<inner>\d+)(?:/tcp)?$")
_DEFAULT = re.compile(r"\$\{\w+:?-(\w*)\}")


@record(frozen=True)
class Service:
    """One service of a compose file.

    context: the folder it is built from, relative to the project ("." for its root); None when it is an image.
    ports: (port on this machine, port in the container). image: the image's name, "" for none.
    """

    name: str
    path: str
    context: str | None
    ports: tuple[tuple[str, str], ...]
    image: str = ""


def services(tree: Tree) -> tuple[Service, ...]:
    """The services of every compose file that can be read; the others are somebody else's finding."""
    found: list[Service] = []
    for path in sorted((*tree.files, *tree.local)):
        if not COMPOSE.fullmatch(path.rpartition("/")[2]):
            continue
        try:
            documents = yaml_spans.NOTATION.parse(tree.text(path).text)
        except (Unreadable, Undecodable, Unparsable):
            continue
        for document in documents:
            table = document.get("services")
            if table is not None and table.kind == "map":
                found += [_service(path, m.key.value, m.value) for m in table.all_members() if m.value.kind == "map"]
    return tuple(_joined(found))


def _service(path: str, name: str, node: Node) -> Service:
    build = node.get("build")
    context = None
    if build is not None:
        where = build.get("context") if build.kind == "map" else build
        value = where.value if where is not None and where.kind == "string" else "."
        folder = posixpath.normpath(posixpath.join(posixpath.dirname(path), _DEFAULT.sub(r"\1", value)))
        context = None if re.match(r"\w+://|git@", value) else folder
    ports = node.get("ports")
    pairs = [_pair(p) for p in ports.items] if ports is not None else []
    image = node.get("image")
    named = image.value if image is not None and image.kind == "string" else ""
    return Service(name, path, context, tuple(p for p in pairs if p), named)


def inside(e: Endpoint, service: Service) -> bool:
    """True when the server's code lies in what the service is built from."""
    if service.context in (None, "."):
        return service.context is not None
    return any(f.startswith(f"{service.context}/") for f in (e.place.path, *e.files))


def _pair(port: Node) -> tuple[str, str] | None:
    if port.kind == "map":
        inner, outer = port.get("target"), port.get("published")
        return (_word(outer), _word(inner)) if inner and outer else None
    match = _PORT.match(_DEFAULT.sub(r"\1", _word(port)))
    return (match["outer"], match["inner"]) if match else None


def _word(node: Node) -> str:
    return node.value.split(" ")[-1]


def _joined(found: Iterable[Service]) -> list[Service]:
    """One service for each name of a folder: an override file adds ports and keeps what it doesn't say."""
    known: dict[tuple[str, str], Service] = {}
    for s in found:
        key = (posixpath.dirname(s.path), s.name)
        first = known.get(key, s)
        ports = s.ports if first is s else (*first.ports, *s.ports)
        known[key] = Service(s.name, first.path, first.context or s.context, ports, first.image or s.image)
    return list(known.values())
