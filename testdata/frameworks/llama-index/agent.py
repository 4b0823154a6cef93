import asyncio
import json

from llama_index.tools.mcp import BasicMCPClient, McpToolSpec


async def main():
    tools = await McpToolSpec(BasicMCPClient("http://127.0.0.1:8000/sse")).to_tool_list_async()
    print(json.dumps(sorted(t.metadata.name for t in tools)))


asyncio.run(main())
