import asyncio
import json

from agno.tools.mcp import MCPTools
from agno.tools.mcp.params import SSEClientParams


async def main():
    params = SSEClientParams(url="http://127.0.0.1:8000/sse")
    async with MCPTools(transport="sse", server_params=params) as tools:
        print(json.dumps(sorted(tools.functions)))


asyncio.run(main())
