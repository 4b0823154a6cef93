import json

from crewai_tools import MCPServerAdapter

with MCPServerAdapter({"url": "http://127.0.0.1:8000/sse"}) as tools:
    print(json.dumps(sorted(t.name for t in tools)))
