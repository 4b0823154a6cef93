from agno.tools.mcp import MCPTools, MultiMCPTools, SSEClientParams

plain = MCPTools(url="http://localhost:8000/sse", transport="sse")
params = SSEClientParams(url="http://localhost:8001/sse", headers={"A": "b"})
given = MCPTools(server_params=params, transport="sse")
many = MultiMCPTools(urls=["http://localhost:8003/sse"], urls_transports=["sse"])
