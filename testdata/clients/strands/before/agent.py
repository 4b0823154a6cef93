from mcp.client.sse import sse_client
from strands import Agent
from strands.tools.mcp import MCPClient

client = MCPClient(lambda: sse_client("http://localhost:8000/sse"))


def create_transport():
    return sse_client("http://localhost:8000/sse", headers={"A": "b"})


other = MCPClient(create_transport)
