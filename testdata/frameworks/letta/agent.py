import asyncio
import json

from letta.functions.mcp_client.types import SSEServerConfig
from letta.services.mcp.sse_client import AsyncSSEMCPClient


async def main():
    client = AsyncSSEMCPClient(SSEServerConfig(server_name="demo", server_url="http://127.0.0.1:8000/sse"))
    await client.connect_to_server()
    print(json.dumps(sorted(tool.name for tool in await client.list_tools())))
    await client.cleanup()


asyncio.run(main())
