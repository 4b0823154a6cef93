from letta_client import Letta, StreamableHttpServerConfig

config = StreamableHttpServerConfig(server_name="weather", server_url="http://localhost:8000/mcp", type="streamable_http")
Letta(base_url="http://localhost:8283").tools.add_mcp_server(request=config)
Letta(base_url="http://localhost:8283").tools.add_mcp_server(
    request=StreamableHttpServerConfig(type="streamable_http", server_name="weather", server_url="http://localhost:8001/mcp")
)
