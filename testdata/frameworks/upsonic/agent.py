import json

from upsonic.tools.mcp import MCPHandler

handler = MCPHandler(url="http://127.0.0.1:8000/sse", transport="sse")
print(json.dumps(sorted(tool.name for tool in handler.get_tools())), flush=True)
