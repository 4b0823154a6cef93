import asyncio
import json

from fast_agent.config import MCPServerSettings, MCPSettings, Settings
from fast_agent.mcp.gen_client import gen_client
from fast_agent.mcp_server_registry import ServerRegistry

demo = MCPServerSettings(transport="sse", url="http://127.0.0.1:8000/sse")


async def main():
    registry = ServerRegistry(Settings(mcp=MCPSettings(servers={"demo": demo})))
    async with gen_client("demo", registry) as connection:
        listed = await connection.client.list_tools()
    print(json.dumps(sorted(tool.name for tool in listed.tools)))


asyncio.run(main())
