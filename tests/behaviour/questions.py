"""What a running server is asked before and after its migration."""

from __future__ import annotations

from dataclasses import dataclass

from migrator.verify import handshake
from migrator.verify.handshake import CallResult, Listing
from migrator.verify.launch import Server
from tests.behaviour.subject import Route, Subject
from tests.behaviour.verdict import Notebook

OLD_PATH_SECONDS = 2.0  # an SSE session begins at once; this is how long we wait to see that none does
FOREIGN_HOST = "mcp.example.com"
MCP_HEADERS = ("mcp-session-id", "mcp-protocol-version")  # a browser client sends both and reads the first


@dataclass(frozen=True)
class Seen:
    """What one route showed before the move."""

    tools: Listing
    call: CallResult | None
    foreign_host: int  # status of a GET with a Host header that is not ours
    without_credentials: int  # 0 when the subject has none


class Questions:
    """The questions about one subject; what is wrong goes into the notebook."""

    def __init__(self, subject: Subject, redirects: bool, notebook: Notebook) -> None:
        """`redirects`: the SDK itself answers with a redirect here, whatever the code says."""
        self.subject = subject
        self.redirects = redirects
        self.notebook = notebook

    def before(self, server: Server, route: Route) -> Seen:
        """What the route shows over SSE. Raises Stop when it doesn't work."""
        base, headers = server.base, self.subject.headers
        listing = handshake.sse_tools(base, route.old, headers)
        if not listing.ok:
            self.notebook.stop("before-fails", f"{route.old}: {listing.error} {server.log_tail()}")
        call = self._call(base, route.old, "sse")
        self._compare_calls("before-fails", call, call)
        foreign = handshake.status(base, "GET", route.old, {**headers, "Host": FOREIGN_HOST})
        return Seen(listing, call, foreign, handshake.status(base, "GET", route.old) if headers else 0)

    def after(self, server: Server, route: Route, seen: Seen) -> None:
        """Everything that must be true of the migrated route. Raises Stop when it serves nothing."""
        base, headers = server.base, self.subject.headers
        listing = handshake.http_tools(base, route.new, headers)
        if not listing.ok:
            still = handshake.opens_sse_stream(base, route.old, OLD_PATH_SECONDS, headers)
            self.notebook.stop("still-sse" if still else "no-http", f"{route.new}: {listing.error} {server.log_tail()}")
        self.compare_tools("different-tools", seen.tools, listing)
        if listing.redirected_to and not self.redirects:
            self.notebook.problem("redirect", f"{route.new} answers only after a redirect to {listing.redirected_to}")
        self._mode(base, route, seen)
        self._compare_calls("wrong-answer", seen.call, self._call(base, route.new, self._over))
        self._old_path(base, route, seen)
        self._credentials(base, route, seen)
        self._hosts_and_sites(base, route, seen)

    def again(self, server: Server, route: Route, seen: Seen, word: str) -> None:
        """The same server in another process: it lists and calls as if nothing had happened."""
        ask = handshake.stateless_tools if self._over == "stateless" else handshake.http_tools
        listing = ask(server.base, route.new, self.subject.headers)
        if not listing.ok:
            self.notebook.problem(word, f"{route.new}: {listing.error} {server.log_tail()}")
            return
        self.compare_tools(word, seen.tools, listing)
        self._compare_calls(word, seen.call, self._call(server.base, route.new, self._over))
        self._credentials(server.base, route, seen)

    def compare_tools(self, word: str, before: Listing, now: Listing) -> None:
        if now.names != before.names:
            self.notebook.problem(word, f"tools {', '.join(now.names)}, before {', '.join(before.names)}")
        elif now.tools != before.tools:
            self.notebook.problem(word, f"schemas {now.tools}, before {before.tools}"[:600])

    @property
    def _over(self) -> str:
        return "stateless" if self.subject.expect == "stateless" else "http"

    def _mode(self, base: str, route: Route, seen: Seen) -> None:
        bare = handshake.stateless_tools(base, route.new, self.subject.headers)
        if self.subject.expect != "stateless":
            if bare.ok:
                self.notebook.problem("stateless", "answers without a session although the code needs one")
        elif bare.ok:
            self.compare_tools("different-tools", seen.tools, bare)
        else:
            self.notebook.problem("stateful", f"without initialize: {bare.error}")

    def _old_path(self, base: str, route: Route, seen: Seen) -> None:
        """What --legacy-sse says must be true of the old path."""
        headers = self.subject.headers
        if self.subject.legacy == "keep":
            kept = handshake.sse_tools(base, route.old, headers)
            if kept.ok:
                self.compare_tools("different-tools", seen.tools, kept)
            else:
                self.notebook.problem("sse-lost", f"{route.old}: {kept.error}")
            return
        if handshake.opens_sse_stream(base, route.old, OLD_PATH_SECONDS, headers):
            self.notebook.problem("still-sse", f"{route.old} still opens an SSE stream")
        if self.subject.legacy == "gone":
            status, text = handshake.body_text(base, route.old, headers)
            if status != 410 or route.new not in text:
                self.notebook.problem("not-gone", f"GET {route.old}: {status} {text[:200]}")

    def _credentials(self, base: str, route: Route, seen: Seen) -> None:
        """Nobody gets in who did not before."""
        if not self.subject.headers:
            return
        closed = seen.without_credentials
        for method, path, also in (
            ("POST", route.new, ()),
            ("GET", route.new, (405, 406)),  # a stateless endpoint may have nothing to get
            ("POST", route.old, (404, 405, 410)),
            ("GET", route.old, (404, 405, 410)),
        ):
            body = b"{}" if method == "POST" else None
            now = handshake.status(base, method, path, body=body)
            if now == 307 and self.redirects:
                now = handshake.status(base, method, f"{path}/", body=body)
            if now != closed and now not in also:
                self.notebook.problem("open", f"{method} {path} without credentials: {now}, before {closed}")

    def _hosts_and_sites(self, base: str, route: Route, seen: Seen) -> None:
        """Nobody is shut out who was served before."""
        if seen.foreign_host == 200:
            foreign = handshake.http_tools(base, route.new, {**self.subject.headers, "Host": FOREIGN_HOST})
            if foreign.status == 421:
                self.notebook.problem("host-refused", f"Host: {FOREIGN_HOST} was served before, now 421")
        if self.subject.site:
            asks = ",".join(["content-type", *MCP_HEADERS])
            answer = handshake.preflight(base, route.new, self.subject.site, asks, headers=self.subject.headers)
            unsent = [header for header in MCP_HEADERS if not answer.may_send(header)]
            if not answer.allowed or unsent or not answer.may_read(MCP_HEADERS[0]):
                self.notebook.problem("cors", f"a page of {self.subject.site} can't use it: {answer}")

    def _call(self, base: str, path: str, over: str) -> CallResult | None:
        call, headers = self.subject.call, self.subject.headers
        if call is None:
            return None
        return handshake.call_tool(
            base, path, call.tool, call.arguments, over=over, headers=headers, answers=call.answers
        )

    def _compare_calls(self, word: str, before: CallResult | None, now: CallResult | None) -> None:
        """The call gives what it gave before; where the tool itself worked, that is the right answer."""
        if before is None or now is None or self.subject.call is None:
            return
        if not now.ok or now.failed != before.failed:
            self.notebook.problem(word, f"call: {now.error or now.text[:200]}")
        elif not now.failed and self.subject.call.answer not in now.text:
            self.notebook.problem(word, f"call: {now.text[:200]!r} without {self.subject.call.answer!r}")
        elif missing := sorted(set(before.asked) - set(now.asked)):
            self.notebook.problem(word, f"call: the client was no longer asked for {', '.join(missing)}")
