from letta.functions.mcp_client.sse_client import SSEMCPClient
from letta.functions.mcp_client.types import SSEServerConfig

config = SSEServerConfig(server_name="weather", server_url="http://localhost:8002/sse")
client = SSEMCPClient(config)
