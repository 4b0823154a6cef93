import asyncio
from mcp import ClientSession
from mcp.client.sse import sse_client
from client.config import settings
async def main():
    async with sse_client(settings.mcp_server_url) as (r, w):
        async with ClientSession(r, w) as s:
            await s.initialize()
asyncio.run(main())
