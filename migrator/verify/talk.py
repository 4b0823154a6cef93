"""Speaking MCP over one transport, raw: HTTP+SSE, and Streamable HTTP with or without a session.

A talk sends requests and returns their results. While it waits it can answer what the server asks the client
(`answers`, by method), so that elicitation and sampling can be tried too.
"""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any
from urllib.parse import urljoin

from migrator.verify.wire import Deadline, Reply, WireError, origin, send

PROTOCOL_VERSION = "2025-03-26"  # the first revision with Streamable HTTP: every server since understands it
ACCEPT_BOTH = {"Accept": "application/json, text/event-stream", "Content-Type": "application/json"}
ACCEPT_STREAM = {"Accept": "text/event-stream"}
CAPABILITIES = {  # what the client declares when it can answer that request
    "elicitation/create": "elicitation",
    "sampling/createMessage": "sampling",
    "roots/list": "roots",
}

Message = dict[str, Any]


class TalkError(Exception):
    """The server did not give the result. `status` is the HTTP status, 0 when there was none."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Talk(ABC):
    """What both transports share: numbering, waiting for the answer, answering the server."""

    protocol_version = ""  # that the server chose at initialize, "" before

    def __init__(
        self,
        base: str,
        path: str,
        headers: Mapping[str, str] | None = None,
        timeout: float = 10.0,
        answers: Mapping[str, Message] | None = None,
    ) -> None:
        self.url = base.rstrip("/") + path
        self.headers = dict(headers or {})
        self.timeout = timeout  # seconds, for each request
        self.answers = dict(answers or {})
        self.asked: list[str] = []  # methods that the server asked the client for
        self.redirects: tuple[str, ...] = ()
        self._number = 0

    def initialize(self) -> Message:
        """Initialize and say so. Returns the server's result. Raises TalkError."""
        capabilities: Message = {name: {} for method, name in CAPABILITIES.items() if method in self.answers}
        client = {"name": "mcp-migrate", "version": "1"}
        params = {"protocolVersion": PROTOCOL_VERSION, "capabilities": capabilities, "clientInfo": client}
        result = self.request("initialize", params)
        self.protocol_version = str(result.get("protocolVersion", ""))
        self._notify({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return result

    def request(self, method: str, params: Message | None = None) -> Message:
        """Send a request and return its result. Raises TalkError when it is refused, fails or comes too late."""
        self._number += 1
        message = {"jsonrpc": "2.0", "id": self._number, "method": method, "params": params or {}}
        try:
            answer = self._ask(message, Deadline(self.timeout))
        except WireError as error:
            raise TalkError(f"{method}: {error}") from error
        if "result" not in answer:
            raise TalkError(f"{method}: {json.dumps(answer.get('error'))[:300]}")
        if not isinstance(answer["result"], dict):
            raise TalkError(f"{method}: the result is no object: {json.dumps(answer['result'])[:300]}")
        return answer["result"]

    @abstractmethod
    def close(self) -> None:
        """Let go of what is open."""

    def __enter__(self) -> Talk:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def _ask(self, message: Message, deadline: Deadline) -> Message:
        """Send a request and return the message that answers it. Raises TalkError, WireError."""

    @abstractmethod
    def _notify(self, message: Message) -> None:
        """Send what is not answered. Raises WireError."""

    def _await(self, messages: Iterator[Message], number: int) -> Message:
        """The answer to request `number`; on the way the server's own requests are answered."""
        for message in messages:
            if message.get("id") == number and "method" not in message:
                return message
            if "method" in message and "id" in message:
                self.asked.append(message["method"])
                if message["method"] in self.answers:
                    result = self.answers[message["method"]]
                    self._notify({"jsonrpc": "2.0", "id": message["id"], "result": result})
        raise WireError("the stream ended without an answer")


class StreamableHttpTalk(Talk):
    """Streamable HTTP. Without `initialize()` it is what a stateless client sends."""

    session_id = ""  # what the server gave at initialize, "" for none

    def _ask(self, message: Message, deadline: Deadline) -> Message:
        with self._post(message, deadline) as reply:
            self.session_id = self.session_id or reply.headers.get("mcp-session-id", "")
            if reply.is_event_stream:
                return self._await(_messages(reply), message["id"])
            answer = _json(reply.text())
            if answer is None:
                raise TalkError("the answer is not JSON", reply.status)
            return answer

    def _notify(self, message: Message) -> None:
        try:
            with self._post(message, Deadline(self.timeout)) as reply:
                if not reply.is_event_stream:
                    reply.text()
        except WireError as error:
            raise TalkError(str(error)) from error

    def _post(self, message: Message, deadline: Deadline) -> Reply:
        headers = {**ACCEPT_BOTH, **self.headers}
        if self.session_id:
            headers["Mcp-Session-Id"] = self.session_id
        if self.protocol_version:
            headers["Mcp-Protocol-Version"] = self.protocol_version
        reply = send("POST", self.url, deadline, headers, body=json.dumps(message).encode())
        self.redirects = self.redirects or reply.redirects
        if reply.status >= 300:
            raise _refused("POST", reply)
        return reply

    def close(self) -> None:
        """End the session where there is one. A server may refuse that: it is not our question."""
        if self.session_id:
            try:
                send("DELETE", self.url, Deadline(2.0), {**self.headers, "Mcp-Session-Id": self.session_id}).close()
            except WireError:
                return


class SseTalk(Talk):
    """HTTP+SSE: one stream that stays open, and a second address to post to."""

    endpoint = ""  # where the server wants messages, as it says it
    _stream: Reply | None = None

    def open(self) -> None:
        """Open the stream and read the endpoint event. Raises TalkError when it doesn't come."""
        try:
            self._stream = send("GET", self.url, Deadline(self.timeout), {**ACCEPT_STREAM, **self.headers})
            if self._stream.status != 200 or not self._stream.is_event_stream:
                raise _refused("GET", self._stream)
            self.redirects = self._stream.redirects
            self._events = self._stream.events()
            first = next(self._events, None)
            if first is None or first.name != "endpoint":
                raise TalkError("the stream does not begin with an endpoint event", self._stream.status)
            self.endpoint = first.data
            self._target = urljoin(self._stream.url, first.data)
            if origin(self._target) != origin(self.url):
                raise TalkError(f"the server sends messages to another origin: {first.data}")
        except WireError as error:
            raise TalkError(f"GET: {error}") from error

    def _ask(self, message: Message, deadline: Deadline) -> Message:
        self._notify(message)
        assert self._stream is not None
        self._stream.wait_until(deadline)
        return self._await(_decoded(event.data for event in self._events), message["id"])

    def _notify(self, message: Message) -> None:
        if self._stream is None:
            self.open()
        try:
            with send(
                "POST",
                self._target,
                Deadline(self.timeout),
                {**ACCEPT_BOTH, **self.headers},
                body=json.dumps(message).encode(),
            ) as reply:
                if reply.status >= 300:
                    raise _refused("POST", reply)
        except WireError as error:
            raise TalkError(f"POST {self.endpoint}: {error}") from error

    def close(self) -> None:
        if self._stream is not None:
            self._stream.close()
            self._stream = None


def _refused(method: str, reply: Reply) -> TalkError:
    """The error for a status that is no success. Closes the reply."""
    with reply:
        try:
            said = "" if reply.is_event_stream else reply.text().strip()
        except WireError:
            said = ""
    where = f" -> {reply.headers['location']}" if "location" in reply.headers else ""
    return TalkError(f"{method} {reply.url}: {reply.status}{where} {said[:200]}".strip(), reply.status)


def _messages(reply: Reply) -> Iterator[Message]:
    return _decoded(event.data for event in reply.events())


def _decoded(texts: Iterator[str]) -> Iterator[Message]:
    for text in texts:
        message = _json(text)
        if message is not None:
            yield message


def _json(text: str) -> Message | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None
