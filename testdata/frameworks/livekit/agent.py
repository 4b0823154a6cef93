import asyncio
import json

from livekit.agents import mcp


async def main():
    server = mcp.MCPServerHTTP("http://127.0.0.1:8000/sse")
    await server.initialize()
    tools = await server.list_tools()
    print(json.dumps(sorted(t.info.name for t in tools)))
    await server.aclose()


asyncio.run(main())
