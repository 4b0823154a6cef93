from swarms import Agent

agent = Agent(mcp_url="http://localhost:8004/sse")
