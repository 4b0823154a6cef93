import asyncio
import sys
from contextlib import AsyncExitStack

from mcp import ClientSession
from mcp.client.sse import sse_client

URL = "http://127.0.0.1:9000/sse"


async def tuple_form():
    async with sse_client(URL) as (read, write), ClientSession(read, write) as session:
        await session.initialize()


async def streams_form():
    async with sse_client(url=URL, headers={"A": "b"}, timeout=10) as streams:
        async with ClientSession(streams[0], streams[1]) as session:
            await session.initialize()
        async with ClientSession(*streams) as session:
            await session.initialize()


class Client:
    def __init__(self):
        self.stack = AsyncExitStack()

    async def connect(self, base: str):
        transport = await self.stack.enter_async_context(sse_client(f"{base}/sse"))
        self.stdio, self.write = transport
        self._context = sse_client(URL)
        streams = await self._context.__aenter__()
        self.session = await ClientSession(*streams).__aenter__()

    async def close(self):
        await self._context.__aexit__(None, None, None)


async def outside():
    async with sse_client(sys.argv[1]) as (read, write):
        print(read, write)


asyncio.run(tuple_form())
