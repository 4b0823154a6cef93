from livekit.agents import mcp

server = mcp.MCPServerHTTP("http://localhost:8000/mcp", timeout=5, transport_type="streamable_http")
bare = mcp.MCPServerHTTP(url="http://localhost:8001")
streams = mcp.MCPServerHTTP("http://localhost:8002/mcp")
