"""`fastmcp run` and `mcp run`: the runner chooses the transport, so its command line is what moves (MCP505)."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from migrator.context import Context
from migrator.deploy.follow import moved
from migrator.deploy.strands import NotReplaceable, Strand
from migrator.deploy.tie import Tie
from migrator.deploy.words import Command, Sheet, option_values, spoken
from migrator.model import Endpoint, Finding, Outcome, Part, Place, Replacement, Severity
from migrator.python.paths import moved_path
from migrator.python.rewrite.edits import EditCall
from migrator.records import record
from migrator.text import TextFile

UNIT = "runner:"  # how the units begin of what only a runner, its file or a variable starts


@record(frozen=True)
class Start:
    """A runner's command line that serves SSE from a file of this repository."""

    row: Mapping[str, Any]
    command: Command
    tie: Tie
    value: Strand

    @property
    def place(self) -> int:
        return self.value.start


class Runners:
    """The runners of the rulebook, for one project."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.table = context.rules.toml("deploy/runners.toml")
        self.rows = {row["name"]: row for row in self.table["runner"]}

    def starts(self, sheet: Sheet, tie: Any, path: str) -> Iterator[Start]:
        """The command lines of a sheet that serve SSE by a runner. tie: Ties.tie."""
        for command in sheet.commands:
            if not any(row["name"] in w.text for w in command.words for row in self.table["runner"]):
                continue
            tied = tie(command, path)
            row = self.rows.get(tied.runner)
            if row is None or not tied.path or (tied.endpoints and not moved(tied.endpoints)):
                continue
            for value in option_values(command.words, row["options"]):
                for word in spoken(value):
                    if word.text.lower() == "sse":
                        yield Start(row, command, tied, word)

    def version(self, package: str, path: str) -> str:
        """The lowest version of the runner's package that the file may run with, "" when nothing says."""
        installed = self.context.versions.of(path)
        found = installed.version(package) or installed.lowest(package)
        return str(found) if found is not None else ""

    def may_be(self, package: str, path: str, release: str) -> bool:
        """True when no lock or pin says which release the file runs with, and the requirement lets `release` in."""
        installed = self.context.versions.of(path)
        asked = installed.range(package)
        return installed.version(package) is None and asked is not None and asked.admits(release)

    def raised(self, tie: Tie) -> str:
        """The version that the servers of the file run with once they have moved, "" where it serves none or none is said."""
        versions, settings = self.context.versions, self.context.settings
        for e in moved(tie.endpoints):
            found = versions.after(tie.path, e.generation, settings, e.needs_sdk)
            return str(found) if found is not None else ""
        return ""

    def assumed(self, row: Mapping[str, Any], path: str) -> str:
        """Where no manifest says a version: one of the major version that the file's imports prove, "" when they don't."""
        module = self.context.code.load(path)
        if module is None:
            return ""
        for name, major in row.get("lines", {}).items():
            if re.search(rf"^[ \t]*(?:from|import)[ \t]+{re.escape(name)}\b", module.text, re.M):
                lines = self.context.rules.toml("floors.toml")["packages"][row["package"]]["line"]
                return next(str(line["recommended"]) for line in lines if line["major"] == major)
        return ""

    def chosen(self, rows: Sequence[Mapping[str, Any]], version: str) -> Mapping[str, Any] | None:
        """The first row that fits the version."""
        from packaging.version import Version

        for row in rows:
            if version and Version(version) < Version(row["from"]):
                continue
            if version and "below" in row and Version(version) >= Version(row["below"]):
                continue
            if version:
                return row
        return None

    def endpoint(self, start: Start) -> Endpoint:
        """What the command line serves, for those who follow addresses."""
        row, words = start.row, start.command.words
        port = next((v.text for v in option_values(words, row["port"])), row["default-port"])
        path = next((v.text for v in option_values(words, row["path"])), "")
        return self.served(row, start.tie.path, port, path)

    def served(self, row: Mapping[str, Any], file: str, port: str, path: str) -> Endpoint:
        """What a runner serves from a file, at the path that it is told ("": none) now, and where that will be."""
        old, new = path or row["old-path"], self.new_path(path) if path else row["new-path"]
        base = f"http://127.0.0.1:{port}"
        return Endpoint(
            name=f"{file}:{row['name']} run",
            unit=f"{UNIT}{file} {base}{old}",
            generation="",
            place=Place(file),
            old_url=base + old,
            new_url=base + new,
            old_path=old,
            new_path=new,
            port=port,
            files=(file,),
        )

    @staticmethod
    def shown(endpoint: Endpoint, page: str) -> Endpoint:
        """The same for the map: what moves it is in the file `page`."""
        return replace(endpoint, files=tuple(dict.fromkeys((*endpoint.files, page))))

    def new_path(self, path: str) -> str:
        """Where a path moves that a runner is told; what is no path written out stays."""
        return moved_path(path, self.context.settings.path) if path.startswith("/") and "$" not in path else path

    def ports(self, paths: Iterable[str]) -> list[str]:
        """The ports that the calls which run a server in these files say, as code; nothing where they leave it open."""
        runs = self.context.rules.toml("sdks/fastmcp.toml")["methods"]["run"]
        found: dict[str, None] = {}
        for module in self.context.code.loaded(paths):
            for call in (c for name in runs for c in module.calls_by_name.get(name, ())):
                found |= {module.source(k.value): None for k in call.keywords if k.arg in ("port", None)}
        return list(found)

    @cached_property
    def sessions(self) -> Any:
        """What tells whether code needs a session."""
        from migrator.python.sdk import Sdks
        from migrator.python.sessions import Sessions

        rules = self.context.rules
        sdks = Sdks.read(rules, self.context.code.values, self.context.versions)
        return Sessions(sdks, rules.toml("sdks/sessions.toml"))

    def needs_session(self, paths: Sequence[str], generation: str) -> list[Place]:
        """The lines of the server's modules that need a session."""
        modules = self.context.code.loaded(paths)
        return [n.place for n in self.sessions.needs(modules, generation) if n.kind == "session"]

    # ------------------------------------------------------------------ parts

    def part(self, start: Start, file: TextFile, paths: Sequence[str], reader: str, local: str) -> Part:
        """The edit of one command line. local: why the file is not changed, "" when it may be."""
        row, tie = start.row, start.tie
        version = self.raised(tie) or self.version(row["package"], tie.path) or self.assumed(row, tie.path)
        word = self.chosen(row["word"], version)
        unit = tie.endpoints[0].unit if tie.endpoints else ""
        place = file.place(start.value.start, start.value.end)
        head = f"{row['name']} run serves {tie.path} over SSE"
        server = None if tie.endpoints else self.shown(self.endpoint(start), file.path)
        stays = replace(server, moved=False) if server is not None else None
        if word is None:
            known = (
                f"{row['package']} {version} can't do it"
                if version
                else f"no manifest or lock says which {row['package']} it is"
            )
            todo = self.by_hand(row)
            finding = Finding("MCP505", Severity.WARNING, Outcome.BY_HAND, place, f"{head}; {known}", todo, unit)
            return Part((finding,), (), unit, serves=stays)
        wanted, why = self.wanted(start, paths, version)
        try:
            edits = [start.value.replaced(file.path, str(word["text"]))]
            paths_told = option_values(start.command.words, row["path"])
            moving = [
                v.replaced(file.path, self.new_path(v.text)) for v in paths_told if v.text != self.new_path(v.text)
            ]
        except NotReplaceable as error:
            local = local or str(error)
            edits, moving = [], []
        if local:
            message = f"{head}; not changed: {local}"
            finding = Finding("MCP505", Severity.WARNING, Outcome.BY_HAND, place, message, self.by_hand(row), unit)
            return Part((finding,), (), unit, serves=stays)
        findings = [Finding("MCP505", Severity.WARNING, Outcome.FIX, place, head, "", unit)]
        more: list[Any] = []
        how: list[Any] | None = None
        if wanted:
            how = self.stateless(start, file, version, reader)
            if how is None:
                findings.append(self.hint(row, version, place, unit))
            else:
                more = how
        elif why:
            message = f"{row['name']} run keeps its sessions: {why}"
            findings.append(Finding("MCP505", Severity.NOTE, Outcome.INFO, place, message, "", unit))
        if more and isinstance(more[0], Replacement) and more[0].start == edits[0].end:
            edits = [Replacement(file.path, edits[0].start, edits[0].end, edits[0].text + more[0].text)]
            more = []
        if server is not None:
            said = f"{row['name']} run --transport {word['text']}"
            reasons = (why,) if why else ()
            server = replace(server, selected_by=said, stateless=how is not None, session_reasons=reasons)
        return Part(tuple(findings), (*edits, *moving, *more), unit, serves=server)

    def wanted(self, start: Start, paths: Sequence[str], version: str) -> tuple[bool, str]:
        """Whether the server is to be stateless; if not, why."""
        mode = self.context.settings.mode
        if mode != "auto":
            return mode == "stateless", "--mode stateful" if mode == "stateful" else ""
        if start.tie.endpoints:
            e = start.tie.endpoints[0]
            return e.stateless, "; ".join(e.session_reasons)
        family = "fastmcp" if start.row["name"] == "fastmcp" else "official"
        needs = self.needs_session(paths, f"{family}-{version.partition('.')[0]}")
        return not needs, f"{needs[0]} needs one" if needs else ""

    def stateless(self, start: Start, file: TextFile, version: str, reader: str) -> list[Any] | None:
        """The edits that make it stateless; None where that can't be written here."""
        row, value = start.row, start.value
        way = self.chosen(row.get("stateless", ()), version)
        if way and "option" in way:
            if way["option"] in start.command.texts:
                return []
            between = following(file.text, value)
            return [Replacement(file.path, between[0], between[0], between[1](way["option"]))] if between else None
        if way and "variable" in way:
            name = way["variable"].partition("=")[0]
            if name in file.text:
                return []
            return self.variable(start, file, way["variable"], reader)
        way = self.chosen(row.get("constructor", ()), version)
        if way and not start.tie.endpoints:
            return self.constructor(start.tie.path, way["argument"], way["value"])
        return [] if start.tie.endpoints else None

    def variable(self, start: Start, file: TextFile, assignment: str, reader: str) -> list[Any] | None:
        """A variable in front of a shell's command, or as an ENV line of a Dockerfile."""
        first = start.command.words[0].start
        line = file.text.rfind("\n", 0, start.value.start) + 1
        if reader == "dockerfile":
            above = first
            while True:
                line = file.text.rfind("\n", 0, above) + 1
                if re.match(r"[ \t]*(?:CMD|ENTRYPOINT)\b", file.text[line:], re.I):
                    newline = file.newline
                    return [Replacement(file.path, line, line, f"ENV {assignment}{newline}")]
                if not line:
                    return None
                above = line - 1
        if reader in ("shell", "makefile", "justfile", "procfile", "console") and not file.path.endswith(
            (".ps1", ".bat", ".cmd")
        ):
            at = start.command.prompt
            if at >= 0 and not start.command.comment:
                return [Replacement(file.path, at, at, f"{assignment} ")]
        return None

    def constructor(self, path: str, argument: str, value: str) -> list[Any] | None:
        """The server's constructor gets the argument."""
        module = self.context.code.load(path)
        if module is None:
            return None
        names = {
            a.asname or a.name
            for n in module.nodes
            if isinstance(n, ast.ImportFrom) and (n.module or "").startswith("mcp.server")
            for a in n.names
            if a.name == "FastMCP"
        }
        made = [c for c in module.calls if isinstance(c.func, ast.Name) and c.func.id in names]
        if len(made) != 1:
            return None
        if any(k.arg == argument for k in made[0].keywords):
            return []
        return [EditCall(module.at(made[0]), keywords=((argument, value),))]

    def hint(self, row: Mapping[str, Any], version: str, place: Place, unit: str) -> Finding:
        """How stateless is said, where it could not be written."""
        way = self.chosen(row.get("stateless", ()), version) or {}
        todo = f"set {way['variable']} in the environment of the process" if "variable" in way else row["why"]
        if "option" in way:
            todo = f"add {way['option']} behind the transport"
        message = f"{row['name']} run keeps sessions here"
        if todo != row["why"]:
            todo = f"{todo}: {row['why']}"
        return Finding("MCP505", Severity.NOTE, Outcome.BY_HAND, place, message, todo, unit)

    def by_hand(self, row: Mapping[str, Any]) -> str:
        """All forms of the command line, by version."""
        lines = [f"{row['package']} {w['from']} and later: --transport {w['text']}" for w in row["word"]]
        for way in row.get("stateless", ()):
            how = way.get("option") or f"{way['variable']} in the environment of the process"
            lines.append(f"stateless from {way['from']}: {how}")
        return "\n".join([*lines, row["why"]])


