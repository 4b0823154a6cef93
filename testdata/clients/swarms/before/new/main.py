from swarms import Agent
from swarms.tools import MCPManager

agent = Agent(mcp_url="http://localhost:8001/sse")
manager = MCPManager(mcp_url="http://localhost:8003/sse", transport="sse")
