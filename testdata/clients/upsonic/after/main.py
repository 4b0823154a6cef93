from upsonic.tools.mcp import MCPHandler, MultiMCPHandler, StreamableHTTPClientParams

handler = MCPHandler(server_params=StreamableHTTPClientParams(url="http://localhost:8000/mcp"), transport="streamable-http")
plain = MCPHandler(url="http://localhost:8001/mcp", transport="streamable-http")
many = MultiMCPHandler(None, ["http://localhost:8002/mcp", "http://localhost:8003/mcp"], ["streamable-http", "streamable-http"])
