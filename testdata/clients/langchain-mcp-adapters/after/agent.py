import os

from langchain_mcp_adapters.client import MultiServerMCPClient

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
