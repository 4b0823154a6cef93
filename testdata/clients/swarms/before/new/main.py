from swarms import Agent
from swarms.tools import MCPManager

agent = Agent(mcp_url="http://localhost:8001/sse")
manager = MCPManager(mcp_url="http://localhost:8003/sse", transport="sse")
URLS = ["http://localhost:8005/sse", "http://localhost:8006/mcp", "http://localhost:8007/api/sse"]
many = Agent(mcp_urls=URLS)
