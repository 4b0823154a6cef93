from mcp import ClientSessionGroup
from mcp.client.session_group import SseServerParameters


async def main():
    async with ClientSessionGroup() as group:
        await group.connect_to_server(SseServerParameters(url="http://localhost:8000/sse", timeout=10))
