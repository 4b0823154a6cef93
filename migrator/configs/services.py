"""The services of the project's compose files: which are built here, and which ports lead to them."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache

from migrator.configs import yaml_spans
from migrator.configs.spans import Member, Node, Unparsable
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
    variables: the files that its environment comes from, relative to the project.
    """

    name: str
    path: str
    context: str | None
    ports: tuple[tuple[str, str], ...]
    image: str = ""
    variables: tuple[str, ...] = ()


def services(tree: Tree, plain: Collection[str]) -> tuple[Service, ...]:
    """The services of every compose file that can be read; the others are somebody else's finding.

    plain: images that hold no program of their own, see `is_plain`.
    """
    found: list[Service] = []
    for path in sorted((*tree.files, *tree.local)):
        if COMPOSE.fullmatch(path.rpartition("/")[2]):
            found += [_service(tree, path, m.key.value, m.value, plain) for m in _members(tree, path)]
    return tuple(_joined(found))


def is_plain(image: str, plain: Collection[str]) -> bool:
    """True for the image of a language or a system: what runs in it is mounted, copied or installed there."""
    name = re.sub(r"@.*|:[^/]*$", "", image)
    return any(f"/{name}".endswith(f"/{one}") for one in plain)


def extended(tree: Tree, path: str, node: Node, depth: int = 0) -> tuple[str, Node] | None:
    """What the service `node` of the compose file `path` takes over, with its file.

    That is the service that `extends:` names, or the one that a file beside it (compose.yaml beside its override) makes.
    """
    extends = node.get("extends")
    if extends is None or depth > 5:
        return _overridden(tree, path, node) if extends is None else None
    name = extends.get("service") if extends.kind == "map" else extends
    file = extends.get("file") if extends.kind == "map" else None
    where = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.value)) if file is not None else path
    tables = [t for d in _documents(tree, where) if (t := d.get("services")) is not None] if name is not None else []
    found = next((s for t in tables if name is not None and (s := t.get(name.value)) is not None), None)
    if found is None or found.kind != "map":
        return None
    if found.get("build") is None and found.get("image") is None:
        return extended(tree, where, found, depth + 1) or (where, found)
    return where, found


def _overridden(tree: Tree, path: str, node: Node) -> tuple[str, Node] | None:
    """The service of the same name in another compose file of the folder, which says what it is built from."""
    if not COMPOSE.fullmatch(posixpath.basename(path)):
        return None
    where = (node.start, node.end)
    name = next((m.key.value for m in _members(tree, path) if (m.value.start, m.value.end) == where), None)
    folder = posixpath.dirname(path)
    beside = [
        p
        for p in tree.files
        if p.endswith((".yml", ".yaml"))  # first: of a project's thousands of files few are YAML
        and p != path
        and posixpath.dirname(p) == folder
        and COMPOSE.fullmatch(posixpath.basename(p))
    ]
    found = [(p, m.value) for p in sorted(beside, key=len) if name for m in _members(tree, p) if m.key.value == name]
    known = ((p, s) for key in ("build", "image") for p, s in found if s.get(key) is not None)
    return next(known, None)


def _members(tree: Tree, path: str) -> list[Member]:
    tables = [t for d in _documents(tree, path) if (t := d.get("services")) is not None]
    return [m for table in tables for m in table.all_members() if m.value.kind == "map"]


def _documents(tree: Tree, path: str) -> tuple[Node, ...]:
    try:
        return _parsed(tree.text(path).text) if tree.exists(path) else ()
    except (Unreadable, Undecodable, Unparsable):
        return ()


@lru_cache(maxsize=64)  # each service of a file looks at all files beside it
def _parsed(text: str) -> tuple[Node, ...]:
    return tuple(yaml_spans.NOTATION.parse(text))


def _service(tree: Tree, path: str, name: str, node: Node, plain: Collection[str]) -> Service:
    base = extended(tree, path, node) if node.get("build") is None and node.get("image") is None else None
    where, source = base or (path, node)
    build = source.get("build")
    image = source.get("image")
    named = image.value if image is not None and image.kind == "string" else ""
    context = None
    if build is not None:
        folder = build.get("context") if build.kind == "map" else build
        context = _folder(where, folder.value if folder is not None and folder.kind == "string" else ".")
    elif is_plain(named, plain):
        context = _mounted(where, source.get("volumes"))
    return Service(name, path, context, pairs_of(node.get("ports")), named, tuple(_variables(path, node)))


def _variables(path: str, node: Node) -> Iterator[str]:
    """The files of `env_file`: one, or a list of names or of maps."""
    held = node.get("env_file")
    for item in (held.items if held.kind == "list" else [held]) if held is not None else []:
        file = item.get("path") if item.kind == "map" else item
        if file is not None and file.kind == "string":
            yield posixpath.normpath(posixpath.join(posixpath.dirname(path), file.value))


def _folder(path: str, value: str) -> str | None:
    """The folder that a compose file means, None for an address."""
    if re.match(r"\w+://|git@", value):
        return None
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), _DEFAULT.sub(r"\1", value)))


def _mounted(path: str, volumes: Node | None) -> str | None:
    """The folder of the project that a service runs, where it is mounted into its container; None for none."""
    found = []
    for item in volumes.items if volumes is not None else []:
        source = item.get("source") if item.kind == "map" else item
        text = source.value.partition(":")[0] if source is not None and source.kind == "string" else ""
        if text.startswith(".") and (folder := _folder(path, text)) is not None:
            found.append(posixpath.dirname(folder) or "." if folder.endswith(".py") else folder)
    return posixpath.commonpath(found) or "." if found else None


def inside(e: Endpoint, service: Service) -> bool:
    """True when the server's code lies in what the service is built from."""
    if service.context in (None, "."):
        return service.context is not None
    return any(f.startswith(f"{service.context}/") for f in (e.place.path, *e.files))


def pair_of(text: str) -> tuple[str, str] | None:
    """(port on this machine, port in the container) of `127.0.0.1:8080:8000`, None where it doesn't say both."""
    match = _PORT.match(_DEFAULT.sub(r"\1", text))
    return (match["outer"], match["inner"]) if match else None


def pairs_of(ports: Node | None) -> tuple[tuple[str, str], ...]:
    """The same for what stands at a service's `ports`."""
    return tuple(pair for port in (ports.items if ports is not None else []) if (pair := _pair(port)))


def _pair(port: Node) -> tuple[str, str] | None:
    if port.kind == "map":
        inner, outer = port.get("target"), port.get("published")
        return (_word(outer), _word(inner)) if inner and outer else None
    return pair_of(_word(port))


def _word(node: Node) -> str:
    return node.value.split(" ")[-1]


def _joined(found: Iterable[Service]) -> list[Service]:
    """One service for each name of a folder: an override file adds ports and keeps what it doesn't say."""
    known: dict[tuple[str, str], Service] = {}
    for s in found:
        key = (posixpath.dirname(s.path), s.name)
        first = known.get(key, s)
        ports = s.ports if first is s else (*first.ports, *s.ports)
        variables = s.variables if first is s else (*first.variables, *s.variables)
        known[key] = Service(s.name, first.path, first.context or s.context, ports, first.image or s.image, variables)
    return list(known.values())
