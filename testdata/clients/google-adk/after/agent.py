import os

from google.adk.agents import LlmAgent
from google.adk.tools.mcp_tool import StreamableHTTPConnectionParams
from google.adk.tools.mcp_tool.mcp_toolset import MCPToolset

HOST = os.environ["MCP_HOST"]

root_agent = LlmAgent(
    tools=[
        MCPToolset(connection_params=StreamableHTTPConnectionParams(url="http://localhost:3000/mcp", headers={"A": "text/event-stream"})),
        MCPToolset(connection_params=StreamableHTTPConnectionParams(url=f"{HOST}/mcp")),
    ],
)
