from litellm.experimental_mcp_client.client import MCPClient

client = MCPClient(server_url="http://localhost:8000/mcp", transport_type="http")
