from livekit.agents import mcp

server = mcp.MCPServerHTTP("http://localhost:8000/sse", timeout=5)
