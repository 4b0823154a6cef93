from letta.functions.mcp_client.types import MCPServerType, SSEServerConfig, StreamableHTTPServerConfig

config = StreamableHTTPServerConfig(server_name="weather", server_url="http://localhost:8000/mcp", auth_header="X-Key")
typed = SSEServerConfig(server_name="weather", server_url="http://localhost:8001/sse", type=MCPServerType.SSE)
