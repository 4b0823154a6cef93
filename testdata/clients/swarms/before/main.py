from swarms.schemas.mcp_schemas import MCPConnection

connection = MCPConnection(url="http://localhost:8000/sse", transport="sse")
