"""The questions, against a small server that can be told how to answer."""

from __future__ import annotations

import json
import queue
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from migrator.verify import handshake
from migrator.verify.handshake import Tool

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}}
TOOLS = [{"name": "b", "inputSchema": SCHEMA}, {"name": "a"}]
ASKS = {"jsonrpc": "2.0", "id": 77, "method": "elicitation/create", "params": {"message": "sure?"}}


class Handler(BaseHTTPRequestHandler):
    """/mcp stateless, /session needs initialize, /framed answers as an event stream, /sse the old transport, ..."""

    protocol_version = "HTTP/1.1"
    server: FakeServer

    def do_GET(self) -> None:
        if self.path == "/sse" and self.headers.get("Accept") == "text/event-stream":
            self._stream()
            inbox = self.server.stream = queue.Queue()
            self._event("endpoint", "/messages?session_id=1")
            while (message := inbox.get(timeout=20)) is not None:
                self._event("message", json.dumps(message))
        elif self.path == "/cross":
            self._stream()
            self._event("endpoint", "http://example.invalid/messages")
        elif self.path == "/empty":
            self._stream()
            self.server.released.wait(20)
        elif self.path == "/health":
            self._answer(200, b"fine", "text/plain")
        else:
            self._answer(404, b"no such page", "text/plain")

    def do_OPTIONS(self) -> None:
        if self.headers["Origin"] == "https://page.example":
            allow = {
                "Access-Control-Allow-Origin": "https://page.example",
                "Access-Control-Allow-Headers": "X-Key, Mcp-Session-Id",
            }
            self._answer(200, b"", "text/plain", allow)
        else:
            self._answer(400, b"", "text/plain")

    def do_DELETE(self) -> None:
        self.server.ended.append(self.headers["Mcp-Session-Id"])
        self._answer(200, b"", "text/plain")

    def do_POST(self) -> None:
        message = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        self.server.seen.append((self.path, message.get("method", "answer"), dict(self.headers)))
        if self.path.startswith("/messages"):
            self._answer(202, b"Accepted", "text/plain")
            answer = self._result(message)
            if answer is not None:
                self.server.stream.put(answer)
        elif self.path == "/secret" and self.headers.get("Authorization") != "Bearer k":
            self._answer(401, b'{"error": "who?"}', "application/json")
        elif self.path == "/session" and message["method"] != "initialize" and "Mcp-Session-Id" not in self.headers:
            self._answer(400, b'{"error": "Missing session ID"}', "application/json")
        elif self.path == "/cors":
            self._answer(200, b"{}", "application/json", {"Access-Control-Expose-Headers": "Mcp-Session-Id"})
        elif self.path == "/html":
            self._answer(200, b"<html>", "text/html")
        elif self.path == "/asks" and message.get("method") == "tools/call":
            self._stream()
            self._event("message", json.dumps(ASKS))
            agreed = self.server.answers.get(timeout=20)["result"]["action"]
            result = {"content": [{"type": "text", "text": agreed}]}
            self._event("message", json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}))
        elif "method" not in message:
            self.server.answers.put(message)
            self._answer(202, b"", "text/plain")
        elif "id" not in message:
            self._answer(202, b"", "text/plain")
        elif self.path == "/framed":
            self._stream()
            self._event("message", json.dumps({"jsonrpc": "2.0", "method": "notifications/message", "params": {}}))
            self._event("message", json.dumps(self._result(message)))
        else:
            body = json.dumps(self._result(message)).encode()
            extra = {"Mcp-Session-Id": "s1"} if self.path == "/session" and message["method"] == "initialize" else {}
            self._answer(200, body, "application/json", extra)

    def _result(self, message: dict[str, Any]) -> dict[str, Any] | None:
        if "id" not in message:
            return None
        method, params = message["method"], message["params"]
        if self.path == "/fuzzed":
            return {"jsonrpc": "2.0", "id": message["id"], "result": self.server.fuzzed}
        if method == "initialize":
            result: dict[str, Any] = {"protocolVersion": params["protocolVersion"], "serverInfo": {"name": "fake"}}
        elif method == "tools/list" and self.path == "/pages":
            at = int(params.get("cursor", 0))
            result = {"tools": TOOLS[at : at + 1], **({"nextCursor": str(at + 1)} if at + 1 < len(TOOLS) else {})}
        elif method == "tools/list" and self.path == "/strange":
            result = {"tools": [{"title": "has no name"}]}
        elif method == "tools/list":
            result = {"tools": TOOLS}
        elif params["name"] == "missing":
            return {"jsonrpc": "2.0", "id": message["id"], "error": {"code": -32602, "message": "Unknown tool"}}
        else:
            text = {"type": "text", "text": f"{params['name']} {params['arguments']['a']}"}
            result = {"content": [text, {"type": "image"}], "isError": params["name"] == "b"}
        return {"jsonrpc": "2.0", "id": message["id"], "result": result}

    def _stream(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()

    def _event(self, name: str, data: str) -> None:
        self.wfile.write(f"event: {name}\r\ndata: {data}\r\n\r\n".encode())
        self.wfile.flush()

    def _answer(self, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


class FakeServer(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.seen: list[tuple[str, str, dict[str, str]]] = []
        self.ended: list[str] = []
        self.stream: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.answers: queue.Queue[dict[str, Any]] = queue.Queue()
        self.released = threading.Event()
        self.fuzzed: Any = None
        self.base = f"http://127.0.0.1:{self.server_address[1]}"


@pytest.fixture
def fake() -> Iterator[FakeServer]:
    server = FakeServer()
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield server
    server.released.set()
    server.stream.put(None)
    server.shutdown()


EXPECTED = (Tool("a", {}), Tool("b", SCHEMA))


@pytest.mark.parametrize("path", ["/mcp", "/framed", "/pages"])
def test_tools_without_initialize(fake: FakeServer, path: str) -> None:
    listing = handshake.stateless_tools(fake.base, path)
    assert (listing.ok, listing.tools, listing.names, listing.session) == (True, EXPECTED, ("a", "b"), False)
    assert {method for _, method, _ in fake.seen} == {"tools/list"}
    assert fake.seen[0][2]["Accept"] == "application/json, text/event-stream"


def test_tools_with_a_session(fake: FakeServer) -> None:
    listing = handshake.http_tools(fake.base, "/session")
    assert (listing.ok, listing.tools, listing.session, listing.server) == (True, EXPECTED, True, "fake")
    assert [method for _, method, _ in fake.seen] == ["initialize", "notifications/initialized", "tools/list"]
    assert fake.seen[2][2]["Mcp-Session-Id"] == "s1"
    assert fake.seen[2][2]["Mcp-Protocol-Version"] == "2025-03-26"
    assert fake.ended == ["s1"]


def test_a_server_that_needs_a_session_is_not_stateless(fake: FakeServer) -> None:
    listing = handshake.stateless_tools(fake.base, "/session")
    assert (listing.ok, listing.status) == (False, 400)
    assert "Missing session ID" in listing.error


def test_tools_over_sse(fake: FakeServer) -> None:
    listing = handshake.sse_tools(fake.base, "/sse")
    assert (listing.ok, listing.tools, listing.server) == (True, EXPECTED, "fake")


def test_calls_over_each_transport(fake: FakeServer) -> None:
    for path, over in (("/mcp", "stateless"), ("/session", "http"), ("/sse", "sse")):
        result = handshake.call_tool(fake.base, path, "a", {"a": 3}, over=over)
        assert (result.ok, result.text, result.failed) == (True, "a 3\n", False), over


def test_a_call_that_fails_in_the_tool_and_one_that_the_server_refuses(fake: FakeServer) -> None:
    assert handshake.call_tool(fake.base, "/mcp", "b", {"a": 1}).failed
    refused = handshake.call_tool(fake.base, "/mcp", "missing", {})
    assert not refused.ok
    assert "Unknown tool" in refused.error


def test_what_the_server_asks_is_answered(fake: FakeServer) -> None:
    answers = {"elicitation/create": {"action": "accept"}}
    result = handshake.call_tool(fake.base, "/asks", "a", {"a": 1}, over="http", answers=answers)
    assert (result.text, result.asked) == ("accept", ("elicitation/create",))


def test_credentials(fake: FakeServer) -> None:
    assert handshake.stateless_tools(fake.base, "/secret").status == 401
    assert handshake.stateless_tools(fake.base, "/secret", {"Authorization": "Bearer k"}).ok
    assert handshake.status(fake.base, "POST", "/secret", body=b'{"method": "x", "id": 1}') == 401


def test_what_a_page_of_another_origin_may_do(fake: FakeServer) -> None:
    answer = handshake.preflight(fake.base, "/cors", "https://page.example", "x-key,mcp-session-id")
    assert answer.allowed
    assert answer.may_send("x-key") and answer.may_send("Mcp-Session-Id") and not answer.may_send("authorization")
    assert answer.may_read("mcp-session-id") and not answer.may_read("x-key")
    assert not handshake.preflight(fake.base, "/cors", "https://other.example", "x-key").allowed
    assert "connection refused" in handshake.preflight("http://127.0.0.1:1", "/", "https://page.example", "x").error


def test_which_addresses_open_an_sse_session(fake: FakeServer) -> None:
    assert handshake.opens_sse_stream(fake.base, "/sse")
    assert handshake.sse_stream(fake.base, "/sse").endpoint == "/messages?session_id=1"
    assert handshake.sse_stream(fake.base, "/nothing").status == 404
    silent = handshake.sse_stream(fake.base, "/empty", seconds=0.2)
    assert (silent.opened, "no answer within 0.2 s" in silent.error) == (False, True)


def test_an_endpoint_on_another_origin_is_not_posted_to(fake: FakeServer) -> None:
    listing = handshake.sse_tools(fake.base, "/cross")
    assert not listing.ok
    assert "another origin" in listing.error


@pytest.mark.parametrize(("path", "says"), [("/html", "not JSON"), ("/strange", "not a list of tools")])
def test_answers_that_are_none(fake: FakeServer, path: str, says: str) -> None:
    listing = handshake.stateless_tools(fake.base, path)
    assert not listing.ok
    assert says in listing.error


@pytest.mark.parametrize(
    "fuzzed",
    [
        None,
        3,
        "tools",
        [],
        {"tools": None},
        {"tools": [3]},
        {"tools": {"name": 1}},
        {"serverInfo": 3, "content": 3},
        {"content": [3, {"text": 4}]},
    ],
)
def test_no_answer_raises(fake: FakeServer, fuzzed: Any) -> None:
    fake.fuzzed = fuzzed
    assert not handshake.stateless_tools(fake.base, "/fuzzed").ok
    assert not handshake.http_tools(fake.base, "/fuzzed").ok
    assert handshake.call_tool(fake.base, "/fuzzed", "a", {}).ok is isinstance(fuzzed, dict)


def test_pages_and_statuses(fake: FakeServer) -> None:
    assert handshake.body_text(fake.base, "/health") == (200, "fine")
    assert handshake.status(fake.base, "GET", "/nothing") == 404
    assert handshake.status("http://127.0.0.1:1", "GET", "/") == 0
    assert handshake.body_text("http://127.0.0.1:1", "/")[0] == 0
    assert "connection refused" in handshake.http_tools("http://127.0.0.1:1", "/mcp").error
