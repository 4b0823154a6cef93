import asyncio

from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client

SERVERS = {
    "one": {"url": "http://127.0.0.1:7001/mcp", "token": "a"},
    "two": {"url": "http://127.0.0.1:7002/mcp", "token": "b"},
}


async def main():
    for name, spec in SERVERS.items():
        async with streamable_http_client(spec["url"]) as streams:
            async with ClientSession(*streams[:2]) as session:
                await session.initialize()
                print(name, await session.list_tools())


asyncio.run(main())
