from mcp.client.streamable_http import streamablehttp_client
from strands import Agent
from strands.tools.mcp import MCPClient

client = MCPClient(lambda: streamablehttp_client("http://localhost:8000/mcp"))


def create_transport():
    return streamablehttp_client("http://localhost:8000/mcp", headers={"A": "b"})


other = MCPClient(create_transport)
