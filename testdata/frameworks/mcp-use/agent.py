import asyncio
import json

from mcp_use import MCPClient


async def main():
    client = MCPClient.from_dict({"mcpServers": {"demo": {"url": "http://127.0.0.1:8000/sse"}}})
    session = await client.create_session("demo")
    print(json.dumps(sorted(t.name for t in await session.list_tools())))
    await client.close_all_sessions()


asyncio.run(main())
