import asyncio
import sys
from contextlib import AsyncExitStack, asynccontextmanager

from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client, create_mcp_http_client


@asynccontextmanager
async def connect_streamable_http(url, headers=None, timeout=30, sse_read_timeout=300, auth=None):
    """The two streams of a Streamable HTTP server, reached with these headers, time-outs and login."""
    timeouts = (timeout, sse_read_timeout, timeout, timeout)  # connect, read, write, pool
    async with create_mcp_http_client(headers=headers, timeout=timeouts, auth=auth) as http_client:
        async with streamable_http_client(url, http_client=http_client) as streams:
            yield streams[:2]


URL = "http://127.0.0.1:9000/mcp"


async def tuple_form():
    async with streamable_http_client(URL) as (read, write, *_), ClientSession(read, write) as session:
        await session.initialize()


async def streams_form():
    async with connect_streamable_http(url=URL, headers={"A": "b"}, timeout=10) as streams:
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
        self._context = streamable_http_client(URL)
        streams = await self._context.__aenter__()
        self.session = await ClientSession(*streams[:2]).__aenter__()

    async def close(self):
        await self._context.__aexit__(None, None, None)


async def outside():
    async with sse_client(sys.argv[1]) as (read, write):
        print(read, write)


asyncio.run(tuple_form())
