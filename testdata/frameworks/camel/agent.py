import asyncio
import json

from camel.utils.mcp_client import MCPClient, ServerConfig


async def main():
    async with MCPClient(ServerConfig(url="http://127.0.0.1:8000/sse", type="sse")) as client:
        print(json.dumps(sorted(t.name for t in (await client.list_mcp_tools()).tools)))


asyncio.run(main())
