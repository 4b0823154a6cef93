from upsonic.tools.mcp import MCPHandler, StreamableHTTPClientParams

handler = MCPHandler(server_params=StreamableHTTPClientParams(url="http://localhost:8000/mcp"), transport="streamable-http")
plain = MCPHandler(url="http://localhost:8001/mcp", transport="streamable-http")
