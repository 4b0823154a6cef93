from smolagents import MCPClient, ToolCollection

client = MCPClient({"url": "http://127.0.0.1:8000/sse"})
with ToolCollection.from_mcp({"url": "http://127.0.0.1:8000/sse", "transport": "sse"}, trust_remote_code=True) as tools:
    print(tools)
