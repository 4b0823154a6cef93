from functools import partial

from mcp.client.sse import sse_client

URL = "http://localhost:8000/sse"
connect = partial(sse_client, URL)


async def handed():
    async with sse_client(URL) as streams:
        return streams


async def everything(**options):
    async with sse_client(**options) as (read, write):
        print(read, write)
