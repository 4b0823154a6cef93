import asyncio
import json

from agentscope.mcp import HttpStatelessClient


async def main():
    client = HttpStatelessClient("demo", "sse", "http://127.0.0.1:8000/sse")
    print(json.dumps(sorted(t.name for t in await client.list_tools())))


asyncio.run(main())
