import asyncio
import json
import os

from mcp_agent.app import MCPApp
from mcp_agent.config import MCPServerSettings, MCPSettings, Settings
from mcp_agent.mcp.gen_client import gen_client

servers = {"demo": MCPServerSettings(transport="sse", url="http://127.0.0.1:8000/sse")}
app = MCPApp(name="demo", settings=Settings(mcp=MCPSettings(servers=servers)))


async def main():
    async with app.run() as running:
        async with gen_client("demo", running.server_registry, context=running.context) as session:
            listed = await session.list_tools()
    print(json.dumps(sorted(t.name for t in listed.tools)), flush=True)
    os._exit(0)  # a thread of its log outlives the loop


asyncio.run(main())
