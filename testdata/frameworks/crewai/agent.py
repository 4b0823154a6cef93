import asyncio
import json

from crewai.mcp import MCPClient
from crewai.mcp.transports.sse import SSETransport


async def main():
    client = MCPClient(SSETransport("http://127.0.0.1:8000/sse"))
    await client.connect()
    print(json.dumps(sorted(t["name"] for t in await client.list_tools())))
    await client.disconnect()


asyncio.run(main())
