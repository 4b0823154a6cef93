from mcp import ClientSession
from mcp.client.streamable_http import streamable_http_client
from mcp.client.stdio import stdio_client


async def call(params, local: bool):
    if local:
        async with stdio_client(params) as streams:
            read, write = streams
            async with ClientSession(read, write) as session:
                await session.initialize()
    else:
        async with streamable_http_client("http://localhost:8000/mcp") as streams:
            read, write, *_ = streams
            async with ClientSession(read, write) as session:
                await session.initialize()
