from haystack_integrations.tools.mcp import MCPTool, MCPToolset, SSEServerInfo, StreamableHttpServerInfo

toolset = MCPToolset(StreamableHttpServerInfo(url="http://localhost:8000/mcp", timeout=30))
tool = MCPTool(name="add", server_info=SSEServerInfo(base_url="http://localhost:8000"))
