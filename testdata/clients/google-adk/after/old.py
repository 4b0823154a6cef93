from google.adk.tools.mcp_tool.mcp_toolset import MCPToolset
from google.adk.tools.mcp_tool import StreamableHTTPConnectionParams

tools = MCPToolset(connection_params=StreamableHTTPConnectionParams(url="http://localhost:3005/mcp"))
