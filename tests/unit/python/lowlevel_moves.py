"""Hand-wired servers in memory: what the low-level room makes of a few files."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from migrator.context import Context
from migrator.python.code import Code
from migrator.python.rewrite.edits import Operation, path_of
from migrator.python.rewrite.transform import apply_operations
from migrator.python.servers import Servers
from migrator.python.unit import Draft
from migrator.rulebook import load
from migrator.scan import scan
from migrator.settings import Settings
from migrator.versions.resolved import Versions

HEAD = """\
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.sse import SseServerTransport
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route

server = Server("calculator")
sse = SseServerTransport("/messages/")

"""


@dataclass
class Moved:
    """The drafts, and the files as they would be written (a blocked project stays as it is)."""

    drafts: list[Draft]
    files: dict[str, str]

    @property
    def draft(self) -> Draft:
        (draft,) = self.drafts
        return draft

    @property
    def text(self) -> str:
        return self.files["server.py"]

    @property
    def blocks(self) -> list[str]:
        return [b.message for d in self.drafts for b in d.blocks]

    def note(self, rule: str) -> str:
        (message,) = [f.message for d in self.drafts for f in d.findings if f.rule == rule]
        return message


def move(folder: Path, code: str | dict[str, str], settings: Settings | None = None) -> Moved:
    """What becomes of a project: of server.py alone, or of several files."""
    files = {"server.py": code} if isinstance(code, str) else code
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    settings = settings or Settings()
    tree, rules = scan(folder, settings), load(settings)
    context = Context(tree, settings, rules, Versions.read(tree, rules), Code(tree))
    drafts = Servers(context).low.drafts()
    operations: dict[str, list[Operation]] = {}
    if not any(d.blocks for d in drafts):
        for draft in drafts:
            for operation in draft.operations:
                operations.setdefault(path_of(operation), []).append(operation)
    after = {}
    for name in files:
        data = apply_operations(name, (folder / name).read_bytes(), operations.get(name, ()))
        after[name] = data.decode("utf-8")
        ast.parse(after[name])
    return Moved(drafts, after)


def handler(body: str, more: str = "", routes: str = 'Route("/sse", endpoint=handle_sse)') -> str:
    """A server whose stream is served by `body`, which defines handle_sse."""
    return (
        HEAD
        + dedent(body)
        + dedent(more)
        + f'app = Starlette(routes=[{routes}, Mount("/messages/", app=sse.handle_post_message)])\n'
    )


RUN = "await server.run(streams[0], streams[1], server.create_initialization_options())"
PLAIN = f"""
async def handle_sse(request):
    async with sse.connect_sse(request.scope, request.receive, request._send) as streams:
        {RUN}


"""
# what handler(PLAIN) becomes
PLAIN_AFTER = '''\
import uvicorn
from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
import contextlib

server = Server("calculator")
session_manager = StreamableHTTPSessionManager(app=server, stateless=True)


class StreamableHTTPEndpoint:
    """Hands each request to the session manager: Route serves an object as an ASGI application."""

    async def __call__(self, scope, receive, send):
        await session_manager.handle_request(scope, receive, send)


@contextlib.asynccontextmanager
async def mcp_lifespan(app):
    async with session_manager.run():
        yield


app = Starlette(routes=[Route("/mcp", endpoint=StreamableHTTPEndpoint())], lifespan=mcp_lifespan)
'''
