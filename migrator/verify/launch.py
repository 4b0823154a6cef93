"""Starting a server on this machine and making sure that it ends.

    with Server(["python", "server.py"], cwd=folder, port=free_port(), env=...) as server:
        if server.start().up:
            ...

A server gets its own process group; stopping it ends everything in that group.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import random
import signal
import socket
import subprocess
import tempfile
import time
import weakref
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

from migrator.records import record

HOST = "127.0.0.1"
LOWEST_PORT, HIGHEST_PORT = 15000, 30000  # below what systems hand out for outgoing connections
POLL = 0.05  # seconds between two looks
GRACE = 3.0  # seconds between asking a server to end and ending it

_running: weakref.WeakSet[Server] = weakref.WeakSet()


@record(frozen=True)
class Started:
    """How a start went."""

    up: bool  # the port answers and the process lives
    seconds: float
    exit_code: int | None = None  # of a process that ended instead
    log: str = ""  # the last lines it wrote

    @property
    def error(self) -> str:
        """Why it is not up, "" when it is."""
        if self.up:
            return ""
        how = "no answer on its port" if self.exit_code is None else f"ended with status {self.exit_code}"
        return f"{how} after {self.seconds:.1f} s: {self.log}"


def free_port() -> int:
    """A TCP port of 127.0.0.1 that nothing listens on. Raises OSError when none of many tries is free."""
    for _ in range(200):
        port = random.randint(LOWEST_PORT, HIGHEST_PORT)
        with socket.socket() as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return port
    raise OSError(f"no free port between {LOWEST_PORT} and {HIGHEST_PORT}")


class Server:
    """One command that serves on one port."""

    def __init__(
        self, command: Sequence[str], cwd: Path, port: int, env: Mapping[str, str] | None = None, host: str = HOST
    ) -> None:
        """`env` is the whole environment of the process (None: that of this one). Nothing is started yet."""
        self.command = tuple(command)
        self.cwd = cwd
        self.port = port
        self.host = host
        self.base = f"http://{host}:{port}"
        self._env = dict(os.environ if env is None else env)
        self._process: subprocess.Popen[bytes] | None = None
        self._log = tempfile.NamedTemporaryFile(prefix="server-", suffix=".log")  # noqa: SIM115 - closed in close()

    def start(self, seconds: float = 30.0) -> Started:
        """Start it and wait until the port answers or the process ends, at most `seconds`.

        A command that can't be started at all counts as ended.
        """
        self.stop()
        self._log.truncate(0)
        begin = time.monotonic()
        try:
            # opened again to append: its own position in the file, so that log_tail can read meanwhile
            with open(self._log.name, "ab") as log:
                self._process = subprocess.Popen(
                    self.command,
                    cwd=self.cwd,
                    env=self._env,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            return Started(False, 0.0, -1, str(error))
        _running.add(self)
        while (spent := time.monotonic() - begin) < seconds:
            answers = self._answers()
            code = self._process.poll()
            if code is not None:
                return Started(False, spent, code, self.log_tail())
            if answers:
                return Started(True, spent)
            time.sleep(POLL)
        return Started(False, seconds, None, self.log_tail())

    def restart(self, seconds: float = 30.0) -> Started:
        """End it the hard way, as a crash or a redeployment would, and start it again on the same port."""
        self.kill()
        return self.start(seconds)

    def kill(self) -> None:
        """End the process group at once."""
        self._end(grace=0.0)

    def stop(self) -> None:
        """Ask the process group to end; after GRACE seconds end it. Does nothing when nothing runs."""
        self._end(grace=GRACE)

    def close(self) -> None:
        self.stop()
        self._log.close()

    def log(self, characters: int = 65536) -> str:
        """What it wrote since it was started, standard output and error together: the end of it."""
        size = self._log.seek(0, os.SEEK_END)
        self._log.seek(max(0, size - characters))
        return self._log.read().decode("utf-8", "replace")

    def log_tail(self, lines: int = 6, characters: int = 600) -> str:
        """The last lines that it wrote, joined by " | "."""
        kept = [line.strip() for line in self.log().splitlines() if line.strip()][-lines:]
        return " | ".join(kept)[-characters:]

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _answers(self) -> bool:
        try:
            socket.create_connection((self.host, self.port), 0.5).close()
        except OSError:
            return False
        return True

    def _end(self, grace: float) -> None:
        process, self._process = self._process, None
        _running.discard(self)
        if process is None:
            return
        if grace:
            _signal(process, signal.SIGTERM)
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(grace)
        _signal(process, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(GRACE)


def end_on_sigterm() -> None:
    """Make SIGTERM interrupt this program as Ctrl-C does, so that its servers end with it. For main threads."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


def _signal(process: subprocess.Popen[bytes], number: int) -> None:
    """Send a signal to the process and its children. What has ended already is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, number)  # start_new_session made its id that of the group
        else:
            process.send_signal(number)


@atexit.register
def stop_all() -> None:
    """End every server that runs. Done when this process ends, unless a signal ends it: see `end_on_sigterm`."""
    for server in list(_running):
        server.kill()
