from mcp import ClientSessionGroup
from mcp.client.session_group import StreamableHttpParameters


async def main():
    async with ClientSessionGroup() as group:
        await group.connect_to_server(StreamableHttpParameters(url="http://localhost:8000/mcp", timeout=10))
