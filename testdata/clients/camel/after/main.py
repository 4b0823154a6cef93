from camel.utils.mcp_client import MCPClient, ServerConfig

client = MCPClient(ServerConfig(url="http://localhost:8000/mcp", type="streamable_http"))
