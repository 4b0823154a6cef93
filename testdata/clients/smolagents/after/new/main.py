from smolagents import MCPClient

said = MCPClient({"url": "http://127.0.0.1:8000/mcp", "transport": "streamable-http"})
listed = MCPClient([{"url": "http://127.0.0.1:8001/mcp", "transport": "streamable-http"}])
