from agno.tools.mcp import MCPTools, MultiMCPTools, StreamableHTTPClientParams

plain = MCPTools(url="http://localhost:8000/mcp", transport="streamable-http")
params = StreamableHTTPClientParams(url="http://localhost:8001/mcp", headers={"A": "b"})
given = MCPTools(server_params=params, transport="streamable-http")
many = MultiMCPTools(
    urls=["http://localhost:8003/mcp", "http://localhost:8004/mcp", 'http://localhost:8005/api/mcp'],
    urls_transports=["streamable-http", "streamable-http", 'streamable-http'],
)
URLS = ["http://localhost:8006/sse"]
short = MultiMCPTools(urls=[*URLS], urls_transports=["sse"])
