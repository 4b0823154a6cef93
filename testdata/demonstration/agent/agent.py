"""An agent that uses the weather server; here it only says which tools it sees."""

import asyncio
import json
import os

from langchain_mcp_adapters.client import MultiServerMCPClient

SERVERS = {
    "weather": {
        "transport": "sse",
        "url": os.getenv("WEATHER_URL", "http://localhost:8000/sse"),
    },
}


async def main():
    tools = await MultiServerMCPClient(SERVERS).get_tools()
    print(json.dumps(sorted(tool.name for tool in tools)))


asyncio.run(main())
