import asyncio
from mcp import ClientSession
from mcp.client.streamable_http import streamablehttp_client
from client.config import settings
async def main():
    async with streamablehttp_client(settings.mcp_server_url) as (r, w, *_):
        async with ClientSession(r, w) as s:
            await s.initialize()
asyncio.run(main())
