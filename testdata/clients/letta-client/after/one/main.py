from letta_client import AsyncLetta, Letta
from letta_client.types import CreateStreamableHTTPMcpServerParam

client = Letta(base_url="http://localhost:8283")
client.mcp_servers.create(
    server_name="weather",
    config=CreateStreamableHTTPMcpServerParam(server_url="http://localhost:8000/mcp", mcp_server_type="streamable_http"),
)
client.mcp_servers.create(
    server_name="times", config={"mcp_server_type": "streamable_http", "server_url": "http://localhost:8001/mcp"}
)


async def change(known: str) -> None:
    config = {"mcp_server_type": "streamable_http", "server_url": "http://localhost:8002/mcp"}
    await AsyncLetta(base_url="http://localhost:8283").mcp_servers.update(known, config=config)
    await AsyncLetta().mcp_servers.create(server_name="own", config={"mcp_server_type": "stdio", "command": "sse"})
