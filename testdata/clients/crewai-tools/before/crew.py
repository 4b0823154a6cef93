from crewai_tools import MCPServerAdapter

params = {"url": "http://localhost:8000/sse"}
said = {
    "url": "http://localhost:8001/sse",
    "transport": "sse",
}
silent = {
    "url": "http://localhost:8002/sse",
    "headers": {"A": "b"},
}
streams = {"url": "http://localhost:8003/mcp", "transport": "streamable-http"}

with MCPServerAdapter(params) as tools:
    print(tools)
with MCPServerAdapter([said, silent, streams]) as tools:
    print(tools)
