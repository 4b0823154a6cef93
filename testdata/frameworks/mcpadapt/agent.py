import asyncio
import json

from mcpadapt.core import mcptools


async def main():
    async with mcptools({"url": "http://127.0.0.1:8000/sse"}) as (_, tools):
        print(json.dumps(sorted(t.name for t in tools)))


asyncio.run(main())
