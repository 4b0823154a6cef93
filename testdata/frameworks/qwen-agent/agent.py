import json

from qwen_agent.tools.mcp_manager import MCPManager

tools = MCPManager().initConfig({"mcpServers": {"demo": {"url": "http://127.0.0.1:8000/sse"}}})
print(json.dumps(sorted(t.name for t in tools)))
