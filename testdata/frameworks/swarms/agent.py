import json

from swarms.schemas.mcp_schemas import MCPConnection
from swarms.tools.mcp_manager import MCPManager

connection = MCPConnection(url="http://127.0.0.1:8000/sse", transport="sse")
print(json.dumps(sorted(MCPManager(mcp_config=connection).list_tool_names())))
