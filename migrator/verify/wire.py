"""One HTTP exchange, raw: status, headers, server-sent events, and which redirects were needed.

Only the standard library: what a server answers is seen here without a client that repairs, retries or hides it.
Every wait ends: a `Deadline` covers connecting, sending, and all that is read.
"""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator, Mapping
from types import TracebackType
from urllib.parse import urljoin, urlsplit

from migrator.records import record

MOST_REDIRECTS = 5
MOST_BYTES = 16 * 1024 * 1024  # of one answer: a server gone mad must not fill the memory


class WireError(Exception):
    """No usable answer: refused, cut off, too late or too long. The message says which."""


class Deadline:
    """A moment in the future that several steps share."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds that remain, above 0. Raises WireError when none do."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise WireError(f"no answer within {self.seconds:g} s")
        return left


@record(frozen=True)
class Event:
    """One server-sent event: its name ("message" unless the server says otherwise) and its data lines joined."""

    name: str
    data: str


class Reply:
    """An answer whose body may still be arriving. Close it, or use it in a `with` statement."""

    def __init__(
        self,
        connection: http.client.HTTPConnection,
        response: http.client.HTTPResponse,
        deadline: Deadline,
        url: str,
    ) -> None:
        self._connection = connection
        self._socket = connection.sock
        self._response = response
        self._deadline = deadline
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.url = url  # the address that answered in the end
        self.redirects: tuple[str, ...] = ()  # the addresses it sent us to, in order

    @property
    def is_event_stream(self) -> bool:
        return self.headers.get("content-type", "").lower().startswith("text/event-stream")

    def wait_until(self, deadline: Deadline) -> None:
        """From now on reading ends at this deadline: for a stream that lives longer than one question."""
        self._deadline = deadline

    def pieces(self) -> Iterator[bytes]:
        """The body as it arrives. Raises WireError when it stalls past the deadline or grows past MOST_BYTES."""
        total = 0
        while True:
            try:
                if self._socket is not None:
                    self._socket.settimeout(self._deadline.left())
                piece = self._response.read1(65536)
            except (OSError, http.client.HTTPException, ValueError) as error:
                raise _as_wire_error(error, self._deadline) from error
            if not piece:
                return
            total += len(piece)
            if total > MOST_BYTES:
                raise WireError(f"the answer is longer than {MOST_BYTES} bytes")
            yield piece

    def text(self) -> str:
        """The whole body, decoded as UTF-8 with replacement."""
        return b"".join(self.pieces()).decode("utf-8", "replace")

    def events(self) -> Iterator[Event]:
        """The body as server-sent events, each as soon as it is complete."""
        name = ""
        data: list[str] = []
        for line in _lines(self.pieces()):
            if not line:
                if data:
                    yield Event(name or "message", "\n".join(data))
                name, data = "", []
            elif not line.startswith(":"):
                key, _, value = line.partition(":")
                value = value.removeprefix(" ")
                if key == "event":
                    name = value
                elif key == "data":
                    data.append(value)

    def close(self) -> None:
        self._response.close()
        self._connection.close()

    def __enter__(self) -> Reply:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def send(
    method: str,
    url: str,
    deadline: Deadline,
    headers: Mapping[str, str] | None = None,
    *,
    body: bytes | None = None,
    follow: bool = True,
) -> Reply:
    """Send one request and return the answer as soon as its headers are there.

    Redirects that keep method and body (307, 308; for GET the others too) are followed within the same origin:
    credentials go nowhere else. Any other redirect comes back as the answer.
    Raises WireError when there is no answer, and for an address that is not http or https.
    """
    redirects: tuple[str, ...] = ()
    while True:
        reply = _send_once(method, url, deadline, headers or {}, body)
        reply.redirects = redirects
        target = _redirect_target(reply, method, url) if follow else ""
        if not target:
            return reply
        reply.close()
        redirects = (*redirects, target)
        if len(redirects) > MOST_REDIRECTS:
            raise WireError(f"more than {MOST_REDIRECTS} redirects, the last one to {target}")
        url = target


def origin(url: str) -> tuple[str, str, int]:
    """Scheme, host and port of an address. Raises WireError when it is not an http(s) address."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise WireError(f"not an address: {url}") from error
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise WireError(f"not an http or https address: {url}")
    return parts.scheme, parts.hostname, port or (443 if parts.scheme == "https" else 80)


def path_of(url: str) -> str:
    """The path of an address with its query: what stands in the request line."""
    parts = urlsplit(url)
    return (parts.path or "/") + (f"?{parts.query}" if parts.query else "")


def _send_once(method: str, url: str, deadline: Deadline, headers: Mapping[str, str], body: bytes | None) -> Reply:
    scheme, host, port = origin(url)
    kind = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=deadline.left())
    try:
        connection.connect()
        connection.sock.settimeout(deadline.left())
        connection.request(method, path_of(url), body=body, headers=dict(headers))
        held = connection.sock  # getresponse drops it when the server says "connection: close"
        response = connection.getresponse()
        connection.sock = connection.sock or held
        return Reply(connection, response, deadline, url)
    except (OSError, http.client.HTTPException, ValueError) as error:
        connection.close()
        raise _as_wire_error(error, deadline) from error


def _redirect_target(reply: Reply, method: str, url: str) -> str:
    """Where to ask again, "" when this is the answer."""
    keeps_method = reply.status in (307, 308) or (method in ("GET", "HEAD") and reply.status in (301, 302, 303))
    location = reply.headers.get("location", "")
    if not keeps_method or not location:
        return ""
    target = urljoin(url, location)
    return target if origin(target) == origin(url) else ""


def _lines(pieces: Iterator[bytes]) -> Iterator[str]:
    """Lines of a stream without their ends (LF, CRLF). What is cut off at the end is no line."""
    rest = b""
    for piece in pieces:
        *complete, rest = (rest + piece).split(b"\n")
        for line in complete:
            yield line.removesuffix(b"\r").decode("utf-8", "replace")


def _as_wire_error(error: Exception, deadline: Deadline) -> WireError:
    if isinstance(error, TimeoutError):
        return WireError(f"no answer within {deadline.seconds:g} s")
    if isinstance(error, ConnectionRefusedError):
        return WireError("nothing listens there (connection refused)")
    return WireError(f"{type(error).__name__}: {error}")
