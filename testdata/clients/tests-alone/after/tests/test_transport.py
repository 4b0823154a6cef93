from mcp import ClientSession
from mcp.client.sse import sse_client


async def test_it(server: str):
    async with sse_client(f"{server}/sse") as (read, write):
        async with ClientSession(read, write) as session:
            await session.initialize()
