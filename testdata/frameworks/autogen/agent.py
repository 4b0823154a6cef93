import asyncio
import json

from autogen_ext.tools.mcp import SseMcpToolAdapter, SseServerParams, mcp_server_tools

params = SseServerParams(url="http://127.0.0.1:8000/sse", timeout=10)


async def main():
    tools = await mcp_server_tools(params)
    for tool in tools:
        await SseMcpToolAdapter.from_server_params(params, tool.name)
    print(json.dumps(sorted(t.name for t in tools)))


asyncio.run(main())
