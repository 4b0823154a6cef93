from letta_client import AsyncLetta, Letta
from letta_client.types import CreateSseMcpServerParam

client = Letta(base_url="http://localhost:8283")
client.mcp_servers.create(
    server_name="weather",
    config=CreateSseMcpServerParam(server_url="http://localhost:8000/sse", mcp_server_type="sse"),
)
client.mcp_servers.create(
    server_name="times", config={"mcp_server_type": "sse", "server_url": "http://localhost:8001/sse"}
)


async def change(known: str) -> None:
    config = {"mcp_server_type": "sse", "server_url": "http://localhost:8002/sse"}
    await AsyncLetta(base_url="http://localhost:8283").mcp_servers.update(known, config=config)
    await AsyncLetta().mcp_servers.create(server_name="own", config={"mcp_server_type": "stdio", "command": "sse"})
