"""The tools of a server that speaks over standard input and output, raw."""

from __future__ import annotations

import contextlib
import json
import os
import queue
import signal
import subprocess
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from migrator.verify.handshake import Listing, tools_of
from migrator.verify.talk import PROTOCOL_VERSION, TalkError
from migrator.verify.wire import Deadline, WireError

CLIENT = {"name": "mcp-migrate", "version": "1"}
QUESTIONS: tuple[dict[str, Any], ...] = (
    {
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": PROTOCOL_VERSION, "capabilities": {}, "clientInfo": CLIENT},
    },
    {"method": "notifications/initialized"},
    {"id": 2, "method": "tools/list", "params": {}},
)


def stdio_tools(
    command: Sequence[str], cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 30.0
) -> Listing:
    """Start the command, initialize, list its tools over stdin and stdout, and end it. Never raises for what it does."""
    with tempfile.TemporaryFile() as errors:
        try:
            process = subprocess.Popen(
                command,
                cwd=cwd,
                env=None if env is None else dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                start_new_session=True,
            )
        except OSError as error:
            return Listing(False, error=str(error))
        try:
            return _ask(process, Deadline(timeout))
        except (OSError, TalkError, WireError) as error:
            errors.seek(0)
            said = " | ".join(errors.read().decode("utf-8", "replace").strip().splitlines()[-3:])
            return Listing(False, error=f"{error} {said[-400:]}".strip())
        finally:
            _end(process)


def _ask(process: subprocess.Popen[bytes], deadline: Deadline) -> Listing:
    assert process.stdin is not None and process.stdout is not None
    inbox: queue.Queue[dict[str, Any] | None] = queue.Queue()
    threading.Thread(target=_listen, args=(process.stdout, inbox), daemon=True).start()
    for question in QUESTIONS:
        process.stdin.write(json.dumps({"jsonrpc": "2.0", **question}).encode() + b"\n")
        process.stdin.flush()
        if "id" in question:
            answer = _answer(inbox, question["id"], deadline)
    if "result" not in answer:
        return Listing(False, error=f"tools/list: {json.dumps(answer.get('error'))[:300]}")
    tools = tools_of(answer["result"])
    return Listing(True, tuple(sorted(tools, key=lambda tool: tool.name)))


def _answer(inbox: queue.Queue[dict[str, Any] | None], number: int, deadline: Deadline) -> dict[str, Any]:
    while True:
        try:
            message = inbox.get(timeout=deadline.left())
        except queue.Empty:
            continue  # the deadline says so itself
        if message is None:
            raise WireError("it closed its output without an answer")
        if message.get("id") == number and "method" not in message:
            return message


def _listen(stream: IO[bytes], inbox: queue.Queue[dict[str, Any] | None]) -> None:
    """Pass on every line that is a JSON object, then None."""
    with contextlib.suppress(OSError, ValueError):
        for line in stream:
            with contextlib.suppress(ValueError):
                message = json.loads(line)
                if isinstance(message, dict):
                    inbox.put(message)
    inbox.put(None)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Close its input, which ends a well-behaved server; then end the group."""
    with contextlib.suppress(OSError):
        if process.stdin is not None:
            process.stdin.close()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(1.0)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(3.0)
