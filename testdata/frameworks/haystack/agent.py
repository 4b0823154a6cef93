import json

from haystack_integrations.tools.mcp import MCPToolset, SSEServerInfo

toolset = MCPToolset(SSEServerInfo(url="http://127.0.0.1:8000/sse"), eager_connect=True)
print(json.dumps(sorted(t.name for t in toolset)))
toolset.close()
