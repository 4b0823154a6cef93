from swarms import Agent
from swarms.schemas.mcp_schemas import MCPConnection

connection = MCPConnection(url="http://localhost:8000/sse", transport="sse")
agent = Agent(mcp_url="http://localhost:8001/sse", mcp_transport="sse")
told = Agent(mcp_url="http://localhost:8002/sse")
