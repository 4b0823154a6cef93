from mcp import ClientSession
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamablehttp_client


async def dispatch(kind: str, url: str):
    if kind == "http":
        async with streamablehttp_client(url) as (read, write, _):
            return ClientSession(read, write)
    elif kind == "sse":
        async with sse_client(url) as (read, write):
            return ClientSession(read, write)


async def fallback():
    try:
        return await dispatch("http", "http://localhost:8000/mcp")
    except Exception:
        async with sse_client("http://localhost:8000/sse") as (read, write):
            return ClientSession(read, write)


async def sse_only(url):
    async with sse_client(url) as (read, write):
        return ClientSession(read, write)
