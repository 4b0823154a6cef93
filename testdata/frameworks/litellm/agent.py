import asyncio
import json

from litellm.experimental_mcp_client.client import MCPClient


async def main():
    client = MCPClient(server_url="http://127.0.0.1:8000/sse", transport_type="sse")
    print(json.dumps(sorted(t.name for t in await client.list_tools())))


asyncio.run(main())
