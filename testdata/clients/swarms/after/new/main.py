from swarms import Agent
from swarms.tools import MCPManager

agent = Agent(mcp_url="http://localhost:8001/mcp")
manager = MCPManager(mcp_url="http://localhost:8003/mcp", transport="streamable_http")
URLS = ["http://localhost:8005/mcp", "http://localhost:8006/mcp", "http://localhost:8007/api/mcp"]
many = Agent(mcp_urls=URLS)
