from mcp_use import MCPAgent, MCPClient

client = MCPClient.from_dict({"mcpServers": {"http": {"url": "http://localhost:8931/mcp"}}})
