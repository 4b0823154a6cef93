from autogen.mcp.mcp_client import SseConfig

config = SseConfig(url="http://localhost:8000/sse", server_name="x")
