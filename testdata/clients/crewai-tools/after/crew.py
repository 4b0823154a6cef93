from crewai_tools import MCPServerAdapter

params = {"url": "http://localhost:8000/mcp", "transport": "streamable-http"}
said = {
    "url": "http://localhost:8001/mcp",
    "transport": "streamable-http",
}
silent = {
    "url": "http://localhost:8002/mcp",
    "transport": "streamable-http",
    "headers": {"A": "b"},
}
streams = {"url": "http://localhost:8003/mcp", "transport": "streamable-http"}

with MCPServerAdapter(params) as tools:
    print(tools)
with MCPServerAdapter([said, silent, streams]) as tools:
    print(tools)
