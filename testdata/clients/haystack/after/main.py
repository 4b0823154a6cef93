import os

from haystack_integrations.tools.mcp import MCPTool, MCPToolset, SSEServerInfo, StreamableHttpServerInfo

BASE = "http://localhost:8002"

toolset = MCPToolset(StreamableHttpServerInfo(url="http://localhost:8000/mcp", timeout=30))
tool = MCPTool(name="add", server_info=StreamableHttpServerInfo(timeout=5, url="http://localhost:8000/mcp"))
named = MCPTool(name="add", server_info=StreamableHttpServerInfo(url=BASE.rstrip("/") + "/mcp"))
joined = MCPTool(name="add", server_info=StreamableHttpServerInfo(url=f"{BASE}/tools".rstrip("/") + "/mcp"))
outside = MCPTool(name="add", server_info=SSEServerInfo(base_url=os.environ["MCP_BASE"]))
