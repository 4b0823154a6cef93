"""One exchange against a small server of the standard library."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from migrator.verify.wire import Deadline, Event, WireError, origin, path_of, send

REDIRECTS = {
    "/moved": (307, "/here"),
    "/moved-get": (302, "/here"),
    "/away": (307, "http://example.invalid/here"),
    "/loop": (307, "/loop"),
}
STREAM = b": a comment\r\nevent: endpoint\r\ndata: /messages\r\n\r\ndata: one\ndata:two\n\nevent: only a name\n\ndata: cut off"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path in REDIRECTS:
            status, location = REDIRECTS[self.path]
            self._answer(status, b"", Location=location)
        elif self.path == "/stream":
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream; charset=utf-8")
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for at in range(0, len(STREAM), 7):
                piece = STREAM[at : at + 7]
                self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/stalls":
            self.send_response(200)
            self.send_header("Content-Length", "10")
            self.end_headers()
            self.wfile.write(b"12345")
            self.server.released.wait(20)  # type: ignore[attr-defined]
            self.close_connection = True
        else:
            self._answer(200, f"{self.command} {self.path} {self.headers.get('X-Key', '')}".encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path in REDIRECTS:
            status, location = REDIRECTS[self.path]
            self._answer(status, b"", Location=location)
        else:
            self._answer(200, b"POST " + self.path.encode() + b" " + body)

    def _answer(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def base() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.released = threading.Event()  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.released.set()  # type: ignore[attr-defined]
    server.shutdown()
    server.server_close()


def test_headers_and_body_go_through(base: str) -> None:
    with send("GET", f"{base}/a?b=c", Deadline(5), {"X-Key": "k"}) as reply:
        assert (reply.status, reply.text(), reply.redirects) == (200, "GET /a?b=c k", ())
    with send("POST", f"{base}/a", Deadline(5), body=b"x=1") as reply:
        assert reply.text() == "POST /a x=1"


def test_a_redirect_that_keeps_the_method_is_followed_and_named(base: str) -> None:
    with send("POST", f"{base}/moved", Deadline(5), body=b"same body") as reply:
        assert (reply.status, reply.text()) == (200, "POST /here same body")
        assert reply.redirects == (f"{base}/here",)


def test_a_redirect_that_would_turn_a_post_into_a_get_is_the_answer(base: str) -> None:
    with send("POST", f"{base}/moved-get", Deadline(5), body=b"x") as reply:
        assert (reply.status, reply.redirects) == (302, ())
    with send("GET", f"{base}/moved-get", Deadline(5)) as reply:
        assert (reply.status, reply.redirects) == (200, (f"{base}/here",))


def test_redirects_are_not_followed_on_request(base: str) -> None:
    with send("GET", f"{base}/moved", Deadline(5), follow=False) as reply:
        assert reply.status == 307


def test_credentials_do_not_leave_the_origin(base: str) -> None:
    with send("GET", f"{base}/away", Deadline(5), {"Authorization": "Bearer x"}) as reply:
        assert (reply.status, reply.redirects) == (307, ())


def test_a_redirect_loop_ends(base: str) -> None:
    with pytest.raises(WireError, match="more than 5 redirects"):
        send("GET", f"{base}/loop", Deadline(5))


def test_events_across_pieces_line_ends_and_comments(base: str) -> None:
    with send("GET", f"{base}/stream", Deadline(5)) as reply:
        assert reply.is_event_stream
        assert list(reply.events()) == [Event("endpoint", "/messages"), Event("message", "one\ntwo")]


def test_a_body_that_stalls_ends_at_the_deadline(base: str) -> None:
    begin = time.monotonic()
    with send("GET", f"{base}/stalls", Deadline(0.3)) as reply, pytest.raises(WireError, match=r"within 0\.3 s"):
        reply.text()
    assert time.monotonic() - begin < 5


def test_nothing_listens() -> None:
    with pytest.raises(WireError, match="connection refused"):
        send("GET", "http://127.0.0.1:1/", Deadline(5))


def test_a_deadline_that_has_passed() -> None:
    with pytest.raises(WireError, match="no answer within 0 s"):
        Deadline(0).left()


@pytest.mark.parametrize("url", ["ftp://example.com/", "example.com", "http://", "http://[::1", "http://a:port/"])
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(WireError, match="not an"):
        origin(url)


def test_origin_and_path() -> None:
    assert origin("https://Example.com/x") == ("https", "example.com", 443)
    assert origin("http://127.0.0.1:81") == ("http", "127.0.0.1", 81)
    assert path_of("http://h:1") == "/"
    assert path_of("http://h:1/a?b=c") == "/a?b=c"
