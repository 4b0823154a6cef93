import os

from mcp import ClientSession
from mcp.client.sse import sse_client


async def run():
    async with sse_client(os.environ["STAYING_URL"]) as streams, ClientSession(*streams) as session:
        await session.initialize()
