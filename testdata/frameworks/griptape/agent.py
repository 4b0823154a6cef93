import json

from griptape.tools import MCPTool

tool = MCPTool(connection={"transport": "sse", "url": "http://127.0.0.1:8000/sse"})
print(json.dumps(sorted(tool.activity_name(a) for a in tool.activities())))
