import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urljoin

from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client

BASE = "http://tools.example.org/api/"


@asynccontextmanager
async def opened(headers):
    async with streamablehttp_client("http://tools.example.org/mcp", headers=headers) as streams:
        yield streams[:2]


class Held:
    def __init__(self):
        self.stack = AsyncExitStack()
        self.pair = None

    async def start(self):
        self.pair = await self.stack.enter_async_context(streamablehttp_client(urljoin(BASE, "mcp")))
        return ClientSession(*self.pair[:2])

    async def streams(self):
        return (await self.stack.enter_async_context(streamablehttp_client("http://tools.example.org/mcp")))[:2]


class Connections:
    """Contexts are entered within a time, and kept to be left later."""

    def __init__(self):
        self.open = {}

    async def connect(self, name: str, seconds: float):
        context = None
        try:
            context = streamablehttp_client("http://127.0.0.1:9000/mcp")
            read, write, *_ = await asyncio.wait_for(context.__aenter__(), timeout=seconds)
            session = await asyncio.wait_for(ClientSession(read, write).__aenter__(), seconds)
            self.open[name] = {"context": context, "session": session}
        except asyncio.TimeoutError:
            if context:
                await context.__aexit__(None, None, None)
            raise
