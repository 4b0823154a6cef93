"""Judging one subject in one environment: start it before, migrate it, start it after, compare.

`judge()` gives a Verdict and never raises for what a server or the tool does. What is asked afterwards:
the same tools and the same answer with initialize and without, after a kill and restart again, the old path, the start
with the old word, requests without credentials, the Host header, and the path that the endpoint map prints.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from migrator.model import Plan
from migrator.settings import Settings
from migrator.verify import handshake
from migrator.verify.handshake import CallResult, Listing
from migrator.verify.launch import Server, free_port
from migrator.verify.stdio import stdio_tools
from tests.behaviour.environments import Environment
from tests.behaviour.subject import SSE_WORD, Route, Start, Subject
from tests.behaviour.tools import Tool, inside, program

START_SECONDS = 30.0
OLD_PATH_SECONDS = 2.0  # an SSE session begins at once; this is how long we wait to see that none does
FOREIGN_HOST = "mcp.example.com"
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
QUIET = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "FASTMCP_CHECK_FOR_UPDATES": "off",
    "FASTMCP_SHOW_SERVER_BANNER": "false",
}
WORDS_WITHOUT_A_MAP = {"official": "streamable-http", "fastmcp": "http"}


@dataclass(frozen=True)
class Problem:
    """One thing that is not as it must be."""

    word: str  # short, for the table
    detail: str

    def __str__(self) -> str:
        return f"{self.word}: {self.detail}"


@dataclass(frozen=True)
class Verdict:
    """What came out for one subject in one environment."""

    subject: str
    environment: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0

    @property
    def word(self) -> str:
        return self.problems[0].word if self.problems else "ok"

    @property
    def ok(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        lines = [f"{self.subject} on {self.environment}: {self.word}", *(f"  {problem}" for problem in self.problems)]
        return "\n".join([*lines, *(f"  ({note})" for note in self.notes)])


@dataclass(frozen=True)
class Seen:
    """What one route showed before the move."""

    tools: Listing
    call: CallResult | None
    foreign_host: int  # status of a GET with a Host header that is not ours
    without_credentials: int  # 0 when the subject has none


class Stop(Exception):
    """Nothing more can be asked."""


class Judgement:
    """The course of one judgement; problems gather here."""

    def __init__(self, subject: Subject, environment: Environment, python: Path, tool: Tool, work: Path) -> None:
        self.subject = subject
        self.environment = environment
        self.python = python
        self.tool = tool
        self.work = work
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.plan: Plan | None = None

    def run(self) -> None:
        """Everything in order. Raises Stop when it ends early."""
        project = self.work / "project"
        self.subject.write(project)
        before, health = self._before(project)
        routes = self._migrate(project)
        if self.subject.expect == "blocked":
            return
        self._after(project, routes, before, health)

    # --- before

    def _before(self, project: Path) -> tuple[list[Seen], tuple[int, str]]:
        """The server as it is. Raises Stop when it doesn't serve SSE here."""
        subject = self.subject
        port = free_port()
        folder = self.work / "before"
        subject.on_port(project, folder, port)
        seen = []
        with self._server(folder, subject.start, port) as server:
            started = server.start(START_SECONDS)
            if not started.up:
                self._stop("before-fails", started.error)
            for route in subject.routes:
                listing = handshake.sse_tools(server.base, route.old, subject.headers)
                if not listing.ok:
                    self._stop("before-fails", f"{route.old}: {listing.error} {server.log_tail()}")
                seen.append(
                    Seen(
                        listing,
                        self._call(server.base, route.old, "sse"),
                        handshake.status(server.base, "GET", route.old, {**subject.headers, "Host": FOREIGN_HOST}),
                        handshake.status(server.base, "GET", route.old) if subject.headers else 0,
                    )
                )
            health = handshake.body_text(server.base, subject.health) if subject.health else (0, "")
        for one in seen:
            self._check_call("before-fails", one.call, one.call)
        if subject.stdio:
            self._check_stdio("before-fails", folder, subject.stdio, port, seen[0].tools)
        if self.problems:
            raise Stop
        return seen, health

    # --- the move

    def _migrate(self, project: Path) -> list[Route]:
        """Run the tool; the routes with the paths that its endpoint map prints. Raises Stop when nothing moved."""
        subject = self.subject
        original = snapshot(project)
        if self.tool in (program, inside):
            self.plan = self._make_plan(project)
        ran = self.tool(subject, project)
        self.notes.append(f"tool {ran.seconds:.1f} s")
        if ran.status not in (0, 1) or "Traceback (most recent call last)" in ran.output:
            self._problem("tool-fails", f"status {ran.status}: {ran.output.strip()[-600:]}")
        moved = snapshot(project)
        self._check_written(original, moved)
        if subject.expect == "blocked":
            self._check_blocked(original, moved)
            return []
        if original == moved:
            self._stop("not-moved", self._why_not() or ran.output.strip()[-300:])
        again = self.tool(subject, project)
        if snapshot(project) != moved:
            self._problem("second-run", f"changes files again: {again.output.strip()[-200:]}")
        if subject.golden is not None and subject.golden.is_dir():
            expected = snapshot(subject.golden)
            different = sorted(name for name in {*expected, *moved} if expected.get(name) != moved.get(name))
            if different:
                self._problem("not-golden", ", ".join(different))
        return [self._with_new_path(route) for route in subject.routes]

    def _make_plan(self, project: Path) -> Plan | None:
        try:
            from migrator.pipeline import make_plan

            return make_plan(project, replace(Settings(), **self.subject.options))
        except Exception:
            self._problem("plan-raises", traceback.format_exc(limit=-4)[-800:])
            return None

    def _with_new_path(self, route: Route) -> Route:
        """The route with the path from the map; a path that the subject names must be that one."""
        if self.plan is None:
            return replace(route, new=route.new or route.model)
        mapped = [endpoint for endpoint in self.plan.endpoints if endpoint.moved and endpoint.old_path == route.old]
        if not mapped:
            known = ", ".join(f"{e.old_path or '?'} -> {e.new_path} moved={e.moved}" for e in self.plan.endpoints)
            self._stop("not-in-map", f"no moved endpoint with the old path {route.old} ({known or 'none at all'})")
        printed = mapped[0].new_path
        if route.new and printed != route.new:
            self._problem("wrong-path", f"the endpoint map says {printed}, expected {route.new}")
        reasons = " ".join(mapped[0].session_reasons)
        if mapped[0].stateless != (self.subject.expect == "stateless"):
            self._problem("wrong-mode", f"the endpoint map says stateless={mapped[0].stateless} {reasons}".strip())
        elif self.subject.expect == "stateful" and self.subject.reason not in reasons:
            self._problem("wrong-reason", f"{self.subject.reason!r} is not in {reasons!r}")
        return replace(route, new=printed)

    def _check_written(self, original: dict[str, bytes], moved: dict[str, bytes]) -> None:
        for name, data in moved.items():
            if name.endswith(".py") and data != original.get(name):
                try:
                    compile(data, name, "exec", dont_inherit=True)
                except (SyntaxError, ValueError) as error:
                    self._problem("broken-python", f"{name}: {error}")

    def _check_blocked(self, original: dict[str, bytes], moved: dict[str, bytes]) -> None:
        if original != moved:
            changed = sorted(name for name in {*original, *moved} if original.get(name) != moved.get(name))
            self._problem("not-blocked", f"changed {', '.join(changed)}")
        if self.plan is not None and self.subject.reason not in self._why_not():
            self._problem("wrong-reason", f"{self.subject.reason!r} is not in {self._why_not()!r}")

    def _why_not(self) -> str:
        """What the plan says about units that stay."""
        if self.plan is None:
            return ""
        if not self.plan.units:
            return "no unit in the plan"
        blocks = [
            f"{unit.step}: {finding.place} {finding.message}"
            for unit in self.plan.units
            if not unit.moved
            for finding in unit.blocks
        ]
        return "; ".join(blocks) or "units moved, but nothing was written"

    # --- after

    def _after(self, project: Path, routes: list[Route], before: list[Seen], health: tuple[int, str]) -> None:
        subject = self.subject
        port = free_port()
        folder = self.work / "after"
        subject.on_port(project, folder, port)
        with self._server(folder, subject.start, port) as server:  # the old word, or none: exactly as before
            started = server.start(START_SECONDS)
            if not started.up:
                self._stop("old-start-falls" if self._says_old_word(subject.start) else "no-start", started.error)
            for route, seen in zip(routes, before, strict=True):
                self._check_route(server, route, seen)
            if subject.health and handshake.body_text(server.base, subject.health) != health:
                self._problem(
                    "health", f"{subject.health} was {health}, is {handshake.body_text(server.base, subject.health)}"
                )
            server.kill()
        # killed; the next one comes up on the same port, where there is a new word with that
        with self._server(folder, self._new_start(), port) as server:
            started = server.start(START_SECONDS)
            if not started.up:
                self._stop("new-start-falls", f"{' '.join(self._new_start().entry)}: {started.error}")
            for route, seen in zip(routes, before, strict=True):
                self._check_again(server, route, seen, "restart")
        for start in subject.more_starts:
            with self._server(folder, start, port) as server:
                started = server.start(START_SECONDS)
                if not started.up:
                    self._problem("other-start-falls", f"{' '.join(start.entry)}: {started.error}")
                    continue
                for route, seen in zip(routes, before, strict=True):
                    self._check_again(server, route, seen, "other-start")
        if subject.stdio:
            self._check_stdio("stdio", folder, subject.stdio, port, before[0].tools)

    def _check_route(self, server: Server, route: Route, seen: Seen) -> None:
        base, headers = server.base, self.subject.headers
        listing = handshake.http_tools(base, route.new, headers)
        if not listing.ok:
            still = handshake.opens_sse_stream(base, route.old, OLD_PATH_SECONDS, headers)
            self._stop("still-sse" if still else "no-http", f"{route.new}: {listing.error} {server.log_tail()}")
        self._compare_tools("different-tools", seen.tools, listing)
        if listing.redirected_to and not self.environment.redirects:
            self._problem("redirect", f"{route.new} answers only after a redirect to {listing.redirected_to}")
        self._check_mode(base, route, seen)
        over = "stateless" if self.subject.expect == "stateless" else "http"
        self._check_call("wrong-answer", seen.call, self._call(base, route.new, over))
        self._check_old_path(base, route, seen)
        self._check_guards(base, route, seen)

    def _check_mode(self, base: str, route: Route, seen: Seen) -> None:
        bare = handshake.stateless_tools(base, route.new, self.subject.headers)
        if self.subject.expect == "stateless":
            if bare.ok:
                self._compare_tools("different-tools", seen.tools, bare)
            else:
                self._problem("stateful", f"without initialize: {bare.error}")
        elif bare.ok:
            self._problem("stateless", "answers without a session although the code needs one")

    def _check_old_path(self, base: str, route: Route, seen: Seen) -> None:
        """What --legacy-sse says must be true of the old path."""
        headers = self.subject.headers
        if self.subject.legacy == "keep":
            kept = handshake.sse_tools(base, route.old, headers)
            if not kept.ok:
                self._problem("sse-lost", f"{route.old}: {kept.error}")
            else:
                self._compare_tools("different-tools", seen.tools, kept)
            return
        stream = handshake.sse_stream(base, route.old, OLD_PATH_SECONDS, headers)
        if stream.opened:
            self._problem("still-sse", f"{route.old} still opens an SSE stream")
        if self.subject.legacy == "gone":
            status, text = handshake.body_text(base, route.old, headers)
            if status != 410 or route.new not in text:
                self._problem("not-gone", f"GET {route.old}: {status} {text[:200]}")

    def _check_guards(self, base: str, route: Route, seen: Seen) -> None:
        """Nobody gets in who did not before, and nobody is shut out who did."""
        if self.subject.headers:
            for path in (route.new, route.old):
                for method in ("POST", "GET"):
                    now = handshake.status(base, method, path, body=b"{}" if method == "POST" else None)
                    allowed = (
                        (seen.without_credentials, 404, 405, 410) if path == route.old else (seen.without_credentials,)
                    )
                    if now not in allowed:
                        self._problem(
                            "open", f"{method} {path} without credentials: {now}, before {seen.without_credentials}"
                        )
        if seen.foreign_host == 200:
            foreign = {**self.subject.headers, "Host": FOREIGN_HOST}
            listing = handshake.http_tools(base, route.new, foreign)
            if not listing.ok and listing.status == 421:
                self._problem("host-refused", f"Host: {FOREIGN_HOST} was served before, now 421")

    def _check_again(self, server: Server, route: Route, seen: Seen, word: str) -> None:
        stateless = self.subject.expect == "stateless"
        ask = handshake.stateless_tools if stateless else handshake.http_tools
        listing = ask(server.base, route.new, self.subject.headers)
        if not listing.ok:
            self._problem(word, f"{route.new}: {listing.error} {server.log_tail()}")
            return
        self._compare_tools(word, seen.tools, listing)
        self._check_call(word, seen.call, self._call(server.base, route.new, "stateless" if stateless else "http"))
        if self.subject.headers:
            now = handshake.status(server.base, "POST", route.new, body=b"{}")
            if now != seen.without_credentials:
                self._problem("open", f"POST {route.new} without credentials: {now}, before {seen.without_credentials}")

    # --- parts

    def _server(self, folder: Path, start: Start, port: int) -> Server:
        ready = start.on(port, self.subject.port)
        return Server(
            [str(self.python), *ready.entry],
            folder / self.subject.cwd,
            port,
            server_environment(ready, port, self.python),
        )

    def _call(self, base: str, path: str, over: str) -> CallResult | None:
        call = self.subject.call
        if call is None:
            return None
        return handshake.call_tool(
            base, path, call.tool, call.arguments, over=over, headers=self.subject.headers, answers=call.answers
        )

    def _check_call(self, word: str, before: CallResult | None, now: CallResult | None) -> None:
        """The call gives what it gave before; where the tool itself worked, that is the right answer."""
        if before is None or now is None or self.subject.call is None:
            return
        if not now.ok or now.failed != before.failed:
            self._problem(word, f"call: {now.error or now.text[:200]}")
        elif not now.failed and self.subject.call.answer not in now.text:
            self._problem(word, f"call: {now.text[:200]!r} without {self.subject.call.answer!r}")
        elif missing := sorted(set(before.asked) - set(now.asked)):
            self._problem(word, f"call: the client was no longer asked for {', '.join(missing)}")

    def _check_stdio(self, word: str, folder: Path, start: Start, port: int, expected: Listing) -> None:
        ready = start.on(port, self.subject.port)
        environment = server_environment(ready, port, self.python)
        listing = stdio_tools([str(self.python), *ready.entry], folder / self.subject.cwd, environment, START_SECONDS)
        if not listing.ok:
            self._problem(word, f"{' '.join(ready.entry)}: {listing.error}")
        else:
            self._compare_tools(word, expected, listing)

    def _compare_tools(self, word: str, before: Listing, now: Listing) -> None:
        if now.names != before.names:
            self._problem(word, f"tools {', '.join(now.names)}, before {', '.join(before.names)}")
        elif now.tools != before.tools:
            self._problem(word, f"schemas {now.tools}, before {before.tools}"[:600])

    def _says_old_word(self, start: Start) -> bool:
        return start != start.with_word(SSE_WORD, "") or start != start.with_word("--sse", "")

    def _new_start(self) -> Start:
        """The start with the new word, from the endpoint map where there is one."""
        if self.subject.new_start is not None:
            return self.subject.new_start
        start = self.subject.start
        if self.plan is None:
            family = self.environment.generation.partition("-")[0]
            return start.with_word(SSE_WORD, WORDS_WITHOUT_A_MAP[family])
        for endpoint in self.plan.endpoints:
            for selector in endpoint.selectors:
                start = start.with_word(selector.old_word, selector.new_word)
        return start

    def _problem(self, word: str, detail: str) -> None:
        self.problems.append(Problem(word, " ".join(detail.split())))

    def _stop(self, word: str, detail: str) -> None:
        self._problem(word, detail)
        raise Stop


