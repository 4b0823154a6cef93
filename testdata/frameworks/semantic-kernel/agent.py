import asyncio
import json

from semantic_kernel.connectors.mcp import MCPSsePlugin


async def main():
    async with MCPSsePlugin(name="demo", url="http://127.0.0.1:8000/sse", timeout=10) as plugin:
        listed = await plugin.session.list_tools()
        print(json.dumps(sorted(t.name for t in listed.tools)))


asyncio.run(main())
