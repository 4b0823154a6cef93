from upsonic.tools.mcp import MCPHandler, MultiMCPHandler, SSEClientParams

handler = MCPHandler(server_params=SSEClientParams(url="http://localhost:8000/sse"), transport="sse")
plain = MCPHandler(url="http://localhost:8001/sse", transport="sse")
many = MultiMCPHandler(None, ["http://localhost:8002/sse", "http://localhost:8003/mcp"], ["sse", "streamable-http"])
