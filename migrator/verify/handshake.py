"""Questions to a running server: which tools, over which transport, with or without a session.

    sse_tools(base, path)        open the stream, initialize, list
    http_tools(base, path)       initialize, list, with the session id when one is given
    stateless_tools(base, path)  list alone: no initialize, no session id
    call_tool(base, path, name, arguments, over)
    sse_stream(base, path)       does a GET open an HTTP+SSE session?
    status(base, method, path)   the bare HTTP status
    preflight(base, path, site, asks)   what a browser page of another origin may send and read

`base` is an origin such as "http://127.0.0.1:8000", `path` begins with "/". `headers` carries credentials.
Nothing raises for what a server does: every result says `ok`, or why not in `error`. All waits end (`timeout` seconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from migrator.records import record
from migrator.verify.talk import ACCEPT_BOTH, ACCEPT_STREAM, SseTalk, StreamableHttpTalk, Talk, TalkError
from migrator.verify.wire import Deadline, WireError, path_of, send

MOST_PAGES = 50  # of tools/list: a server that always names a next page must not hold us


@record(frozen=True)
class Tool:
    """A tool as the server lists it."""

    name: str
    schema: Mapping[str, Any] = field(default_factory=dict)  # its inputSchema


@record(frozen=True)
class Listing:
    """What tools/list gave."""

    ok: bool
    tools: tuple[Tool, ...] = ()  # by name
    error: str = ""
    status: int = 0  # the HTTP status of a refusal, 0 when there was none
    session: bool = False  # the server gave a session id
    redirected_to: str = ""  # the path that a redirect led to, "" when none was needed
    server: str = ""  # its own name, from initialize

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(tool.name for tool in self.tools)


@record(frozen=True)
class CallResult:
    """What tools/call gave."""

    ok: bool  # there was a result; the tool itself may have failed, see `failed`
    text: str = ""  # the text blocks, one below the other
    failed: bool = False  # the result says isError
    error: str = ""
    status: int = 0
    asked: tuple[str, ...] = ()  # methods that the server asked the client for meanwhile


@record(frozen=True)
class SseStream:
    """What a GET of an address gave, read as HTTP+SSE."""

    opened: bool  # a session began: the endpoint event came
    endpoint: str = ""  # where the server wants messages
    status: int = 0
    error: str = ""


def sse_tools(base: str, path: str, headers: Mapping[str, str] | None = None, timeout: float = 10.0) -> Listing:
    """The tools over HTTP+SSE."""
    return _listing(SseTalk(base, path, headers, timeout), initialize=True)


def http_tools(base: str, path: str, headers: Mapping[str, str] | None = None, timeout: float = 10.0) -> Listing:
    """The tools over Streamable HTTP, after initialize."""
    return _listing(StreamableHttpTalk(base, path, headers, timeout), initialize=True)


def stateless_tools(base: str, path: str, headers: Mapping[str, str] | None = None, timeout: float = 10.0) -> Listing:
    """The tools over Streamable HTTP without initialize and without a session."""
    return _listing(StreamableHttpTalk(base, path, headers, timeout), initialize=False)


def call_tool(
    base: str,
    path: str,
    name: str,
    arguments: Mapping[str, Any],
    *,
    over: str = "stateless",
    headers: Mapping[str, str] | None = None,
    timeout: float = 10.0,
    answers: Mapping[str, dict[str, Any]] | None = None,
) -> CallResult:
    """Call one tool over "sse", "http" (with initialize) or "stateless" (without).

    `answers` maps what a server may ask its client ("elicitation/create", "sampling/createMessage", "roots/list")
    to the result that it gets.
    """
    kind = SseTalk if over == "sse" else StreamableHttpTalk
    with kind(base, path, headers, timeout, answers) as talk:
        try:
            if over != "stateless":
                talk.initialize()
            result = talk.request("tools/call", {"name": name, "arguments": dict(arguments)})
        except TalkError as error:
            return CallResult(False, error=str(error), status=error.status, asked=tuple(talk.asked))
        content = result.get("content")
        blocks = [block for block in content if isinstance(block, dict)] if isinstance(content, list) else []
        text = "\n".join(str(block.get("text", "")) for block in blocks)
        return CallResult(True, text, bool(result.get("isError")), asked=tuple(talk.asked))


def sse_stream(base: str, path: str, seconds: float = 4.0, headers: Mapping[str, str] | None = None) -> SseStream:
    """Open the address as HTTP+SSE and look whether the server begins a session within `seconds`.

    A stateless Streamable HTTP endpoint may answer such a GET with an event stream too; without the endpoint event
    it is no HTTP+SSE session.
    """
    talk = SseTalk(base, path, headers, seconds)
    with talk:
        try:
            talk.open()
        except TalkError as error:
            return SseStream(False, status=error.status, error=str(error))
        return SseStream(True, talk.endpoint, 200)


def opens_sse_stream(base: str, path: str, seconds: float = 4.0, headers: Mapping[str, str] | None = None) -> bool:
    """True when a GET of the address begins an HTTP+SSE session within `seconds`."""
    return sse_stream(base, path, seconds, headers).opened


def status(
    base: str,
    method: str,
    path: str,
    headers: Mapping[str, str] | None = None,
    *,
    body: bytes | None = None,
    timeout: float = 5.0,
) -> int:
    """The HTTP status of one request, redirects not followed; 0 when nothing answered. The body isn't read.

    A GET asks for an event stream and a POST for both kinds of answer, unless `headers` say otherwise.
    """
    accept = ACCEPT_BOTH if method == "POST" else ACCEPT_STREAM
    try:
        with send(
            method, base.rstrip("/") + path, Deadline(timeout), {**accept, **(headers or {})}, body=body, follow=False
        ) as reply:
            return reply.status
    except WireError:
        return 0


def body_text(base: str, path: str, headers: Mapping[str, str] | None = None, timeout: float = 5.0) -> tuple[int, str]:
    """Status and body of a plain GET: health pages, and what a closed address says. (0, why) when nothing answered."""
    try:
        with send("GET", base.rstrip("/") + path, Deadline(timeout), {"Accept": "*/*", **(headers or {})}) as reply:
            return reply.status, reply.text()
    except WireError as error:
        return 0, str(error)


def tools_of(result: Mapping[str, Any]) -> list[Tool]:
    """The tools in the result of tools/list. Raises TalkError when it has another form."""
    try:
        return [Tool(str(tool["name"]), tool.get("inputSchema") or {}) for tool in result["tools"]]
    except (KeyError, TypeError, AttributeError) as error:
        raise TalkError(f"tools/list: not a list of tools: {str(result)[:200]}") from error


@record(frozen=True)
class Preflight:
    """What a browser is told before and after it posts from another origin."""

    allowed: bool  # the preflight was accepted for that origin
    headers: frozenset[str] = frozenset()  # request headers it may send, in lower case; "*" for any
    exposed: frozenset[str] = frozenset()  # answer headers it may read
    error: str = ""

    def may_send(self, header: str) -> bool:
        return bool(self.headers & {"*", header.lower()})

    def may_read(self, header: str) -> bool:
        return bool(self.exposed & {"*", header.lower()})


def preflight(
    base: str, path: str, site: str, asks: str, *, headers: Mapping[str, str] | None = None, timeout: float = 5.0
) -> Preflight:
    """Ask as a page of `site` would that wants to post with the request headers `asks` ("content-type,x-key").

    `headers`, the credentials, go with the post only: browsers send none with the question before it.
    """
    url = base.rstrip("/") + path
    question = {"Origin": site, "Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": asks}
    try:
        with send("OPTIONS", url, Deadline(timeout), question, follow=False) as reply:
            allowed = reply.status < 300 and reply.headers.get("access-control-allow-origin") in ("*", site)
            accepted = _names(reply.headers.get("access-control-allow-headers", ""))
        asking = {**ACCEPT_BOTH, **(headers or {}), "Origin": site}
        with send("POST", url, Deadline(timeout), asking, body=b"{}", follow=False) as reply:
            exposed = _names(reply.headers.get("access-control-expose-headers", ""))
    except WireError as error:
        return Preflight(False, error=str(error))
    return Preflight(allowed, accepted, exposed)


def _names(value: str) -> frozenset[str]:
    return frozenset(name.strip().lower() for name in value.split(",") if name.strip())


def _listing(talk: Talk, initialize: bool) -> Listing:
    with talk:
        try:
            server = talk.initialize().get("serverInfo") if initialize else None
            tools = _all_tools(talk)
        except TalkError as error:
            return Listing(False, error=str(error), status=error.status)
        return Listing(
            True,
            tuple(sorted(tools, key=lambda tool: tool.name)),
            session=bool(isinstance(talk, StreamableHttpTalk) and talk.session_id),
            redirected_to=path_of(talk.redirects[-1]) if talk.redirects else "",
            server=str(server.get("name", "")) if isinstance(server, dict) else "",
        )


def _all_tools(talk: Talk) -> list[Tool]:
    """Every page of tools/list. Raises TalkError when the server does not answer in the form of one."""
    tools: list[Tool] = []
    cursor: dict[str, Any] = {}
    for _ in range(MOST_PAGES):
        result = talk.request("tools/list", cursor)
        tools += tools_of(result)
        if not result.get("nextCursor"):
            break
        cursor = {"cursor": result["nextCursor"]}
    return tools
