from fast_agent.config import MCPServerSettings

server = MCPServerSettings(transport="sse", url="http://localhost:8000/sse")
