import json

from atomic_agents.connectors.mcp import MCPTransportType, fetch_mcp_tools

tools = fetch_mcp_tools(mcp_endpoint="http://127.0.0.1:8000", transport_type=MCPTransportType.SSE)
print(json.dumps(sorted(tool.mcp_tool_name for tool in tools)))
