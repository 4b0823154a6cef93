import asyncio
import json

from fastmcp import Client


async def main():
    async with Client("http://127.0.0.1:8000/sse") as client:
        print(json.dumps(sorted(t.name for t in await client.list_tools())))


asyncio.run(main())
