import asyncio
import json

from google.adk.tools.mcp_tool import McpToolset
from google.adk.tools.mcp_tool.mcp_session_manager import SseConnectionParams


async def main():
    toolset = McpToolset(connection_params=SseConnectionParams(url="http://127.0.0.1:8000/sse", timeout=10))
    print(json.dumps(sorted(t.name for t in await toolset.get_tools())))
    await toolset.close()


asyncio.run(main())
