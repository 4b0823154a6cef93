from google.adk.tools.mcp_tool.mcp_toolset import MCPToolset, SseServerParams

tools = MCPToolset(connection_params=SseServerParams(url="http://localhost:3005/sse"))
