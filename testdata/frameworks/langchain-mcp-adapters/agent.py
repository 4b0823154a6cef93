import asyncio
import json

from langchain_mcp_adapters.client import MultiServerMCPClient

SERVERS = {"demo": {"url": "http://127.0.0.1:8000/sse", "transport": "sse", "timeout": 10}}


async def main():
    tools = await MultiServerMCPClient(SERVERS).get_tools()
    print(json.dumps(sorted(t.name for t in tools)))


asyncio.run(main())
