"""What stands before a server: where a rule leads, how far it reaches, and how it reads for the new path."""

from __future__ import annotations

import enum
import posixpath
import re
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from migrator.configs.addresses import LOOPBACK, parse
from migrator.configs.services import COMPOSE, Service, inside
from migrator.model import Endpoint
from migrator.records import record
from migrator.text import TextFile


class Leads(enum.Enum):
    """Where a rule leads, seen from one server."""

    HERE = "here"
    LIKELY = "likely"  # a name that nobody knows, with the server's port
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


_BELOW = re.compile(r"\n[ \t]*\{[ \t]*(?=\r?\n|$)")


def spelled(path: str) -> str:
    """A regular expression for `path` in a rule, by itself or as one of several: `/sse`, `^/(math|text)/(messages|sse`."""
    head, _, last = path.rstrip("/").rpartition("/")
    one_of = r"/(?:<?\((?:\?[:!])?(?:[^()\s|]*\|)*)?"
    before = "".join(rf"{one_of}{re.escape(step)}(?:(?:\|[^()\s|]*)*\))?" for step in head.split("/")[1:])
    return rf"{before or re.escape(head)}{one_of}{re.escape(last)}(?![\w-]|\.\w)"


def quoted(path: str) -> str:
    """A regular expression for the last part of `path` in quotes, as rules say it that see a path in parts."""
    return rf"[\"']{re.escape(path.rstrip('/').rpartition('/')[2])}[\"']"


def renamed(text: str, start: int, end: int, e: Endpoint, parts: bool = False) -> Iterator[tuple[int, int, str]]:
    """(start, end, new text) of every part of text[start:end] that names the old path of `e`, or its last part in quotes."""
    last = e.new_path.rpartition("/")[2]
    slash = "" if e.new_path.endswith("/") else r"(?:/(?=[\s\"'`;{,)*]|$))?"  # the new path is served without one
    for match in re.finditer(f"(?P<path>{spelled(e.old_path)}){slash}", text[start:end]):
        if "(" not in match["path"]:
            yield start + match.start(), start + match.end(), e.new_path
        else:
            old = e.old_path.rstrip("/").rpartition("/")[2]
            yield start + match.end("path") - len(old), start + match.end(), last
    for match in re.finditer(quoted(e.old_path), text[start:end]) if parts else ():
        yield start + match.start() + 1, start + match.end() - 1, last


def reach(text: str, match: re.Match[str]) -> tuple[int, int]:
    """The rule that `match` stands in: its line, with the block in braces that it opens."""
    return _line(text, *match.span("at"))


def _line(text: str, first: int, last: int) -> tuple[int, int]:
    begin = text.rfind("\n", 0, first) + 1
    end = text.find("\n", last)
    end = end if end >= 0 else len(text)
    at = text.find("{", last, end)
    if at < 0 and (below := _BELOW.match(text, end)):  # the brace on a line of its own
        at, end = below.end() - 1, below.end()
    close = _close(text, at) if at >= 0 else -1
    if 0 <= close <= end and text.count("{", begin, close) > text.count("}", begin, close):
        close = -1  # a block within the rule: `- {path: /sse, backend: {service: x}}`
    return begin, close if close >= 0 else len(text[:end].rstrip("\r"))


def around(file: TextFile, span: tuple[int, int], row: Mapping[str, Any]) -> str:
    """What a rule belongs to: the rules that use its name, the element, YAML document or block in braces around it."""
    rule = file.text[slice(*span)]
    for text, begin in [(rule, span[0]), *_blocks(file.text, span)] if "name" in row else ():
        header = file.text[file.text.rfind("\n", 0, begin) + 1 : begin]  # `@mcp {` of a block
        if name := re.search(row["name"], header + text.partition("\n")[0]):
            use = re.compile(rf"(?<![\w-]){re.escape(name['name'])}(?![\w-])")
            return "\n".join(file.text[slice(*_line(file.text, *m.span()))] for m in use.finditer(file.text))
    if "ends" in row and (end := re.compile(row["ends"], re.IGNORECASE).search(file.text, span[1])):
        return file.text[span[0] : end.end()] if rule.lstrip().startswith("<") else rule
    if COMPOSE.fullmatch(file.path.rpartition("/")[2]):
        return rule
    if file.path.endswith((".yaml", ".yml")):
        begin = max((m.end() for m in re.finditer(r"^---.*$", file.text[: span[0]], re.MULTILINE)), default=0)
        end = re.compile(r"^---", re.MULTILINE).search(file.text, span[1])
        return file.text[begin : end.start() if end else len(file.text)]
    if file.path.endswith((".tf", ".hcl")):
        return [rule, *_around(file.text, span)][-2]
    return rule


def inherited(text: str, span: tuple[int, int]) -> Iterator[str]:
    """What the blocks around a rule say themselves, without the blocks in them."""
    for outer in [*_around(text, span)][1:-1]:
        inner, flat = "", outer[1:-1]
        while inner != flat:
            inner, flat = flat, re.sub(r"\{[^{}]*\}", "", flat)
        yield flat


def opens_block(text: str, span: tuple[int, int]) -> bool:
    """True for a rule that is a block by itself: the same one can stand beside it for another path."""
    return text[span[1] - 1 : span[1]] == "}"


def _close(text: str, at: int) -> int:
    """The offset behind the brace that closes the one at `at`, -1 for none."""
    depth, close = 1, at + 1
    while close < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[close], 0)
        close += 1
    return close if not depth else -1


