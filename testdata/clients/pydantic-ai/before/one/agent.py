from pydantic_ai import Agent
from pydantic_ai.mcp import MCPServerHTTP, MCPServerSSE

server = MCPServerSSE(url="http://localhost:3001/sse", headers={"A": "b"}, tool_prefix="p")
other = MCPServerHTTP('http://localhost:3002/sse')
agent = Agent("openai:gpt-4o", toolsets=[server, other])
