from letta.functions.mcp_client.types import MCPServerType, SSEServerConfig
from letta.services.mcp.sse_client import AsyncSSEMCPClient

config = SSEServerConfig(server_name="weather", server_url="http://localhost:8000/sse", auth_header="X-Key")
typed = SSEServerConfig(server_name="weather", server_url="http://localhost:8001/sse", type=MCPServerType.SSE)
client = AsyncSSEMCPClient(config, None, "agent-1")