def _around(text: str, span: tuple[int, int]) -> Iterator[str]:
    """The rule itself, the blocks around it from the inside out, and the whole text."""
    yield text[slice(*span)]
    yield from (block for block, _ in _blocks(text, span))
    yield text


def _blocks(text: str, span: tuple[int, int]) -> Iterator[tuple[str, int]]:
    """The blocks around a rule, from the inside out, each with where it begins."""
    at, depth = span[0], 0
    while at > 0:
        at -= 1
        depth += {"}": 1, "{": -1}.get(text[at], 0)
        if depth < 0:
            depth, close = 0, _close(text, at)
            yield text[at : close if close >= 0 else len(text)], at


def without_old(rule: str, e: Endpoint) -> str:
    """The rule's text without the paths that go, which may lie below the new one: /mcp/sse is not about /mcp."""
    for path in (e.old_path.rstrip("/"), e.message_path.rstrip("/")):
        rule = rule.replace(path, "") if path else rule
    return rule


def written(text: str, span: tuple[int, int], changes: Iterable[tuple[int, int, str]]) -> str:
    """The rule for the new path: whatever protects the old one stands in it, too."""
    begin, end = span
    for start, stop, new in sorted(changes, reverse=True):
        text, end = text[:start] + new + text[stop:], end + len(new) - (stop - start)
    return text[begin:end]


def for_calls(text: str, span: tuple[int, int], e: Endpoint) -> str:
    """The rule for messages, written for the new path."""
    old = spelled(e.message_path.rstrip("/"))
    return textwrap.dedent(re.sub(rf"{old}(?:/(?=\s))?", e.new_path, text[slice(*span)], count=1))


@record
class Fronts:
    """Tells whose server a rule leads to. own_image: whether an image is built from this repository."""

    services: Callable[[], Sequence[Service]]
    own_image: Callable[[str], bool]

    @staticmethod
    def for_several(text: str, e: Endpoint) -> bool:
        """True for a rule whose path begins as one of several: what is behind the others is not known to move, too."""
        return any("(" in m.group().rpartition("/")[0] for m in re.finditer(spelled(e.old_path), text))

    def leads(self, file: TextFile, span: tuple[int, int], row: Mapping[str, Any], e: Endpoint) -> Leads:
        """Whether the rule at `span` hands requests to `e`."""
        if COMPOSE.fullmatch(file.path.rpartition("/")[2]):
            return self.labelled(file, span[0], e)
        for text in _around(file.text, span) if "to" in row else ():
            found = [m["to"] for m in re.finditer(row["to"], text, re.MULTILINE)]
            if found:
                return _together([self.handed(to, file.text, row, e) for to in found])
        return Leads.UNKNOWN

    def handed(self, to: str, text: str, row: Mapping[str, Any], e: Endpoint) -> Leads:
        """The same for one address that a rule hands requests to."""
        url = parse(to if "://" in to else f"http://{to}")
        if url is None or re.search(r"[$%<{]", url.host):
            return Leads.UNKNOWN
        group = re.search(row["group"].replace("{name}", re.escape(url.name)), text) if "group" in row else None
        if group:
            return _together([self.handed(m["to"], "", row, e) for m in re.finditer(row["member"], group["members"])])
        port = url.port if re.search(r":\d+$", url.host) else ""
        named, ports = [s for s in self.services() if s.name == url.name], {port}
        if url.name in LOOPBACK:
            named = [s for s in self.services() if any(outer == port for outer, _ in s.ports)]
            ports |= {inner for s in named for outer, inner in s.ports if outer == port}
        if named and not any(self.own(e, s) for s in named):
            return Leads.ELSEWHERE
        if e.listens not in ("", *ports) or not (named or e.listens):
            return Leads.UNKNOWN
        return Leads.HERE if named or url.name in LOOPBACK else Leads.LIKELY

    def own(self, e: Endpoint, service: Service) -> bool:
        """True for a service that may run the server."""
        return inside(e, service) if service.context is not None else self.own_image(service.image)

    def labelled(self, file: TextFile, at: int, e: Endpoint) -> Leads:
        """The same for a label of a compose service: its own container gets the requests."""
        name, folder = _service_at(file.text, at), posixpath.dirname(file.path)
        service = next((s for s in self.services() if s.name == name and posixpath.dirname(s.path) == folder), None)
        if service is None or not (service.image or service.context is not None):
            return Leads.UNKNOWN
        if not self.own(e, service):
            return Leads.ELSEWHERE
        return Leads.HERE if service.context is not None else Leads.UNKNOWN


def _together(said: Sequence[Leads]) -> Leads:
    """What holds of several addresses."""
    if set(said) == {Leads.HERE, Leads.LIKELY}:
        return Leads.LIKELY
    return said[0] if len(set(said)) == 1 else Leads.UNKNOWN


def _service_at(text: str, at: int) -> str:
    """The key below `services:` that the line at `at` of a compose file belongs to, "" for none."""
    keys: list[tuple[int, str]] = []
    for line in text[: text.find("\n", at)].splitlines():
        match = re.match(r"(?P<indent> *)[\"']?(?P<key>[\w.-]+)[\"']?\s*:", line)
        if match:
            depth = len(match["indent"])
            keys = [k for k in keys if k[0] < depth] + [(depth, match["key"])]
    names = [k for _, k in keys]
    return names[1] if len(names) > 1 and names[0] == "services" else ""
