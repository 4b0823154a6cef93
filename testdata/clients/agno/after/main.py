from agno.tools.mcp import MCPTools, MultiMCPTools, StreamableHTTPClientParams

plain = MCPTools(url="http://localhost:8000/mcp", transport="streamable-http")
params = StreamableHTTPClientParams(url="http://localhost:8001/mcp", headers={"A": "b"})
given = MCPTools(server_params=params, transport="streamable-http")
many = MultiMCPTools(urls=["http://localhost:8003/sse"], urls_transports=["sse"])
