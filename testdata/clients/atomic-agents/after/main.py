import os

from atomic_agents.connectors import mcp
from atomic_agents.connectors.mcp import MCPTransportType, fetch_mcp_tools, fetch_mcp_tools_async

TRANSPORT = MCPTransportType.SSE

tools = fetch_mcp_tools("http://localhost:8000", MCPTransportType.HTTP_STREAM)
more = mcp.fetch_mcp_resources(mcp_endpoint="http://localhost:8001/", transport_type=mcp.MCPTransportType.HTTP_STREAM)
local = fetch_mcp_tools("python server.py", transport_type=MCPTransportType.STDIO)
newer = fetch_mcp_tools("http://localhost:8000", MCPTransportType.HTTP_STREAM)


async def later():
    return await fetch_mcp_tools_async(os.environ["MCP_SERVER"], transport_type=MCPTransportType.SSE)


named = fetch_mcp_tools("http://localhost:8000", TRANSPORT)
