from livekit.agents import mcp

server = mcp.MCPServerHTTP("http://localhost:8000/mcp", timeout=5, transport_type="streamable_http")
