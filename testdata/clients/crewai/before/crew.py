from crewai.mcp import MCPServerSSE

server = MCPServerSSE(url="http://localhost:8000/sse", headers={"A": "b"}, cache_tools_list=True)
