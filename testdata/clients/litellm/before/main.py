from litellm.experimental_mcp_client.client import MCPClient

client = MCPClient(server_url="http://localhost:8000/sse", transport_type="sse")
