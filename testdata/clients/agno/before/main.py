from agno.tools.mcp import MCPTools, MultiMCPTools, SSEClientParams

plain = MCPTools(url="http://localhost:8000/sse", transport="sse")
params = SSEClientParams(url="http://localhost:8001/sse", headers={"A": "b"})
given = MCPTools(server_params=params, transport="sse")
many = MultiMCPTools(
    urls=["http://localhost:8003/sse", "http://localhost:8004/mcp", 'http://localhost:8005/api/sse'],
    urls_transports=["sse", "streamable-http", 'sse'],
)
URLS = ["http://localhost:8006/sse"]
short = MultiMCPTools(urls=[*URLS], urls_transports=["sse"])
