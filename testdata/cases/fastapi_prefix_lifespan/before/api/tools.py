from mcp.server.fastmcp import FastMCP

mcp_server = FastMCP("api tools")


@mcp_server.tool()
def add(a: int, b: int) -> int:
    """Add."""
    return a + b
