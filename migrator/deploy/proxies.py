"""Reverse proxies, ingresses and load balancers in front of a moved server (MCP504).

A rule about the old path that leads to the server gets the new path: until it does, that path is unreachable, or open
by a rule for everything else. Where a rule leads elsewhere nothing is said; where it can't be told, it is shown; and
where it asks for credentials and can't be given the new path, the server stays.
"""

from __future__ import annotations

import functools
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from migrator.configs.parts import DOCUMENTS
from migrator.configs.services import Service
from migrator.context import Context
from migrator.deploy.folders import folders
from migrator.deploy.fronts import (
    Fronts,
    Leads,
    around,
    for_calls,
    inherited,
    opens_block,
    quoted,
    reach,
    renamed,
    spelled,
    without_old,
    written,
)
from migrator.deploy.health import Health
from migrator.deploy.places import Places
from migrator.deploy.unruled import by_its_tail, is_whole, refuses, unruled
from migrator.deploy.unsaid import is_for, unsaid
from migrator.model import Endpoint, Finding, Outcome, Part, Replacement, Severity
from migrator.text import TextFile


class Proxies:
    """Reads the rules in front of the servers of one project."""

    def __init__(
        self,
        context: Context,
        places: Places,
        services: Callable[[], Sequence[Service]],
        health: Health,
        own_image: Callable[[str], bool],
    ) -> None:
        self.context = context
        self.places = places
        self.services = services
        self.health = health
        self.fronts = Fronts(services, own_image)
        table = context.rules.toml("deploy/proxies.toml")
        self.rows: list[Mapping[str, Any]] = table["proxy"]
        self.say: Mapping[str, str] = table["say"]
        self.guards, self.belonging = str(table["guards"]), str(table["belonging"])
        self.upstream, self.refuses = str(table["upstream"]), str(table["refuses"])
        self.elementwise = str(table["elementwise"])
        self.unsaid = functools.partial(unsaid, context, table)

    def parts(self, file: TextFile, taken: set[tuple[str, int]]) -> Iterator[Part]:
        """One finding for every rule about an old path, and what else stands beside them.

        taken: (path, offset) of the words that something else has a finding about.
        """
        named: set[tuple[str, int]] = set()
        rows = [row for row in self.rows if self.applies(file, row)]
        for row in rows:
            yield from self.row(file, row, named if "guards" in row else named | taken)
            named |= {(file.path, f[2].start("at")) for f in self.rules(file, row)}
        if rows:
            yield from self.below(file, rows[0])
        whole = next((row for row in rows if is_whole(file.path, row)), None)
        if whole is not None:
            yield from self.rest(
                file, whole, [reach(file.text, m) for r in rows for *_, m in self.rules(file, r)], taken
            )

    def rest(
        self, file: TextFile, row: Mapping[str, Any], known: Sequence[tuple[int, int]], taken: set[tuple[str, int]]
    ) -> Iterator[Part]:
        """One finding for the lines that name an old path in a form of their own; known: the spans of the rules."""
        refusing = refuses(file.text, self.refuses)
        for known_as in self.context.endpoints:
            e = by_its_tail(known_as)
            if not e.moved or e.old_path == e.new_path or not e.old_path.strip("/"):
                continue
            paths = [p for p in (e.old_path, e.message_path if refusing else "") if p.strip("/")]
            # what is known of a rule is known by its message path there
            found = list(unruled(file, e, paths, *((known, taken) if e is known_as else ((), set()))))
            if not found:
                continue
            lines = [str(file.place(m.start()).line) for m in found]
            many = f"lines {', '.join(lines)} name" if len(lines) > 1 else "this line names"
            say = self.say["unruled" if e is known_as else "below"]
            message = say.format(many=many, old=" and ".join(dict.fromkeys(m.group() for m in found)), name=e.name)
            todo = self.say["alike"].format(new=e.new_path)
            finding = Finding(
                "MCP504",
                Severity.WARNING if self.near(file, e) else Severity.NOTE,
                Outcome.BY_HAND,
                file.place(found[0].start(), found[0].end()),
                f"{row['id']}: {message}",
                todo,
                e.unit,
            )
            yield Part((finding,), (), e.unit, needed=refusing and self.opens(file, row, e))

    def below(self, file: TextFile, row: Mapping[str, Any]) -> Iterator[Part]:
        """One finding for each rule about what is below the new path, where the old path was."""
        if file.path.endswith(DOCUMENTS) or re.search(self.elementwise, file.text):
            return
        refusing = refuses(file.text, self.refuses)
        for e in self.context.endpoints:
            for match in folders(file, e) if e.moved and self.near(file, e) else ():
                message = f"{row['id']}: {self.say['auth' if refusing else 'path']}".format(
                    old=match.group(), new=e.new_path
                )
                place, todo = file.place(match.start(), match.end()), self.say["alike"].format(new=e.new_path)
                finding = Finding("MCP504", Severity.WARNING, Outcome.BY_HAND, place, message, todo, e.unit)
                yield Part((finding,), (), e.unit, needed=refusing)

    def row(self, file: TextFile, row: Mapping[str, Any], taken: set[tuple[str, int]]) -> Iterator[Part]:
        """What one kind of proxy configuration says, by its row of the rulebook; `taken` is decided already."""
        found = [f for f in self.rules(file, row) if (file.path, f[2].start("at")) not in taken]
        first: Endpoint | None = None
        told = False
        done: list[tuple[int, int]] = []  # rules that are rewritten whole
        posts = self.guarded_posts(file, row, found)
        for kind, fitting, match in found:
            span = reach(file.text, match)
            e, leads = self.target(file, span, row, fitting) if kind != "health" else (fitting[0], Leads.HERE)
            leads = Leads.UNKNOWN if "guards" in row else leads
            if leads is Leads.ELSEWHERE or any(begin <= match.start("at") < end for begin, end in done):
                continue
            if kind != "health" and re.search(spelled(e.new_path), without_old(match.group(), e)):
                continue  # it is about both paths
            first = first or (e if kind != "health" else None)
            old, new = self.named(file, match, e), e.new_path
            below = e.message_path.rstrip("/")  # a prefix may stand before it
            message_only = kind == "path" and bool(below) and old.rstrip("/").endswith(below)
            edits: tuple[Replacement, ...] = ()
            posts_only = False
            if kind == "health":
                message, todo = f"a health check asks for {old}", self.health.instruction(e)
            elif message_only:
                message = self.say["message"].format(old=old)
                todo = "take it out together with the rule for the old path"
                if posts_only := self.posts_only(file, row, found, span):
                    message, todo = self.say["alone"].format(new=new), for_calls(file.text, span, e)
            else:
                message = self.say[kind].format(old=old, new=new)
                half = posts if not self.guarding(file, row, kind, span) else ""
                if half:
                    message = self.say["half"].format(old=old, new=new)
                elif leads in (Leads.HERE, Leads.LIKELY) and "{path}" not in new:  # which can't be told
                    alone = kind == "path" and match.start() <= span[0]
                    edits = self.moved(file, row, e, span, taken, alone)
                    done += [span] if edits else []
                todo = "" if edits else half or self.rule(file, row, e, span, told, kind)
                if leads is Leads.UNKNOWN and "to" in row:
                    todo = f"{self.say['unsure'].format(name=e.name)}\n{todo}"
                told = told or not edits
            check = self.say["likely"].format(name=e.name) if edits and leads is Leads.LIKELY else ""
            asks = posts != "" or self.guarding(file, row, kind, span) or ("apart" in row and self.asks(file.text))
            opens = asks and self.opens(file, row, e)
            opens = opens and kind != "health" and not edits and (not message_only or posts_only)
            yield self.part(file, row, e, match, kind == "health", message, todo, edits, check, opens)
        if first is not None:
            yield from self.beside(file, row, first)

    def part(
        self,
        file: TextFile,
        row: Mapping[str, Any],
        e: Endpoint,
        match: re.Match[str],
        health: bool,
        message: str,
        todo: str,
        edits: tuple[Replacement, ...],
        check: str,
        opens: bool,
    ) -> Part:
        """The part of one rule. opens: the server stays until the rule is written."""
        finding = Finding(
            "MCP503" if health else "MCP504",
            Severity.WARNING if self.near(file, e) else Severity.NOTE,
            Outcome.FIX if edits else Outcome.BY_HAND,
            file.place(match.start("at"), match.end("at")),
            f"{row['id']}: {message}",
            todo,
            e.unit,
            bool(check),
            check,
        )
        return Part((finding,), edits, e.unit, needed=opens)

    def asks(self, text: str) -> bool:
        """True for a rule that asks who asks."""
        return re.search(self.guards, text) is not None

    def guarding(self, file: TextFile, row: Mapping[str, Any], kind: str, span: tuple[int, int]) -> bool:
        """True for a rule that asks who asks, itself or in what it belongs to."""
        if kind != "path" or "guards" in row:
            return True
        texts = (file.text[slice(*span)], around(file, span, row), *inherited(file.text, span))
        return any(map(self.asks, texts)) or re.search(self.belonging, texts[1]) is not None

    def guarded_posts(
        self,
        file: TextFile,
        row: Mapping[str, Any],
        found: Sequence[tuple[str, Sequence[Endpoint], re.Match[str]]],
    ) -> str:
        """The rule for messages that asks who asks, written for the new path; "" for none: calls come there from now on."""
        for kind, fitting, match in found:
            e, (begin, end) = fitting[0], reach(file.text, match)
            below, text = e.message_path.rstrip("/"), file.text[begin:end]
            alone = "guards" not in row and kind == "path" and not re.search(spelled(e.old_path), text)
            if (
                alone
                and match["at"].rstrip("/").endswith(below or "/-")
                and self.guarding(file, row, kind, (begin, end))
            ):
                return for_calls(file.text, (begin, end), e)
        return ""

    def posts_only(
        self,
        file: TextFile,
        row: Mapping[str, Any],
        found: Sequence[tuple[str, Sequence[Endpoint], re.Match[str]]],
        span: tuple[int, int],
    ) -> bool:
        """True for a rule for messages, where none of the file is about the stream: nobody asked there, or all were asked."""
        if any(
            re.search(spelled(e.old_path), file.text[slice(*reach(file.text, m))]) for _, es, m in found for e in es
        ):
            return False
        rest = file.text[: span[0]] + file.text[span[1] :]
        return "guards" in row or (self.guarding(file, row, "path", span) and not self.asks(rest))

    def opens(self, file: TextFile, row: Mapping[str, Any], e: Endpoint) -> bool:
        """True when the server would be asked without what a rule asks for: it guards the old path only."""
        shown = file.path.endswith(DOCUMENTS)
        return not shown and self.near(file, e) and not self.covered(file, row, e)

    def target(
        self, file: TextFile, span: tuple[int, int], row: Mapping[str, Any], fitting: Sequence[Endpoint]
    ) -> tuple[Endpoint, Leads]:
        """The endpoint of those with the path that a rule leads to, and whether it does."""
        told = [(e, self.fronts.leads(file, span, row, e)) for e in fitting]
        order = (Leads.HERE, Leads.LIKELY, Leads.UNKNOWN)
        return next((t for wanted in order for t in told if t[1] is wanted), told[0])

    def rules(self, file: TextFile, row: Mapping[str, Any]) -> Iterator[tuple[str, Sequence[Endpoint], re.Match[str]]]:
        """(kind, endpoints with the path, match) of every rule that names an old path, in the order of the text."""
        found: dict[int, tuple[str, list[Endpoint], re.Match[str]]] = {}
        for e in self.context.endpoints:
            paths = [p for p in (e.old_path, e.message_path) if p.strip("/")]
            if not e.moved or not paths or e.old_path == e.new_path:
                continue
            for kind in ("health", "path", "auth"):
                if kind in row:
                    for match in re.finditer(_about(row[kind], paths), file.text, re.MULTILINE):
                        _, fitting, _ = found.setdefault(match.start("at"), (kind, [], match))
                        fitting += [e] if e not in fitting else []
        return iter(sorted(found.values(), key=lambda f: f[2].start()))

    def named(self, file: TextFile, match: re.Match[str], e: Endpoint) -> str:
        """The path that a rule names, as people call it: of several in one line the old endpoint's."""
        old, message, at = e.old_path.rstrip("/"), e.message_path.rstrip("/"), match["at"]
        line = re.compile(r"[^\n{]*").match(file.text, match.end("at"))
        if old and re.search(spelled(old), match.group() + (line.group() if line else "")):
            return at if at.endswith(old) else old
        return message if "(" in at else at

    def moved(
        self,
        file: TextFile,
        row: Mapping[str, Any],
        e: Endpoint,
        span: tuple[int, int],
        taken: set[tuple[str, int]],
        alone: bool,
    ) -> tuple[Replacement, ...]:
        """The edits that give a rule the new path; none where only its owner can say how.

        Where the old path stays, a rule that stands alone gets one for the new path behind it.
        """
        text = file.text
        own = [*renamed(text, *span, e), *self.accepting(text, span, row)]
        elsewhere = file.path.endswith(DOCUMENTS) or file.path in self.context.tree.local
        if elsewhere or self.covered(file, row, e) or self.fronts.for_several(text[slice(*span)], e):
            return ()
        if self.context.settings.legacy_sse == "remove":
            return tuple(
                Replacement(file.path, *one)
                for one in own
                if not any(_one_word(text, at, one[0]) for p, at in taken if p == file.path)
            )
        if not alone or not opens_block(text, span):
            return ()
        newline = "\r\n" if "\r\n" in text else "\n"
        return (Replacement(file.path, span[1], span[1], newline + written(text, span, own)),)

    def hands_on(self, file: TextFile, at: int) -> bool:
        """True for the address that a rule hands requests to: where the old path stays, so does this."""
        return self.context.settings.legacy_sse != "remove" and any(
            m.start("to") <= at < m.end("to")
            for row in self.rows
            if "to" in row and self.applies(file, row)
            for m in re.finditer(row["to"], file.text, re.MULTILINE)
        )

    def applies(self, file: TextFile, row: Mapping[str, Any]) -> bool:
        """True for a file that may hold rules of the row's program."""
        return is_for(file.path, row) and re.search(row["marks"], file.text) is not None

    def accepting(self, text: str, span: tuple[int, int], row: Mapping[str, Any]) -> Iterator[tuple[int, int, str]]:
        """The changes that let a call pass: it says that it takes JSON (without it the answer is 406), and is a POST."""
        for what in ("accept", "only"):
            for match in re.finditer(row[what], text[slice(*span)], re.MULTILINE) if what in row else ():
                yield span[0] + match.start("value"), span[0] + match.end("value"), self.say[what]

    def covered(self, file: TextFile, row: Mapping[str, Any], e: Endpoint) -> bool:
        """True when a rule of the file is about the new path already."""
        rest = without_old(file.text, e)
        return any(
            re.search(_about(row[kind], [e.new_path]), rest, re.MULTILINE) for kind in ("path", "auth") if kind in row
        )

    def rule(
        self, file: TextFile, row: Mapping[str, Any], e: Endpoint, span: tuple[int, int], told: bool, kind: str
    ) -> str:
        """What to write for the new path, and once in a file what to mind."""
        upstream = re.search(self.upstream, file.text)
        to = upstream.group(1) if upstream else f"http://127.0.0.1:{e.listens or 'PORT'}"
        if self.covered(file, row, e):
            text = self.say["covered"].format(new=e.new_path)
        elif "to" in row or "after" not in row or kind == "auth" or opens_block(file.text, span):
            parts = "{parts}" in row.get(kind, "")
            own = [*renamed(file.text, *span, e, parts), *self.accepting(file.text, span, row)]
            text = textwrap.dedent(written(file.text, span, own).replace("\r\n", "\n"))
        else:
            text = str(row["after"]).format(new=e.new_path, upstream=to).strip("\n")
        goes = self.context.settings.legacy_sse == "remove"
        rest = self.say["rest" if goes else "beside"].format(
            old=e.old_path, message=e.message_path or "the message path"
        )
        return text if told else f"{text}\n{self.say['keep'].format(new=e.new_path)} {rest}"

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
        if e.listens and re.search(rf"(?<!\d){e.listens}(?!\d)", file.text):
            return True
        own = [s.name for s in self.services() if s.context is not None]
        if any(re.search(rf"(?<![\w-]){re.escape(n)}(?![\w-])", file.text) for n in own):
            return True
        paths = all(re.search(spelled(p), file.text) for p in (e.old_path, e.message_path or "/messages"))
        named = paths or "mcp" in file.text.lower()
        return named and self.places.project(file.path) == self.places.project(e.place.path)


def _about(pattern: str, paths: Sequence[str]) -> str:
    """A row's regular expression, for rules about one of the paths."""
    for name, spelling in (("{paths}", spelled), ("{parts}", quoted)):
        pattern = pattern.replace(name, "|".join(map(spelling, paths)))
    return pattern


def _one_word(text: str, at: int, start: int) -> bool:
    """True when the word at `at` reaches to `start`: somebody else has decided about it."""
    return at <= start and not re.search(r"[\s\"'`]", text[at:start])
