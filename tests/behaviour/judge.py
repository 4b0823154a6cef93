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
from dataclasses import replace
from pathlib import Path

from migrator.verify import handshake
from migrator.verify.handshake import Listing
from migrator.verify.launch import Server, free_port
from migrator.verify.stdio import stdio_tools
from tests.behaviour.environments import Environment
from tests.behaviour.moving import Move
from tests.behaviour.questions import Questions, Seen
from tests.behaviour.subject import SSE_WORD, Route, Start, Subject
from tests.behaviour.tools import Tool, program
from tests.behaviour.verdict import Notebook, Problem, Stop, Verdict

START_SECONDS = 30.0
KEPT_VARIABLES = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")
QUIET = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "FASTMCP_CHECK_FOR_UPDATES": "off",
    "FASTMCP_SHOW_SERVER_BANNER": "false",
}


def judge(
    subject: Subject, environment: Environment, python: Path, tool: Tool = program, accept: bool = False
) -> Verdict:
    """Judge one subject; `python` is the environment's interpreter.

    accept: what the tool makes of a case becomes its golden tree, if it is right in every other way.
    """
    verdict = _judge_once(subject, environment, python, tool, accept)
    if any("address already in use" in problem.detail.lower() for problem in verdict.problems):
        verdict = _judge_once(subject, environment, python, tool, accept)  # someone else was faster to take the port
    return verdict


def _judge_once(subject: Subject, environment: Environment, python: Path, tool: Tool, accept: bool) -> Verdict:
    begin = time.monotonic()
    notebook = Notebook()
    judged = replace(subject, golden=None) if accept else subject
    with _workplace() as work:
        try:
            project = _Course(judged, environment, python, tool, notebook=notebook, work=work).run()
            if accept and subject.golden is not None and not notebook.problems and subject.expect != "blocked":
                shutil.rmtree(subject.golden, ignore_errors=True)
                shutil.copytree(project, subject.golden, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        except Stop:
            pass
        except Exception:
            notebook.problems.append(Problem("judge-fails", traceback.format_exc()[-1500:]))
    seconds = round(time.monotonic() - begin, 1)
    return Verdict(subject.name, environment.name, tuple(notebook.problems), tuple(notebook.notes), seconds)


class _Course:
    """The course of one judgement."""

    def __init__(
        self, subject: Subject, environment: Environment, python: Path, tool: Tool, *, notebook: Notebook, work: Path
    ) -> None:
        self.subject = subject
        self.environment = environment
        self.python = python
        self.notebook = notebook
        self.work = work
        self.questions = Questions(subject, environment.redirects, notebook)
        self.move = Move(subject, tool, notebook)

    def run(self) -> Path:
        """Everything in order; the migrated project. Raises Stop when it ends early."""
        project = self.work / "project"
        self.subject.write(project)
        before, health = self._before(project)
        routes = self.move.run(project)
        if self.subject.expect != "blocked":
            self._after(project, list(zip(routes, before, strict=True)), health)
        return project

    def _before(self, project: Path) -> tuple[list[Seen], tuple[int, str]]:
        """The server as it is. Raises Stop when it doesn't serve SSE here."""
        subject, port = self.subject, free_port()
        folder = self.work / "before"
        subject.on_port(project, folder, port)
        with self._server(folder, subject.start, port) as server:
            started = server.start(START_SECONDS)
            if not started.up:
                self.notebook.stop("before-fails", started.error)
            seen = [self.questions.before(server, route) for route in subject.routes]
            health = handshake.body_text(server.base, subject.health) if subject.health else (0, "")
        if subject.stdio:
            self._stdio("before-fails", folder, subject.stdio, port, seen[0].tools)
        if self.notebook.problems:
            raise Stop
        return seen, health

    def _after(self, project: Path, routes: list[tuple[Route, Seen]], health: tuple[int, str]) -> None:
        subject, port = self.subject, free_port()
        folder = self.work / "after"
        subject.on_port(project, folder, port)
        renamed = self.move.new_start(self.environment.generation)
        first = subject.start  # the old word, or none: exactly as before
        if subject.options.get("old_word") == "reject" and _says_old_word(first):
            self._refused(folder, first, port)
            first = renamed
        with self._server(folder, first, port) as server:
            started = server.start(START_SECONDS)
            if not started.up:
                self.notebook.stop("old-start-falls" if _says_old_word(first) else "no-start", started.error)
            for route, seen in routes:
                self.questions.after(server, route, seen)
            now = handshake.body_text(server.base, subject.health) if subject.health else health
            if now != health:
                self.notebook.problem("health", f"{subject.health} was {health}, is {now}")
            self._old_word_is_named(server, first)
            server.kill()
        # killed; the next one comes up on the same port, where there is a new word with that
        self._again("restart", folder, renamed, port, routes)
        for start in subject.more_starts:
            self._again("other-start", folder, start, port, routes)
        if subject.stdio:
            self._stdio("stdio", folder, subject.stdio, port, routes[0][1].tools)

    def _again(self, word: str, folder: Path, start: Start, port: int, routes: list[tuple[Route, Seen]]) -> None:
        with self._server(folder, start, port) as server:
            started = server.start(START_SECONDS)
            if not started.up:
                self.notebook.problem(f"{word}-falls", f"{' '.join(start.entry)} {start.env}: {started.error}")
                return
            for route, seen in routes:
                self.questions.again(server, route, seen, word)

    def _refused(self, folder: Path, start: Start, port: int) -> None:
        """--old-word reject: the old word ends the start with an error, instead of serving something else."""
        with self._server(folder, start, port) as server:
            started = server.start(START_SECONDS)
            if started.up or started.exit_code in (None, 0):
                self.notebook.problem("not-refused", f"the old word: up={started.up}, exit status {started.exit_code}")

    def _old_word_is_named(self, server: Server, start: Start) -> None:
        """A start with the old word says so, in one line that holds the new word."""
        words = self.move.words()
        if not words or not _says_old_word(start):
            return
        if not any(old in line and new in line for old, new in words for line in server.log().splitlines()):
            self.notebook.problem("silent-old-word", f"no line names {words}: {server.log_tail()}")

    def _stdio(self, word: str, folder: Path, start: Start, port: int, expected: Listing) -> None:
        ready = start.on(port, self.subject.port)
        command = [str(self.python), *ready.entry]
        variables = server_environment(ready, port, self.python)
        listing = stdio_tools(command, folder / self.subject.cwd, variables, START_SECONDS)
        if listing.ok:
            self.questions.compare_tools(word, expected, listing)
        else:
            self.notebook.problem(word, f"{' '.join(ready.entry)}: {listing.error}")

    def _server(self, folder: Path, start: Start, port: int) -> Server:
        ready = start.on(port, self.subject.port)
        command = [str(self.python), *ready.entry]
        return Server(command, folder / self.subject.cwd, port, server_environment(ready, port, self.python))


def server_environment(start: Start, port: int, python: Path) -> dict[str, str]:
    """The variables of a server: nothing of ours that could choose its transport."""
    kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    kept["PATH"] = os.pathsep.join([str(python.parent), kept.get("PATH", "")])
    return {**kept, **QUIET, "PORT": str(port), **start.env}


def _says_old_word(start: Start) -> bool:
    return start != start.with_word(SSE_WORD, "") or start != start.with_word(f"--{SSE_WORD}", "")


@contextmanager
def _workplace() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="behaviour-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
