from livekit.agents import mcp

server = mcp.MCPServerHTTP("http://localhost:8000/sse", timeout=5)
bare = mcp.MCPServerHTTP(url="http://localhost:8001")
streams = mcp.MCPServerHTTP("http://localhost:8002/mcp")
