from upsonic.tools.mcp import MCPHandler, SSEClientParams

handler = MCPHandler(server_params=SSEClientParams(url="http://localhost:8000/sse"), transport="sse")
plain = MCPHandler(url="http://localhost:8001/sse", transport="sse")
