import os

from google.adk.agents import LlmAgent
from google.adk.tools.mcp_tool.mcp_session_manager import SseConnectionParams
from google.adk.tools.mcp_tool.mcp_toolset import MCPToolset

HOST = os.environ["MCP_HOST"]

root_agent = LlmAgent(
    tools=[
        MCPToolset(connection_params=SseConnectionParams(url="http://localhost:3000/sse", headers={"A": "text/event-stream"})),
        MCPToolset(connection_params=SseConnectionParams(url=f"{HOST}/sse")),
    ],
)
