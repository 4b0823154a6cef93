from haystack_integrations.tools.mcp import MCPTool, MCPToolset, SSEServerInfo

toolset = MCPToolset(SSEServerInfo(url="http://localhost:8000/sse", timeout=30))
tool = MCPTool(name="add", server_info=SSEServerInfo(base_url="http://localhost:8000"))
