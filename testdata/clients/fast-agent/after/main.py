from fast_agent.config import MCPServerSettings

server = MCPServerSettings(transport="http", url="http://localhost:8000/mcp")
