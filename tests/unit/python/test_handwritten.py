"""SSE transports that a project wrote itself are named, and those who only read the event are not."""

from pathlib import Path

import pytest

from migrator.pipeline import make_plan
from migrator.settings import Settings

COPIED = """\
import mcp.types as types

class SseServerTransport:
    async def connect_sse(self, request): ...
    async def handle_post_message(self, scope, receive, send): ...

sse = SseServerTransport()
"""
FORMS = {
    "copied class": (COPIED, "class SseServerTransport"),
    "text": ('MCP = "/sse"\n\ndef stream():\n    yield f"event: endpoint\\ndata: /messages?id=1\\n\\n"\n', "stream"),
    "bytes": ('MCP = "/sse"\n\ndef stream(w):\n    w.write(b"event: endpoint\\ndata: /m\\n\\n")\n', "stream"),
    "dict": ('MCP = "/sse"\n\ndef stream():\n    yield {"event": "endpoint", "data": "/messages"}\n', "stream"),
    "class": ('MCP = "/sse"\n\ndef stream():\n    yield ServerSentEvent(event="endpoint", data="/m")\n', "stream"),
    "keyword": ('MCP = "/sse"\n\nasync def get(r):\n    await r.send("/m/1", event="endpoint")\n', "get"),
    "method": ('MCP = "/sse"\n\ndef stream(conn):\n    conn.send_event("endpoint", "/sse?session=1")\n', "stream"),
}


def found(folder: Path, text: str, name: str = "server.py") -> list[str]:
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    plan = make_plan(folder, Settings())
    assert not plan.changes
    return [f"{f.rule} {f.message}" for f in plan.findings]


@pytest.mark.parametrize("form", FORMS)
def test_named(tmp_path: Path, form: str) -> None:
    text, who = FORMS[form]
    assert found(tmp_path, text) == [
        f"MCP110 {who} speaks the deprecated HTTP+SSE transport without an SDK's help",
    ]


@pytest.mark.parametrize(
    "line",
    [
        'if line == "event: endpoint": pass',
        'x = line.startswith("event: endpoint")',
        'if event == "endpoint": pass',
        'self.handle(event="endpoint", data="/m")',
        '"""event: endpoint comes first."""',
    ],
)
def test_readers_are_not_named(tmp_path: Path, line: str) -> None:
    assert found(tmp_path, f'MCP = "/sse"\n\n\ndef read(self, line, event):\n    {line}\n') == []


def test_tests_and_other_streams_are_not_named(tmp_path: Path) -> None:
    assert found(tmp_path, FORMS["text"][0], "tests/test_stream.py") == []
    assert found(tmp_path, FORMS["text"][0].replace("MCP", "CHAT"), "chat.py") == []


def test_a_product_is_told_of_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text('[project]\nname = "mcp-proxy"\nversion = "1"\n')
    (told,) = found(tmp_path, COPIED)
    assert told.startswith("MCP107 class SseServerTransport speaks HTTP+SSE; mcp-proxy offers SSE")