def judge(subject: Subject, environment: Environment, python: Path, tool: Tool = program) -> Verdict:
    """Judge one subject; `python` is the environment's interpreter."""
    verdict = _judge_once(subject, environment, python, tool)
    if any("address already in use" in problem.detail.lower() for problem in verdict.problems):
        verdict = _judge_once(subject, environment, python, tool)  # another process was faster to take the port
    return verdict


def _judge_once(subject: Subject, environment: Environment, python: Path, tool: Tool) -> Verdict:
    begin = time.monotonic()
    with _workplace() as work:
        judgement = Judgement(subject, environment, python, tool, work)
        try:
            judgement.run()
        except Stop:
            pass
        except Exception:
            judgement.problems.append(Problem("judge-fails", traceback.format_exc()[-1500:]))
        return Verdict(
            subject.name,
            environment.name,
            tuple(judgement.problems),
            tuple(judgement.notes),
            round(time.monotonic() - begin, 1),
        )


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file under a folder by its relative path. What Python compiled doesn't count."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def server_environment(start: Start, port: int, python: Path) -> dict[str, str]:
    """The variables of a server: nothing of ours that could choose its transport."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    kept["PATH"] = os.pathsep.join([str(python.parent), kept.get("PATH", "")])
    return {**kept, **QUIET, "PORT": str(port), **start.env}


@contextmanager
def _workplace() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="behaviour-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
