import os
from langchain_mcp_adapters.client import MultiServerMCPClient

MCP_URL = os.environ.get("MCP_URL", "http://localhost:8000/sse")
SERVERS = {
    "math": {"url": MCP_URL, "transport": "sse", "headers": {"X-Key": "k"}, "timeout": 30, "sse_read_timeout": 300},
    "fs": {"command": "npx", "args": ["-y", "x"], "transport": "stdio"},
}


async def tools():
    client = MultiServerMCPClient(SERVERS)
    return await client.get_tools()
