"""Servers over standard input and output."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from migrator.verify.handshake import Tool
from migrator.verify.stdio import stdio_tools

ANSWERS = """
import json, sys
print("a line that is not JSON")
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-03-26", "serverInfo": {}}
    elif message["method"] == "tools/list":
        print(json.dumps({"jsonrpc": "2.0", "id": 2, "method": "ping"}), flush=True)
        result = {"tools": [{"name": "b"}, {"name": "a", "inputSchema": {"type": "object"}}]}
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"""


def run(code: str, folder: Path, timeout: float = 20.0):
    return stdio_tools([sys.executable, "-S", "-c", code], folder, timeout=timeout)


def test_its_tools(tmp_path: Path) -> None:
    listing = run(ANSWERS, tmp_path)
    assert (listing.ok, listing.tools) == (True, (Tool("a", {"type": "object"}), Tool("b", {})))


def test_a_server_that_ends(tmp_path: Path) -> None:
    listing = run("import sys; sys.exit('unknown transport')", tmp_path)
    assert not listing.ok
    assert "unknown transport" in listing.error


def test_a_server_that_refuses(tmp_path: Path) -> None:
    refuses = "import json, sys\nfor line in sys.stdin:\n m = json.loads(line)\n if 'id' in m: print(json.dumps({'id': m['id'], 'error': 'no'}), flush=True)"
    listing = run(refuses, tmp_path)
    assert (listing.ok, listing.error) == (False, 'tools/list: "no"')


def test_a_server_that_says_nothing_is_ended(tmp_path: Path) -> None:
    begin = time.monotonic()
    listing = run("import time; time.sleep(60)", tmp_path, timeout=0.5)
    assert not listing.ok
    assert time.monotonic() - begin < 10


def test_a_command_that_does_not_exist(tmp_path: Path) -> None:
    assert not stdio_tools(["no-such-command-anywhere"], tmp_path).ok


def test_an_answer_of_another_form(tmp_path: Path) -> None:
    listing = run(ANSWERS.replace('"tools": [', '"things": ['), tmp_path)
    assert not listing.ok
    assert "not a list of tools" in listing.error
