from swarms import Agent
from swarms.schemas.mcp_schemas import MCPConnection

connection = MCPConnection(url="http://localhost:8000/sse", transport="sse")
silent = MCPConnection(url="http://localhost:8003/sse", timeout=10)
agent = Agent(mcp_url="http://localhost:8001/sse", mcp_transport="sse")
told = Agent(mcp_url="http://localhost:8002/sse")
given = Agent(mcp_url=connection)
