from pydantic_ai.mcp import MCPServerSSE, MCPToolset

tools = MCPToolset("http://localhost:3001/sse")
server = MCPServerSSE(url="http://localhost:3003/sse")