def following(text: str, value: Strand) -> tuple[int, Callable[[str], str]] | None:
    """(where, how) another word is written behind the word that `value` ends; None where that would need more care.

    In a shell's text it follows after a blank, in a list it gets the quotes of its neighbour, or a line of its own.
    """
    begin, end = value.start, value.end
    if text[begin - 1 : begin] == "=":
        begin -= 1
        while begin and (text[begin - 1].isalnum() or text[begin - 1] in "-_"):
            begin -= 1
    quote, after = text[begin - 1 : begin], text[end : end + 1]
    line = text[text.rfind("\n", 0, begin) + 1 : begin]
    if quote in ("'", '"') and after == quote:
        outside = text[: begin - 1].rstrip()[-1:]
        listed = outside in ("[", ",") and text[end + 1 :].lstrip()[:1] in ("]", ",")
        return (end, lambda word: f"{quote}, {quote}{word}") if listed else None
    item = re.fullmatch(r"[ \t]*-[ \t]+", line)
    if item and re.match(r"[ \t]*(?:#.*)?\r?(?:\n|$)", text[end:]):
        newline = "\r\n" if re.match(r"[^\n]*\r\n", text[end:]) else "\n"
        return end, lambda word: f"{newline}{item.group()}{word}"
    if quote.isspace():
        return end, lambda word: f" {word}"
    return None
