from smolagents import MCPClient

said = MCPClient({"url": "http://127.0.0.1:8000/sse", "transport": "sse"})
listed = MCPClient([{"url": "http://127.0.0.1:8001/sse"}])
