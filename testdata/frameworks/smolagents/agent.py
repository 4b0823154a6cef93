import json

from smolagents import MCPClient

with MCPClient({"url": "http://127.0.0.1:8000/sse", "transport": "sse"}) as tools:
    print(json.dumps(sorted(t.name for t in tools)))
