import asyncio
import json

from inspect_ai.tool import ToolDef, mcp_connection, mcp_server_sse


async def main():
    server = mcp_server_sse(name="demo", url="http://127.0.0.1:8000/sse")
    async with mcp_connection(server):
        print(json.dumps(sorted(ToolDef(t).name for t in await server.tools())))


asyncio.run(main())
