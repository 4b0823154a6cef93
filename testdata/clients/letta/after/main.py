from letta.functions.mcp_client.types import MCPServerType, SSEServerConfig, StreamableHTTPServerConfig
from letta.services.mcp.streamable_http_client import AsyncStreamableHTTPMCPClient

config = StreamableHTTPServerConfig(server_name="weather", server_url="http://localhost:8000/mcp", auth_header="X-Key")
typed = SSEServerConfig(server_name="weather", server_url="http://localhost:8001/sse", type=MCPServerType.SSE)
client = AsyncStreamableHTTPMCPClient(config, None, "agent-1")
