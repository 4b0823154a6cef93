import os

from crewai.project import CrewBase
from crewai_tools import MCPServerAdapter

params = {"url": "http://localhost:8000/mcp", "transport": "streamable-http"}
said = {
    "url": "http://localhost:8001/mcp",
    "transport": "streamable-http",
}
silent = {
    "url": "http://localhost:8002/mcp",
    "transport": "streamable-http",
    "headers": {"A": "b"},
}
streams = {"url": "http://localhost:8003/mcp", "transport": "streamable-http"}

with MCPServerAdapter(params) as tools:
    print(tools)
with MCPServerAdapter([said, silent, streams]) as tools:
    print(tools)
unseen = {"url": os.environ["TOOLS_URL"]}
stream = {"url": "http://localhost:8004/mcp", "transport": "streamable-http"}
MCPServerAdapter([unseen, stream])


@CrewBase
class Crew:
    mcp_server_params = [
        {"url": "http://localhost:8005/mcp", "transport": "streamable-http"},
        {"url": "http://localhost:8006/mcp", "transport": "streamable-http"},
    ]
