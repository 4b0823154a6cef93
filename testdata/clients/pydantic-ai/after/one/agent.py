from pydantic_ai import Agent
from pydantic_ai.mcp import MCPServerStreamableHTTP

server = MCPServerStreamableHTTP(url="http://localhost:3001/mcp", headers={"A": "b"}, tool_prefix="p")
other = MCPServerStreamableHTTP('http://localhost:3002/mcp')
agent = Agent("openai:gpt-4o", toolsets=[server, other])
