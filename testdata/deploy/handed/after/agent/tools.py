import os
from langchain_mcp_adapters.client import MultiServerMCPClient

MCP_URL = os.environ.get("MCP_URL", "http://localhost:8000/mcp")
SERVERS = {
    "math": {"url": MCP_URL, "transport": "streamable_http", "headers": {"X-Key": "k"}, "timeout": 30, "sse_read_timeout": 300},
    "fs": {"command": "npx", "args": ["-y", "x"], "transport": "stdio"},
}


async def tools():
    client = MultiServerMCPClient(SERVERS)
    return await client.get_tools()
