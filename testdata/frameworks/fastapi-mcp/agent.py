import asyncio
import json

from mcp import ClientSession
from mcp.client.sse import sse_client


async def main():
    async with sse_client("http://127.0.0.1:8000/sse") as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        print(json.dumps(sorted(tool.name for tool in (await session.list_tools()).tools)))


asyncio.run(main())
