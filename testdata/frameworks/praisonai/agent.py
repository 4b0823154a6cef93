import json

from praisonaiagents import MCP

print(json.dumps(sorted(t.__name__ for t in MCP("http://127.0.0.1:8000/sse"))))
