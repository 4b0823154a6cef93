import asyncio

from mcp import ClientSession
from mcp.client.sse import sse_client

SERVERS = {
    "one": {"url": "http://127.0.0.1:7001/sse", "token": "a"},
    "two": {"url": "http://127.0.0.1:7002/sse", "token": "b"},
}


async def main():
    for name, spec in SERVERS.items():
        async with sse_client(spec["url"]) as streams:
            async with ClientSession(*streams) as session:
                await session.initialize()
                print(name, await session.list_tools())


asyncio.run(main())
