from letta_client import Letta, SseServerConfig

config = SseServerConfig(server_name="weather", server_url="http://localhost:8000/sse")
Letta(base_url="http://localhost:8283").tools.add_mcp_server(request=config)
Letta(base_url="http://localhost:8283").tools.add_mcp_server(
    request=SseServerConfig(type="sse", server_name="weather", server_url="http://localhost:8001/sse")
)
