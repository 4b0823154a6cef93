from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.stdio import stdio_client


async def call(params, local: bool):
    if local:
        async with stdio_client(params) as streams:
            read, write = streams
            async with ClientSession(read, write) as session:
                await session.initialize()
    else:
        async with sse_client("http://localhost:8000/sse") as streams:
            read, write = streams
            async with ClientSession(read, write) as session:
                await session.initialize()
