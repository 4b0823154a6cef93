import json

from mcp.client.sse import sse_client
from strands.tools.mcp import MCPClient

client = MCPClient(lambda: sse_client("http://127.0.0.1:8000/sse", headers={"X-Demo": "1"}))
with client:
    print(json.dumps(sorted(t.tool_name for t in client.list_tools_sync())))
