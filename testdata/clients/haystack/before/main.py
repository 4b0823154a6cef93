import os

from haystack_integrations.tools.mcp import MCPTool, MCPToolset, SSEServerInfo

BASE = "http://localhost:8002"

toolset = MCPToolset(SSEServerInfo(url="http://localhost:8000/sse", timeout=30))
tool = MCPTool(name="add", server_info=SSEServerInfo(base_url="http://localhost:8000/", timeout=5))
named = MCPTool(name="add", server_info=SSEServerInfo(base_url=BASE))
joined = MCPTool(name="add", server_info=SSEServerInfo(base_url=f"{BASE}/tools"))
outside = MCPTool(name="add", server_info=SSEServerInfo(base_url=os.environ["MCP_BASE"]))
