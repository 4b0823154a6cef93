from swarms import Agent
from swarms.schemas.mcp_schemas import MCPConnection

connection = MCPConnection(url="http://localhost:8000/mcp", transport="streamable_http")
silent = MCPConnection(url="http://localhost:8003/mcp", timeout=10)
agent = Agent(mcp_url="http://localhost:8001/mcp", mcp_transport="streamable_http")
told = Agent(mcp_url="http://localhost:8002/mcp")
given = Agent(mcp_url=connection)
