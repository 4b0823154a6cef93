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
