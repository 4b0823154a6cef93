"""Reverse proxies, ingresses and load balancers in front of a moved server: explained with the rule to write (MCP504)."""

from __future__ import annotations

import fnmatch
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from migrator.configs.services import Service
from migrator.context import Context
from migrator.deploy.health import Health
from migrator.deploy.places import Places
from migrator.model import Endpoint, Finding, Outcome, Part, Severity
from migrator.text import TextFile

_UPSTREAM = re.compile(r"(?:proxy_pass|reverse_proxy|ProxyPass\s+\S+)\s+[^\n;]*?((?:https?://)?[\w.$-]+:\d+)")


class Proxies:
    """Reads the rules in front of the servers of one project."""

    def __init__(
        self, context: Context, places: Places, services: Callable[[], Sequence[Service]], health: Health
    ) -> None:
        self.context = context
        self.places = places
        self.services = services
        self.health = health
        table = context.rules.toml("deploy/proxies.toml")
        self.rows: list[Mapping[str, Any]] = table["proxy"]
        self.say: Mapping[str, str] = table["say"]

    def parts(self, file: TextFile, taken: set[tuple[str, int]]) -> Iterator[Part]:
        """One finding for every rule about an old path, and what else stands beside them.

        taken: (path, offset) of the words that something else has a finding about.
        """
        name = file.path.rpartition("/")[2]
        for row in self.rows:
            if not any(fnmatch.fnmatchcase(f"/{file.path}" if "/" in p else name, p) for p in row["files"]):
                continue
            if re.search(row["marks"], file.text):
                yield from self.row(file, row, taken)

    def row(self, file: TextFile, row: Mapping[str, Any], taken: set[tuple[str, int]]) -> Iterator[Part]:
        found = [f for f in self.rules(file, row) if (file.path, f[2].start("at")) not in taken]
        first: Endpoint | None = None
        told = False
        for kind, e, match in found:
            first = first or (e if kind != "health" else None)
            severity = Severity.WARNING if self.near(file, e) else Severity.NOTE
            old = match["at"]
            new = e.new_path
            if kind == "health":
                message, todo = f"a health check asks for {old}", self.health.instruction(e)
            elif kind == "path" and self.is_message(e, old):
                message = self.say["message"].format(old=old)
                todo = "take it out together with the rule for the old path"
            elif kind == "path":
                message = self.say["path"].format(old=old, new=new)
                todo = self.rule(file, row, e, match, told)
                told = True
            else:
                message, todo = self.say["auth"].format(old=old, new=new), f"add {new} wherever {old} stands in it"
            place = file.place(match.start("at"), match.end("at"))
            rule = "MCP503" if kind == "health" else "MCP504"
            finding = Finding(rule, severity, Outcome.BY_HAND, place, f"{row['id']}: {message}", todo, e.unit)
            yield Part((finding,), (), e.unit)
        if first is not None:
            yield from self.beside(file, row, first)

    def rules(self, file: TextFile, row: Mapping[str, Any]) -> Iterator[tuple[str, Endpoint, re.Match[str]]]:
        """(kind, endpoint, match) of every rule that names an old path, in the order of the text."""
        seen: set[int] = set()
        found: list[tuple[str, Endpoint, re.Match[str]]] = []
        for e in self.context.endpoints:
            paths = [p.rstrip("/") for p in (e.old_path, e.message_path) if p.strip("/")]
            if not e.moved or not paths or e.old_path == e.new_path:
                continue
            either = "|".join(rf"{re.escape(p)}(?![\w-])" for p in paths)
            for kind in ("health", "path", "auth"):
                if kind in row:
                    for match in re.finditer(row[kind].replace("{paths}", either), file.text, re.MULTILINE):
                        if match.start("at") not in seen:
                            seen.add(match.start("at"))
                            found.append((kind, e, match))
        return iter(sorted(found, key=lambda f: f[2].start()))

    def is_message(self, e: Endpoint, old: str) -> bool:
        message = e.message_path.rstrip("/")
        return bool(message) and message in old and e.old_path.rstrip("/") not in old

    def rule(self, file: TextFile, row: Mapping[str, Any], e: Endpoint, match: re.Match[str], told: bool) -> str:
        """The rule for the new path, and once in a file what to mind."""
        upstream = _UPSTREAM.search(file.text)
        to = upstream.group(1) if upstream else f"http://127.0.0.1:{e.port or 'PORT'}"
        text = _copied(file.text, match, e) or str(row["after"]).format(new=e.new_path, upstream=to).strip("\n")
        keep = self.say["keep"].format(new=e.new_path, message=e.message_path or "the message path")
        return text if told else f"{text}\n{keep}"

    def beside(self, file: TextFile, row: Mapping[str, Any], e: Endpoint) -> Iterator[Part]:
        """Sticky sessions and CORS headers of a file that has a rule for a moved server."""
        state = self.say["sticky-stateless" if e.stateless else "sticky-stateful"]
        for kind, message, todo in (("sticky", self.say["sticky"], state), ("cors", self.say["cors"], "")):
            for match in re.finditer(row[kind], file.text, re.MULTILINE) if kind in row else ():
                if kind == "cors" and "mcp-session-id" in file.text.lower():
                    continue
                start = match.start() + len(match.group()) - len(match.group().lstrip())
                place = file.place(start, match.end())
                text = (
                    f"{row['id']}: {message}" if kind == "cors" else f"{row['id']}: {match.group().strip()} {message}"
                )
                yield Part((Finding("MCP504", Severity.NOTE, Outcome.BY_HAND, place, text, todo, e.unit),), (), e.unit)

    def near(self, file: TextFile, e: Endpoint) -> bool:
        """True when the rules lead to this repository's server: they name its port, its service, or stand beside it."""
        if e.port and re.search(rf"(?<!\d){e.port}(?!\d)", file.text):
            return True
        own = [s.name for s in self.services() if s.context is not None]
        if any(re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", file.text) for n in own):
            return True
        return self.places.project(file.path) == self.places.project(e.place.path) and "mcp" in file.text.lower()


def _copied(text: str, match: re.Match[str], e: Endpoint) -> str:
    """The block in braces that the rule opens, for the new path: whatever protects the old one stands in it, too."""
    begin = text.rfind("\n", 0, match.start("at")) + 1
    end_of_line = text.find("\n", match.end("at"))
    at = text.find("{", match.end("at"), end_of_line if end_of_line >= 0 else len(text))
    if at < 0:
        return ""
    depth, close = 1, at + 1
    while close < len(text) and depth:
        depth += {"{": 1, "}": -1}.get(text[close], 0)
        close += 1
    old = e.old_path.rstrip("/")
    block = textwrap.dedent(text[begin:close].replace("\r\n", "\n"))
    return re.sub(rf"{re.escape(old)}(?![\w-])", lambda _: e.new_path, block) if not depth else ""
