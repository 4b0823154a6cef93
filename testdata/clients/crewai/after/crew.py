from crewai.mcp import MCPServerHTTP

server = MCPServerHTTP(url="http://localhost:8000/mcp", headers={"A": "b"}, cache_tools_list=True)
