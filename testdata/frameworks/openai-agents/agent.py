import asyncio
import json

from agents.mcp import MCPServerSse


async def main():
    async with MCPServerSse(params={"url": "http://127.0.0.1:8000/sse", "timeout": 10}, name="demo") as server:
        print(json.dumps(sorted(t.name for t in await server.list_tools())))


asyncio.run(main())
