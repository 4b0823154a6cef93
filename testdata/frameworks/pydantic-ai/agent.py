import asyncio
import json
import os

from pydantic_ai.mcp import MCPServerSSE

server = MCPServerSSE(os.getenv("DEMO_URL", "http://127.0.0.1:8000/sse"), tool_prefix="demo")


async def main():
    async with server:
        print(json.dumps(sorted(t.name for t in await server.list_tools())))


asyncio.run(main())
