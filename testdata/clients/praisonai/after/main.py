from praisonaiagents import MCP, Agent

agent = Agent(tools=MCP("http://localhost:8000/mcp"))
