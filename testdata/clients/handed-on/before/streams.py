import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urljoin

from mcp import ClientSession
from mcp.client.sse import sse_client

BASE = "http://tools.example.org/api/"


@asynccontextmanager
async def opened(headers):
    async with sse_client("http://tools.example.org/sse", headers=headers) as streams:
        yield streams


class Held:
    def __init__(self):
        self.stack = AsyncExitStack()
        self.pair = None

    async def start(self):
        self.pair = await self.stack.enter_async_context(sse_client(urljoin(BASE, "sse")))
        return ClientSession(*self.pair)

    async def streams(self):
        return await self.stack.enter_async_context(sse_client("http://tools.example.org/sse"))


class Connections:
    """Contexts are entered within a time, and kept to be left later."""

    def __init__(self):
        self.open = {}

    async def connect(self, name: str, seconds: float):
        context = None
        try:
            context = sse_client("http://127.0.0.1:9000/sse")
            read, write = await asyncio.wait_for(context.__aenter__(), timeout=seconds)
            session = await asyncio.wait_for(ClientSession(read, write).__aenter__(), seconds)
            self.open[name] = {"context": context, "session": session}
        except asyncio.TimeoutError:
            if context:
                await context.__aexit__(None, None, None)
            raise
