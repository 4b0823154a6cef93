import os

from langchain_mcp_adapters.client import MultiServerMCPClient
from langchain_mcp_adapters.sessions import StreamableHttpConnection
from langchain_mcp_adapters.tools import load_mcp_tools

MATH_URL = os.getenv("MATH_URL", "http://localhost:8000/mcp")

SERVERS = {
    "math": {
        "url": MATH_URL,  # ours
        'transport': 'streamable_http',
        "headers": {"X-Key": "k"},
    },
    "files": {"command": "python", "args": ["files.py"], "transport": "stdio"},
}

client = MultiServerMCPClient(SERVERS)
weather = MultiServerMCPClient({"weather": {"transport": "streamable_http", "url": "https://weather.example.com/mcp"}})


async def with_given(url: str):
    return MultiServerMCPClient({"given": {"transport": "sse", "url": url}})


async def one():
    connection = StreamableHttpConnection(transport="streamable_http", url="http://localhost:8003/mcp", headers={"A": "b"})
    shared = {"transport": "sse", **SERVERS["math"]}
    await load_mcp_tools(None, connection={"transport": "streamable_http", "url": "http://localhost:8004/mcp"})
    return MultiServerMCPClient({"one": connection, "two": shared})
